/* SPDX-License-Identifier: MIT */
/*
 * Tasks: what the processor is divided among. A process is a task with an address space; a kernel task has none.
 *
 *   idle (pid 0) --- the boot's own flow; runs when nobody else can
 *   init (pid 1) --- a kernel task: runs the suites and the programs, reaps what is orphaned
 *     \-- programs, forked by it, and their children
 *
 *   (1) a task is TASK_RUNNING exactly where it is on the run queue or is the current one;
 *   (2) a task's children are on its list `children`; only init has no parent but idle;
 *   (3) a zombie owns nothing but its struct and its stack, which its parent frees when it waits;
 *   (4) the kernel switches tasks only in schedule(), and ring 3 is left by traps alone.
 */
#ifndef KERNEL_TASK_H
#define KERNEL_TASK_H

#include "fs/file.h"
#include "kernel/trap.h"
#include "mm/mm.h"

#define TASK_NAME_SIZE 16
#define KERNEL_STACK   (2 * PAGE_SIZE)
#define OPEN_MAX       16

/* Ticks that a task may run before another gets its turn. */
#define TASK_SLICE 5

enum task_state {
	TASK_RUNNING,
	TASK_WAITING, /* for a child */
	TASK_STOPPED, /* by a signal */
	TASK_ZOMBIE,  /* ended, not yet waited for */
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

struct task {
	u32 esp; /* where the stack was left by the last switch */
	int pid;
	enum task_state state;
	u32 slice;	      /* ticks left */
	u64 pending, blocked; /* signals, bit n - 1 for signal n (kernel/signal.h) */
	int exit_status;      /* as wait() reports it */
	int stop_signal;      /* stopped by it, and no wait() has said so yet; or 0 */
	char *stack;	      /* KERNEL_STACK bytes above an unmapped page */
	struct mm_struct *mm; /* NULL: a kernel task */
	struct task *parent;
	struct list_head children, sibling; /* sibling: in the parent's list */
	struct list_head run;		    /* in the run queue */
	struct list_head link;		    /* in task_list */
	struct file *files[OPEN_MAX];
	struct sighand *sighand; /* NULL: a kernel task */
	struct sigqueue *sigqueue;
	u32 sigqueue_length;
	bool continued;	      /* after a stop, and no wait() has said so yet */
	bool restore_blocked; /* saved_blocked is to be the mask again when no handler has run */
	u64 saved_blocked;
	struct siginfo forced;	     /* of an exception */
	u32 trapno, error_code, cr2; /* of the last exception that became a signal */
	vaddr_t altstack;	     /* sigaltstack(); size 0: none */
	u32 altstack_size, altstack_flags;
	char name[TASK_NAME_SIZE];
};

extern struct task *current;
extern struct task *init_task; /* pid 1 */
extern struct list_head task_list;

/* --- kernel/task.c --- */

/* Makes the flow that calls this the idle task. */
void task_init(void);

/*
 * A new task, child of `parent`, that is not yet on the run queue, with an own kernel stack and no address space; or NULL. task_free()
 * undoes it.
 */
struct task *task_alloc(struct task *parent, const char *name);

/* Frees the struct and the stack of a task that does not run any more, and takes it off its parent's list. */
void task_free(struct task *task);

struct task *task_find(int pid);

/* The frame that the way back to ring 3 uses, at the top of the stack. */
struct pt_regs *task_regs(struct task *task);

/* A task that starts in function(argument), in ring 0, with interrupts on; it is runnable at once. NULL: no memory. */
struct task *kernel_task(const char *name, void (*function)(void *argument), void *argument);

/* --- kernel/sched.c --- */

/* Makes a task runnable that is not. */
void task_wake(struct task *task);

/* Lets another task run, if there is one; returns when this one has its turn again. A task that is not TASK_RUNNING leaves the run queue. */
void schedule(void);

/* Makes the address space the active one (mm may be NULL: the kernel's own half alone). */
void activate_mm(struct mm_struct *mm);

/* The idle task's work. */
void idle_loop(void) __noreturn;

/* return_work is computed anew for the current task. */
void update_return_work(void);

/* --- kernel/fork.c, kernel/exit.c --- */

/* A copy of the current process that returns 0 from `regs`. Returns its pid or -errno. */
int do_fork(const struct pt_regs *regs);

/* Ends the current task; status as wait() reports it. */
void do_exit(int status) __noreturn;

/* Options of wait4(). The last three tell kinds of children apart that there are not here. */
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

#endif
