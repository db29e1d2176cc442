/* SPDX-License-Identifier: MIT */
/*
 * A timer wheel shortly before its clock wraps: then every level turns. Timers are added at
 * distances around the sizes of the levels, and removed. Time passes by a tick, or is skipped to
 * just before the next timer.
 *
 *   model: when each timer is due
 *
 * There are only so many additions (the size), because the time has no end.
 */
#include "lib/timer_wheel.h"
#include "tests/explore/explore.h"

#define TIMERS	2u
#define START	((u32)-2)
#define IDLE	4u /* ticks from the start in which no timer need be near */
#define NEAR	2u /* ticks before a timer that pass one by one */
#define ADD_MAX 6u

static const u32 distances[] = {
	0, 1, 2, 255, 256, 257, 1 << 14, (1 << 14) + 3, 1 << 20, (1 << 26) + 1
};
#define DISTANCES ARRAY_SIZE(distances)

enum { OPERATIONS = TIMERS * (DISTANCES + 1) + 2 };

const struct world world = { "timer_wheel", "additions", 1, ADD_MAX, 2, 3, OPERATIONS };

static struct timer_wheel wheel;
static struct timer timers[TIMERS];
static u32 due[TIMERS];
static bool active[TIMERS];
static u32 additions, ticks, most; /* ticks: without a timer, since the start */

static void fire(struct timer *timer)
{
	u32 i = (u32)(timer - timers);

	EXPLORE_CHECK(active[i] && !timer_active(timer));
	EXPLORE_EQUAL(wheel.now, due[i]);
	active[i] = false;
}

void world_start(u32 size)
{
	most = size;
	timer_wheel_init(&wheel, START);
	for (u32 i = 0; i < TIMERS; i++)
		timer_init(&timers[i], fire);
}

/* Ticks to the next timer; 0: there is none. */
static u32 next_of_model(void)
{
	u32 next = 0;

	for (u32 i = 0; i < TIMERS; i++)
		if (active[i] && (!next || due[i] - wheel.now < next))
			next = due[i] - wheel.now;
	return next;
}

static bool pass(bool skip)
{
	u32 next = next_of_model(), now = wheel.now;

	if (skip) {
		if (next <= NEAR)
			return false;
		timer_wheel_skip(&wheel, next - NEAR);
		EXPLORE_EQUAL(wheel.now, now + next - NEAR);
		return true;
	}
	if (next > NEAR || !next) {
		if (ticks == IDLE)
			return false;
		ticks++;
	}
	timer_wheel_tick(&wheel);
	EXPLORE_EQUAL(wheel.now, now + 1);
	return true;
}

bool world_apply(u32 operation)
{
	u32 i = operation % TIMERS, kind = operation / TIMERS;

	if (kind > DISTANCES)
		return pass(i);
	if (kind == DISTANCES ? !active[i] : active[i] || additions == most)
		return false;
	if (kind == DISTANCES) {
		timer_del(&timers[i]);
		active[i] = false;
		return true;
	}
	timer_add(&wheel, &timers[i], wheel.now + distances[kind]);
	active[i] = true;
	due[i] = wheel.now + max(distances[kind], 1u);
	additions++;
	return true;
}

void world_text(u32 operation, char *buffer, u32 size)
{
	u32 i = operation % TIMERS, kind = operation / TIMERS;

	if (kind > DISTANCES)
		scnprintf(buffer, size,
			  i ? "timer_wheel_skip(&wheel, timer_wheel_next(&wheel) - 2);"
			    : "timer_wheel_tick(&wheel);");
	else if (kind == DISTANCES)
		scnprintf(buffer, size, "timer_del(&timers[%u]);", i);
	else
		scnprintf(buffer, size, "timer_add(&wheel, &timers[%u], wheel.now + %u);", i,
			  distances[kind]);
}

void world_check(void)
{
	const char *violated = timer_wheel_validate(&wheel);

	if (violated)
		panic("timer_wheel_validate: %s", violated);
	EXPLORE_EQUAL(timer_wheel_next(&wheel), next_of_model());
	for (u32 i = 0; i < TIMERS; i++) {
		EXPLORE_EQUAL(timer_active(&timers[i]), active[i]);
		if (active[i])
			EXPLORE_EQUAL(timers[i].expires, due[i]);
		else
			EXPLORE_CHECK(!list_validate(&timers[i].link));
	}
}

void world_describe(void)
{
	explore_put(wheel.now);
	explore_put(additions);
	explore_put(ticks);
	for (u32 i = 0; i < TIMERS; i++)
		explore_put(active[i] ? due[i] : wheel.now);
}
