/* SPDX-License-Identifier: MIT */
/* Interval timers and the limit of processor time. */
#include "kernel/time/process_timers.h"
#include "abi/linux/errno.h"
#include "kernel/devices/time.h"
#include "kernel/time/posix_timer.h"
#include "kernel/signal/signal.h"
#include "lib/math64.h"
#include "mm/slab/slab.h"

#define NSEC_PER_USEC 1000u

static const int signals[NR_ITIMERS] = { SIGALRM, SIGVTALRM, SIGPROF };

static void signal_process(struct thread_group *group, int signal)
{
	signal_send_process(group, &(struct siginfo){ .signo = signal, .code = SI_KERNEL });
}

/* Is the time reached? Then sets the next one: a whole number of intervals later, or never. */
static bool reached(struct itimer *timer, u64 now)
{
	if (!timer->value || now < timer->value)
		return false;
	do
		timer->value = timer->interval ? timer->value + timer->interval : 0;
	while (timer->value && timer->value <= now);
	return true;
}

static void run_real(struct deferred_timer *timer)
{
	struct process_timers *timers = container_of(timer, struct process_timers, real);
	struct itimer *itimer = &timers->itimers[ITIMER_REAL];

	if (reached(itimer, clock_monotonic()))
		signal_process(timers->group, SIGALRM);
	if (itimer->value)
		deferred_timer_start(timer, itimer->value);
}

struct process_timers *process_timers_get(void)
{
	struct thread_group *group = current->group;
	struct process_timers *timers = group->timers;

	if (timers)
		return timers;
	timers = kmalloc(sizeof(*timers), GFP_KERNEL);
	if (!timers || group->timers) { /* another thread was faster */
		kfree(timers);
		return group->timers;
	}
	*timers = (struct process_timers){ .group = group };
	deferred_timer_init(&timers->real, run_real);
	list_init(&timers->posix);
	group->timers = timers;
	return timers;
}

void process_timers_free(struct thread_group *group)
{
	if (!group->timers)
		return;
	posix_timers_free(group);
	deferred_timer_stop(&group->timers->real);
	kfree(group->timers);
	group->timers = NULL;
}

static u64 clock_of(enum itimer_kind kind)
{
	struct usage usage;

	if (kind == ITIMER_REAL)
		return clock_monotonic();
	usage = usage_of_group(current->group);
	return counts_to_ns(usage.time[0] + (kind == ITIMER_PROF ? usage.time[1] : 0));
}

void itimer_get(enum itimer_kind kind, struct itimer *left)
{
	const struct process_timers *timers = current->group->timers;
	u64 now = clock_of(kind);

	*left = (struct itimer){ 0 };
	if (!timers || !timers->itimers[kind].value)
		return;
	*left = timers->itimers[kind];
	left->value -= min(left->value, now);
	left->value = max(left->value, (u64)NSEC_PER_USEC);
}

int itimer_set(enum itimer_kind kind, const struct itimer *timer)
{
	struct process_timers *timers;

	if (!timer->value && !current->group->timers)
		return 0;
	timers = process_timers_get();
	if (!timers)
		return -ENOMEM;
	timers->itimers[kind] = *timer;
	if (timer->value)
		timers->itimers[kind].value += clock_of(kind);
	if (kind != ITIMER_REAL)
		return 0;
	if (timer->value)
		deferred_timer_start(&timers->real, timers->itimers[kind].value);
	else
		deferred_timer_stop(&timers->real);
	return 0;
}

/* As on Linux, SIGXCPU comes once a second from the soft limit on. */
static void check_limit(struct thread_group *group, u64 used)
{
	struct rlimit *limit = &group->rlim[RLIMIT_CPU];
	u64 seconds = div_u64(used, NSEC_PER_SEC);

	if (limit->cur == RLIM_INFINITY || seconds < limit->cur)
		return;
	if (seconds >= limit->max) {
		signal_process(group, SIGKILL);
	} else {
		limit->cur++;
		signal_process(group, SIGXCPU);
	}
}

void cpu_timers_run(void)
{
	struct thread_group *group = current->group;

	for (u32 kind = ITIMER_VIRTUAL; group->timers && kind <= ITIMER_PROF; kind++)
		if (reached(&group->timers->itimers[kind], clock_of(kind)))
			signal_process(group, signals[kind]);
	check_limit(group, clock_of(ITIMER_PROF));
}
