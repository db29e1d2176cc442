/* SPDX-License-Identifier: MIT */
#include "lib/timer_wheel.h"
#include "lib/assert.h"

void timer_wheel_init(struct timer_wheel *wheel, u32 now)
{
	wheel->now = now;
	for (u32 i = 0; i < WHEEL_SLOTS; i++)
		list_init(&wheel->slots[i]);
}

void timer_add(struct timer_wheel *wheel, struct timer *timer, u32 expires)
{
	BUG_ON(timer_active(timer));
	if ((s32)(expires - wheel->now) <= 0)
		expires = wheel->now + 1; /* (1) */
	timer->expires = expires;
	list_add_tail(&timer->link, &wheel->slots[expires % WHEEL_SLOTS]);
}

void timer_wheel_tick(struct timer_wheel *wheel)
{
	struct list_head *slot = &wheel->slots[++wheel->now % WHEEL_SLOTS];
	struct timer *timer, *next;

	list_for_each_entry_safe (timer, next, slot, link) {
		if (timer->expires != wheel->now)
			continue;
		list_del_init(&timer->link);
		timer->fire(timer);
	}
}

u32 timer_wheel_next(const struct timer_wheel *wheel)
{
	const struct timer *timer;
	u32 next = 0;

	for (u32 i = 0; i < WHEEL_SLOTS; i++)
		list_for_each_entry (timer, &wheel->slots[i], link)
			if (!next || timer->expires - wheel->now < next)
				next = timer->expires - wheel->now;
	return next;
}
