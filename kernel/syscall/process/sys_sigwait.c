/* SPDX-License-Identifier: MIT */
/*
 * rt_sigtimedwait(2): takes a pending signal without a handler.
 *
 * While the task sleeps, the signals that it waits for are not blocked, so that it is woken for
 * them; nor are they discarded, though their action may be to ignore them (signal_discarded()).
 */
#include "kernel/signal/signal.h"
#include "kernel/task/sched.h"
#include "kernel/syscall/time/sys_time.h"
#include "kernel/syscall/syscall.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/devices/time.h"
#include "abi/linux/errno.h"
#include "lib/irq.h"
#include "lib/string.h"

/*
 * Sleeps until a signal, a stop or the deadline. Late ticks come in a burst, and end a sleep too
 * early: then the rest is slept too. A timer may send a signal, so interrupts are off between the
 * look at the signals and the sleep.
 */
static void sleep_until(u64 deadline)
{
	unsigned long irq = irq_save();

	while (!signal_pending(current)) {
		u64 now = clock_monotonic();

		if (now >= deadline)
			break;
		current->state = TASK_SLEEPING;
		if (schedule_timeout(to_ticks(deadline - now)))
			break;
	}
	irq_restore(irq);
}

/* Waits for a signal of `set`. False: another one, a stop or the deadline ended the wait. */
static bool wait_until(u64 deadline, u64 set, struct siginfo *info)
{
	u64 blocked = current->blocked;

	current->awaited = set & blocked;
	current->blocked &= ~set;
	sleep_until(deadline);
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
	u64 set, timeout = TIME_FOREVER, deadline;
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
		deadline = min(clock_monotonic() + timeout, TIME_FOREVER);
		if (!wait_until(deadline, set, &info))
			return clock_monotonic() >= deadline ? -EAGAIN : -EINTR;
	}
	if (regs->ecx && put_siginfo(regs->ecx, &info))
		return -EFAULT;
	return info.signo;
}
