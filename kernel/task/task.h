/* SPDX-License-Identifier: MIT */
/*
 * Tasks: what the scheduler runs. A process has an address space; a kernel task has none.
 *
 *   idle (pid 0) --- the boot code; runs when no other task can
 *   init (pid 1) --- a kernel task: runs the suites and the programs, reaps orphans
 *     \-- programs, its children, and their children
 *   kswapd (pid 2) --- a kernel task: reclaims memory in the background
 *   ktimerd (pid 3) --- a kernel task: sends the signals of timers
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
 *      list `children`; a thread has its leader's parent and is on no such list. Only init,
 *      kswapd and ktimerd have idle as parent.
 *  (3) A zombie is a leader; it has only its struct, its stack and its group, which its parent
 *      frees when it waits. The wait can succeed when group->threads is 0.
 *  (4) A thread that is no leader is TASK_DEAD after its end, and is freed when another task runs.
 *  (5) The kernel switches tasks only in schedule(), and only traps leave ring 3.
 *  (6) A child that has ended, stopped or continued, which its parent does not know yet, is on the
 *      parent's list `news`. A child on that list may have no news any more.
 *  (7) vfork_child and vfork_parent of two tasks refer to each other, or neither does.
 */
#ifndef KERNEL_TASK_TASK_H
#define KERNEL_TASK_TASK_H

#include "abi/linux/signal.h"
#include "kernel/task/capability.h"
#include "kernel/task/files.h"
#include "kernel/task/cred.h"
#include "kernel/cpu/trap.h"
#include "kernel/task/usage.h"
#include "lib/timer_wheel.h"
#include "mm/reclaim/oom.h"

#define PID_MAX		   32768u
#define TASK_NAME_SIZE	   16
#define KERNEL_STACK	   (2 * PAGE_SIZE)
#define KERNEL_STACK_ORDER 1u
#define TLS_SLOTS	   3

/* What a switch of tasks has to load beside registers and address space. */
enum {
	EXTRA_TLS = 1,	  /* one of tls[] is not 0 */
	EXTRA_LDT = 2,	  /* group->ldt (kernel/task/ldt.h) */
	EXTRA_NO_TSC = 4, /* RDTSC is a SIGSEGV: prctl(PR_SET_TSC) */
};

enum task_state {
	TASK_RUNNING,
	TASK_WAITING,  /* for a child */
	TASK_SLEEPING, /* for an event; a signal ends it */
	TASK_BLOCKED,  /* for other tasks; only a fatal signal ends it */
	TASK_STOPPED,  /* by a signal */
	TASK_ZOMBIE,   /* ended, not yet waited for */
	TASK_DEAD,     /* ended, and no task waits for it */
};

/* A sleep with a deadline (kernel/syscall/time/sys_clock.c). */
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

/* poll() with a deadline (kernel/syscall/file/sys_poll.c). */
struct poll_call {
	vaddr_t fds;
	u32 count;
	u64 deadline;
};

/* A call that sleeps until a deadline. restart_syscall() continues it, if no handler ran. */
struct restart_block {
	s32 (*fn)(void); /* NULL: nothing to continue */
	union {
		struct clock_sleep sleep;
		struct futex_wait futex;
		struct poll_call poll;
	};
};

/* How a task is scheduled (kernel/task/sched.c). A child inherits it. */
struct sched_policy {
	int kind;     /* SCHED_* */
	s32 nice;     /* -20 .. 19: decides the length of a slice */
	u32 priority; /* SCHED_FIFO, SCHED_RR: 1 .. 99, tasks of the kernel above; others 0 */
	bool reset_on_fork;
	u64 runtime, deadline, period; /* SCHED_DEADLINE, nanoseconds; stored only */
};

/* The bit of a signal, 1 .. NR_SIGNALS, in a set. */
#define SIGMASK(signal) (1ull << ((signal)-1))

/* Signals that wait to be taken (kernel/signal/signal.h); bit n - 1 for signal n. */
struct sigpending {
	u64 signals;
	struct sigqueue *queue;
};

/* Set by prctl() and membarrier(). A child inherits them, but for the first. */
struct process_flags {
	bool subreaper;	   /* descendants without a parent become its children */
	bool not_dumpable; /* no core file, and no inspection by others of the same user */
	bool no_new_privs;
	u32 membarrier; /* commands that were used, the registrations among them */
};

struct thread_group {
	struct task *leader;
	struct list_head list;	  /* of tasks, by `thread` */
	u32 threads;		  /* that have not ended */
	bool stopped;		  /* by a signal: all threads stop */
	bool exiting;		  /* all threads end, with exit_status */
	bool killed;		  /* a thread has received SIGKILL for the process */
	bool executes;		  /* it has called execve() since it was forked */
	bool of_run;		  /* init started it, and is its shell (kernel/process/job.h) */
	struct task *last_one;	  /* the thread that waits until the others have ended */
	struct list_head waiters; /* its threads that wait for a child (wait_child.h) */
	int exit_status;
	struct sigpending pending;     /* for any thread that does not block it */
	u32 queued;		       /* entries in the queues of the group and its threads */
	int maker;		       /* the thread that made it by fork, or 0 */
	struct ldt *ldt;	       /* kernel/task/ldt.h; NULL: none */
	struct process_timers *timers; /* kernel/time/process_timers.h; NULL: none yet */
	struct usage ended, children;  /* kernel/task/usage.h */
	/* A child process copies the rest (group_alloc()). */
	struct rlimit rlim[RLIM_NLIMITS];
	struct process_flags flags;
	struct id_set user; /* kernel/task/cred.h */
	struct capabilities caps;
	struct { /* kernel/process/job.h */
		int group, session;
		struct list_head in_group, in_session; /* kernel/task/pid.h */
	} job;
	struct oom_adjust oom;
	struct group_ids groups; /* of its list only what is used */
};

struct task {
	u32 esp; /* saved at the last switch */
	int pid;
	int tgid;		  /* the leader's pid */
	struct task *next_number; /* kernel/task/pid.c */
	enum task_state state;
	u32 slice; /* ticks left; 0: no end */
	struct sched_policy policy;
	struct usage usage;	   /* resources used so far */
	bool seen_in_kernel;	   /* at its last tick */
	struct sigpending pending; /* for this thread alone */
	u64 blocked;
	u64 awaited;	 /* signals that rt_sigtimedwait() unblocked while it sleeps */
	int exit_status; /* as wait() reports it */
	int exit_signal; /* of a leader: the signal for its parent at its end, or 0 */
	int stop_signal; /* stopped by this signal, not yet reported by wait(); or 0 */
	bool ends;	 /* it must end before it returns to ring 3 */
	bool made_children;
	u32 extras; /* EXTRA_* */
	u64 tls[TLS_SLOTS];
	char *stack;	      /* KERNEL_STACK bytes, usually above an unmapped page */
	struct mm_struct *mm; /* NULL: a kernel task */
	union fpu_state *fpu; /* NULL: registers not used yet (kernel/task/fpu.h) */
	struct files_struct *files;
	struct fs_struct *fs;		 /* kernel/process/fs_struct.h; NULL: unchanged */
	const struct file_ids *file_ids; /* for access to files during a call; NULL: the group's */
	struct thread_group *group;
	struct task *parent;
	struct task *vfork_parent, *vfork_child;
	vaddr_t clear_child_tid;  /* at its end cleared and woken as a futex; or 0 */
	vaddr_t robust_list;	  /* kernel/process/futex.h */
	struct pi_lock *pi_locks; /* kernel/process/futex_pi.c: its own that others wait for */
	struct pi_lock *pi_wait;  /* the one that it waits for */
	struct sighand *sighand;  /* NULL: a kernel task */
	bool continued;		  /* after a stop, not yet reported by wait() */
	bool restore_blocked;	  /* saved_blocked becomes the mask again if no handler runs */
	u64 saved_blocked;
	u32 trapno, error_code, cr2; /* of the last exception that became a signal */
	struct {		     /* of the last spurious page fault */
		u32 eip, address, count;
	} spurious;
	vaddr_t altstack; /* sigaltstack(); size 0: none */
	u32 altstack_size, altstack_flags;
	bool awaits_date; /* it sleeps until a date, which may be set meanwhile */
	bool ends_none;	  /* its requests for memory end no process: see swapoff(), tell_pid() */
	bool wx_told;	  /* the log has a `wx:` line for this program */
	u32 personality;  /* personality(2); a child and the next program inherit it */
	u32 parent_death_signal; /* prctl(PR_SET_PDEATHSIG); 0: none */
	u32 timer_slack; /* ns; prctl(PR_SET_TIMERSLACK), without effect: sleeps end with ticks */
	u32 timer_slack_default; /* what 0 sets; 0: TIMER_SLACK_DEFAULT */
	u64 born; /* counts (kernel/devices/time.h); no two with the same pid are equal */
	/* task_alloc() sets up the rest, field by field. */
	struct list_head children, sibling; /* sibling: in the parent's list */
	struct list_head news, in_news;	    /* children with news; in_news: in the parent's list */
	struct list_head thread;	    /* in the group's list */
	struct list_head run;		    /* in the run queue */
	struct list_head link;		    /* in task_list */
	struct timer timer;		    /* of a sleep with a timeout */
	struct restart_block restart_block;
	struct siginfo forced; /* of an exception */
	char name[TASK_NAME_SIZE];
};

/* The signals that wait for the task and for its process, blocked ones too. */
static inline u64 signals_waiting(const struct task *task)
{
	return task->pending.signals | task->group->pending.signals;
}

/* Has deliver_signals() work to do? Usually nothing waits: then the mask is not looked at. */
static inline bool signal_pending(const struct task *task)
{
	u64 waiting = signals_waiting(task);

	return (unlikely(waiting) && waiting & ~task->blocked) || task->forced.signo;
}

/* Is the process or the task about to end? Then it must not sleep on. */
static inline bool fatal_signal_pending(const struct task *task)
{
	return task->ends || task->group->killed || task->pending.signals & SIGMASK(SIGKILL);
}

extern struct task *current;
extern struct task *init_task;	   /* pid 1 */
extern struct task idle_task;	   /* pid 0 */
extern struct list_head task_list; /* not for interrupts */

/*
 * The file of a descriptor of the current task, or NULL; its table keeps the reference. fd_file()
 * finds none that is only a place, O_PATH: a call must mean to allow these.
 */
static inline struct file *fd_any(u32 fd)
{
	return likely(current->files) ? files_find(current->files, fd) : NULL;
}

static inline struct file *fd_file(u32 fd)
{
	struct file *file = fd_any(fd);

	return file && likely(!file_is_place(file)) ? file : NULL;
}

/* Makes the calling code the idle task. */
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

/* Marks a task TASK_DEAD: schedule() frees it when it runs no more, tasks_free_dead() at once. */
void task_bury(struct task *task);
void tasks_free_dead(void);
extern struct list_head dead_tasks; /* by `link`, until they are freed */

/* Frees the cached stacks and returns the number of frames. A shrinker. */
u32 stacks_drain(void);

/* The task with this number, or NULL. In constant time. */
struct task *task_find(int pid);

/* The frame at the top of the stack, which the return to ring 3 uses. */
struct pt_regs *task_regs(struct task *task);

/*
 * The current program has received the rights `prot` (PROT_*) on [start, start + bytes). If they
 * include write and execute, prints the line `wx: ...`, once for each program.
 */
void task_note_wx(u32 prot, vaddr_t start, u32 bytes);

/* Creates a runnable task: function(argument) in ring 0, interrupts on. NULL: no memory. */
struct task *kernel_task(const char *name, void (*function)(void *argument), void *argument);

#endif
