/* SPDX-License-Identifier: MIT */
/*
 * Tasks: what the processor is divided among. A process is a task with an address space; a kernel task has none.
 *
 *   idle (pid 0) --- the boot's own flow; runs when nobody else can
 *   init (pid 1) --- a kernel task: runs the suites and the programs, reaps what is orphaned
 *     \-- programs, forked by it, and their children
 *
 * The threads of a process are tasks of one thread group. What they share beyond that is counted: mm_users of the address space,
 * the count of the table of descriptors.
 *
 *   thread_group --> leader (its pid is the process's) --- children: of all threads
 *       \--- list --> leader, thread, thread: all that have not been freed
 *
 *   (1) a task is TASK_RUNNING exactly where it is on the run queue, parked at a space that another task holds, or the current one;
 *   (2) a task's parent is the leader of a group and has it on its list `children`, if the task is a leader itself; a thread has the
 *       parent of its leader and is on no such list. Only init has no parent but idle;
 *   (3) a zombie is a leader; it owns nothing but its struct, its stack and its group, which its parent frees when it waits. There is
 *       something to wait for when group->threads is 0;
 *   (4) a thread that is no leader is TASK_DEAD when it has ended, and is freed when another task runs;
 *   (5) the kernel switches tasks only in schedule(), and ring 3 is left by traps alone;
 *   (6) vfork_child and vfork_parent of two tasks name each other, or neither does.
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
	TASK_BLOCKED,  /* for other tasks; only what ends the process ends it */
	TASK_STOPPED,  /* by a signal */
	TASK_ZOMBIE,   /* ended, not yet waited for */
	TASK_DEAD,     /* ended, and nobody will ask */
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
	vaddr_t rest; /* place for what is left of it, or 0 */
	bool wide;    /* that place is for 64-bit times */
};

/* A wait for a word that has an end (kernel/process/futex.c). */
struct futex_wait {
	vaddr_t address;
	bool shared;
	u32 value, bits;
	u64 deadline;
};

/* A call that sleeps until a deadline. When a signal without a handler has ended it, restart_syscall() goes on with it. */
struct restart_block {
	s32 (*fn)(void); /* NULL: there is nothing to go on with */
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
	bool killed;	       /* a thread that takes it has got SIGKILL */
	int exit_status;
	struct usage ended, children; /* kernel/process/usage.h */
	/* From here on a child process has a copy (group_alloc()). */
	struct rlimit rlim[RLIM_NLIMITS];
	struct id_set user; /* kernel/process/cred.h */
	struct group_ids groups;
};

struct task {
	u32 esp; /* where the stack was left by the last switch */
	int pid;
	int tgid; /* the leader's pid */
	enum task_state state;
	u32 slice;	      /* ticks left */
	struct usage usage;   /* what it has used */
	bool seen_in_kernel;  /* by its last tick */
	u64 pending, blocked; /* signals, bit n - 1 for signal n (kernel/process/signal.h) */
	int exit_status;      /* as wait() reports it */
	int exit_signal;      /* a leader's: what its parent gets at its end; 0: nothing */
	int stop_signal;      /* stopped by it, and no wait() has said so yet; or 0 */
	bool ends;	      /* before it sees ring 3 again */
	bool has_tls;	      /* one of tls[] is not 0 */
	u64 tls[TLS_SLOTS];
	char *stack;	      /* KERNEL_STACK bytes above an unmapped page */
	struct mm_struct *mm; /* NULL: a kernel task */
	union fpu_state *fpu; /* NULL: has not used these registers (kernel/process/fpu.h) */
	struct files_struct *files;
	struct thread_group *group;
	struct task *parent;
	struct task *vfork_parent, *vfork_child;
	vaddr_t clear_child_tid; /* a word to clear and to wake by futex at the end, or 0 */
	vaddr_t robust_list;	 /* kernel/process/robust_list.h */
	struct list_head children, sibling; /* sibling: in the parent's list */
	struct list_head thread;	    /* in the group's list */
	struct list_head run;		    /* in the run queue */
	struct list_head link;		    /* in task_list */
	struct list_head timer;		    /* in the list of those that sleep for a time */
	u32 wake_at;			    /* jiffies */
	struct sighand *sighand;	    /* NULL: a kernel task */
	struct sigqueue *sigqueue;
	u32 sigqueue_length;
	struct restart_block restart_block;
	bool continued;	      /* after a stop, and no wait() has said so yet */
	bool restore_blocked; /* saved_blocked is to be the mask again when no handler has run */
	u64 saved_blocked;
	struct siginfo forced;	     /* of an exception */
	u32 trapno, error_code, cr2; /* of the last exception that became a signal */
	struct {		     /* of the last page fault that needed nothing */
		u32 eip, address, count;
	} spurious;
	vaddr_t altstack; /* sigaltstack(); size 0: none */
	u32 altstack_size, altstack_flags;
	bool wx_told; /* the log has a line of memory that this program can write and execute */
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
 * A new task that is not yet on the run queue, with a kernel stack of its own, no address space and no files; or NULL. It leads a new
 * group and is a child of `parent`, a leader; or, where `group` is not NULL, is one more thread of that. task_free() undoes it.
 */
struct task *task_alloc(struct task *parent, struct thread_group *group, const char *name);

/* Frees the struct and the stack of a task that does not run any more, takes it off all lists, and frees its group if it led one. */
void task_free(struct task *task);

/*
 * The current task, the only thread of its group that has not ended, becomes its leader: it takes over the zombie's pid, parent and
 * children, and the zombie will be freed.
 */
void task_become_leader(void);

/* Gives a leader, with its threads, to another parent. */
void task_set_parent(struct task *child, struct task *parent);

/* A task that is TASK_DEAD will be freed as soon as it does not run any more: by schedule(), or by tasks_free_dead() at once. */
void task_bury(struct task *task);
void tasks_free_dead(void);

/* Stacks of tasks that were freed are kept for the next ones. Frees them; returns the number of frames. A shrinker. */
u32 stacks_drain(void);

struct task *task_find(int pid);

/* The frame that the way back to ring 3 uses, at the top of the stack. */
struct pt_regs *task_regs(struct task *task);

/* A task that starts in function(argument), in ring 0, with interrupts on; it is runnable at once. NULL: no memory. */
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
