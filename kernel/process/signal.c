/* SPDX-License-Identifier: MIT */
/*
 * Sending, blocking and taking signals. signal.h has the picture and the invariants.
 *
 *   order of taking:   SIGKILL; a forced exception; then signals that an exception could have
 *                      caused (SIGSEGV, ...); then the lowest number
 *
 * A standard signal that is already pending is not queued again; real-time signals are, each with
 * its siginfo. Without memory for a queue entry the signal is pending without one. Only
 * rt_sigqueueinfo() then fails, because its caller wants the value to arrive.
 */
#include "kernel/process/signal.h"
#include "kernel/process/exit.h"
#include "kernel/process/sched.h"
#include "abi/linux/unistd.h"
#include "lib/assert.h"
#include "abi/linux/errno.h"
#include "lib/printk.h"
#include "mm/slab/slab.h"

#define SIGNALS_STOP (SIGMASK(SIGSTOP) | SIGMASK(SIGTSTP) | SIGMASK(SIGTTIN) | SIGMASK(SIGTTOU))
#define SIGNALS_SYNCHRONOUS                                                        \
	(SIGMASK(SIGSEGV) | SIGMASK(SIGBUS) | SIGMASK(SIGILL) | SIGMASK(SIGTRAP) | \
	 SIGMASK(SIGFPE) | SIGMASK(SIGSYS))

/* The limit of queued entries of one task: it can block a signal that others send without end. */
#define SIGQUEUE_MAX 1024

#define NO_SYSCALL		  0xffffffffu
#define SYSCALL_INSTRUCTION_BYTES 2 /* int 0x80 */

struct sigqueue {
	struct sigqueue *next;
	struct siginfo info;
};

static struct kmem_cache *sigqueue_cache;

void signal_init(void)
{
	sigqueue_cache = kmem_cache_create("sigqueue", sizeof(struct sigqueue), 0, 0, NULL, NULL);
	BUG_ON(!sigqueue_cache);
	sighand_init();
}

static bool enqueue(struct task *task, const struct siginfo *info)
{
	struct sigqueue *entry, **end = &task->sigqueue;

	if (task->sigqueue_length >= SIGQUEUE_MAX)
		return false;
	entry = kmem_cache_alloc(sigqueue_cache, GFP_KERNEL);
	if (!entry)
		return false;
	*entry = (struct sigqueue){ .info = *info };
	while (*end)
		end = &(*end)->next;
	*end = entry;
	task->sigqueue_length++;
	return true;
}

static void unlink_entry(struct task *task, struct sigqueue **place)
{
	struct sigqueue *entry = *place;

	BUG_ON(!task->sigqueue_length);
	*place = entry->next;
	task->sigqueue_length--;
	kmem_cache_free(sigqueue_cache, entry);
}

void signal_flush(struct task *task, u64 mask)
{
	struct sigqueue **place = &task->sigqueue;

	task->pending &= ~mask;
	while (*place) {
		if (mask & SIGMASK((*place)->info.signo))
			unlink_entry(task, place);
		else
			place = &(*place)->next;
	}
}

/* Removes the first entry of a pending signal, and the bit with the last one. */
static void dequeue(int signal, struct siginfo *info)
{
	struct sigqueue **place = &current->sigqueue;
	bool found = false, more = false;

	BUG_ON(!(current->pending & SIGMASK(signal)));
	*info = (struct siginfo){ .signo = signal, .code = SI_USER };
	while (*place) {
		if ((*place)->info.signo != signal) {
			place = &(*place)->next;
		} else if (!found) {
			*info = (*place)->info;
			found = true;
			unlink_entry(current, place);
		} else {
			more = true;
			break;
		}
	}
	if (!more)
		current->pending &= ~SIGMASK(signal);
}

struct task *signal_taker(const struct task *task, int signal)
{
	struct task *leader = task->group->leader, *thread, *taker = NULL;

	/*
	 * The leader, if it can take the signal; else a thread that does not block it; else one
	 * that has not ended. One that ends by another one's execve would lose the signal.
	 */
	if (leader->state != TASK_ZOMBIE && !leader->ends &&
	    !(signal && leader->blocked & SIGMASK(signal)))
		return leader;
	list_for_each_entry (thread, &task->group->list, thread) {
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

	list_for_each_entry (thread, &group->list, thread) {
		signal_flush(thread, SIGNALS_STOP);
		if (thread->state == TASK_STOPPED)
			task_wake(thread);
	}
}

static void wake(struct task *task, int signal)
{
	if (task == current)
		update_return_work();
	else if ((task->state == TASK_WAITING || task->state == TASK_SLEEPING) &&
		 signal_pending(task))
		task_wake(task);
	else if ((task->state == TASK_STOPPED || task->state == TASK_BLOCKED) && signal == SIGKILL)
		task_wake(task);
}

int signal_send_info(struct task *task, const struct siginfo *info)
{
	int signal = info->signo;

	BUG_ON(signal < 1 || signal > NR_SIGNALS);
	if (task->state == TASK_ZOMBIE || !task->sighand)
		return 0;
	/* The other threads must see SIGKILL too: one may keep the taker from running. */
	if (signal == SIGKILL && !task->ends)
		task->group->killed = true;
	if (signal == SIGCONT)
		continue_threads(task->group);
	else if (SIGMASK(signal) & SIGNALS_STOP)
		signal_flush(task, SIGMASK(SIGCONT));
	/* SIGCONT continues a stopped task even if it ignores or blocks the signal. */
	if (!signal_ignored(task, signal) || task->blocked & SIGMASK(signal)) {
		if (signal < SIGRTMIN && task->pending & SIGMASK(signal))
			return 0;
		if (!enqueue(task, info) && signal >= SIGRTMIN && info->code != SI_USER)
			return -EAGAIN;
		task->pending |= SIGMASK(signal);
	}
	wake(task, signal);
	return 0;
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
	current->blocked = blocked & ~SIGMASK_UNBLOCKABLE;
	if (current->pending)
		update_return_work();
}

bool signal_parent(struct task *child, int code, int status)
{
	bool stop = code == CLD_STOPPED || code == CLD_CONTINUED, no_zombie = false;
	int signal = stop ? SIGCHLD : child->exit_signal;
	struct task *parent = signal_taker(child->parent, signal);
	struct siginfo info = {
		.signo = signal, .code = code, .pid = child->pid, .value = (u32)status
	};
	const struct sigaction *action;

	if (signal && signal <= NR_SIGNALS && parent->sighand) {
		action = sighand_action(parent, signal);
		no_zombie = signal == SIGCHLD &&
			    (action->handler == SIG_IGN || action->flags & SA_NOCLDWAIT);
		if (action->handler != SIG_IGN && !(stop && action->flags & SA_NOCLDSTOP))
			signal_send_info(parent, &info);
	}
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
		thread->pending |= SIGMASK(SIGSTOP);
		wake(thread, SIGSTOP);
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

static int lowest(u64 set)
{
	u32 low = (u32)set;

	return low ? __builtin_ctz(low) + 1 : __builtin_ctz((u32)(set >> 32)) + 33;
}

/* Takes the current task's next signal. False: there is none. Unused fields of `forced` are 0. */
static bool take(struct siginfo *info)
{
	u64 ready = current->pending & ~current->blocked;

	if (ready & SIGMASK(SIGKILL)) {
		dequeue(SIGKILL, info);
	} else if (current->forced.signo) {
		*info = current->forced;
		current->forced.signo = 0;
	} else if (ready) {
		dequeue(lowest(ready & SIGNALS_SYNCHRONOUS ? ready & SIGNALS_SYNCHRONOUS : ready),
			info);
	} else {
		return false;
	}
	return true;
}

static void default_action(int signal)
{
	if (signal_default_ignores(signal))
		return;
	if (SIGMASK(signal) & SIGNALS_STOP)
		stop(signal);
	else
		do_group_exit(signal);
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
			default_action(info.signo);
		} else if (action->handler != SIG_IGN) {
			handle(regs, &info, action);
			/* The usual case: no other signal, and no call left to complete. */
			if (!current->pending && !current->forced.signo)
				return;
		}
	}
	end_call(regs);
}

int signal_copy(struct task *child, bool share_actions)
{
	struct sighand *own = current->sighand;

	BUG_ON(child->sighand || child->sigqueue);
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
	signal_flush(task, ~0ull);
	task->forced.signo = 0;
	sighand_put(task->sighand);
	task->sighand = NULL;
}
