/* SPDX-License-Identifier: MIT */
/* System calls that tell the time or let some pass. */
#include "kernel/sys_time.h"
#include "kernel/signal.h"
#include "kernel/syscall.h"
#include "kernel/time.h"
#include "kernel/uaccess.h"
#include "lib/errno.h"
#include "lib/math64.h"

#define NSEC_PER_SEC  1000000000u
#define NSEC_PER_TICK (NSEC_PER_SEC / HZ)

/* Of clock_gettime(). The time that tasks compute is not counted, so there are no clocks of it. */
enum clock_id {
	CLOCK_REALTIME = 0,
	CLOCK_MONOTONIC = 1,
	CLOCK_MONOTONIC_RAW = 4,
	CLOCK_REALTIME_COARSE = 5,
	CLOCK_MONOTONIC_COARSE = 6,
	CLOCK_BOOTTIME = 7,
};

struct timespec {
	s32 seconds;
	u32 nanoseconds;
};

static struct timespec to_timespec(u64 nanoseconds)
{
	struct timespec time;

	time.seconds = (s32)div_u64_rem(nanoseconds, NSEC_PER_SEC, &time.nanoseconds);
	return time;
}

/* As nanoseconds. 0, -EFAULT or -EINVAL. */
static int read_timespec(vaddr_t place, u64 *nanoseconds)
{
	struct timespec time;

	if (copy_from_user(&time, place, sizeof(time)))
		return -EFAULT;
	if (time.seconds < 0 || time.nanoseconds >= NSEC_PER_SEC)
		return -EINVAL;
	*nanoseconds = (u64)(u32)time.seconds * NSEC_PER_SEC + time.nanoseconds;
	return 0;
}

static u32 to_ticks(u64 nanoseconds)
{
	u64 sum = div_u64(nanoseconds + NSEC_PER_TICK - 1, NSEC_PER_TICK);

	/* The tick that runs does not count; the timers reach half-way around the counter. */
	if (sum)
		sum++;
	return (u32)min(sum, (u64)INT32_MAX);
}

int read_timeout(vaddr_t place, u32 *ticks)
{
	u64 time;
	int err = read_timespec(place, &time);

	if (!err)
		*ticks = to_ticks(time);
	return err;
}

int read_deadline(vaddr_t place, bool realtime, u32 *ticks)
{
	u64 time, now;
	int err = read_timespec(place, &time);

	if (err)
		return err;
	now = realtime ? clock_realtime() : clock_monotonic();
	*ticks = time > now ? to_ticks(time - now) : 0;
	return 0;
}

s32 sys_time(struct pt_regs *regs)
{
	u32 seconds = (u32)to_timespec(clock_realtime()).seconds;

	if (regs->ebx && put_user(seconds, regs->ebx))
		return -EFAULT;
	return (s32)seconds;
}

/* The time zone is UTC's. */
s32 sys_gettimeofday(struct pt_regs *regs)
{
	static const u32 zone[2];
	struct timespec time = to_timespec(clock_realtime());

	time.nanoseconds /= 1000;
	if (regs->ebx && copy_to_user(regs->ebx, &time, sizeof(time)))
		return -EFAULT;
	return regs->ecx && copy_to_user(regs->ecx, zone, sizeof(zone)) ? -EFAULT : 0;
}

s32 sys_clock_gettime(struct pt_regs *regs)
{
	struct timespec time;

	switch (regs->ebx) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
		time = to_timespec(clock_realtime());
		break;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		time = to_timespec(clock_monotonic());
		break;
	default:
		return -EINVAL;
	}
	return copy_to_user(regs->ecx, &time, sizeof(time)) ? -EFAULT : 0;
}

/* How long it is to the deadline, in ticks. */
static u32 ticks_to(u64 deadline)
{
	u64 now = clock_monotonic();

	return deadline > now ? to_ticks(deadline - now) : 0;
}

/*
 * What is left of a sleep that a signal ends goes to the second place. The clock has the last word: it and the ticks were measured apart, on a
 * busy host not exactly.
 */
s32 sys_nanosleep(struct pt_regs *regs)
{
	u64 time, deadline;
	int err = read_timespec(regs->ebx, &time);

	if (err)
		return err;
	deadline = clock_monotonic() + time;
	for (u32 ticks = to_ticks(time); ticks; ticks = ticks_to(deadline)) {
		struct timespec rest = to_timespec((u64)ticks * NSEC_PER_TICK);

		if (signal_pending(current)) {
			if (regs->ecx && copy_to_user(regs->ecx, &rest, sizeof(rest)))
				return -EFAULT;
			return -EINTR;
		}
		current->state = TASK_SLEEPING;
		schedule_timeout(ticks);
	}
	return 0;
}
