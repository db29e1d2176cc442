/* SPDX-License-Identifier: MIT */
/*
 * Long calls. A system call may take seconds, and the kernel is not preempted. So a long call
 * lets other tasks run between its steps.
 *
 *   for each page, area, page table, ... of the range:
 *           one step, after which everything is consistent
 *           if (task_killed()) stop with a partial result           where Linux does
 *           cond_resched()                                          other tasks may run here
 *
 *   (1) Only tasks call it, with interrupts on and no atomic slot (mm/frames/highmem.h) in use.
 *   (2) Everything that other tasks can reach may have changed afterwards. The caller keeps a
 *       reference or a cursor across the call, never a bare pointer.
 *   (3) Exception: the areas of an address space that the caller holds (kernel/task/sched.h,
 *       mm_hold()): no task of that space runs meanwhile. Its page-table entries may still vanish,
 *       because truncation and reclaim unmap pages in every address space.
 *
 * kernel/ defines these for the machine, tests/host/ for the host.
 */
#ifndef LIB_RESCHED_H
#define LIB_RESCHED_H

#include "lib/assert.h"
#include "lib/list.h"

extern struct list_head run_queue; /* ready tasks, without the current one */

/* The current task has used up its time slice. */
bool turn_is_over(void);

/* Switches to the next ready task. Returns when the caller is chosen again. */
void let_others_run(void);

/* Other tasks are ready, and the current one has used up its time slice. */
static inline bool need_resched(void)
{
	return unlikely(!list_empty(&run_queue)) && turn_is_over();
}

/* Lets other tasks run if need_resched(). Two instructions if no other task is ready. */
static inline void cond_resched(void)
{
	if (need_resched())
		let_others_run();
}

/* True if the current task is about to end: nothing will see the result of its call. */
bool task_killed(void);

/*
 * A lock that stays held across cond_resched(). Not recursive. A caller that holds an address
 * space must not take it.
 */
struct mutex {
	bool locked;
	struct list_head waiting;
};

static inline void mutex_init(struct mutex *mutex)
{
	mutex->locked = false;
	list_init(&mutex->waiting);
}

/* Sleeps until the mutex is free; wakes the first of those that sleep. */
void mutex_wait(struct mutex *mutex);
void mutex_wake(struct mutex *mutex);

static inline void mutex_lock(struct mutex *mutex)
{
	if (unlikely(mutex->locked))
		mutex_wait(mutex);
	mutex->locked = true;
}

static inline void mutex_unlock(struct mutex *mutex)
{
	BUG_ON(!mutex->locked);
	mutex->locked = false;
	if (unlikely(!list_empty(&mutex->waiting)))
		mutex_wake(mutex);
}

#endif
