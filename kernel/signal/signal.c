/* SPDX-License-Identifier: MIT */
/*
 * Sending, blocking and taking signals. signal.h has the picture and the invariants.
 *
 *   order of taking:   SIGKILL; a forced exception; then signals that an exception could have
 *                      caused (SIGSEGV, ...); then the lowest number
 */
#include "kernel/signal/signal.h"
#include "kernel/signal/signalfd.h"
#include "kernel/task/sched.h"
#include "abi/linux/unistd.h"
#include "lib/assert.h"
#include "abi/linux/errno.h"
#include "lib/printk.h"
#include "mm/slab/slab.h"

#define SIGNALS_STOP (SIGMASK(SIGSTOP) | SIGMASK(SIGTSTP) | SIGMASK(SIGTTIN) | SIGMASK(SIGTTOU))
#define SIGNALS_SYNCHRONOUS                                                        \
	(SIGMASK(SIGSEGV) | SIGMASK(SIGBUS) | SIGMASK(SIGILL) | SIGMASK(SIGTRAP) | \
	 SIGMASK(SIGFPE) | SIGMASK(SIGSYS))

#define NO_SYSCALL		  0xffffffffu
#define SYSCALL_INSTRUCTION_BYTES 2 /* int 0x80 */

struct task *signal_taker(const struct thread_group *group, int signal)
{
	struct task *leader = group->leader, *thread, *taker = NULL;

	/*
	 * The leader, if it can take the signal; else a thread that does not block it; else one
	 * that has not ended. One that ends by another one's execve would lose the signal.
	 */
	if (leader->state != TASK_ZOMBIE && !leader->ends &&
	    !(signal && leader->blocked & SIGMASK(signal)))
		return leader;
	list_for_each_entry (thread, &group->list, thread) {
		if (thread->state == TASK_ZOMBIE)
			continue;
		if (!thread->ends && (!signal || !(thread->blocked & SIGMASK(signal))))
			return thread;
		if (!taker || taker->ends)
			taker = thread;
	}
	return taker;
}

/* Threads stop and continue together. */
static void continue_threads(struct thread_group *group)
{
	struct task *thread;

	signal_flush_all(group, SIGNALS_STOP);
	list_for_each_entry (thread, &group->list, thread)
		if (thread->state == TASK_STOPPED)
			task_wake(thread);
}

void signal_wake(struct task *task, int signal)
{
	if (task == current)
		update_return_work();
	else if ((task->state == TASK_WAITING || task->state == TASK_SLEEPING) &&
		 signal_pending(task))
		task_wake(task);
	else if ((task->state == TASK_STOPPED || task->state == TASK_BLOCKED) && signal == SIGKILL)
		task_wake(task);
}

bool signal_discarded(const struct task *task, int signal)
{
	return signal_ignored(task, signal) && !((task->blocked | task->awaited) & SIGMASK(signal));
}

/* (6). A stopped task takes it after SIGCONT: its action may change until then. */
static bool ends_process(const struct task *task, int signal)
{
	if (sighand_action(task, signal)->handler != SIG_DFL || task->group->exiting ||
	    task->ends || (task->blocked | task->awaited) & SIGMASK(signal))
		return false;
	if (signal == SIGKILL || SIGMASK(signal) & SIGNALS_STOP || signal_default_ignores(signal) ||
	    signal_default_dumps(signal))
		return false;
	return task == current || (task->state != TASK_STOPPED && !signal_pending(task));
}

void signal_added(struct task *task, struct sigpending *pending, int signal)
{
	bool ends = ends_process(task, signal);

	pending->signals |= SIGMASK(signal);
	if (ends)
		begin_exit_by(task->group, signal);
}

/* Adds a signal to the set of the task or of its process, and wakes the task. */
static int send(struct task *task, struct sigpending *pending, const struct siginfo *info)
{
	int signal = info->signo;

	BUG_ON(signal < 1 || signal > NR_SIGNALS);
	/* The other threads must see SIGKILL too: one may keep the taker from running. */
	if (signal == SIGKILL && !task->ends)
		task->group->killed = true;
	if (signal == SIGCONT)
		continue_threads(task->group);
	else if (SIGMASK(signal) & SIGNALS_STOP)
		signal_flush_all(task->group, SIGMASK(SIGCONT));
	/* SIGCONT continues a stopped task even if it ignores or blocks the signal. */
	if (!signal_discarded(task, signal)) {
		if (signal < SIGRTMIN && pending->signals & SIGMASK(signal))
			return 0;
		if (!sigqueue_add(task->group, pending, info) && signal >= SIGRTMIN &&
		    info->code != SI_USER)
			return -EAGAIN;
		signal_added(task, pending, signal);
	}
	signal_wake(task, signal);
	signalfd_wake();
	return 0;
}

int signal_send_info(struct task *task, const struct siginfo *info)
{
	if (task->state == TASK_ZOMBIE || !task->sighand)
		return 0;
	return send(task, &task->pending, info);
}

int signal_send_process(struct thread_group *group, const struct siginfo *info)
{
	struct task *taker = signal_taker(group, info->signo);

	if (!taker || !taker->sighand)
		return 0;
	return send(taker, &group->pending, info);
}

void signal_retarget(u64 signals)
{
	struct thread_group *group = current->group;
	struct task *thread;

	if (likely(!(group->pending.signals & signals)))
		return;
	list_for_each_entry (thread, &group->list, thread)
		if (thread != current && group->pending.signals & signals & ~thread->blocked)
			signal_wake(thread, 0);
}

void signal_send(struct task *task, int signal)
{
	signal_send_info(task, &(struct siginfo){ .signo = signal, .code = SI_KERNEL });
}

u32 end_processes(void)
{
	struct task *task;
	u32 count = 0;

	list_for_each_entry (task, &task_list, link) {
		if (!task->mm || fatal_signal_pending(task))
			continue;
		signal_send(task, SIGKILL);
		count++;
	}
	return count;
}

bool signal_force(int signal, int code, u32 address)
{
	u32 handler = sighand_action(current, signal)->handler;
	bool blocked = sigset_has(&current->blocked, signal);
	bool fatal = blocked || handler == SIG_IGN || handler == SIG_DFL;

	if (fatal) {
		sighand_reset(current, signal);
		current->blocked &= ~SIGMASK(signal);
	}
	current->forced.signo = signal;
	current->forced.code = code;
	current->forced.address = address;
	return_work |= WORK_SIGNAL;
	return fatal;
}

/* A handler's frame cannot be written: sends SIGSEGV, fatal if the handler was for SIGSEGV. */
static void signal_force_segv(const struct pt_regs *regs, int signal)
{
	if (signal == SIGSEGV)
		sighand_reset(current, SIGSEGV);
	if (signal_force(SIGSEGV, SI_KERNEL, 0))
		printk("signal: pid=%d name=%s signal=%d esp=%#010x error=\"no frame\"\n",
		       current->pid, current->name, signal, regs->esp);
}

void signal_set_blocked(u64 blocked)
{
	u64 old = current->blocked;

	current->blocked = blocked & ~SIGMASK_UNBLOCKABLE;
	if (unlikely(signals_waiting(current))) {
		signal_retarget(current->blocked & ~old);
		update_return_work();
	}
}

/* Sends a signal about a child. Returns true if the parent's action asks for no zombie. */
static bool tell_parent(const struct task *child, int signal, int code, int status)
{
	bool stop = code == CLD_STOPPED || code == CLD_CONTINUED;
	struct thread_group *group = child->parent->group;
	const struct task *taker = signal_taker(group, signal);
	const struct sigaction *action;
	bool no_zombie;

	if (!taker->sighand)
		return false;
	action = sighand_action(taker, signal);
	no_zombie =
		signal == SIGCHLD && (action->handler == SIG_IGN || action->flags & SA_NOCLDWAIT);
	if (action->handler == SIG_IGN || (stop && action->flags & SA_NOCLDSTOP))
		return no_zombie;
	/* Usually the parent waits and has no handler. */
	if (signal == SIGCHLD && signal_discarded(taker, SIGCHLD))
		return no_zombie;
	signal_send_process(group, &(struct siginfo){
					   .signo = signal,
					   .code = code,
					   .pid = child->pid,
					   .uid = child->group->user.real,
					   .value = (u32)status,
				   });
	return no_zombie;
}

bool signal_parent(struct task *child, int code, int status)
{
	bool stop = code == CLD_STOPPED || code == CLD_CONTINUED, no_zombie = false;
	int signal = stop ? SIGCHLD : child->exit_signal;

	if (signal && signal <= NR_SIGNALS)
		no_zombie = tell_parent(child, signal, code, status);
	if (list_empty(&child->in_news))
		list_add_tail(&child->in_news, &child->parent->news);
	wake_waiters(child->parent);
	return no_zombie;
}

/* The other threads stop at their next return to ring 3. */
static void stop_other_threads(const struct thread_group *group)
{
	struct task *thread;

	list_for_each_entry (thread, &group->list, thread) {
		if (thread == current || thread->state == TASK_ZOMBIE)
			continue;
		thread->pending.signals |= SIGMASK(SIGSTOP);
		signal_wake(thread, SIGSTOP);
	}
}

/* The first thread to stop notifies the parent; so does the first to continue. */
static void stop(int signal)
{
	struct thread_group *group = current->group;
	struct task *leader = group->leader;

	current->state = TASK_STOPPED;
	if (!group->stopped) {
		group->stopped = true;
		leader->stop_signal = signal;
		leader->continued = false;
		stop_other_threads(group);
		signal_parent(leader, CLD_STOPPED, signal);
	}
	schedule();
	if (!group->stopped)
		return;
	group->stopped = false;
	leader->stop_signal = 0;
	if (!fatal_signal_pending(current)) {
		leader->continued = true;
		signal_parent(leader, CLD_CONTINUED, SIGCONT);
	}
}

/* The signal of a set, not empty, that is taken first. */
static int first_of(u64 set)
{
	u32 low = (u32)(set & SIGNALS_SYNCHRONOUS ? set & SIGNALS_SYNCHRONOUS : set);

	return low ? __builtin_ctz(low) + 1 : __builtin_ctz((u32)(set >> 32)) + 33;
}

bool signal_dequeue(u64 set, struct siginfo *info)
{
	struct thread_group *group = current->group;
	u64 own = current->pending.signals & set, shared = group->pending.signals & set;

	if (shared & SIGMASK(SIGKILL) || (shared && !own))
		sigqueue_take(group, &group->pending, first_of(shared), info);
	else if (own)
		sigqueue_take(group, &current->pending, first_of(own), info);
	return own || shared;
}

/* Takes the current task's next signal. False: there is none. Unused fields of `forced` are 0. */
static bool take(struct siginfo *info)
{
	if (current->forced.signo && !current->group->killed) {
		*info = current->forced;
		current->forced.signo = 0;
		return true;
	}
	return signal_dequeue(~current->blocked, info);
}

static void default_action(const struct siginfo *info)
{
	int signal = info->signo;

	if (signal_default_ignores(signal))
		return;
	if (SIGMASK(signal) & SIGNALS_STOP) {
		if (signal == SIGSTOP || !job_is_orphaned())
			stop(signal);
	} else {
		do_signal_exit(info);
	}
}

static void make_call_again(struct pt_regs *regs, u32 number)
{
	regs->eax = number;
	regs->eip -= SYSCALL_INSTRUCTION_BYTES;
}

/* Sets the result that the interrupted system call will return after the handler. */
static void end_call_for_handler(struct pt_regs *regs, const struct sigaction *action)
{
	int result = -(int)regs->eax;

	if (result == ERESTARTNOINTR || (result == ERESTARTSYS && action->flags & SA_RESTART))
		make_call_again(regs, regs->orig_eax);
	else if (result == ERESTARTSYS || result == ERESTARTNOHAND ||
		 result == ERESTART_RESTARTBLOCK)
		regs->eax = (u32)-EINTR;
	current->restart_block.fn = NULL;
}

static void handle(struct pt_regs *regs, const struct siginfo *info, const struct sigaction *action)
{
	u64 back = current->restore_blocked ? current->saved_blocked : current->blocked;
	u64 blocked = current->blocked | action->mask;
	u32 flags = action->flags;

	if (regs->orig_eax != NO_SYSCALL)
		end_call_for_handler(regs, action);
	if (signal_frame_push(regs, action, info, back)) {
		signal_force_segv(regs, info->signo);
		return;
	}
	current->restore_blocked = false;
	if (!(flags & SA_NODEFER))
		sigset_add(&blocked, info->signo);
	current->blocked = blocked;
	if (flags & SA_RESETHAND)
		sighand_reset(current, info->signo);
}

/* No handler runs: restarts the interrupted system call, and restores a temporary mask. */
static void end_call(struct pt_regs *regs)
{
	int result = -(int)regs->eax;

	if (regs->orig_eax != NO_SYSCALL &&
	    (result == ERESTARTNOINTR || result == ERESTARTSYS || result == ERESTARTNOHAND))
		make_call_again(regs, regs->orig_eax);
	else if (regs->orig_eax != NO_SYSCALL && result == ERESTART_RESTARTBLOCK)
		make_call_again(regs, NR_restart_syscall);
	if (current->restore_blocked) {
		current->restore_blocked = false;
		current->blocked = current->saved_blocked;
	}
}

void deliver_signals(struct pt_regs *regs)
{
	struct siginfo info;

	while (take(&info)) {
		const struct sigaction *action = sighand_action(current, info.signo);

		if (action->handler == SIG_DFL) {
			default_action(&info);
		} else if (action->handler != SIG_IGN) {
			handle(regs, &info, action);
			/* The usual case: no other signal, and no call left to complete. */
			update_return_work();
			if (likely(!(return_work & WORK_SIGNAL)))
				return;
		}
	}
	end_call(regs);
	update_return_work();
}

int signal_copy(struct task *child, bool share_actions)
{
	struct sighand *own = current->sighand;

	BUG_ON(child->sighand || child->pending.queue);
	if (share_actions && own) {
		child->sighand = own;
		own->count++;
	} else {
		/* A kernel task's child starts with the default actions. */
		child->sighand = own ? sighand_copy(own) : sighand_alloc();
		if (!child->sighand)
			return -ENOMEM;
	}
	child->blocked = current->blocked;
	child->altstack = current->altstack;
	child->altstack_size = current->altstack_size;
	child->altstack_flags = current->altstack_flags;
	return 0;
}

void signal_exit(struct task *task)
{
	if (unlikely(task->pending.signals || task->pending.queue))
		signal_flush(task->group, &task->pending, ~0ull);
	task->forced.signo = 0;
	sighand_put(task->sighand);
	task->sighand = NULL;
}
