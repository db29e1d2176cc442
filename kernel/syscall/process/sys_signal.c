/* SPDX-License-Identifier: MIT */
/*
 * System calls on a process's own signals: actions, masks, pending signals, the alternate stack,
 * waiting, and the return from a handler. The calls without rt_ know only 32 signals.
 */
#include "kernel/signal/signal.h"
#include "kernel/task/sched.h"
#include "kernel/syscall/syscall.h"
#include "kernel/cpu/uaccess.h"
#include "abi/linux/errno.h"
#include "lib/printk.h"

#define SIGSET_BYTES 8u

/* The flags that sigaction() returns: so a program can query which are supported. */
#define SA_KNOWN                                                                                   \
	(SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_EXPOSE_TAGBITS | SA_RESTORER | SA_ONSTACK | \
	 SA_RESTART | SA_NODEFER | SA_RESETHAND)

static int set_action(int signal, const struct sigaction *action, struct sigaction *old)
{
	struct sigaction new;

	if (signal < 1 || signal > NR_SIGNALS || (action && SIGMASK_UNBLOCKABLE & SIGMASK(signal)))
		return -EINVAL;
	*old = *sighand_action(current, signal);
	if (!action)
		return 0;
	new = *action;
	new.flags &= SA_KNOWN;
	new.mask &= ~SIGMASK_UNBLOCKABLE;
	sighand_set_action(current, signal, &new);
	/* A signal that is now ignored is not pending any more, even if it is blocked. */
	if (signal_ignored(current, signal))
		signal_flush_all(current->group, SIGMASK(signal));
	return 0;
}

s32 sys_rt_sigaction(struct pt_regs *regs)
{
	struct sigaction action, old;
	vaddr_t from = regs->ecx, to = regs->edx;
	int err;

	if (regs->esi != SIGSET_BYTES)
		return -EINVAL;
	if (from && copy_from_user(&action, from, sizeof(action)))
		return -EFAULT;
	err = set_action((int)regs->ebx, from ? &action : NULL, &old);
	if (!err && to && copy_to_user(to, &old, sizeof(old)))
		return -EFAULT;
	return err;
}

s32 sys_sigaction(struct pt_regs *regs)
{
	struct sigaction action, old;
	struct old_sigaction user;
	vaddr_t from = regs->ecx, to = regs->edx;
	int err;

	if (from) {
		if (copy_from_user(&user, from, sizeof(user)))
			return -EFAULT;
		action = (struct sigaction){ user.handler, user.flags, user.restorer, user.mask };
	}
	err = set_action((int)regs->ebx, from ? &action : NULL, &old);
	if (err || !to)
		return err;
	user = (struct old_sigaction){ old.handler, (u32)old.mask, old.flags, old.restorer };
	return copy_to_user(to, &user, sizeof(user)) ? -EFAULT : 0;
}

s32 sys_signal(struct pt_regs *regs)
{
	struct sigaction action = { .handler = regs->ecx, .flags = SA_RESETHAND | SA_NODEFER };
	struct sigaction old;
	int err = set_action((int)regs->ebx, &action, &old);

	return err ? err : (s32)old.handler;
}

/* Computes the new mask, in *blocked, for the signals of `known`; the others keep their state. */
static int change_mask(u32 how, u64 set, u64 known, u64 *blocked)
{
	u64 old = current->blocked;

	switch (how) {
	case SIG_BLOCK:
		*blocked = old | set;
		return 0;
	case SIG_UNBLOCK:
		*blocked = old & ~set;
		return 0;
	case SIG_SETMASK:
		*blocked = (old & ~known) | set;
		return 0;
	default:
		return -EINVAL;
	}
}

static s32 change_and_tell(struct pt_regs *regs, u32 bytes, u64 known)
{
	vaddr_t from = regs->ecx, to = regs->edx;
	u64 old = current->blocked, set = 0, blocked;
	int err;

	if (from) {
		if (copy_from_user(&set, from, bytes))
			return -EFAULT;
		err = change_mask(regs->ebx, set, known, &blocked);
		if (err)
			return err;
		signal_set_blocked(blocked);
	}
	return to && copy_to_user(to, &old, bytes) ? -EFAULT : 0;
}

s32 sys_rt_sigprocmask(struct pt_regs *regs)
{
	return regs->esi == SIGSET_BYTES ? change_and_tell(regs, SIGSET_BYTES, ~0ull) : -EINVAL;
}

s32 sys_sigprocmask(struct pt_regs *regs)
{
	return change_and_tell(regs, sizeof(u32), 0xffffffffu);
}

/* The first 32 signals, without a place in memory. */
s32 sys_sgetmask(struct pt_regs *regs)
{
	(void)regs;
	return (s32)current->blocked;
}

s32 sys_ssetmask(struct pt_regs *regs)
{
	s32 old = (s32)current->blocked;

	signal_set_blocked(regs->ebx);
	return old;
}

static u64 pending_and_blocked(void)
{
	return signals_waiting(current) & current->blocked;
}

s32 sys_rt_sigpending(struct pt_regs *regs)
{
	u64 set = pending_and_blocked();

	if (regs->ecx > SIGSET_BYTES)
		return -EINVAL;
	return copy_to_user(regs->ebx, &set, regs->ecx) ? -EFAULT : 0;
}

s32 sys_sigpending(struct pt_regs *regs)
{
	return put_user((u32)pending_and_blocked(), regs->ebx);
}

static s32 wait_for_handler(void)
{
	while (!signal_pending(current)) {
		current->state = TASK_SLEEPING;
		schedule();
	}
	return -ERESTARTNOHAND;
}

s32 sys_pause(struct pt_regs *regs)
{
	(void)regs;
	return wait_for_handler();
}

static s32 suspend(u64 blocked)
{
	current->saved_blocked = current->blocked;
	current->restore_blocked = true;
	signal_set_blocked(blocked);
	return wait_for_handler();
}

s32 sys_rt_sigsuspend(struct pt_regs *regs)
{
	u64 blocked;

	if (regs->ecx != SIGSET_BYTES)
		return -EINVAL;
	return copy_from_user(&blocked, regs->ebx, sizeof(blocked)) ? -EFAULT : suspend(blocked);
}

/* The mask is the third argument. */
s32 sys_sigsuspend(struct pt_regs *regs)
{
	return suspend(regs->edx);
}

s32 sys_sigreturn(struct pt_regs *regs)
{
	return signal_frame_pop(regs) ? 0 : (s32)regs->eax;
}

s32 sys_rt_sigreturn(struct pt_regs *regs)
{
	return signal_frame_pop_rt(regs) ? 0 : (s32)regs->eax;
}

s32 sys_sigaltstack(struct pt_regs *regs)
{
	vaddr_t from = regs->ebx, to = regs->ecx;
	struct altstack new, old = {
		current->altstack,
		altstack_state(regs->esp) | (current->altstack_flags & SS_AUTODISARM),
		current->altstack_size,
	};
	int err = 0;

	if (from) {
		if (copy_from_user(&new, from, sizeof(new)))
			return -EFAULT;
		err = altstack_set(&new, regs->esp);
	}
	if (!err && to && copy_to_user(to, &old, sizeof(old)))
		return -EFAULT;
	return err;
}

/* Ring 3 calls this when a signal without a handler has interrupted a sleep: it continues. */
s32 sys_restart_syscall(struct pt_regs *regs)
{
	s32 (*fn)(void) = current->restart_block.fn;

	(void)regs;
	current->restart_block.fn = NULL;
	return fn ? fn() : -EINTR;
}
