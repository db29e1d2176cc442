/* SPDX-License-Identifier: MIT */
/* The task that runs deferred timers. */
#include "kernel/time/deferred_timer.h"
#include "abi/linux/errno.h"
#include "kernel/devices/time.h"
#include "kernel/task/sched.h"
#include "lib/irq.h"

static struct task *ktimerd;
static LIST_HEAD(due); /* accessed with interrupts off */

/* At the timer's tick. */
static void defer(struct timer *timer)
{
	list_add_tail(&timer->link, &due);
	task_wake_first(ktimerd);
}

void deferred_timer_init(struct deferred_timer *timer, void (*run)(struct deferred_timer *timer))
{
	timer_init(&timer->timer, defer);
	timer->run = run;
}

void deferred_timer_stop(struct deferred_timer *timer)
{
	unsigned long irq = irq_save();

	timer_del(&timer->timer);
	irq_restore(irq);
}

void deferred_timer_start(struct deferred_timer *timer, u64 deadline)
{
	u64 now = clock_monotonic();
	unsigned long irq = irq_save();

	timer_del(&timer->timer);
	timer_add(&kernel_timers, &timer->timer,
		  jiffies + to_ticks(deadline > now ? deadline - now : 0));
	irq_restore(irq);
}

static struct deferred_timer *take_due(void)
{
	unsigned long irq = irq_save();
	struct deferred_timer *timer = NULL;

	if (list_empty(&due)) {
		current->state = TASK_SLEEPING;
	} else {
		timer = list_first_entry(&due, struct deferred_timer, timer.link);
		timer_del(&timer->timer);
	}
	irq_restore(irq);
	return timer;
}

static void run_ktimerd(void *argument)
{
	(void)argument;
	for (;;) {
		struct deferred_timer *timer = take_due();

		if (timer)
			timer->run(timer);
		else
			schedule();
	}
}

int ktimerd_init(void)
{
	ktimerd = kernel_task("ktimerd", run_ktimerd, NULL);
	return ktimerd ? 0 : -ENOMEM;
}
