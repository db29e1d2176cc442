/* SPDX-License-Identifier: MIT */
/* Sleeping until a file is ready (fs/poll.h). */
#include "fs/poll.h"
#include "kernel/devices/time.h"
#include "kernel/task/sched.h"
#include "abi/linux/errno.h"
#include "lib/irq.h"

void waiter_init(struct waiter *waiter)
{
	*waiter = (struct waiter){ .task = current };
}

bool waiter_wake(struct waiter *waiter)
{
	bool before = waiter->woken, sleeps;

	waiter->woken = true;
	if (!waiter->task) {
		sleeps = !list_empty(&waiter->chain->entries);
		wait_queue_wake(waiter->chain);
		return sleeps;
	}
	sleeps = !before && waiter->task->state == TASK_SLEEPING;
	if (sleeps)
		task_wake(waiter->task);
	return sleeps;
}

/* Interrupts are off between the look at `woken` and the sleep: no wake-up is lost. */
static void sleep_unless_woken(const struct waiter *waiter, u32 ticks)
{
	unsigned long irq = irq_save();

	if (!waiter->woken) {
		current->state = TASK_SLEEPING;
		if (ticks)
			schedule_timeout(ticks);
		else
			schedule();
	}
	irq_restore(irq);
}

int waiter_sleep(struct waiter *waiter, u64 deadline)
{
	while (!waiter->woken) {
		u64 now = deadline == WAIT_FOREVER ? 0 : clock_monotonic();

		if (now >= deadline)
			return -ETIMEDOUT;
		if (signal_pending(current))
			return -ERESTARTSYS;
		sleep_unless_woken(waiter, deadline == WAIT_FOREVER ? 0 : to_ticks(deadline - now));
	}
	waiter->woken = false;
	return 0;
}

u64 poll_deadline(u64 nanoseconds)
{
	return clock_monotonic() + nanoseconds;
}
