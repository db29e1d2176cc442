/* SPDX-License-Identifier: MIT */
#include "tests/host/kernel/process/futex_rig.h"

#include <string.h>

#include "lib/assert.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

#define TICK 1000000u

struct futex_plan plan[SLEEPERS];
struct task tasks[SLEEPERS + 1];
char woken[32];
int results[SLEEPERS];
int references;
u64 now;
u32 ticks;
void (*while_asleep)(void);

struct task *current;

static struct thread_group group;
static struct mm_struct space;
static u32 planned, started;
static void (*last_act)(void);

int make_key(vaddr_t address, bool shared, struct futex_key *key)
{
	if (!IS_ALIGNED(address, sizeof(u32)))
		return -EINVAL;
	if (address < USER_BYTES)
		return -EFAULT;
	*key = (struct futex_key){ &space, address >> PAGE_SHIFT,
				   (address & ~PAGE_MASK) |
					   (shared ? KEY_ANONYMOUS : KEY_PRIVATE) };
	return 0;
}

void key_get(const struct futex_key *key)
{
	EXPECT(key->object == &space);
	references++;
}

void key_put(const struct futex_key *key)
{
	EXPECT(key->object == &space);
	references--;
}

u64 clock_monotonic(void)
{
	return now;
}

u32 to_ticks(u64 nanoseconds)
{
	return (u32)(nanoseconds / TICK);
}

void task_wake(struct task *task)
{
	size_t length = strlen(woken);

	EXPECT_EQ(task->state, TASK_SLEEPING);
	BUG_ON(length + 1 >= sizeof(woken));
	woken[length] = (char)('0' + (task - tasks));
	task->state = TASK_RUNNING;
}

/* The next planned task sleeps too, or the last one acts; when all is done, a signal comes. */
static void others_run(void)
{
	void (*act)(void) = while_asleep;
	u32 number = started;

	if (act) {
		while_asleep = NULL;
		act();
	} else if (number < planned) {
		started++;
		current = &tasks[number];
		results[number] = futex_wait(
			plan[number].word, plan[number].shared, word_at(plan[number].word),
			plan[number].bits ? plan[number].bits : FUTEX_BITSET_MATCH_ANY,
			FUTEX_FOREVER);
	} else if (last_act) {
		act = last_act;
		last_act = NULL;
		current = &tasks[SLEEPERS];
		act();
	}
}

void schedule(void)
{
	struct task *task = current;

	EXPECT_EQ(task->state, TASK_SLEEPING);
	others_run();
	current = task;
	if (task->state == TASK_SLEEPING && !while_asleep && started == planned && !last_act)
		task->forced.signo = SIGTERM;
	task->state = TASK_RUNNING;
}

u32 schedule_timeout(u32 wait)
{
	ticks = wait;
	now += (u64)wait * TICK;
	schedule();
	return 0;
}

void sleep_all(u32 count, void (*act)(void))
{
	memset(woken, 0, sizeof(woken));
	planned = count;
	started = 0;
	last_act = act;
	for (u32 i = 0; i < SLEEPERS; i++) {
		tasks[i].policy.priority = plan[i].priority;
		tasks[i].forced.signo = 0;
		results[i] = 1;
	}
	others_run();
	current = &tasks[SLEEPERS];
	EXPECT_EQ(references, 0);
}

void futex_start(void)
{
	machine_boot();
	machine_settle();
	memset(plan, 0, sizeof(plan));
	for (u32 i = 0; i <= SLEEPERS; i++) {
		tasks[i].pid = 100 + (int)i;
		tasks[i].group = &group;
		tasks[i].mm = &space;
		if (i < SLEEPERS)
			plan[i].word = WORD;
	}
	current = &tasks[SLEEPERS];
}
