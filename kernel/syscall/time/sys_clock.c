/* SPDX-License-Identifier: MIT */
/*
 * The clocks of clock_gettime(2), and sleeping by them. Each call has two numbers: one with 32-bit
 * seconds and, for the time after 2038, one with 64-bit seconds
 * (kernel/time/clock.h).
 *
 * Every sleep has a deadline on its clock, even a relative one: so an interruption does not make
 * it longer.
 */
#include "kernel/time/clock.h"
#include "kernel/signal/signal.h"
#include "kernel/syscall/time/sys_time.h"
#include "kernel/syscall/syscall.h"
#include "kernel/task/sched.h"
#include "kernel/devices/time.h"
#include "abi/linux/errno.h"

s32 sys_clock_gettime(struct pt_regs *regs)
{
	u64 now;
	int err = clock_read((int)regs->ebx, &now);

	return err ? err : put_time(regs->ecx, has_wide_times(regs), now);
}

/*
 * The resolution of sleeps and timers, a tick, as on a Linux without high-resolution timers. What
 * is read from the clocks is more precise. Only processor time is told with its own resolution.
 */
static u64 resolution(int clock)
{
	clock = clock_canonical(clock);
	if (clock < 0 && CPUCLOCK_KIND(clock) == CPUCLOCK_SCHED)
		return max(counts_to_ns(1), (u64)1);
	return NSEC_PER_SEC / HZ;
}

s32 sys_clock_getres(struct pt_regs *regs)
{
	u64 now;
	int err = clock_read((int)regs->ebx, &now);

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
		int err = clock_read(sleep->clock, &now);

		current->awaits_date = false;
		if (err || now >= sleep->deadline)
			return err;
		if (signal_pending(current))
			return interrupted(sleep->deadline - now);
		current->awaits_date = sleep->clock == CLOCK_REALTIME || sleep->clock == CLOCK_TAI;
		current->state = TASK_SLEEPING;
		schedule_timeout(to_ticks(sleep->deadline - now));
	}
}

static s32 start_sleep(int clock, u64 time, bool absolute, vaddr_t rest, bool wide)
{
	u64 now = 0;
	s32 result;
	int err;

	/* The length of a sleep does not change when the date is set. */
	if (!absolute && (clock == CLOCK_REALTIME || clock == CLOCK_TAI))
		clock = CLOCK_MONOTONIC;
	err = absolute ? 0 : clock_read(clock, &now);
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
	if (clock_is_own_thread(clock))
		return -EINVAL;
	return clock_read(clock, &now);
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
