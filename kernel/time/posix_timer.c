/* SPDX-License-Identifier: MIT */
/* The timers of timer_create(). The numbers are the invariants in posix_timer.h. */
#include "kernel/time/posix_timer.h"
#include "abi/linux/errno.h"
#include "kernel/devices/time.h"
#include "kernel/time/clock.h"
#include "kernel/signal/signal.h"
#include "lib/math64.h"
#include "mm/slab/slab.h"

/* The clock's time, or, if its process has ended, a time that is never reached. */
static u64 time_of(const struct posix_timer *timer)
{
	u64 now;

	return clock_read(timer->base, &now) ? 0 : now;
}

/* (2) */
static void start(struct posix_timer *timer)
{
	u64 now = time_of(timer);
	u64 left = timer->deadline > now ? timer->deadline - now : 0;

	deferred_timer_start(&timer->timer, min(clock_monotonic() + left, (u64)INT64_MAX));
}

/* Moves the deadline into the future, by whole intervals. Returns their number. */
static u64 forward(struct posix_timer *timer, u64 now)
{
	u64 count;

	if (now < timer->deadline)
		return 0;
	count = div_u64_u64(now - timer->deadline, timer->interval) + 1;
	timer->deadline += count * timer->interval;
	return count;
}

/* Sends the signal. False: it is discarded, and will not be taken. */
static bool tell(struct posix_timer *timer)
{
	const struct timer_event *event = &timer->event;
	struct siginfo info = { .signo = event->signo,
				.code = SI_TIMER,
				.words = { (u32)timer->id, 0, event->value } };
	struct task *thread = NULL;

	if (event->notify == SIGEV_THREAD_ID) {
		thread = task_find(event->thread);
		if (!thread || thread->group != timer->group)
			return false;
	}
	return sigqueue_send(timer->entry, timer->group, thread, &info);
}

static void run(struct deferred_timer *deferred)
{
	struct posix_timer *timer = container_of(deferred, struct posix_timer, timer);
	u64 now = time_of(timer);

	if (now < timer->deadline) {
		start(timer);
		return;
	}
	if (timer->event.notify == SIGEV_NONE)
		return; /* posix_timer_get() computes its state */
	if (sigqueue_busy(timer->entry)) {
		timer->overrun++;
	} else if (!tell(timer) && timer->interval) {
		forward(timer, now);
		start(timer);
		return;
	}
	if (!timer->interval)
		timer->deadline = 0;
}

void posix_timer_taken(struct posix_timer *timer, struct siginfo *info)
{
	if (timer->interval && timer->deadline && !timer_active(&timer->timer.timer)) {
		u64 count = forward(timer, time_of(timer));

		timer->overrun += count ? count - 1 : 0;
		start(timer);
	}
	timer->last_overrun = timer->overrun;
	timer->overrun = 0;
	info->words[1] = (u32)min(timer->last_overrun, (u64)INT32_MAX);
}

/* The next number that no timer has. */
static int next_number(struct process_timers *timers)
{
	int id;

	while (posix_timer_find(timers->next_id))
		timers->next_id = timers->next_id == INT32_MAX ? 0 : timers->next_id + 1;
	id = timers->next_id;
	timers->next_id = id == INT32_MAX ? 0 : id + 1;
	return id;
}

void posix_timer_skip_number(void)
{
	struct process_timers *timers = process_timers_get();

	if (timers)
		next_number(timers);
}

int posix_timer_create(int clock, const struct timer_event *event)
{
	struct process_timers *timers = process_timers_get();
	struct posix_timer *timer = timers ? kmalloc(sizeof(*timer), GFP_KERNEL) : NULL;

	if (!timer)
		return -ENOMEM;
	*timer = (struct posix_timer){ .group = current->group, .clock = clock_explicit(clock) };
	timer->base = timer->clock;
	timer->event = event ? *event : (struct timer_event){ SIGEV_SIGNAL, SIGALRM, 0, 0 };
	timer->entry = sigqueue_alloc(timer->group, timer);
	if (!timer->entry) {
		kfree(timer);
		return -EAGAIN;
	}
	timer->id = next_number(timers);
	if (!event)
		timer->event.value = (u32)timer->id;
	deferred_timer_init(&timer->timer, run);
	list_add_tail(&timer->link, &timers->posix);
	return timer->id;
}

struct posix_timer *posix_timer_find(int id)
{
	struct process_timers *timers = current->group->timers;
	struct posix_timer *timer;

	if (timers)
		list_for_each_entry (timer, &timers->posix, link)
			if (timer->id == id)
				return timer;
	return NULL;
}

void posix_timer_get(struct posix_timer *timer, struct itimer *left)
{
	u64 now = time_of(timer);

	*left = (struct itimer){ 0, timer->interval };
	if (!timer->deadline)
		return;
	/* Its signal is not yet taken, or there is none: as if the next interval ran. */
	if (timer->interval && !timer_active(&timer->timer.timer))
		timer->overrun += forward(timer, now);
	if (timer->deadline > now)
		left->value = timer->deadline - now;
	else
		left->value = timer->event.notify == SIGEV_NONE ? 0 : 1;
}

void posix_timer_set(struct posix_timer *timer, const struct itimer *setting, bool absolute)
{
	deferred_timer_stop(&timer->timer);
	timer->overrun = timer->last_overrun = 0;
	timer->deadline = 0;
	timer->interval = 0;
	timer->base = timer->clock;
	if (!absolute && (timer->clock == CLOCK_REALTIME || timer->clock == CLOCK_TAI))
		timer->base = CLOCK_MONOTONIC;
	if (!setting->value)
		return;
	timer->interval = setting->interval;
	timer->deadline = setting->value + (absolute ? 0 : time_of(timer));
	timer->deadline = min(timer->deadline, (u64)INT64_MAX);
	run(&timer->timer); /* at once if the time is past */
}

void posix_timers_follow_date(struct thread_group *group)
{
	struct posix_timer *timer;

	if (!group->timers)
		return;
	list_for_each_entry (timer, &group->timers->posix, link)
		if (timer_active(&timer->timer.timer) &&
		    (timer->base == CLOCK_REALTIME || timer->base == CLOCK_TAI))
			start(timer);
}

void posix_timer_delete(struct posix_timer *timer)
{
	deferred_timer_stop(&timer->timer);
	sigqueue_disown(timer->group, timer->entry);
	list_del(&timer->link);
	kfree(timer);
}

void posix_timers_free(struct thread_group *group)
{
	if (!group->timers)
		return;
	while (!list_empty(&group->timers->posix))
		posix_timer_delete(
			list_first_entry(&group->timers->posix, struct posix_timer, link));
}
