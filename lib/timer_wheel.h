/* SPDX-License-Identifier: MIT */
/*
 * A timer wheel: calls functions at their tick, for thousands of sleepers at once.
 *
 *   level 0    256 slots of one tick each                    the next 256 ticks
 *   level 1     64 slots of 256 ticks each                   the next 2^14
 *   level 2     64 slots of 2^14 ticks each                  the next 2^20
 *   level 3, 4  64 slots of 2^20 and of 2^26 ticks each      the rest of a u32
 *
 * A timer is on the lowest level that reaches its tick, in the slot of that. When the lower levels
 * have turned once, the next slot of the level above is emptied into them. So each timer moves at
 * most four times before it is due, and a tick meets only timers that are due or move. Adding and
 * removing one take constant time. Ticks are counted by a u32 that wraps; a timer is due within
 * half of its range.
 *
 *  (1) A timer on the wheel expires later than wheel->now.
 *  (2) A timer that is on no list is an empty list itself.
 *  (3) The timers of a slot of level 0 expire at the same tick.
 *
 * The caller masks interrupts where a tick may come in between.
 *
 * Source: G. Varghese, T. Lauck: Hashed and hierarchical timing wheels, SOSP 1987, scheme 7.
 */
#ifndef LIB_TIMER_WHEEL_H
#define LIB_TIMER_WHEEL_H

#include "lib/list.h"

#define WHEEL_SLOTS	  256u /* of level 0 */
#define WHEEL_UPPER_SLOTS 64u
#define WHEEL_LEVELS	  5u

struct timer {
	struct list_head link;
	u32 expires; /* ticks */
	/* Called at that tick, off the wheel. May add timers, must not remove other ones. */
	void (*fire)(struct timer *timer);
};

struct timer_wheel {
	u32 now;
	struct list_head slots[WHEEL_SLOTS];
	struct list_head upper[WHEEL_LEVELS - 1][WHEEL_UPPER_SLOTS];
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

/* Passes `ticks` in which no timer is due: fewer than timer_wheel_next(). */
void timer_wheel_skip(struct timer_wheel *wheel, u32 ticks);

/* NULL, or the first violated of (1) and (3), and of lib/list.h. Looks at all slots. */
const char *timer_wheel_validate(const struct timer_wheel *wheel);

/*
 * Ticks until the first timer is due; 0: there is none. Looks at all slots, and at the timers of
 * one slot of each level.
 */
u32 timer_wheel_next(const struct timer_wheel *wheel);

#endif
