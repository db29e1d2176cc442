/* SPDX-License-Identifier: MIT */
/*
 * rt_sigtimedwait(2): takes a pending signal without a handler.
 *
 * While the task sleeps, the signals that it waits for are not blocked, so that it is woken for
 * them; nor are they discarded, though their action may be to ignore them (signal_discarded()).
 */
#include "kernel/process/signal.h"
#include "kernel/process/sched.h"
#include "kernel/syscall/sys_time.h"
#include "kernel/syscall/syscall.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/devices/time.h"
#include "abi/linux/errno.h"
#include "lib/string.h"

/* Sleeps once: another signal, or a stop, ends the wait too. */
static bool sleep_for(u64 set, u64 timeout, struct siginfo *info)
{
	u64 blocked = current->blocked;

	current->awaited = set & blocked;
	current->blocked &= ~set;
	if (!signal_pending(current)) {
		current->state = TASK_SLEEPING;
		if (timeout == TIME_FOREVER)
			schedule();
		else
			schedule_timeout(to_ticks(timeout));
	}
	current->awaited = 0;
	current->blocked = blocked;
	update_return_work();
	return signal_dequeue(set, info);
}

int put_siginfo(vaddr_t place, const struct siginfo *info)
{
	u8 whole[SI_MAX_SIZE] = { 0 };

	memcpy(whole, info, sizeof(*info));
	return copy_to_user(place, whole, sizeof(whole)) ? -EFAULT : 0;
}

s32 sys_rt_sigtimedwait(struct pt_regs *regs)
{
	u64 set, timeout = TIME_FOREVER, start = clock_monotonic();
	struct siginfo info;
	int err = 0;

	if (regs->esi != sizeof(set))
		return -EINVAL;
	if (copy_from_user(&set, regs->ebx, sizeof(set)))
		return -EFAULT;
	set &= ~SIGMASK_UNBLOCKABLE;
	if (regs->edx)
		err = get_time(regs->edx, has_wide_times(regs), &timeout);
	if (err)
		return err;
	if (!signal_dequeue(set, &info)) {
		if (!timeout)
			return -EAGAIN;
		if (!sleep_for(set, timeout, &info))
			return clock_monotonic() - start >= timeout ? -EAGAIN : -EINTR;
	}
	if (regs->ecx && put_siginfo(regs->ecx, &info))
		return -EFAULT;
	return info.signo;
}
