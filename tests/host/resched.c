/* SPDX-License-Identifier: MIT */
/* The host has one task. A test may set a function that runs in place of the other tasks. */
#include "tests/host/resched.h"
#include "lib/assert.h"
#include "lib/resched.h"

void (*host_others)(void);

/* Never empty, so that turn_is_over() is asked. */
static struct list_head other = { &run_queue, &run_queue };
struct list_head run_queue = { &other, &other };

bool turn_is_over(void)
{
	return host_others;
}

void let_others_run(void)
{
	void (*others)(void) = host_others;

	host_others = NULL; /* no recursion: the other tasks run already */
	others();
	host_others = others;
}

bool task_killed(void)
{
	return false;
}

void mutex_lock(struct mutex *mutex)
{
	BUG_ON(mutex->locked);
	mutex->locked = true;
}

void mutex_unlock(struct mutex *mutex)
{
	BUG_ON(!mutex->locked);
	mutex->locked = false;
}
