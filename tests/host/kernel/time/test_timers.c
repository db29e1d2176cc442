/* SPDX-License-Identifier: MIT */
/*
 * Clocks and timers of processes, on a wheel that a case turns: timer_create(), setitimer(), the
 * limit of processor time, timerfd. Signals are recorded, and taken when the case says.
 *
 * sources: kernel/time/clock.c kernel/time/posix_timer.c
 * sources: kernel/time/process_timers.c kernel/time/timerfd.c
 */
#include <setjmp.h>
#include <string.h>

#include "kernel/time/deferred_timer.c"

#include "fs/file.h"
#include "fs/poll.h"
#include "kernel/signal/signal.h"
#include "kernel/task/usage.h"
#include "kernel/time/clock.h"
#include "kernel/time/posix_timer.h"
#include "kernel/time/process_timers.h"
#include "kernel/time/timerfd.h"
#include "lib/math64.h"
#include "mm/frames/fail_alloc.h"
#include "tests/host/console.h"
#include "tests/host/machine.h"
#include "tests/host/resched.h"
#include "tests/host/tap.h"

#define MS 1000000ull
#define S  1000000000ull

static struct thread_group own_group, other_group, timer_group;
static struct task own = { .pid = 20, .tgid = 20, .group = &own_group };
static struct task thread = { .pid = 21, .tgid = 20, .group = &own_group };
static struct task other = { .pid = 30, .tgid = 30, .group = &other_group };
static struct task other_thread = { .pid = 31, .tgid = 30, .group = &other_group };
static struct task timer_task = { .pid = 2, .group = &timer_group };
static struct mm_struct space;
struct task *current = &own;
LIST_HEAD(task_list);
volatile u32 jiffies;
struct timer_wheel kernel_timers;

static u64 now;
static void (*ktimerd_function)(void *);
static jmp_buf nothing_due;
static struct task *woken;

/* What was sent. */
static u32 sent, sent_to_process;
static struct siginfo last;
static struct task *last_thread;
static bool discards, no_entry, no_task;

struct sigqueue {
	struct posix_timer *timer;
	bool busy, disowned;
};
static struct sigqueue entries[4];
static u32 nr_entries;

u64 clock_monotonic(void)
{
	return now;
}

void clock_set_realtime(u64 nanoseconds)
{
	console_date = nanoseconds;
}

u64 counts_to_ns(u64 counts)
{
	return counts;
}

u32 to_ticks(u64 nanoseconds)
{
	u64 sum = div_u64(nanoseconds + MS - 1, MS);

	return (u32)min(sum + (sum != 0), (u64)INT32_MAX);
}

void task_wake(struct task *task)
{
	woken = task;
}

void task_wake_first(struct task *task)
{
	EXPECT(task == &timer_task);
	woken = task;
}

struct task *task_find(int pid)
{
	struct task *tasks[] = { &own, &thread, &other, &other_thread };

	for (u32 i = 0; i < ARRAY_SIZE(tasks); i++)
		if (tasks[i]->pid == pid)
			return tasks[i];
	return NULL;
}

struct task *kernel_task(const char *name, void (*function)(void *argument), void *argument)
{
	EXPECT_TEXT(name, "ktimerd");
	EXPECT(!argument);
	ktimerd_function = function;
	return no_task ? NULL : &timer_task;
}

void schedule(void)
{
	EXPECT_EQ(current->state, TASK_SLEEPING);
	longjmp(nothing_due, 1);
}

void usage_sum(const struct thread_group *group, struct usage *sum)
{
	*sum = group->ended;
}

int signal_send_process(struct thread_group *group, const struct siginfo *info)
{
	EXPECT(group == &own_group);
	sent_to_process++;
	last = *info;
	return 0;
}

struct sigqueue *sigqueue_alloc(struct thread_group *group, struct posix_timer *timer)
{
	EXPECT(group == &own_group);
	if (no_entry)
		return NULL;
	entries[nr_entries] = (struct sigqueue){ .timer = timer };
	return &entries[nr_entries++];
}

void sigqueue_disown(struct thread_group *group, struct sigqueue *entry)
{
	EXPECT(group == &own_group);
	entry->disowned = true;
}

bool sigqueue_send(struct sigqueue *entry, struct thread_group *group, struct task *task,
		   const struct siginfo *info)
{
	EXPECT(group == &own_group && !entry->busy);
	if (discards)
		return false;
	entry->busy = true;
	sent++;
	last = *info;
	last_thread = task;
	return true;
}

bool sigqueue_busy(const struct sigqueue *entry)
{
	return entry->busy;
}

static void start(void)
{
	struct task *tasks[] = { &own, &thread, &other, &other_thread };

	machine_boot();
	file_init();
	machine_settle();

	for (u32 i = 0; i < ARRAY_SIZE(tasks); i++)
		list_add_tail(&tasks[i]->link, &task_list);
	own_group.leader = &own;
	other_group.leader = &other;
	own.mm = &space;
	own_group.rlim[RLIMIT_CPU] = (struct rlimit){ RLIM_INFINITY, RLIM_INFINITY };
	now = 5 * S;
	timer_wheel_init(&kernel_timers, jiffies);
	EXPECT_EQ(ktimerd_init(), 0);
}

/* Runs what is due, as its task. */
static void run_due(void)
{
	struct task *before = current;

	current = &timer_task;
	if (!setjmp(nothing_due))
		ktimerd_function(NULL);
	current->state = TASK_RUNNING;
	current = before;
}

/* Lets time pass; clock and date go together. */
static void pass(u64 nanoseconds)
{
	u64 end = now + nanoseconds;

	while (now < end) {
		u64 step = min(MS, end - now);

		now += step;
		console_date += step;
		if (step == MS) {
			jiffies++;
			timer_wheel_tick(&kernel_timers);
		}
		run_due();
	}
}

/* The program takes the signal. */
static u32 take(u32 number)
{
	struct siginfo info = { .signo = 0 };

	EXPECT(entries[number].busy);
	entries[number].busy = false;
	posix_timer_taken(entries[number].timer, &info);
	return info.words[1];
}

static void set(int id, u64 value, u64 interval, bool absolute)
{
	const struct itimer setting = { value, interval };

	posix_timer_set(posix_timer_find(id), &setting, absolute);
	run_due();
}

static u64 left(int id)
{
	struct itimer time;

	posix_timer_get(posix_timer_find(id), &time);
	return time.value;
}

/* ---- Clocks ---- */

static void clocks(void)
{
	static const int monotonic[] = { CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW,
					 CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME };
	u64 time;

	start();
	console_date = 100 * S;
	clock_tai = 37;
	for (u32 i = 0; i < ARRAY_SIZE(monotonic); i++)
		EXPECT(!clock_read(monotonic[i], &time) && time == now);
	EXPECT(!clock_read(CLOCK_REALTIME, &time) && time == 100 * S);
	EXPECT(!clock_read(CLOCK_REALTIME_COARSE, &time) && time == 100 * S);
	EXPECT(!clock_read(CLOCK_TAI, &time) && time == 137 * S);
	EXPECT_EQ(clock_read(CLOCK_REALTIME_ALARM, &time), -EINVAL);
	EXPECT_EQ(clock_read(12, &time), -EINVAL);
	EXPECT_EQ(clock_read(10, &time), -EINVAL);
}

static int cpu_clock(int pid, int kind)
{
	return (int)(~(u32)pid << 3) | kind;
}

static void processor_clocks(void)
{
	u64 time;

	start();
	own_group.ended.time[0] = 10;
	own_group.ended.time[1] = 5;
	own.usage.time[0] = 3;
	own.usage.time[1] = 1;
	thread.usage.time[0] = 7;
	other_group.ended.time[0] = 400;
	EXPECT(!clock_read(CLOCK_PROCESS_CPUTIME_ID, &time) && time == 15);
	EXPECT(!clock_read(CLOCK_THREAD_CPUTIME_ID, &time) && time == 4);
	EXPECT(!clock_read(cpu_clock(0, CPUCLOCK_VIRT), &time) && time == 10);
	EXPECT(!clock_read(cpu_clock(0, CPUCLOCK_PROF), &time) && time == 15);
	EXPECT(!clock_read(cpu_clock(0, CPUCLOCK_VIRT | CPUCLOCK_PER_THREAD), &time) && time == 3);
	EXPECT(!clock_read(cpu_clock(21, CPUCLOCK_SCHED | CPUCLOCK_PER_THREAD), &time) &&
	       time == 7);
	EXPECT(!clock_read(cpu_clock(30, CPUCLOCK_SCHED), &time) && time == 400);
	/* Threads of others, a thread as a process, a task that is not there. */
	EXPECT_EQ(clock_read(cpu_clock(30, CPUCLOCK_SCHED | CPUCLOCK_PER_THREAD), &time), -EINVAL);
	EXPECT_EQ(clock_read(cpu_clock(21, CPUCLOCK_SCHED), &time), -EINVAL);
	EXPECT_EQ(clock_read(cpu_clock(31, CPUCLOCK_SCHED), &time), -EINVAL);
	EXPECT_EQ(clock_read(cpu_clock(77, CPUCLOCK_SCHED), &time), -EINVAL);
	EXPECT_EQ(clock_read(cpu_clock(30, CLOCKFD), &time), -EINVAL);
	/* A task of the kernel reads that of any thread; a thread that has ended has none. */
	own.mm = NULL;
	EXPECT_EQ(clock_read(cpu_clock(30, CPUCLOCK_SCHED | CPUCLOCK_PER_THREAD), &time), 0);
	other.group = NULL;
	EXPECT_EQ(clock_read(cpu_clock(30, CPUCLOCK_SCHED), &time), -EINVAL);
	other.group = &other_group;
	current = &thread; /* the caller may name itself */
	EXPECT(!clock_read(cpu_clock(21, CPUCLOCK_SCHED), &time) && time == 15);
	EXPECT_EQ(clock_explicit(CLOCK_PROCESS_CPUTIME_ID), cpu_clock(20, CPUCLOCK_SCHED));
	EXPECT_EQ(clock_explicit(CLOCK_THREAD_CPUTIME_ID),
		  cpu_clock(21, CPUCLOCK_SCHED | CPUCLOCK_PER_THREAD));
	EXPECT_EQ(clock_explicit(cpu_clock(0, CPUCLOCK_VIRT)), cpu_clock(20, CPUCLOCK_VIRT));
	EXPECT_EQ(clock_explicit(cpu_clock(30, CPUCLOCK_VIRT)), cpu_clock(30, CPUCLOCK_VIRT));
	EXPECT_EQ(clock_explicit(cpu_clock(0, CLOCKFD)), cpu_clock(0, CLOCKFD));
	EXPECT_EQ(clock_explicit(CLOCK_REALTIME), CLOCK_REALTIME);
	EXPECT_EQ(clock_explicit(CLOCK_MONOTONIC), CLOCK_MONOTONIC);
	EXPECT(clock_is_own_thread(clock_canonical(CLOCK_THREAD_CPUTIME_ID)));
	EXPECT(clock_is_own_thread(cpu_clock(21, CPUCLOCK_SCHED | CPUCLOCK_PER_THREAD)));
	EXPECT(!clock_is_own_thread(cpu_clock(20, CPUCLOCK_SCHED | CPUCLOCK_PER_THREAD)));
	EXPECT(!clock_is_own_thread(clock_canonical(CLOCK_PROCESS_CPUTIME_ID)));
	EXPECT(!clock_is_own_thread(CLOCK_MONOTONIC_RAW)); /* has the bit, is no such clock */
}

static void date_is_set(void)
{
	start();
	EXPECT_EQ(clock_set_date(now - 1), -EINVAL);
	other.state = TASK_SLEEPING;
	EXPECT_EQ(clock_set_date(now), 0);
	EXPECT_EQ(console_date, now);
	EXPECT(!woken);
	other.awaits_date = true;
	clock_set_date(now + 1);
	EXPECT(woken == &other);
	woken = NULL;
	other.state = TASK_RUNNING;
	clock_set_date(now + 1);
	EXPECT(!woken);
	other.group = NULL; /* it has ended */
	EXPECT_EQ(clock_set_date(now + 1), 0);
}

/* ---- timer_create() ---- */

static void numbers(void)
{
	const struct timer_event event = { SIGEV_SIGNAL, SIGUSR1, 7, 0 };
	const struct fail_spec next = { FAIL_ANY, FAIL_ON, 1 };

	start();
	EXPECT(!posix_timer_find(0));
	posix_timers_free(&own_group);
	posix_timers_follow_date(&own_group);
	fail_alloc_set(&next);
	EXPECT_EQ(posix_timer_create(CLOCK_MONOTONIC, &event), -ENOMEM);
	posix_timer_skip_number();
	fail_alloc_set(NULL);
	EXPECT(!own_group.timers);
	EXPECT_EQ(posix_timer_create(CLOCK_MONOTONIC, &event), 0);
	no_entry = true;
	EXPECT_EQ(posix_timer_create(CLOCK_MONOTONIC, &event), -EAGAIN);
	no_entry = false;
	EXPECT_EQ(posix_timer_create(CLOCK_MONOTONIC, &event), 1);
	posix_timer_skip_number();
	EXPECT_EQ(posix_timer_create(CLOCK_MONOTONIC, NULL), 3);
	EXPECT(!posix_timer_find(2) && posix_timer_find(3)->event.value == 3);
	EXPECT(posix_timer_find(3)->event.signo == SIGALRM);
	EXPECT_EQ(posix_timer_find(1)->event.value, 7);
	posix_timer_delete(posix_timer_find(3));
	EXPECT(entries[2].disowned && !posix_timer_find(3));
	/* After the highest number the lowest that is free. */
	own_group.timers->next_id = INT32_MAX;
	EXPECT_EQ(posix_timer_create(CLOCK_MONOTONIC, &event), INT32_MAX);
	EXPECT_EQ(own_group.timers->next_id, 0);
	posix_timer_skip_number();
	EXPECT_EQ(own_group.timers->next_id, 3);
	own_group.timers->next_id = INT32_MAX;
	posix_timer_skip_number();
	EXPECT_EQ(own_group.timers->next_id, 3);
	process_timers_free(&own_group);
	EXPECT(!own_group.timers && entries[0].disowned && entries[1].disowned);
	process_timers_free(&own_group);
}

static int make(int clock, int notify)
{
	const struct timer_event event = { notify, SIGUSR1, 7, 21 };

	return posix_timer_create(clock, &event);
}

static void once(void)
{
	int id;

	start();
	id = make(CLOCK_MONOTONIC, SIGEV_SIGNAL);
	EXPECT_EQ(left(id), 0);
	set(id, 10 * MS, 0, false);
	EXPECT_EQ(left(id), 10 * MS);
	pass(4 * MS);
	EXPECT_EQ(left(id), 6 * MS);
	pass(5 * MS);
	EXPECT_EQ(sent, 0);
	pass(2 * MS);
	EXPECT_EQ(sent, 1);
	EXPECT(last.signo == SIGUSR1 && last.code == SI_TIMER && !last_thread);
	EXPECT(last.words[0] == (u32)id && last.words[1] == 0 && last.words[2] == 7);
	EXPECT_EQ(left(id), 0);
	EXPECT_EQ(take(0), 0);
	pass(30 * MS);
	EXPECT_EQ(sent, 1);
	/* A time that is past: at once. */
	set(id, now - 1, 0, true);
	EXPECT_EQ(sent, 2);
	take(0);
	set(id, now + 3 * MS, 0, true);
	EXPECT_EQ(left(id), 3 * MS);
	pass(5 * MS);
	EXPECT_EQ(sent, 3);
	take(0);
	/* Stopped. */
	set(id, 3 * MS, MS, false);
	set(id, 0, 5, false);
	EXPECT_EQ(left(id), 0);
	pass(10 * MS);
	EXPECT_EQ(sent, 3);
	/* A sum that is too large. */
	set(id, UINT64_MAX / 2, 0, false);
	EXPECT_EQ(left(id), (u64)INT64_MAX - now);
	process_timers_free(&own_group);
	pass(5 * MS);
}

static void intervals(void)
{
	struct itimer time;
	int id;

	start();
	id = make(CLOCK_MONOTONIC, SIGEV_SIGNAL);
	set(id, 10 * MS, 4 * MS, false);
	pass(11 * MS);
	EXPECT_EQ(sent, 1);
	EXPECT_EQ(take(0), 0);
	pass(4 * MS);
	EXPECT_EQ(sent, 2);
	/* Not taken for a while: what was missed is counted, (1). */
	pass(9 * MS);
	EXPECT_EQ(sent, 2);
	EXPECT_EQ(take(0), 2);
	EXPECT_EQ(posix_timer_find(id)->last_overrun, 2);
	pass(3 * MS);
	EXPECT_EQ(sent, 3);
	/* Read while its signal waits: as if the next interval ran, and what it missed counts. */
	pass(6 * MS);
	posix_timer_get(posix_timer_find(id), &time);
	EXPECT(time.value && time.value <= 4 * MS && time.interval == 4 * MS);
	EXPECT_EQ(posix_timer_find(id)->overrun, 2);
	EXPECT_EQ(take(0), 2);
	/* Set anew: nothing is left of it. */
	posix_timer_find(id)->overrun = 9;
	set(id, 10 * MS, 0, false);
	EXPECT(!posix_timer_find(id)->overrun && !posix_timer_find(id)->last_overrun);
	EXPECT_EQ(posix_timer_find(id)->interval, 0);
	process_timers_free(&own_group);
}

/* Its signal still waits when the timer, set anew, expires. */
static void expires_twice(void)
{
	int id;

	start();
	id = make(CLOCK_MONOTONIC, SIGEV_SIGNAL);
	set(id, MS, 0, false);
	pass(3 * MS);
	set(id, MS, 0, false);
	pass(3 * MS);
	EXPECT_EQ(sent, 1);
	EXPECT_EQ(posix_timer_find(id)->overrun, 1);
	EXPECT_EQ(left(id), 0);
	EXPECT_EQ(take(0), 1);
	posix_timer_find(id)->overrun = 1ull << 40;
	entries[0].busy = true;
	EXPECT_EQ(take(0), INT32_MAX);
	process_timers_free(&own_group);
}

static void discarded(void)
{
	int id;

	start();
	id = make(CLOCK_MONOTONIC, SIGEV_SIGNAL);
	discards = true;
	set(id, MS, 2 * MS, false);
	pass(6 * MS);
	EXPECT(left(id) > 0 && left(id) <= 2 * MS);
	discards = false;
	pass(3 * MS);
	EXPECT_EQ(sent, 1);
	take(0);
	discards = true;
	set(id, MS, 0, false);
	pass(3 * MS);
	EXPECT_EQ(left(id), 0);
	/* Without a signal its state is computed. */
	discards = false;
	sent = 0;
	id = make(CLOCK_MONOTONIC, SIGEV_NONE);
	set(id, 3 * MS, 0, false);
	EXPECT_EQ(left(id), 3 * MS);
	pass(4 * MS);
	EXPECT_EQ(left(id), 0);
	set(id, 3 * MS, 4 * MS, false);
	pass(8 * MS);
	EXPECT_EQ(left(id), 3 * MS);
	EXPECT_EQ(sent, 0);
	process_timers_free(&own_group);
}

static void to_a_thread(void)
{
	int id;

	start();
	id = make(CLOCK_MONOTONIC, SIGEV_THREAD_ID);
	set(id, MS, 0, false);
	pass(3 * MS);
	EXPECT(sent == 1 && last_thread == &thread);
	take(0);
	thread.group = &other_group; /* another one has its number now */
	set(id, MS, 0, false);
	pass(3 * MS);
	thread.group = &own_group;
	thread.pid = 99;
	set(id, MS, 0, false);
	pass(3 * MS);
	thread.pid = 21;
	EXPECT_EQ(sent, 1);
	process_timers_free(&own_group);
}

/* A time of the date follows the date, a length does not. */
static void by_the_date(void)
{
	static const int dates[] = { CLOCK_REALTIME, CLOCK_TAI };

	start();
	console_date = 100 * S;
	for (u32 i = 0; i < ARRAY_SIZE(dates); i++) {
		int until = make(dates[i], SIGEV_SIGNAL), length = make(dates[i], SIGEV_NONE);

		sent = 0;
		set(until, console_date + 50 * MS, 0, true);
		set(length, 50 * MS, 0, false);
		EXPECT(left(until) == 50 * MS && left(length) == 50 * MS);
		clock_set_date(console_date + 30 * MS);
		EXPECT(left(until) == 20 * MS && left(length) == 50 * MS);
		pass(22 * MS);
		EXPECT_EQ(sent, 1);
		take(i * 2);
		set(until, console_date + 5 * MS, 0, true);
		clock_set_date(console_date - 30 * MS);
		pass(30 * MS);
		EXPECT_EQ(sent, 1);
		pass(7 * MS);
		EXPECT_EQ(sent, 2);
		take(i * 2);
	}
	nr_entries = 0;
	process_timers_free(&own_group);
}

static void by_processor_time(void)
{
	int id;

	start();
	id = make(CLOCK_PROCESS_CPUTIME_ID, SIGEV_SIGNAL);
	set(id, 4 * MS, 0, false);
	pass(10 * MS);
	EXPECT(sent == 0 && left(id) == 4 * MS); /* it slept */
	own_group.ended.time[0] = 4 * MS;
	pass(6 * MS);
	EXPECT_EQ(sent, 1);
	process_timers_free(&own_group);
}

/* ---- setitimer() and RLIMIT_CPU ---- */

static u64 real_left(void)
{
	struct itimer time;

	itimer_get(ITIMER_REAL, &time);
	return time.value;
}

static void real_timer(void)
{
	const struct itimer off = { 0, 3 * MS }, single = { 5 * MS, 0 }, often = { 5 * MS, 3 * MS };
	const struct fail_spec next = { FAIL_ANY, FAIL_ON, 1 };
	struct itimer time = { 1, 1 };

	start();
	EXPECT_EQ(itimer_set(ITIMER_REAL, &off), 0);
	EXPECT(!own_group.timers);
	itimer_get(ITIMER_REAL, &time);
	EXPECT(!time.value && !time.interval);
	fail_alloc_set(&next);
	EXPECT_EQ(itimer_set(ITIMER_REAL, &single), -ENOMEM);
	fail_alloc_set(NULL);
	EXPECT_EQ(itimer_set(ITIMER_REAL, &single), 0);
	EXPECT_EQ(real_left(), 5 * MS);
	pass(4 * MS);
	EXPECT_EQ(real_left(), MS);
	pass(3 * MS);
	EXPECT(sent_to_process == 1 && last.signo == SIGALRM && last.code == SI_KERNEL);
	EXPECT_EQ(real_left(), 0);
	EXPECT_EQ(itimer_set(ITIMER_REAL, &often), 0);
	itimer_get(ITIMER_REAL, &time);
	EXPECT_EQ(time.interval, 3 * MS);
	pass(13 * MS);
	EXPECT_EQ(sent_to_process, 4);
	/* Late, it sends one signal, and the next one comes in step. */
	own_group.timers->itimers[ITIMER_REAL].value = now - 20 * MS;
	deferred_timer_start(&own_group.timers->real, now);
	pass(MS);
	EXPECT_EQ(sent_to_process, 5);
	EXPECT(own_group.timers->itimers[ITIMER_REAL].value > now);
	EXPECT(own_group.timers->itimers[ITIMER_REAL].value <= now + 3 * MS);
	/* At least a microsecond is left. */
	own_group.timers->itimers[ITIMER_REAL].value = now;
	EXPECT_EQ(real_left(), 1000);
	EXPECT_EQ(itimer_set(ITIMER_REAL, &off), 0);
	pass(20 * MS);
	EXPECT_EQ(sent_to_process, 5);
	process_timers_free(&own_group);
}

static void processor_timers(void)
{
	static const struct {
		enum itimer_kind kind;
		int signal;
	} cases[] = { { ITIMER_VIRTUAL, SIGVTALRM }, { ITIMER_PROF, SIGPROF } };
	const struct itimer timer = { 10, 100 };
	struct itimer time;

	start();
	cpu_timers_run();
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		own_group.ended.time[0] = 1000;
		own_group.ended.time[1] = 200;
		sent_to_process = 0;
		EXPECT_EQ(itimer_set(cases[i].kind, &timer), 0);
		own_group.ended.time[0] += 9;
		cpu_timers_run();
		EXPECT_EQ(sent_to_process, 0);
		own_group.ended.time[1] += 1; /* in the kernel: only one of them counts it */
		cpu_timers_run();
		EXPECT_EQ(sent_to_process, i);
		own_group.ended.time[0] += 1;
		cpu_timers_run();
		EXPECT(sent_to_process == 1 && last.signo == cases[i].signal);
		itimer_get(cases[i].kind, &time);
		EXPECT_EQ(time.value, 1000); /* a microsecond */
		EXPECT_EQ(time.interval, 100);
		EXPECT_EQ(own_group.timers->itimers[cases[i].kind].value,
			  1000 + 10 + 100 + (i ? 200 : 0));
		own_group.timers->itimers[cases[i].kind] = (struct itimer){ 0 };
	}
	process_timers_free(&own_group);
}

static void processor_limit(void)
{
	start();
	own_group.rlim[RLIMIT_CPU] = (struct rlimit){ 2, 4 };
	own_group.ended.time[0] = 2 * S - 1;
	cpu_timers_run();
	EXPECT_EQ(sent_to_process, 0);
	own_group.ended.time[1] = 1;
	cpu_timers_run();
	EXPECT(sent_to_process == 1 && last.signo == SIGXCPU);
	cpu_timers_run(); /* once a second */
	EXPECT_EQ(sent_to_process, 1);
	own_group.ended.time[1] = S;
	cpu_timers_run();
	EXPECT(sent_to_process == 1 && own_group.rlim[RLIMIT_CPU].cur == 3);
	own_group.ended.time[1] = S + 1;
	cpu_timers_run();
	EXPECT(sent_to_process == 2 && last.signo == SIGXCPU);
	own_group.ended.time[1] = 2 * S + 1;
	cpu_timers_run();
	EXPECT(sent_to_process == 3 && last.signo == SIGKILL);
	own_group.rlim[RLIMIT_CPU].cur = RLIM_INFINITY;
	cpu_timers_run();
	EXPECT_EQ(sent_to_process, 3);
}

/* ---- timerfd ---- */

static struct file *file;

static void open_timer(int clock, u32 flags)
{
	start();
	EXPECT_EQ(timerfd_open(clock, flags, &file), 0);
}

static struct timerfd_times put(u64 value, u64 interval, bool absolute)
{
	const struct timerfd_times times = { interval, value };
	struct timerfd_times old;

	EXPECT_EQ(timerfd_set(file, absolute, &times, &old), 0);
	return old;
}

static struct timerfd_times remaining(void)
{
	struct timerfd_times times;

	EXPECT_EQ(timerfd_get(file, &times), 0);
	return times;
}

static u32 copy_out(void *from, u32 bytes, void *context)
{
	memcpy(context, from, bytes);
	return 0;
}

static u32 copy_nothing(void *from, u32 bytes, void *context)
{
	(void)from, (void)context;
	return bytes;
}

/* The number that is read, or an error. */
static s64 expirations(void)
{
	u64 count = 0;
	s32 done = file->operations->read(file, 0, 8, copy_out, &count);

	return done == 8 ? (s64)count : done;
}

static void timer_files(void)
{
	static const int refused[] = { CLOCK_PROCESS_CPUTIME_ID, CLOCK_MONOTONIC_RAW, CLOCK_TAI,
				       CLOCK_REALTIME_ALARM, -1 };
	const struct fail_spec next = { FAIL_ANY, FAIL_ON, 1 }, second = { FAIL_ANY, FAIL_ON, 2 };

	start();
	for (u32 i = 0; i < ARRAY_SIZE(refused); i++)
		EXPECT_EQ(timerfd_open(refused[i], 0, &file), -EINVAL);
	fail_alloc_set(&next);
	EXPECT_EQ(timerfd_open(CLOCK_REALTIME, 0, &file), -ENOMEM);
	fail_alloc_set(&second);
	EXPECT_EQ(timerfd_open(CLOCK_REALTIME, 0, &file), -ENOMEM);
	fail_alloc_set(NULL);
	EXPECT_EQ(timerfd_open(CLOCK_BOOTTIME, O_NONBLOCK, &file), 0);
	EXPECT_EQ(file->flags, O_RDWR | O_NONBLOCK);
	EXPECT_EQ(file->operations->read(file, 0, 7, copy_out, NULL), -EINVAL);
	EXPECT_EQ(expirations(), -EAGAIN);
	EXPECT(!remaining().value && !remaining().interval);
	file_put(file);
}

static void timer_file_expires(void)
{
	struct timerfd_times old;

	open_timer(CLOCK_MONOTONIC, O_NONBLOCK);
	old = put(10 * MS, 0, false);
	EXPECT(!old.value && !old.interval);
	pass(4 * MS);
	EXPECT_EQ(remaining().value, 6 * MS);
	EXPECT_EQ(file->operations->poll(file, NULL), 0);
	EXPECT_EQ(expirations(), -EAGAIN);
	pass(6 * MS);
	EXPECT_EQ(file->operations->poll(file, NULL), POLLIN);
	EXPECT_EQ(remaining().value, 0);
	EXPECT_EQ(expirations(), 1);
	EXPECT_EQ(expirations(), -EAGAIN);
	/* Intervals are counted. */
	put(10 * MS, 3 * MS, false);
	pass(10 * MS);
	EXPECT(remaining().value == 3 * MS && remaining().interval == 3 * MS);
	EXPECT_EQ(expirations(), 1);
	pass(8 * MS);
	EXPECT_EQ(remaining().value, MS);
	old = put(now + 5 * MS, 7 * MS, true);
	EXPECT(old.value == MS && old.interval == 3 * MS);
	EXPECT_EQ(remaining().value, 5 * MS);
	pass(5 * MS + 2 * 7 * MS);
	EXPECT_EQ(expirations(), 3);
	EXPECT_EQ(remaining().value, 7 * MS);
	pass(7 * MS);
	EXPECT_EQ(file->operations->read(file, 0, 8, copy_nothing, NULL), -EFAULT);
	put(0, 7 * MS, false);
	EXPECT_EQ(remaining().interval, 7 * MS);
	pass(20 * MS);
	EXPECT_EQ(expirations(), -EAGAIN);
	put(UINT64_MAX / 2, 0, false);
	EXPECT_EQ(remaining().value, (u64)INT64_MAX - now);
	file_put(file);
}

static void others(void)
{
	pass(30 * MS);
}

/* A reader waits until the time comes, or a signal. */
static void waits(void)
{
	open_timer(CLOCK_REALTIME, 0);
	EXPECT_EQ(expirations(), -ERESTARTSYS);
	put(20 * MS, 4 * MS, false);
	host_others = others;
	EXPECT_EQ(expirations(), 3);
	host_others = NULL;
	/* The date is set back: its time comes later. */
	put(console_date + 10 * MS, 0, true);
	console_date -= 20 * MS;
	pass(12 * MS);
	EXPECT_EQ(file->operations->poll(file, NULL), 0);
	EXPECT_EQ(remaining().value, 18 * MS);
	host_others = others;
	EXPECT_EQ(expirations(), 1);
	file_put(file);
}

static void no_timer_file(void)
{
	static const struct file_operations operations = { .name = "x" };
	const struct timerfd_times times = { 0, 5 };
	struct timerfd_times old;

	start();
	file = file_alloc(&operations);
	EXPECT_EQ(timerfd_get(file, &old), -EINVAL);
	EXPECT_EQ(timerfd_set(file, false, &times, &old), -EINVAL);
	file_put(file);
	no_task = true;
	EXPECT_EQ(ktimerd_init(), -ENOMEM);
}

TAP_MAIN({ "clocks", clocks }, { "clocks of processor time", processor_clocks },
	 { "the date is set", date_is_set }, { "numbers of timers", numbers },
	 { "a timer that expires once", once }, { "intervals and overruns", intervals },
	 { "a signal that still waits", expires_twice },
	 { "signals that are discarded", discarded }, { "a signal to a thread", to_a_thread },
	 { "timers by the date", by_the_date }, { "timers by processor time", by_processor_time },
	 { "ITIMER_REAL", real_timer }, { "ITIMER_VIRTUAL and ITIMER_PROF", processor_timers },
	 { "the limit of processor time", processor_limit }, { "timer files", timer_files },
	 { "a timer file expires", timer_file_expires }, { "a reader waits", waits },
	 { "no timer file", no_timer_file })
