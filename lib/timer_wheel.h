/* SPDX-License-Identifier: MIT */
/*
 * A timer wheel: calls functions at their tick, for thousands of sleepers at once.
 *
 *      slots[0]    slots[1]    ...    slots[255]
 *         |           |
 *      timer 512    timer 1                     a timer is in the slot of its tick, modulo 256
 *         |           |
 *      timer 256    timer 257
 *
 * A tick looks at one slot only, and calls the timers in it that are due. Adding and removing one
 * take constant time; a tick takes time in proportion to a 256th of all timers. Ticks are counted
 * by a u32 that wraps; a timer is due within half of its range.
 *
 *  (1) A timer on the wheel expires later than wheel->now.
 *  (2) A timer that is on no list is an empty list itself.
 *
 * The caller masks interrupts where a tick may come in between.
 */
#ifndef LIB_TIMER_WHEEL_H
#define LIB_TIMER_WHEEL_H

#include "lib/list.h"

#define WHEEL_SLOTS 256u

struct timer {
	struct list_head link;
	u32 expires; /* ticks */
	/* Called at that tick, off the wheel. May add timers, must not remove other ones. */
	void (*fire)(struct timer *timer);
};

struct timer_wheel {
	u32 now;
	struct list_head slots[WHEEL_SLOTS];
};

void timer_wheel_init(struct timer_wheel *wheel, u32 now);

static inline void timer_init(struct timer *timer, void (*fire)(struct timer *timer))
{
	list_init(&timer->link);
	timer->fire = fire;
}

static inline bool timer_active(const struct timer *timer)
{
	return !list_empty(&timer->link);
}

/* Adds a timer that is not active. A time that has come already means the next tick. */
void timer_add(struct timer_wheel *wheel, struct timer *timer, u32 expires);

/* Removes a timer from the wheel, or from the list that its fire() put it on. */
static inline void timer_del(struct timer *timer)
{
	list_del_init(&timer->link);
}

/* The next tick: calls the timers that are due. */
void timer_wheel_tick(struct timer_wheel *wheel);

/* Ticks until the first timer is due; 0: there is none. Walks all timers. */
u32 timer_wheel_next(const struct timer_wheel *wheel);

#endif
