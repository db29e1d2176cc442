/* SPDX-License-Identifier: MIT */
/*
 * Long calls: what a program asks for can be a matter of seconds, and no other may have to wait so long.
 *
 *   for each page, area, page table, ... of what ring 3 named:
 *           one step, after which everything is consistent
 *           if (task_killed()) stop, with what is done so far       where Linux does
 *           cond_resched()                                          other tasks may run here
 *
 *   (1) Called by tasks, with interrupts on and no atomic window (mm/frames/highmem.h) in use.
 *   (2) Everything that others can reach may have changed afterwards: a reference or a cursor is kept across it, never a bare pointer.
 *   (3) The exception are the areas of a space that the caller holds (kernel/process/task.h, mm_hold()): no task that lives there runs meanwhile.
 *       Entries of its page tables may vanish even so, because truncation reaches into every space.
 *
 * kernel/ defines these for the machine, tests/host/ for the host.
 */
#ifndef LIB_RESCHED_H
#define LIB_RESCHED_H

#include "lib/list.h"

extern struct list_head run_queue; /* tasks that are ready, without the one that runs */

/* The task that runs has had its turn. */
bool turn_is_over(void);

/* Switches to the next ready task; returns when it is the caller's turn again. */
void let_others_run(void);

/* Others wait, and the task that runs has had its turn. */
static inline bool need_resched(void)
{
	return unlikely(!list_empty(&run_queue)) && turn_is_over();
}

/* Lets them run, if need_resched(). Two instructions where no other task is ready. */
static inline void cond_resched(void)
{
	if (need_resched())
		let_others_run();
}

/* The task that runs is about to end: nothing will see the result of its call. */
bool task_killed(void);

/* Makes others wait for the owner across cond_resched(). Not recursive; not taken by one who holds a space. */
struct mutex {
	bool locked;
	struct list_head waiting;
};

static inline void mutex_init(struct mutex *mutex)
{
	mutex->locked = false;
	list_init(&mutex->waiting);
}

void mutex_lock(struct mutex *mutex);
void mutex_unlock(struct mutex *mutex);

#endif
