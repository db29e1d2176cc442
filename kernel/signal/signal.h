/* SPDX-License-Identifier: MIT */
/*
 * Signals as in Linux's i386 ABI: numbers, structures, and the functions of these files:
 *
 *   kernel/signal/signal.c         send, block, take; default actions; fork, exec, exit
 *   kernel/signal/sigqueue.c       the sets of pending signals
 *   kernel/signal/sighand.c        the table of actions
 *   kernel/signal/signal_frame.c   the frame of a handler on the program's stack, and the return
 *   kernel/signal/exceptions.c     page faults and other exceptions that become signals
 *   kernel/syscall/process/        sys_signal.c: the system calls on actions, masks and stacks;
 *                                  sys_sigwait.c: rt_sigtimedwait(); sys_kill.c: those that send
 *
 * A task's signals (kernel/task/task.h has the fields):
 *
 *   group->pending -\                  to the process: any thread that does not block it
 *   task->pending ---- minus blocked --> taken on the return to ring 3
 *      \--> sigqueue -> sigqueue        siginfo, in the order of sending; without memory, or
 *                                       without data, a signal is pending without an entry
 *   forced                              of an exception: neither blocked nor queued
 *
 *  (1) A pending bit is set while the queue has an entry with its number.
 *  (2) SIGKILL and SIGSTOP are never blocked and always have their default action.
 *  (3) A kernel task has no table of actions and takes no signals.
 *  (4) Only tasks change pending sets, never an interrupt: queue entries are allocated. Timers
 *      send by a task (kernel/time/deferred_timer.h).
 *  (5) If a thread that a signal of the process woke will not take it, because it ends or blocks
 *      it, the others are woken (signal_retarget()).
 *  (6) A signal that ends the process without a core file ends it at once, not when it is taken:
 *      the thread may sleep without heed to signals, as the parent of vfork() does. Not so if the
 *      thread blocks it or waits for it, is stopped, or is not current and has another pending.
 *
 * Sources: Linux's signal(7), sigaction(2), sigaltstack(2), sigreturn(2); arch/x86's
 * sigcontext.h.
 */
#ifndef KERNEL_SIGNAL_SIGNAL_H
#define KERNEL_SIGNAL_SIGNAL_H

#include "abi/linux/signal.h"
#include "kernel/task/task.h"

/* By halves: a shift of 64 bits by a variable is three times as long on this processor. */
static inline bool sigset_has(const u64 *set, int signal)
{
	u32 half = (u32)(signal > 32 ? *set >> 32 : *set);

	return half >> ((signal - 1) & 31) & 1;
}

static inline void sigset_add(u64 *set, int signal)
{
	u32 bit = 1u << ((signal - 1) & 31);

	*set |= signal > 32 ? (u64)bit << 32 : bit;
}

#define SIGMASK_UNBLOCKABLE (SIGMASK(SIGKILL) | SIGMASK(SIGSTOP))

/* The signal actions of a process; clone(CLONE_SIGHAND) shares them. */
struct sighand {
	u32 count; /* tasks */
	u64 set;   /* signals with a valid entry below; the others have the default action */
	struct sigaction actions[NR_SIGNALS];
};

/* --- kernel/signal/signal.c --- */

struct posix_timer;

/* Creates the caches. Once, after kmem_cache_init(). */
void signal_init(void);

/* The thread that takes a signal sent to the process. NULL: all have ended. */
struct task *signal_taker(const struct thread_group *group, int signal);

/*
 * Sends a signal, 1 .. NR_SIGNALS, to a task or to a process, and wakes it. Ignores kernel tasks
 * and zombies. Returns 0, or -EAGAIN if the queue has no room (RLIMIT_SIGPENDING) for a signal
 * that must be queued.
 */
int signal_send_info(struct task *task, const struct siginfo *info);
int signal_send_process(struct thread_group *group, const struct siginfo *info);

/* The same to a task from the kernel, without other data. Cannot fail. */
void signal_send(struct task *task, int signal);

/* Would a signal for the task be lost: ignored, and not blocked, so that this cannot change? */
bool signal_discarded(const struct task *task, int signal);

/* Adds a signal to a set of the task or of its process. It may end the process, (6). */
void signal_added(struct task *task, struct sigpending *pending, int signal);

/* A signal was added to the task's or its process's set: wakes the task if it takes it. */
void signal_wake(struct task *task, int signal);

/* Wakes the other threads that can take pending signals of the process, of these. See (5). */
void signal_retarget(u64 signals);

/* Takes one signal of `set` that is pending for the current task. False: there is none. */
bool signal_dequeue(u64 set, struct siginfo *info);

/*
 * Sends SIGKILL to all processes: their tasks end when they run next. Returns the number of tasks
 * that were not yet ending.
 */
u32 end_processes(void);

/*
 * Signals an exception of the current task (si_code, si_addr). It is taken before ring 3 runs
 * again. Returns whether it is fatal: blocked, ignored or without a handler.
 */
bool signal_force(int signal, int code, u32 address);

/* Replaces the set of blocked signals of the current task. */
void signal_set_blocked(u64 blocked);

/*
 * Notifies the parent, by SIGCHLD, that its child has ended, stopped or continued (CLD_*), with
 * its status or signal. Returns whether the parent wants no zombie.
 */
bool signal_parent(struct task *child, int code, int status);

/*
 * Ends all threads of the current process by a signal; with a core file, if that is its default
 * action. Defined in kernel/process/exit.c.
 */
void do_signal_exit(const struct siginfo *info) __noreturn;

/*
 * All threads of a process, which does not end yet, end before they return to ring 3, even those
 * that wait for no signal. wait() will report this signal. Defined in kernel/process/exit.c.
 */
void begin_exit_by(struct thread_group *group, int signal);

/* Wakes the threads of this leader's group that wait for a child. Defined in wait_child.c. */
void wake_waiters(struct task *leader);

/* Would nothing continue the current process's group? Defined in kernel/process/job.c. */
bool job_is_orphaned(void);

/*
 * Writes the core file of the current process, which ends by a signal: its other threads do not
 * return to ring 3 any more. Was one begun? Defined in kernel/exec/core_dump.c.
 */
bool core_dump(const struct siginfo *info);

/*
 * Acts on the current task's pending signals, on the return to ring 3, and completes or restarts
 * a system call that a signal interrupted. Computes return_work. May not return, may sleep.
 */
void deliver_signals(struct pt_regs *regs);

/*
 * Copies the current task's mask and alternate stack to a new task, and shares or copies its
 * table of actions. 0 or -ENOMEM. signal_exit() undoes it.
 */
int signal_copy(struct task *child, bool share_actions);

/* Frees all that a task holds for its signals. */
void signal_exit(struct task *task);

/* --- kernel/signal/sigqueue.c --- */

/*
 * Queues a signal with its data. Returns false, and queues nothing, if there is no memory or
 * RLIMIT_SIGPENDING is reached; a signal without data is not queued, true. Does not set the bit.
 */
bool sigqueue_add(struct thread_group *group, struct sigpending *pending,
		  const struct siginfo *info);

/* Removes the first entry of a pending signal, and the bit with the last one. */
void sigqueue_take(struct thread_group *group, struct sigpending *pending, int signal,
		   struct siginfo *info);

/* Removes the pending signals in `mask`: from one set; from those of all threads too. */
void signal_flush(struct thread_group *group, struct sigpending *pending, u64 mask);
void signal_flush_all(struct thread_group *group, u64 mask);

/*
 * The entry of a POSIX timer (kernel/time/posix_timer.h), which is allocated with it, so that
 * its signal is never lost. It is queued at most once. NULL: no memory, or RLIMIT_SIGPENDING.
 */
struct sigqueue *sigqueue_alloc(struct thread_group *group, struct posix_timer *timer);
/* The timer is deleted: frees its entry now, or when the signal is taken. */
void sigqueue_disown(struct thread_group *group, struct sigqueue *entry);
/* False: the signal is discarded. Sends to the task or, if that is NULL, to the process. */
bool sigqueue_send(struct sigqueue *entry, struct thread_group *group, struct task *task,
		   const struct siginfo *info);
bool sigqueue_busy(const struct sigqueue *entry);

/* The signal of a timer is taken: completes *info. Defined in kernel/time/posix_timer.c. */
void posix_timer_taken(struct posix_timer *timer, struct siginfo *info);

/* --- kernel/signal/sighand.c --- */

/* Allocates a table with default actions and one reference, or NULL. */
struct sighand *sighand_alloc(void);

/* A copy, or NULL. */
struct sighand *sighand_copy(const struct sighand *from);

/* Drops a reference; NULL does nothing. */
void sighand_put(struct sighand *sighand);

/* For execve(): handlers become defaults, ignored signals stay ignored. */
void sighand_exec(struct sighand *sighand);

/* The task's action for a signal. Not for kernel tasks. */
extern const struct sigaction default_sigaction;
static inline const struct sigaction *sighand_action(const struct task *task, int signal)
{
	const struct sighand *sighand = task->sighand;

	return sigset_has(&sighand->set, signal) ? &sighand->actions[signal - 1]
						 : &default_sigaction;
}

void sighand_set_action(struct task *task, int signal, const struct sigaction *action);

/* Sets the handler to SIG_DFL; the rest of the action stays. */
void sighand_reset(struct task *task, int signal);

/* Would a signal be discarded now? */
bool signal_ignored(const struct task *task, int signal);

/* Is the default action to ignore it? */
bool signal_default_ignores(int signal);

/* Is the default action to end the process with a core file? */
bool signal_default_dumps(int signal);

/* Creates the cache; for signal_init(). */
void sighand_init(void);

/* --- kernel/signal/signal_frame.c --- */

/*
 * Writes the frame of a handler to the program's stack, and sets *regs to start the handler. The
 * return will restore the mask `blocked`. Returns 0 or -EFAULT.
 */
int signal_frame_push(struct pt_regs *regs, const struct sigaction *action,
		      const struct siginfo *info, u64 blocked);

/*
 * sigreturn() and rt_sigreturn(): restore *regs and the mask from the frame. 0, or
 * -EFAULT and SIGSEGV.
 */
int signal_frame_pop(struct pt_regs *regs);
int signal_frame_pop_rt(struct pt_regs *regs);

/*
 * For a program that may not execute the code at EIP. If that is the return from a handler, which
 * the kernel put into the frame, the kernel returns for it. False: it is other code.
 */
bool signal_run_retcode(struct pt_regs *regs);

/* SS_ONSTACK, SS_DISABLE, or 0: there is a stack, not in use. */
u32 altstack_state(vaddr_t esp);

/* Sets the alternate stack: 0, -EPERM, -EINVAL, -ENOMEM. `esp` is ring 3's. */
int altstack_set(const struct altstack *stack, vaddr_t esp);

/* Removes the alternate stack. */
void altstack_reset(struct task *task);

#endif
