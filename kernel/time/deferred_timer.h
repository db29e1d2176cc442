/* SPDX-License-Identifier: MIT */
/*
 * Timers whose work may not be done by an interrupt, such as sending a signal: only tasks change
 * sets of signals (kernel/signal/signal.h, (4)).
 *
 *      tick --> wheel --> `due` --> the task ktimerd --> run()
 *
 * ktimerd runs next, before all other ready tasks.
 */
#ifndef KERNEL_TIME_DEFERRED_TIMER_H
#define KERNEL_TIME_DEFERRED_TIMER_H

#include "lib/timer_wheel.h"

struct deferred_timer {
	struct timer timer;
	/* Called by ktimerd, the timer not active. May free it, must not sleep. */
	void (*run)(struct deferred_timer *timer);
};

void deferred_timer_init(struct deferred_timer *timer, void (*run)(struct deferred_timer *timer));

/* Starts the timer anew: it runs at this time of clock_monotonic(), or soon after it. */
void deferred_timer_start(struct deferred_timer *timer, u64 deadline);

/* After this run() is not called any more. */
void deferred_timer_stop(struct deferred_timer *timer);

/* Creates the task, a child of the current one. 0 or -ENOMEM. */
int ktimerd_init(void);

#endif
