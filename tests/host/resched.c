/* SPDX-License-Identifier: MIT */
/* The host has one task. A test may set what others do while it lets them run. */
#include "tests/host/resched.h"
#include "lib/assert.h"
#include "lib/resched.h"

void (*host_others)(void);

bool need_resched(void)
{
	return host_others;
}

void cond_resched(void)
{
	void (*others)(void) = host_others;

	if (!others)
		return;
	host_others = NULL; /* they have the processor: what they call doesn't call them */
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
