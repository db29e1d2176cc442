/* SPDX-License-Identifier: MIT */
/* The host has one task. A test may set a function that runs in place of the other tasks. */
#include "abi/linux/errno.h"
#include "fs/poll.h"
#include "tests/host/resched.h"
#include "lib/assert.h"
#include "lib/resched.h"
#include "mm/frames/highmem.h"

void (*host_others)(void);

/* Never empty, so that turn_is_over() is asked. */
static struct list_head other = { &run_queue, &run_queue };
struct list_head run_queue = { &other, &other };

bool turn_is_over(void)
{
	BUG_ON(kmap_atomic_depth()); /* (1) of lib/resched.h */
	return host_others;
}

void let_others_run(void)
{
	void (*others)(void) = host_others;

	host_others = NULL; /* no recursion: the other tasks run already */
	others();
	host_others = others;
}

bool host_killed;

bool task_killed(void)
{
	return host_killed;
}

void waiter_init(struct waiter *waiter)
{
	*waiter = (struct waiter){ 0 };
}

bool waiter_wake(struct waiter *waiter)
{
	waiter->woken = true;
	if (waiter->chain)
		wait_queue_wake(waiter->chain);
	return true;
}

u64 host_now;

u64 poll_deadline(u64 nanoseconds)
{
	return host_now + nanoseconds;
}

/* If the other tasks do not wake this one, the time comes; without one, a signal. */
int waiter_sleep(struct waiter *waiter, u64 deadline)
{
	if (!waiter->woken && host_others)
		let_others_run();
	if (!waiter->woken && deadline == WAIT_FOREVER)
		return -ERESTARTSYS;
	if (!waiter->woken) {
		host_now = max(host_now, deadline);
		return -ETIMEDOUT;
	}
	waiter->woken = false;
	return 0;
}

/* One task at a time: a mutex that is locked stays so. */
void mutex_wait(struct mutex *mutex)
{
	BUG_ON(mutex->locked);
}

u32 host_mutexes_woken;

void mutex_wake(struct mutex *mutex)
{
	BUG_ON(list_empty(&mutex->waiting));
	host_mutexes_woken++;
}
