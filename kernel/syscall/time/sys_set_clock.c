/* SPDX-License-Identifier: MIT */
/*
 * Setting the date: stime(2), settimeofday(2), clock_settime(2). Only the super-user may.
 */
#include "abi/linux/errno.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/devices/time.h"
#include "kernel/time/clock.h"
#include "kernel/task/cred.h"
#include "kernel/syscall/time/sys_time.h"
#include "kernel/syscall/syscall.h"

#define USEC_PER_SEC 1000000u

s32 sys_stime(struct pt_regs *regs)
{
	u32 seconds;

	if (get_user(&seconds, regs->ebx))
		return -EFAULT;
	if (!capable(CAP_SYS_TIME))
		return -EPERM;
	return (s32)seconds < 0 ? -EINVAL : clock_set_date((u64)seconds * NSEC_PER_SEC);
}

/* The time zone can only be what it is: UTC. */
s32 sys_settimeofday(struct pt_regs *regs)
{
	struct timeval time;
	s32 zone[2];

	if (regs->ebx) {
		if (copy_from_user(&time, regs->ebx, sizeof(time)))
			return -EFAULT;
		if (time.seconds < 0 || time.microseconds >= USEC_PER_SEC)
			return -EINVAL;
	}
	if (regs->ecx && copy_from_user(zone, regs->ecx, sizeof(zone)))
		return -EFAULT;
	if (!capable(CAP_SYS_TIME))
		return -EPERM;
	if (regs->ecx && zone[0])
		return -EINVAL;
	return regs->ebx ? clock_set_date((u64)(u32)time.seconds * NSEC_PER_SEC +
					  time.microseconds * 1000u)
			 : 0;
}

s32 sys_clock_settime(struct pt_regs *regs)
{
	u64 time, now;
	int err;

	/* Only this clock can be set. That of a process refuses it, for any time. */
	if ((int)regs->ebx > CLOCK_REALTIME)
		return -EINVAL;
	err = get_time(regs->ecx, has_wide_times(regs), &time);
	if (err == -EFAULT)
		return err;
	if ((int)regs->ebx < 0)
		return clock_read((int)regs->ebx, &now) ? -EINVAL : -EPERM;
	if (err)
		return err;
	return capable(CAP_SYS_TIME) ? clock_set_date(time) : -EPERM;
}
