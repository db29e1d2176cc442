/* SPDX-License-Identifier: MIT */
/* The load averages. */
#include "kernel/task/load.h"
#include "kernel/devices/time.h"
#include "kernel/task/sched.h"
#include "kernel/task/task.h"

#define SAMPLE_TICKS (5 * HZ)

struct load load;

u32 tasks_running(void)
{
	return load.ready + (current != &idle_task);
}

void load_tick(void)
{
	/* LOAD_ONE / exp(5 s / 1, 5, 15 min), as Linux rounds them */
	static const u32 keep[] = { 1884, 2014, 2037 };
	static u32 next = SAMPLE_TICKS;
	u32 now;

	if ((s32)(jiffies - next) < 0)
		return;
	next = jiffies + SAMPLE_TICKS;
	now = (tasks_running() + load.blocked) * LOAD_ONE;
	for (u32 i = 0; i < ARRAY_SIZE(keep); i++)
		load.average[i] =
			(load.average[i] * keep[i] + now * (LOAD_ONE - keep[i])) >> LOAD_SHIFT;
}
