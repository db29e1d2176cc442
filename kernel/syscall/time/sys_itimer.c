/* SPDX-License-Identifier: MIT */
/* alarm(2) and setitimer(2). */
#include "kernel/time/process_timers.h"
#include "kernel/syscall/time/sys_time.h"
#include "kernel/syscall/syscall.h"
#include "kernel/cpu/uaccess.h"
#include "abi/linux/errno.h"
#include "lib/math64.h"

#define USEC_PER_SEC 1000000u

/* struct itimerval */
struct itimer_user {
	struct timeval interval, value;
};

static int put_itimer(vaddr_t place, const struct itimer *timer)
{
	const struct itimer_user told = { to_timeval(timer->interval), to_timeval(timer->value) };

	return copy_to_user(place, &told, sizeof(told)) ? -EFAULT : 0;
}

static bool valid(const struct timeval *time)
{
	return time->seconds >= 0 && time->microseconds < USEC_PER_SEC;
}

static u64 to_ns(const struct timeval *time)
{
	return (u64)(u32)time->seconds * NSEC_PER_SEC + time->microseconds * 1000u;
}

s32 sys_getitimer(struct pt_regs *regs)
{
	struct itimer left;

	if (regs->ebx >= NR_ITIMERS)
		return -EINVAL;
	itimer_get(regs->ebx, &left);
	return put_itimer(regs->ecx, &left);
}

/* As on Linux, no new value means a value of 0. */
s32 sys_setitimer(struct pt_regs *regs)
{
	struct itimer_user user = { { 0 }, { 0 } };
	struct itimer old, new;
	int err;

	if (regs->ecx && copy_from_user(&user, regs->ecx, sizeof(user)))
		return -EFAULT;
	if (!valid(&user.value) || !valid(&user.interval) || regs->ebx >= NR_ITIMERS)
		return -EINVAL;
	itimer_get(regs->ebx, &old);
	new = (struct itimer){ to_ns(&user.value), to_ns(&user.interval) };
	err = itimer_set(regs->ebx, &new);
	if (!err && regs->edx)
		err = put_itimer(regs->edx, &old);
	return err;
}

/* Returns the seconds that were left, rounded, but not to 0. */
s32 sys_alarm(struct pt_regs *regs)
{
	struct itimer old, new = { (u64)min(regs->ebx, (u32)INT32_MAX) * NSEC_PER_SEC, 0 };
	u32 rest, seconds;

	itimer_get(ITIMER_REAL, &old);
	if (itimer_set(ITIMER_REAL, &new))
		return -ENOMEM;
	seconds = (u32)div_u64_rem(old.value, NSEC_PER_SEC, &rest);
	return (s32)(seconds + (rest >= NSEC_PER_SEC / 2 || (!seconds && rest)));
}
