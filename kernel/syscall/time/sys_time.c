/* SPDX-License-Identifier: MIT */
/* Times in user memory, in both widths, and the old calls for the date. */
#include "kernel/syscall/time/sys_time.h"
#include "kernel/syscall/syscall.h"
#include "kernel/devices/time.h"
#include "kernel/cpu/uaccess.h"
#include "abi/linux/errno.h"
#include "lib/math64.h"

int put_time(vaddr_t place, bool wide, u64 nanoseconds)
{
	struct timespec64 time = { 0 };
	struct timespec narrow;

	time.seconds = (s64)div_u64_rem(nanoseconds, NSEC_PER_SEC, &time.nanoseconds);
	if (wide)
		return copy_to_user(place, &time, sizeof(time)) ? -EFAULT : 0;
	narrow = (struct timespec){ (s32)time.seconds, time.nanoseconds };
	return copy_to_user(place, &narrow, sizeof(narrow)) ? -EFAULT : 0;
}

int get_time(vaddr_t place, bool wide, u64 *nanoseconds)
{
	struct timespec64 time;
	struct timespec narrow;

	if (wide ? copy_from_user(&time, place, sizeof(time))
		 : copy_from_user(&narrow, place, sizeof(narrow)))
		return -EFAULT;
	if (!wide)
		time = (struct timespec64){ narrow.seconds, narrow.nanoseconds, 0 };
	if (time.seconds < 0 || time.nanoseconds >= NSEC_PER_SEC)
		return -EINVAL;
	*nanoseconds = TIME_FOREVER;
	if (time.seconds < (s64)(TIME_FOREVER / NSEC_PER_SEC))
		*nanoseconds = (u64)time.seconds * NSEC_PER_SEC + time.nanoseconds;
	return 0;
}

int read_timeout(vaddr_t place, bool wide, u64 *deadline)
{
	int err = get_time(place, wide, deadline);

	if (!err)
		*deadline = min(clock_monotonic() + *deadline, TIME_FOREVER);
	return err;
}

int read_deadline(vaddr_t place, bool wide, bool realtime, u64 *deadline)
{
	int err = get_time(place, wide, deadline);
	u64 now = clock_monotonic(); /* before the other, so that no difference is negative */
	u64 since = realtime ? clock_realtime() - now : 0; /* the start */

	if (!err)
		*deadline -= min(since, *deadline);
	return err;
}

s32 sys_time(struct pt_regs *regs)
{
	u32 seconds = (u32)div_u64(clock_coarse(), NSEC_PER_SEC);

	if (regs->ebx && put_user(seconds, regs->ebx))
		return -EFAULT;
	return (s32)seconds;
}

/* The time zone is always UTC. */
s32 sys_gettimeofday(struct pt_regs *regs)
{
	static const u32 zone[2];
	struct timeval time = to_timeval(clock_realtime());

	if (regs->ebx && copy_to_user(regs->ebx, &time, sizeof(time)))
		return -EFAULT;
	return regs->ecx && copy_to_user(regs->ecx, zone, sizeof(zone)) ? -EFAULT : 0;
}

struct timeval to_timeval(u64 nanoseconds)
{
	struct timeval time;

	time.seconds = (s32)div_u64_rem(nanoseconds, NSEC_PER_SEC, &time.microseconds);
	time.microseconds /= 1000;
	return time;
}
