/* SPDX-License-Identifier: MIT */
/*
 * Signals as Linux's i386 ABI has them: numbers, structures, and what the parts of kernel/ ask of
 * each other.
 *
 *   kernel/process/signal.c         sending, blocking, taking; default actions; fork, exec, exit
 *   kernel/process/sighand.c        the table of actions
 *   kernel/process/signal_frame.c   the frame of a handler on the program's stack, and the way back
 *   kernel/syscall/sys_signal.c     the system calls on actions, masks and stacks
 *   kernel/syscall/sys_kill.c       those that send
 *
 * A task's signals (the fields are in kernel/process/task.h):
 *
 *   pending --- minus blocked ---> taken on the way to ring 3
 *      \--> sigqueue -> sigqueue     siginfo, in the order of sending; a signal may be pending
 *                                    without one, where there was no memory
 *   forced                           an exception's, which is neither blocked nor queued
 *
 *  1. A pending bit is set while an entry of the queue has its number.
 *  2. SIGKILL and SIGSTOP are never blocked and always have their default action.
 *  3. A kernel task has no table of actions and takes no signals.
 *  4. Signals are sent in the context of tasks, never by an interrupt: entries of the queue are
 *     allocated.
 *
 * Sources: Linux's signal(7), sigaction(2), sigaltstack(2), sigreturn(2); arch/x86's sigcontext.h.
 */
#ifndef KERNEL_PROCESS_SIGNAL_H
#define KERNEL_PROCESS_SIGNAL_H

#include "abi/linux/signal.h"
#include "kernel/process/task.h"

/* The bit of a signal, 1 .. NR_SIGNALS, in a set. */
#define SIGMASK(signal) (1ull << ((signal)-1))

/* The same with fewer instructions, where the signal is no constant. */
static inline bool sigset_has(const u64 *set, int signal)
{
	return ((const u32 *)set)[(u32)(signal - 1) / 32] >> ((signal - 1) & 31) & 1;
}

static inline void sigset_add(u64 *set, int signal)
{
	((u32 *)set)[(u32)(signal - 1) / 32] |= 1u << ((signal - 1) & 31);
}

#define SIGMASK_UNBLOCKABLE (SIGMASK(SIGKILL) | SIGMASK(SIGSTOP))

/*
 * What a system call returns that a signal has interrupted. Only handle or default action decide
 * what ring 3 sees: EINTR, or the call made again.
 */
enum {
	ERESTARTSYS = 512,    /* again, where the handler has SA_RESTART or there is none */
	ERESTARTNOINTR = 513, /* again, always */
	ERESTARTNOHAND = 514, /* again, only where no handler ran */
	ERESTART_RESTARTBLOCK =
		516, /* the same, but by restart_syscall(), which has kept what is left to do */
};

/* The actions of a process, by signal; shared by tasks of clone(CLONE_SIGHAND). */
struct sighand {
	u32 count; /* tasks */
	u64 set; /* signals whose entry below means something; the others have the default action */
	struct sigaction actions[NR_SIGNALS];
};

/* --- kernel/process/signal.c --- */

/* The caches. Once, after kmem_cache_init(). */
void signal_init(void);

/* There is something for deliver_signals() to do. */
static inline bool signal_pending(const struct task *task)
{
	return (task->pending & ~task->blocked) || task->forced.signo;
}

/* The process ends, or the task does: it must not sleep on for anything. */
static inline bool fatal_signal_pending(const struct task *task)
{
	return task->ends || task->group->killed || task->pending & SIGMASK(SIGKILL);
}

/* Which thread of the task's process takes a signal that is sent to the process. NULL: all have ended. */
struct task *signal_taker(const struct task *task, int signal);

/*
 * Sends a signal, 1 .. NR_SIGNALS, to a task; wakes it so that it takes notice. Kernel tasks and
 * zombies take none. Returns 0, or -EAGAIN where a queued signal of rt_sigqueueinfo() found no
 * room.
 */
int signal_send_info(struct task *task, const struct siginfo *info);

/* The same from the kernel, without more to say. Cannot fail. */
void signal_send(struct task *task, int signal);

/* SIGKILL for every process there is; returns for how many tasks it was news. They end when they run next. */
u32 end_processes(void);

/*
 * The current task did wrong (si_code, si_addr). If the signal is blocked, ignored or has no
 * handler, it will be the task's end; returns whether. It is taken before ring 3 runs again.
 */
bool signal_force(int signal, int code, u32 address);

/* The frame of a handler can't be written: SIGSEGV, fatal if that is what was to be handled. */
void signal_force_segv(const struct pt_regs *regs, int signal);

/* Replaces the set of blocked signals of the current task. */
void signal_set_blocked(u64 blocked);

/* Takes the signals of `mask` away where they are pending. */
void signal_flush(struct task *task, u64 mask);

/*
 * Tells the parent of a task by SIGCHLD that its child has ended, stopped or gone on (CLD_*), with
 * its status or signal. Returns whether the parent wants no zombie.
 */
bool signal_parent(struct task *child, int code, int status);

/*
 * On the way to ring 3: acts on what is pending for the current task, and sees to a system call
 * that a signal has interrupted. May not return, may sleep.
 */
void deliver_signals(struct pt_regs *regs);

/*
 * For a new task: the current one's mask, alternate stack, and table of actions, the same one or a
 * copy. 0 or -ENOMEM. signal_exit() undoes it.
 */
int signal_copy(struct task *child, bool share_actions);

/* Drops all that a task holds for its signals. */
void signal_exit(struct task *task);

/* --- kernel/process/sighand.c --- */

/* A table with default actions and one user, or NULL. */
struct sighand *sighand_alloc(void);

/* A copy, or NULL. */
struct sighand *sighand_copy(const struct sighand *from);

/* One user less; NULL is fine. */
void sighand_put(struct sighand *sighand);

/* What execve() makes of a table: handlers become defaults, ignored signals stay ignored. */
void sighand_exec(struct sighand *sighand);

/* The action that a task has for a signal. The task is none of the kernel's own. */
extern const struct sigaction default_sigaction;
static inline const struct sigaction *sighand_action(const struct task *task, int signal)
{
	const struct sighand *sighand = task->sighand;

	return sigset_has(&sighand->set, signal) ? &sighand->actions[signal - 1]
						 : &default_sigaction;
}

void sighand_set_action(struct task *task, int signal, const struct sigaction *action);

/* Back to SIG_DFL; the rest of the action stays. */
void sighand_reset(struct task *task, int signal);

/* A signal that came now would be thrown away. */
bool signal_ignored(const struct task *task, int signal);

/* The default action is to ignore. */
bool signal_default_ignores(int signal);

/* For signal_init(). */
void sighand_init(void);

/* --- kernel/process/signal_frame.c --- */

/*
 * Lays the frame of a handler on the program's stack and makes *regs start it. `blocked` is the
 * mask that the return will restore. Returns 0 or -EFAULT.
 */
int signal_frame_push(struct pt_regs *regs, const struct sigaction *action,
		      const struct siginfo *info, u64 blocked);

/* sigreturn() and rt_sigreturn(): *regs and the mask are as the frame says. 0 or -EFAULT. */
int signal_frame_pop(struct pt_regs *regs);
int signal_frame_pop_rt(struct pt_regs *regs);

/* --- kernel/syscall/sys_signal.c --- */

/* The stack pointer lies on the current task's alternate stack. */
bool on_altstack(vaddr_t esp);

/* SS_ONSTACK, SS_DISABLE, or 0: there is one, and it is not in use. */
u32 altstack_state(vaddr_t esp);

/* stack_t */
struct altstack {
	vaddr_t start;
	u32 flags;
	u32 size;
};

/* sigaltstack(): 0, -EPERM, -EINVAL, -ENOMEM. `esp` is ring 3's. */
int altstack_set(const struct altstack *stack, vaddr_t esp);

/* There is none any more. */
void altstack_reset(struct task *task);

#endif
