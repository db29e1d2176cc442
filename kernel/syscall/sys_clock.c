/* SPDX-License-Identifier: MIT */
/*
 * The clocks of clock_gettime(2), and sleeping by them. Each call has two numbers: one with 32-bit
 * seconds and, for the time after 2038, one with 64-bit seconds.
 *
 *     CLOCK_REALTIME, _COARSE, _TAI ........... the date (leap seconds are unknown: TAI is equal)
 *     CLOCK_MONOTONIC, _RAW, _COARSE, _BOOTTIME since the start
 *     CLOCK_PROCESS_CPUTIME_ID,
 *     CLOCK_THREAD_CPUTIME_ID, negative numbers processor time (kernel/process/usage.h); the bits
 *                                               are pid and kind, as in clock_getcpuclockid(3)
 *
 * Every sleep has a deadline on its clock, even a relative one: so an interruption does not make
 * it longer. No clock runs faster than the monotonic one, processor time on one CPU included. So
 * it is enough to sleep for the rest, and to look again.
 */
#include "kernel/process/signal.h"
#include "kernel/syscall/sys_time.h"
#include "kernel/syscall/syscall.h"
#include "kernel/process/sched.h"
#include "kernel/devices/time.h"
#include "abi/linux/errno.h"

/* Negative clock numbers: ~pid << 3 | kind; pid 0 is the caller. */
#define CPUCLOCK_PER_THREAD 4
#define CPUCLOCK_KIND(id)   ((id)&3)
#define CPUCLOCK_PID(id)    ((int)(~(u32)(id) >> 3))
enum { CPUCLOCK_PROF = 0, CPUCLOCK_VIRT = 1, CPUCLOCK_SCHED = 2, CLOCKFD = 3 };
#define CPUCLOCK_OWN_PROCESS (-8 | CPUCLOCK_SCHED) /* ~0 << 3 */
#define CPUCLOCK_OWN_THREAD  (CPUCLOCK_OWN_PROCESS | CPUCLOCK_PER_THREAD)

static int canonical(int clock)
{
	if (clock == CLOCK_PROCESS_CPUTIME_ID)
		return CPUCLOCK_OWN_PROCESS;
	return clock == CLOCK_THREAD_CPUTIME_ID ? CPUCLOCK_OWN_THREAD : clock;
}

/* The task of a processor-time clock; threads of the caller's process only. NULL: no clock. */
static struct task *clock_task(int clock)
{
	int pid = CPUCLOCK_PID(clock);
	struct task *task = pid ? task_find(pid) : current;

	if (!task || CPUCLOCK_KIND(clock) == CLOCKFD || !task->group)
		return NULL;
	if (clock & CPUCLOCK_PER_THREAD)
		return task->group == current->group ? task : NULL;
	return task == task->group->leader || task == current ? task : NULL;
}

static int read_cpu_clock(int clock, u64 *now)
{
	const struct task *task = clock_task(clock);
	struct usage usage;

	if (!task)
		return -EINVAL;
	usage = usage_of_group(task->group);
	if (clock & CPUCLOCK_PER_THREAD)
		usage = task->usage;
	if (CPUCLOCK_KIND(clock) == CPUCLOCK_VIRT)
		usage.time[1] = 0;
	*now = counts_to_ns(usage.time[0] + usage.time[1]);
	return 0;
}

/* 0, or -EINVAL for an unknown clock. */
static int read_clock(int clock, u64 *now)
{
	clock = canonical(clock);
	if (clock < 0)
		return read_cpu_clock(clock, now);
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_TAI:
		*now = clock_realtime();
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		*now = clock_monotonic();
		return 0;
	}
	return -EINVAL;
}

s32 sys_clock_gettime(struct pt_regs *regs)
{
	u64 now;
	int err = read_clock((int)regs->ebx, &now);

	return err ? err : put_time(regs->ecx, has_wide_times(regs), now);
}

/*
 * Linux updates the coarse and the sampled clocks once a tick. Here they are as precise as the
 * others, but report Linux's resolution.
 */
static u64 resolution(int clock)
{
	bool coarse = clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC_COARSE;
	bool sampled = clock < 0 && CPUCLOCK_KIND(clock) != CPUCLOCK_SCHED;

	return coarse || sampled ? NSEC_PER_SEC / HZ : max(counts_to_ns(1), (u64)1);
}

s32 sys_clock_getres(struct pt_regs *regs)
{
	u64 now;
	int err = read_clock((int)regs->ebx, &now);

	if (err || !regs->ecx)
		return err;
	return put_time(regs->ecx, has_wide_times(regs), resolution((int)regs->ebx));
}

static s32 sleep_until_deadline(void);

/* Called when a signal ends the sleep. Only a relative sleep has a `rest`. */
static s32 interrupted(u64 left)
{
	const struct clock_sleep *sleep = &current->restart_block.sleep;

	if (sleep->rest && put_time(sleep->rest, sleep->wide, left))
		return -EFAULT;
	current->restart_block.fn = sleep_until_deadline;
	return -ERESTART_RESTARTBLOCK;
}

/* Sleeps until the restart_block's deadline. 0; -EINVAL: no clock; or interrupted()'s result. */
static s32 sleep_until_deadline(void)
{
	const struct clock_sleep *sleep = &current->restart_block.sleep;

	for (;;) {
		u64 now;
		int err = read_clock(sleep->clock, &now);

		if (err || now >= sleep->deadline)
			return err;
		if (signal_pending(current))
			return interrupted(sleep->deadline - now);
		current->state = TASK_SLEEPING;
		schedule_timeout(to_ticks(sleep->deadline - now));
	}
}

static s32 start_sleep(int clock, u64 time, bool absolute, vaddr_t rest, bool wide)
{
	u64 now = 0;
	int err = absolute ? 0 : read_clock(clock, &now);
	s32 result;

	if (err)
		return err;
	current->restart_block =
		(struct restart_block){ .sleep = { .deadline = min(now + time, TIME_FOREVER),
						   .clock = clock,
						   .rest = absolute ? 0 : rest,
						   .wide = wide } };
	result = sleep_until_deadline();
	/* An absolute sleep is restarted with the same arguments: they contain the deadline. */
	return absolute && result == -ERESTART_RESTARTBLOCK ? -ERESTARTNOHAND : result;
}

/* 0; -EINVAL: unknown clock, or the caller's own; -EOPNOTSUPP: a clock without sleeps. */
static int check_sleep_clock(int clock)
{
	u64 now;

	switch (clock) {
	case CLOCK_THREAD_CPUTIME_ID:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_REALTIME_ALARM:
	case CLOCK_BOOTTIME_ALARM:
		return -EOPNOTSUPP;
	}
	if (clock < 0 && CPUCLOCK_KIND(clock) == CLOCKFD)
		return -EOPNOTSUPP;
	if (clock < 0 && clock & CPUCLOCK_PER_THREAD && clock_task(clock) == current)
		return -EINVAL;
	return read_clock(clock, &now);
}

s32 sys_clock_nanosleep(struct pt_regs *regs)
{
	bool wide = has_wide_times(regs);
	int err = check_sleep_clock((int)regs->ebx);
	u64 time;

	if (!err)
		err = get_time(regs->edx, wide, &time);
	if (err)
		return err;
	return start_sleep((int)regs->ebx, time, regs->ecx & TIMER_ABSTIME, regs->esi, wide);
}

s32 sys_nanosleep(struct pt_regs *regs)
{
	u64 time;
	int err = get_time(regs->ebx, false, &time);

	return err ? err : start_sleep(CLOCK_MONOTONIC, time, false, regs->ecx, false);
}
