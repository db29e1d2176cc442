/* SPDX-License-Identifier: MIT */
/*
 * How a process measures time and is limited in it: clocks, the date, setitimer(), RLIMIT_CPU.
 *
 * sources: kernel/time/clock.c kernel/time/posix_timer.c kernel/time/process_timers.c
 * sources: kernel/time/deferred_timer.c tests/host/kernel/time/timer_rig.c
 */
#include "tests/host/kernel/time/timer_rig.h"

#include "abi/linux/errno.h"
#include "kernel/time/clock.h"
#include "kernel/time/process_timers.h"
#include "mm/frames/fail_alloc.h"
#include "tests/host/console.h"
#include "tests/host/tap.h"

/* ---- Clocks ---- */

static void clocks(void)
{
	static const int monotonic[] = { CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW,
					 CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME };
	u64 time;

	timers_start();
	console_date = 100 * S;
	clock_tai = 37;
	for (u32 i = 0; i < ARRAY_SIZE(monotonic); i++)
		EXPECT(!clock_read(monotonic[i], &time) && time == rig.now);
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

	timers_start();
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
	timers_start();
	EXPECT_EQ(clock_set_date(rig.now - 1), -EINVAL);
	other.state = TASK_SLEEPING;
	EXPECT_EQ(clock_set_date(rig.now), 0);
	EXPECT_EQ(console_date, rig.now);
	EXPECT(!rig.woken);
	other.awaits_date = true;
	clock_set_date(rig.now + 1);
	EXPECT(rig.woken == &other);
	rig.woken = NULL;
	other.state = TASK_RUNNING;
	clock_set_date(rig.now + 1);
	EXPECT(!rig.woken);
	other.group = NULL; /* it has ended */
	EXPECT_EQ(clock_set_date(rig.now + 1), 0);
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

	timers_start();
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
	EXPECT(rig.sent_to_process == 1 && rig.last.signo == SIGALRM && rig.last.code == SI_KERNEL);
	EXPECT_EQ(real_left(), 0);
	EXPECT_EQ(itimer_set(ITIMER_REAL, &often), 0);
	itimer_get(ITIMER_REAL, &time);
	EXPECT_EQ(time.interval, 3 * MS);
	pass(13 * MS);
	EXPECT_EQ(rig.sent_to_process, 4);
	/* Late, it sends one signal, and the next one comes in step. */
	own_group.timers->itimers[ITIMER_REAL].value = rig.now - 20 * MS;
	deferred_timer_start(&own_group.timers->real, rig.now);
	pass(MS);
	EXPECT_EQ(rig.sent_to_process, 5);
	EXPECT(own_group.timers->itimers[ITIMER_REAL].value > rig.now);
	EXPECT(own_group.timers->itimers[ITIMER_REAL].value <= rig.now + 3 * MS);
	/* At least a microsecond is left. */
	own_group.timers->itimers[ITIMER_REAL].value = rig.now;
	EXPECT_EQ(real_left(), 1000);
	EXPECT_EQ(itimer_set(ITIMER_REAL, &off), 0);
	pass(20 * MS);
	EXPECT_EQ(rig.sent_to_process, 5);
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

	timers_start();
	cpu_timers_run();
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		own_group.ended.time[0] = 1000;
		own_group.ended.time[1] = 200;
		rig.sent_to_process = 0;
		EXPECT_EQ(itimer_set(cases[i].kind, &timer), 0);
		own_group.ended.time[0] += 9;
		cpu_timers_run();
		EXPECT_EQ(rig.sent_to_process, 0);
		own_group.ended.time[1] += 1; /* in the kernel: only one of them counts it */
		cpu_timers_run();
		EXPECT_EQ(rig.sent_to_process, i);
		own_group.ended.time[0] += 1;
		cpu_timers_run();
		EXPECT(rig.sent_to_process == 1 && rig.last.signo == cases[i].signal);
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
	timers_start();
	own_group.rlim[RLIMIT_CPU] = (struct rlimit){ 2, 4 };
	own_group.ended.time[0] = 2 * S - 1;
	cpu_timers_run();
	EXPECT_EQ(rig.sent_to_process, 0);
	own_group.ended.time[1] = 1;
	cpu_timers_run();
	EXPECT(rig.sent_to_process == 1 && rig.last.signo == SIGXCPU);
	cpu_timers_run(); /* once a second */
	EXPECT_EQ(rig.sent_to_process, 1);
	own_group.ended.time[1] = S;
	cpu_timers_run();
	EXPECT(rig.sent_to_process == 1 && own_group.rlim[RLIMIT_CPU].cur == 3);
	own_group.ended.time[1] = S + 1;
	cpu_timers_run();
	EXPECT(rig.sent_to_process == 2 && rig.last.signo == SIGXCPU);
	own_group.ended.time[1] = 2 * S + 1;
	cpu_timers_run();
	EXPECT(rig.sent_to_process == 3 && rig.last.signo == SIGKILL);
	own_group.rlim[RLIMIT_CPU].cur = RLIM_INFINITY;
	cpu_timers_run();
	EXPECT_EQ(rig.sent_to_process, 3);
}

TAP_MAIN({ "clocks", clocks }, { "clocks of processor time", processor_clocks },
	 { "the date is set", date_is_set }, { "ITIMER_REAL", real_timer },
	 { "ITIMER_VIRTUAL and ITIMER_PROF", processor_timers },
	 { "the limit of processor time", processor_limit })
