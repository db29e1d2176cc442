/* SPDX-License-Identifier: MIT */
#include "lib/timer_wheel.h"
#include "lib/assert.h"

#define LOW_BITS   8u
#define UPPER_BITS 6u

/* The bits of a tick below the number of a slot of upper[level]. */
static u32 shift_of(u32 level)
{
	return LOW_BITS + level * UPPER_BITS;
}

void timer_wheel_init(struct timer_wheel *wheel, u32 now)
{
	wheel->now = now;
	for (u32 i = 0; i < WHEEL_SLOTS; i++)
		list_init(&wheel->slots[i]);
	for (u32 level = 0; level < WHEEL_LEVELS - 1; level++)
		for (u32 i = 0; i < WHEEL_UPPER_SLOTS; i++)
			list_init(&wheel->upper[level][i]);
}

/* The slot of a timer that expires at this tick or, if that is now, is due in this tick. */
static struct list_head *slot_of(struct timer_wheel *wheel, u32 expires)
{
	u32 left = expires - wheel->now, level = 0;

	if (likely(left < WHEEL_SLOTS))
		return &wheel->slots[expires % WHEEL_SLOTS];
	while (level < WHEEL_LEVELS - 2 && left >> shift_of(level + 1))
		level++;
	return &wheel->upper[level][expires >> shift_of(level) & (WHEEL_UPPER_SLOTS - 1)];
}

void timer_add(struct timer_wheel *wheel, struct timer *timer, u32 expires)
{
	BUG_ON(timer_active(timer));
	if ((s32)(expires - wheel->now) <= 0)
		expires = wheel->now + 1; /* (1) */
	timer->expires = expires;
	list_add_tail(&timer->link, slot_of(wheel, expires));
}

/* The levels below have turned: moves the timers of the next slot to them. */
static void lower(struct timer_wheel *wheel, u32 level)
{
	u32 i = wheel->now >> shift_of(level) & (WHEEL_UPPER_SLOTS - 1);
	struct timer *timer, *next;

	if (!i && level < WHEEL_LEVELS - 2)
		lower(wheel, level + 1);
	list_for_each_entry_safe (timer, next, &wheel->upper[level][i], link)
		list_move_tail(&timer->link, slot_of(wheel, timer->expires));
}

void timer_wheel_tick(struct timer_wheel *wheel)
{
	struct list_head *slot = &wheel->slots[++wheel->now % WHEEL_SLOTS];

	if (!(wheel->now % WHEEL_SLOTS))
		lower(wheel, 0);
	/* fire() adds none to this slot: what is less than 256 ticks ahead is in another one. */
	while (!list_empty(slot)) {
		struct timer *timer = list_first_entry(slot, struct timer, link);

		BUG_ON(timer->expires != wheel->now); /* (3) */
		list_del_init(&timer->link);
		timer->fire(timer);
	}
}

void timer_wheel_skip(struct timer_wheel *wheel, u32 ticks)
{
	u32 turn;

	while ((turn = WHEEL_SLOTS - wheel->now % WHEEL_SLOTS) <= ticks) {
		wheel->now += turn;
		ticks -= turn;
		lower(wheel, 0);
	}
	wheel->now += ticks;
}

/* The ticks that are left of the timer in a slot that is due first; 0: the slot is empty. */
static u32 first_of(const struct timer_wheel *wheel, const struct list_head *slot)
{
	const struct timer *timer;
	u32 first = 0;

	list_for_each_entry (timer, slot, link)
		if (!first || timer->expires - wheel->now < first)
			first = timer->expires - wheel->now;
	return first;
}

u32 timer_wheel_next(const struct timer_wheel *wheel)
{
	u32 next = 0, first = 0;

	for (u32 i = 1; i <= WHEEL_SLOTS && !next; i++)
		next = first_of(wheel, &wheel->slots[(wheel->now + i) % WHEEL_SLOTS]);
	for (u32 level = 0; level < WHEEL_LEVELS - 1; level++, first = 0) {
		u32 at = wheel->now >> shift_of(level);

		/* The slot of now comes last: what is in it is due after a whole turn. */
		for (u32 i = 1; i <= WHEEL_UPPER_SLOTS && !first; i++)
			first = first_of(wheel, &wheel->upper[level][(at + i) % WHEEL_UPPER_SLOTS]);
		if (first && (!next || first < next))
			next = first;
	}
	return next;
}

/* The slot of a level; `level` 0 is that of single ticks. */
static const char *validate_slot(const struct timer_wheel *wheel, const struct list_head *slot,
				 u32 level, u32 number)
{
	const char *violated = list_validate(slot);
	const struct timer *timer;
	u32 shift = level ? shift_of(level - 1) : 0;
	u32 slots = level ? WHEEL_UPPER_SLOTS : WHEEL_SLOTS;

	if (violated)
		return violated;
	list_for_each_entry (timer, slot, link) {
		if ((s32)(timer->expires - wheel->now) <= 0)
			return "timer wheel (1): a timer has expired";
		if ((timer->expires >> shift) % slots != number)
			return "timer wheel (3): a timer is in another tick's slot";
		if (!level && timer->expires - wheel->now > WHEEL_SLOTS)
			return "timer wheel (3): a slot has timers of several ticks";
	}
	return NULL;
}

const char *timer_wheel_validate(const struct timer_wheel *wheel)
{
	const char *violated = NULL;

	for (u32 i = 0; i < WHEEL_SLOTS && !violated; i++)
		violated = validate_slot(wheel, &wheel->slots[i], 0, i);
	for (u32 level = 0; level < WHEEL_LEVELS - 1; level++)
		for (u32 i = 0; i < WHEEL_UPPER_SLOTS && !violated; i++)
			violated = validate_slot(wheel, &wheel->upper[level][i], level + 1, i);
	return violated;
}
