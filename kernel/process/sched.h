/* SPDX-License-Identifier: MIT */
/* Which task runs: waking, sleeping, turns, and the hold of an address space. */
#ifndef KERNEL_PROCESS_SCHED_H
#define KERNEL_PROCESS_SCHED_H

#include "kernel/process/task.h"

/* Ticks that a task may run before another gets its turn. */
#define TASK_SLICE 5

/* How long a system call may go on while others wait, before it asks them (lib/resched.h); without a known clock, to the next tick. */
#define TURN_MSEC 3u

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

#endif
