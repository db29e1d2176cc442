/* SPDX-License-Identifier: MIT */
/* The scheduler: waking, sleeping, switching, and holding an address space. */
#ifndef KERNEL_TASK_SCHED_H
#define KERNEL_TASK_SCHED_H

#include "kernel/devices/time.h"
#include "kernel/task/task.h"

/*
 * Ticks that a task may run before another one is scheduled, 50 ms, with a nice value of 0: from
 * 101 for -20 to 1 for 19.
 */
#define TASK_SLICE (HZ / 20)

/* The ticks of a task's slice; 0: it has no end. */
u32 task_slice(const struct task *task);

/* Changes how a task is scheduled, at once. */
void task_set_policy(struct task *task, const struct sched_policy *policy);

/* The priority of the kernel's own tasks that must run; above those of programs. */
#define KERNEL_PRIORITY 100u

/* How long a call runs before it lets others run (lib/resched.h). Without a clock: a tick. */
#define TURN_MSEC 3u

/* Makes a sleeping task runnable. */
void task_wake(struct task *task);

/* The same; the task runs next. Not for one whose address space may be held. Any context. */
void task_wake_first(struct task *task);

/* All timers of the machine, by jiffies. Accessed with interrupts off. */
extern struct timer_wheel kernel_timers;

/* Wakes the task of a task's own timer. */
void task_timeout(struct timer *timer);

/*
 * Lets another task run, if there is one; returns when this one is scheduled again. A task that
 * is not TASK_RUNNING leaves the run queue.
 */
void schedule(void);

/*
 * In place of schedule(), let_others_run() and turn_is_over() with the option sched=, which
 * changes their code (kernel/orders/). Until orders_chosen is set they do the same.
 */
void schedule_chosen(void);
void let_others_run_chosen(void);
bool turn_is_over_chosen(void);

/* kernel/orders/ defines the following. Moves the task that is to run next to the queue's head. */
extern bool orders_chosen;
void order_next(void);

/* Is the current task, which could go on, to be interrupted here? */
bool order_preempts(void);

/*
 * The same for a task that has set its state to TASK_SLEEPING, for up to `ticks`. Returns the
 * ticks that are left; 0: the time is over.
 */
u32 schedule_timeout(u32 ticks);

/*
 * Locks the current task's address space: until mm_unhold() no other task of it runs, even if the
 * current one calls schedule(). Does not nest; the owner must not sleep. No task waits for this
 * lock: tasks that would are not picked.
 */
static inline void mm_hold(void)
{
	current->mm->holder = current;
}

/* Puts the parked tasks of an address space back on the run queue. */
void mm_unpark(struct mm_struct *mm);

static inline void mm_unhold(void)
{
	struct mm_struct *mm = current->mm;

	mm->holder = NULL;
	if (unlikely(!list_empty(&mm->parked)))
		mm_unpark(mm);
}

/* Makes the address space the active one; NULL: only the kernel half. */
void activate_mm(struct mm_struct *mm);

/* The idle task's loop. */
void idle_loop(void) __noreturn;

/* Computes return_work for the current task. */
void update_return_work(void);

#endif
