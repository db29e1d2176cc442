/* SPDX-License-Identifier: MIT */
/* Mutexes (lib/resched.h): waiters are woken one by one, in order, and check again. */
#include "kernel/task/sched.h"
#include "lib/assert.h"
#include "lib/resched.h"

struct waiter {
	struct list_head link;
	struct task *task;
};

void mutex_wait(struct mutex *mutex)
{
	struct waiter waiter = { .task = current };

	BUG_ON(current->mm && current->mm->holder == current);
	while (mutex->locked) {
		list_add_tail(&waiter.link, &mutex->waiting);
		current->state = TASK_BLOCKED;
		schedule();
		list_del(&waiter.link);
	}
}

void mutex_wake(struct mutex *mutex)
{
	task_wake(list_first_entry(&mutex->waiting, struct waiter, link)->task);
}
