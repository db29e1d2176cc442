/* SPDX-License-Identifier: MIT */
/*
 * Tasks: what the scheduler runs. A process is a task with an address space; a kernel task has
 * none.
 *
 *   idle (pid 0) --- the boot code; runs when no other task can
 *   init (pid 1) --- a kernel task: runs the suites and the programs, reaps orphans
 *     \-- programs, its children, and their children
 *
 * The threads of a process are tasks of one thread group. Address space and table of descriptors
 * are shared by reference count.
 *
 *   thread_group --> leader (its pid is the process's) --- children: of all threads
 *       \--- list --> leader, thread, thread: all that are not freed
 *
 *  (1) A task is TASK_RUNNING exactly if it is current, on the run queue, or parked at an address
 *      space that another task holds.
 *  (2) A task's parent is the leader of a group. If the task is a leader, it is on its parent's
 *      list `children`; a thread has its leader's parent and is on no such list. Only init has
 *      idle as parent.
 *  (3) A zombie is a leader; it has only its struct, its stack and its group, which its parent
 *      frees when it waits. The wait can succeed when group->threads is 0.
 *  (4) A thread that is no leader is TASK_DEAD after its end, and is freed when another task runs.
 *  (5) The kernel switches tasks only in schedule(), and only traps leave ring 3.
 *  (6) vfork_child and vfork_parent of two tasks refer to each other, or neither does.
 */
#ifndef KERNEL_PROCESS_TASK_H
#define KERNEL_PROCESS_TASK_H

#include "kernel/process/files.h"
#include "kernel/process/resource.h"
#include "kernel/process/cred.h"
#include "kernel/cpu/trap.h"
#include "kernel/process/usage.h"
#include "mm/user_space/mm.h"

#define TASK_NAME_SIZE 16
#define KERNEL_STACK   (2 * PAGE_SIZE)
#define TLS_SLOTS      3

/* Ticks that a task may run before another gets its turn. */
#define TASK_SLICE 5

/* How long a system call may go on while others wait, before it asks them (lib/resched.h); without a known clock, to the next tick. */
#define TURN_MSEC 3u

enum task_state {
	TASK_RUNNING,
	TASK_WAITING,  /* for a child */
	TASK_SLEEPING, /* for an event; a signal ends it */
	TASK_BLOCKED,  /* for other tasks; only a fatal signal ends it */
	TASK_STOPPED,  /* by a signal */
	TASK_ZOMBIE,   /* ended, not yet waited for */
	TASK_DEAD,     /* ended, and no task waits for it */
};

/* What is told with a signal; the beginning of the ABI's siginfo_t, whose rest is zero. */
struct siginfo {
	s32 signo; /* 0: none */
	s32 error;
	s32 code;
	union {
		u32 address; /* si_addr */
		struct {
			s32 pid;
			u32 uid;
			u32 value; /* si_value, or si_status */
		};
		u32 words[5];
	};
};

/* A sleep until a time of a clock (kernel/syscall/sys_clock.c). */
struct clock_sleep {
	u64 deadline;
	int clock;
	vaddr_t rest; /* user address for the remaining time, or 0 */
	bool wide;    /* `rest` has 64-bit times */
};

/* A futex wait with a deadline (kernel/process/futex.c). */
struct futex_wait {
	vaddr_t address;
	bool shared;
	u32 value, bits;
	u64 deadline;
};

/*
 * A call that sleeps until a deadline. After a signal without a handler restart_syscall()
 * continues it.
 */
struct restart_block {
	s32 (*fn)(void); /* NULL: nothing to continue */
	union {
		struct clock_sleep sleep;
		struct futex_wait futex;
	};
};

struct thread_group {
	struct task *leader;
	struct list_head list; /* of tasks, by `thread` */
	u32 threads;	       /* that have not ended */
	bool stopped;	       /* by a signal: all threads stop */
	bool exiting;	       /* all threads end, with exit_status */
	bool killed;	       /* a thread has received SIGKILL for the process */
	int exit_status;
	struct usage ended, children; /* kernel/process/usage.h */
	/* A child process copies the rest (group_alloc()). */
	struct rlimit rlim[RLIM_NLIMITS];
	struct id_set user; /* kernel/process/cred.h */
	struct group_ids groups;
};

struct task {
	u32 esp; /* saved at the last switch */
	int pid;
	int tgid; /* the leader's pid */
	enum task_state state;
	u32 slice;	      /* ticks left */
	struct usage usage;   /* resources used so far */
	bool seen_in_kernel;  /* at its last tick */
	u64 pending, blocked; /* signals, bit n - 1 for signal n (kernel/process/signal.h) */
	int exit_status;      /* as wait() reports it */
	int exit_signal;      /* of a leader: the signal for its parent at its end, or 0 */
	int stop_signal;      /* stopped by this signal, not yet reported by wait(); or 0 */
	bool ends;	      /* it must end before it returns to ring 3 */
	bool has_tls;	      /* one of tls[] is not 0 */
	u64 tls[TLS_SLOTS];
	char *stack;	      /* KERNEL_STACK bytes above an unmapped page */
	struct mm_struct *mm; /* NULL: a kernel task */
	union fpu_state *fpu; /* NULL: registers not used yet (kernel/process/fpu.h) */
	struct files_struct *files;
	struct thread_group *group;
	struct task *parent;
	struct task *vfork_parent, *vfork_child;
	vaddr_t clear_child_tid;	    /* at its end cleared and woken as a futex; or 0 */
	vaddr_t robust_list;		    /* kernel/process/robust_list.h */
	struct list_head children, sibling; /* sibling: in the parent's list */
	struct list_head thread;	    /* in the group's list */
	struct list_head run;		    /* in the run queue */
	struct list_head link;		    /* in task_list */
	struct list_head timer;		    /* in the list of sleepers with a timeout */
	u32 wake_at;			    /* jiffies */
	struct sighand *sighand;	    /* NULL: a kernel task */
	struct sigqueue *sigqueue;
	u32 sigqueue_length;
	struct restart_block restart_block;
	bool continued;	      /* after a stop, not yet reported by wait() */
	bool restore_blocked; /* saved_blocked becomes the mask again if no handler runs */
	u64 saved_blocked;
	struct siginfo forced;	     /* of an exception */
	u32 trapno, error_code, cr2; /* of the last exception that became a signal */
	struct {		     /* of the last spurious page fault */
		u32 eip, address, count;
	} spurious;
	vaddr_t altstack; /* sigaltstack(); size 0: none */
	u32 altstack_size, altstack_flags;
	bool wx_told; /* the log has a `wx:` line for this program */
	char name[TASK_NAME_SIZE];
};

extern struct task *current;
extern struct task *init_task; /* pid 1 */
extern struct task idle_task;  /* pid 0 */
extern struct list_head task_list;

/* --- kernel/process/task.c --- */

/* Makes the flow that calls this the idle task. */
void task_init(void);

/*
 * Allocates a task that is not yet on the run queue, with a kernel stack, no address space and no
 * files; or NULL. It leads a new group and is a child of `parent`, a leader; or, if `group` is not
 * NULL, is a new thread of that. task_free() undoes it.
 */
struct task *task_alloc(struct task *parent, struct thread_group *group, const char *name);

/*
 * Frees a task that does not run any more: removes it from all lists, frees its struct and stack,
 * and its group if it is the leader.
 */
void task_free(struct task *task);

/*
 * Makes the current task the leader of its group, in which all others have ended. It takes over
 * the zombie's pid, parent and children; the zombie will be freed.
 */
void task_become_leader(void);

/* Moves a leader and its threads to another parent. */
void task_set_parent(struct task *child, struct task *parent);

/*
 * Marks a task TASK_DEAD. It is freed as soon as it does not run any more: by schedule(), or by
 * tasks_free_dead() at once.
 */
void task_bury(struct task *task);
void tasks_free_dead(void);

/* Frees the cached stacks and returns the number of frames. A shrinker. */
u32 stacks_drain(void);

struct task *task_find(int pid);

/* The frame at the top of the stack, which the return to ring 3 uses. */
struct pt_regs *task_regs(struct task *task);

/*
 * Creates a task that runs function(argument) in ring 0, interrupts on; it is runnable at once.
 * NULL: no memory.
 */
struct task *kernel_task(const char *name, void (*function)(void *argument), void *argument);

/* --- kernel/process/sched.c --- */

/* Makes a task runnable that is not. */
void task_wake(struct task *task);

/* Lets another task run, if there is one; returns when this one has its turn again. A task that is not TASK_RUNNING leaves the run queue. */
void schedule(void);

/*
 * The same for a task that has set its state to TASK_SLEEPING, but for `ticks` at most. Returns how many of them are left: 0, the time
 * is over.
 */
u32 schedule_timeout(u32 ticks);

/*
 * No other task that lives in the current one's space runs until mm_unhold(), also where the current one lets others run. Does not nest; its
 * owner must not sleep. A lock for which nothing waits: those that would are not picked.
 */
static inline void mm_hold(void)
{
	current->mm->holder = current;
}

/* The tasks of a space that is not held any more are ready again. */
void mm_unpark(struct mm_struct *mm);

static inline void mm_unhold(void)
{
	struct mm_struct *mm = current->mm;

	mm->holder = NULL;
	if (unlikely(!list_empty(&mm->parked)))
		mm_unpark(mm);
}

/* Makes the address space the active one (mm may be NULL: the kernel's own half alone). */
void activate_mm(struct mm_struct *mm);

/* The idle task's work. */
void idle_loop(void) __noreturn;

/* return_work is computed anew for the current task. */
void update_return_work(void);

/* --- kernel/process/fork.c --- */

/* What clone() may share or set (Linux uapi/linux/sched.h). The low byte of the flags is the signal for the parent. */
#define CSIGNAL		     0x000000ffu
#define CLONE_VM	     0x00000100u
#define CLONE_FS	     0x00000200u
#define CLONE_FILES	     0x00000400u
#define CLONE_SIGHAND	     0x00000800u
#define CLONE_PTRACE	     0x00002000u
#define CLONE_VFORK	     0x00004000u
#define CLONE_PARENT	     0x00008000u
#define CLONE_THREAD	     0x00010000u
#define CLONE_SYSVSEM	     0x00040000u
#define CLONE_SETTLS	     0x00080000u
#define CLONE_PARENT_SETTID  0x00100000u
#define CLONE_CHILD_CLEARTID 0x00200000u
#define CLONE_DETACHED	     0x00400000u
#define CLONE_UNTRACED	     0x00800000u
#define CLONE_CHILD_SETTID   0x01000000u

struct clone_args {
	u32 flags;
	vaddr_t stack; /* 0: the parent's address */
	vaddr_t parent_tid, child_tid, tls;
};

/*
 * clone(): a task that returns 0 from `regs`. Returns its pid; -EINVAL for flags that contradict each other or are not here, -EFAULT,
 * -ENOMEM, -EAGAIN. With CLONE_VFORK it sleeps until the child has left the address space.
 */
int do_clone(const struct pt_regs *regs, const struct clone_args *args);

/*
 * The current task leaves its address space, by its end or by execve: the word that wants it is cleared, and who waits by vfork goes
 * on. The space is still the active one.
 */
void mm_release(void);

/* --- kernel/process/exit.c --- */

/* Ends the current task; status as wait() reports it. */
void do_exit(int status) __noreturn;

/* Ends all threads of the current one's process. */
void do_group_exit(int status) __noreturn;

/*
 * Ends all other threads of the process and waits for that. Returns 0, or -EAGAIN if the current one is to end itself.
 */
int end_other_threads(void);

/* Wakes the threads of this leader's group that wait for a child. */
void wake_waiters(struct task *leader);

/* Options of wait4(). __WNOTHREAD is taken for granted of no thread: all threads wait for the children of all. */
#define WNOHANG	    1
#define WUNTRACED   2
#define WCONTINUED  8
#define __WNOTHREAD 0x20000000
#define __WALL	    0x40000000
#define __WCLONE    0x80000000

#define EXIT_STATUS(code) (((code)&0xff) << 8)

/*
 * Waits for a child: pid > 0 that one, -1 any (0 and less than -1 speak of process groups, of which there is one: any). Returns its pid and,
 * through *status, how it ended; 0 with WNOHANG while none has; -ECHILD, -EINVAL, or -ERESTARTSYS if a signal came.
 */
int do_wait(int pid, int *status, int options);

/* The same, and what that child and the children that it has waited for have used. */
int do_wait_usage(int pid, int *status, int options, struct usage *usage);

#endif
