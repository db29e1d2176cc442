/* SPDX-License-Identifier: MIT */
/* The timer wheel beside an array: random timers, near and far, over the counter's wrap. */
#include "lib/timer_wheel.h"
#include "tests/host/tap.h"

#define TIMERS 200u

static struct timer_wheel wheel;
static struct timer timers[TIMERS];
static u32 due[TIMERS]; /* 0: not active */
static u32 fired, again;

static void fire(struct timer *timer)
{
	u32 i = (u32)(timer - timers);

	EXPECT(!timer_active(timer));
	EXPECT_EQ(due[i], wheel.now);
	due[i] = 0;
	fired++;
	if (again) {
		again--;
		due[i] = wheel.now + WHEEL_SLOTS;
		timer_add(&wheel, timer, due[i]);
	}
}

static void start(u32 now)
{
	timer_wheel_init(&wheel, now);
	fired = again = 0;
	for (u32 i = 0; i < TIMERS; i++) {
		due[i] = 0;
		timer_init(&timers[i], fire);
	}
}

static u32 next_due(void)
{
	u32 next = 0;

	for (u32 i = 0; i < TIMERS; i++)
		if (due[i] && (!next || due[i] - wheel.now < next))
			next = due[i] - wheel.now;
	return next;
}

static void random_timers(void)
{
	start((u32)-1000);
	for (u32 step = 0; step < 3000; step++) {
		u32 i = random_below(TIMERS), active = 0;

		if (due[i]) {
			timer_del(&timers[i]);
			due[i] = 0;
		} else {
			due[i] = wheel.now + 1 + random_below(random_below(2) ? 20 : 2000);
			due[i] += !due[i];
			timer_add(&wheel, &timers[i], due[i]);
		}
		EXPECT_EQ(timer_wheel_next(&wheel), next_due());
		timer_wheel_tick(&wheel);
		for (i = 0; i < TIMERS; i++) {
			EXPECT(!due[i] || (s32)(due[i] - wheel.now) > 0);
			EXPECT_EQ(timer_active(&timers[i]), !!due[i]);
			active += !!due[i];
		}
		EXPECT(active <= TIMERS);
	}
	EXPECT(fired > 500);
}

/* A time that has come means the next tick. */
static void past(void)
{
	start(7);
	due[0] = due[1] = 8;
	timer_add(&wheel, &timers[0], 7);
	timer_add(&wheel, &timers[1], (u32)-3);
	EXPECT_EQ(timer_wheel_next(&wheel), 1);
	timer_wheel_tick(&wheel);
	EXPECT_EQ(fired, 2);
	EXPECT_EQ(timer_wheel_next(&wheel), 0);
}

/* A timer that adds itself to the same slot does not fire in the same tick again. */
static void periodic(void)
{
	start(0);
	again = 2;
	due[0] = 1;
	timer_add(&wheel, &timers[0], 1);
	for (u32 i = 0; i < 3 * WHEEL_SLOTS; i++)
		timer_wheel_tick(&wheel);
	EXPECT_EQ(fired, 3);
	EXPECT(!timer_active(&timers[0]));
}

/*
 * From the next tick to the end of the range; the ticks between are passed at once, and some one
 * by one. A timer may be removed on any level.
 */
static void far_timers(void)
{
	for (u32 round = 0; round < 200; round++) {
		start((u32) - (1 << random_below(31)) + random_below(3));
		for (u32 i = 0; i < TIMERS; i++) {
			u32 reach = 1u << random_below(31);

			due[i] = wheel.now + 1 + random_below(reach);
			due[i] += !due[i];
			timer_add(&wheel, &timers[i], due[i]);
		}
		for (u32 next; (next = timer_wheel_next(&wheel)) > 0;) {
			u32 step = random_below(3) ? next : min(next, random_below(1000) + 1), i;

			EXPECT_EQ(next, next_due());
			EXPECT_VALID(timer_wheel_validate(&wheel));
			timer_wheel_skip(&wheel, step - 1);
			timer_wheel_tick(&wheel);
			i = random_below(TIMERS);
			if (due[i]) {
				timer_del(&timers[i]);
				due[i] = 0;
			}
		}
		EXPECT_EQ(next_due(), 0);
	}
}

static void checker(void)
{
	start(1000);
	timer_add(&wheel, &timers[0], 1300);
	timer_add(&wheel, &timers[1], 1010);
	EXPECT_VALID(timer_wheel_validate(&wheel));
	timers[1].expires = 1000;
	EXPECT_TEXT(timer_wheel_validate(&wheel), "timer wheel (1): a timer has expired");
	timers[1].expires = 1011;
	EXPECT_TEXT(timer_wheel_validate(&wheel),
		    "timer wheel (3): a timer is in another tick's slot");
	timers[1].expires = 1010 + WHEEL_SLOTS;
	EXPECT_TEXT(timer_wheel_validate(&wheel),
		    "timer wheel (3): a slot has timers of several ticks");
	timers[1].expires = 1010;
	timers[0].expires += WHEEL_SLOTS;
	EXPECT_TEXT(timer_wheel_validate(&wheel),
		    "timer wheel (3): a timer is in another tick's slot");
	timers[0].link.next = NULL;
	EXPECT_TEXT(timer_wheel_validate(&wheel),
		    "list (1): a link's neighbour does not point back");
}

/* Almost a whole turn of a level ahead: the timer is in the slot of now, which comes last. */
static void slot_of_now(void)
{
	for (u32 bits = 14; bits <= 26; bits += 6) {
		start(10);
		timer_add(&wheel, &timers[0], 10 + (1u << bits) - 5);
		EXPECT_EQ(timer_wheel_next(&wheel), (1u << bits) - 5);
		timer_add(&wheel, &timers[1], 10 + (1u << bits) - 6);
		EXPECT_EQ(timer_wheel_next(&wheel), (1u << bits) - 6);
	}
}

TAP_MAIN({ "random timers", random_timers }, { "far timers", far_timers },
	 { "the slot of now", slot_of_now }, { "a time in the past", past },
	 { "periodic", periodic }, { "the checker", checker })
