/* SPDX-License-Identifier: MIT */
/*
 * A task that sleeps until a file is ready: what wakes it, and what ends the sleep.
 *
 * sources: kernel/task/waiter.c
 */
#include "abi/linux/errno.h"
#include "fs/poll.h"
#include "kernel/devices/time.h"
#include "kernel/task/sched.h"
#include "tests/host/console.h"
#include "tests/host/tap.h"

#define TICK 1000000u

struct task *current;

static struct thread_group group;
static struct task own = { .group = &group }, other = { .group = &group };
static u64 now;
static u32 sleeps, last_ticks, wakes;
static void (*meanwhile)(u32 number); /* runs in each sleep */

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
	EXPECT(task == &other || task == &own);
	wakes++;
	task->state = TASK_RUNNING;
}

void schedule(void)
{
	EXPECT_EQ(current->state, TASK_SLEEPING);
	EXPECT_EQ(irq_depth(), 1);
	sleeps++;
	if (meanwhile)
		meanwhile(sleeps);
	current->state = TASK_RUNNING;
}

u32 schedule_timeout(u32 ticks)
{
	last_ticks = ticks;
	schedule();
	return 0;
}

static struct waiter begin(struct task *task, enum task_state state)
{
	struct waiter waiter;

	current = task;
	waiter_init(&waiter);
	EXPECT(waiter.task == task && !waiter.woken && !waiter.chain);
	task->state = state;
	current = &own;
	wakes = sleeps = last_ticks = 0;
	meanwhile = NULL;
	return waiter;
}

static void woken(void)
{
	struct waiter waiter = begin(&other, TASK_SLEEPING);

	EXPECT(waiter_wake(&waiter));
	EXPECT(waiter.woken && wakes == 1 && other.state == TASK_RUNNING);
	other.state = TASK_SLEEPING; /* for another reason, before it has looked */
	EXPECT(!waiter_wake(&waiter));
	EXPECT(waiter.woken && wakes == 1);
	waiter = begin(&other, TASK_RUNNING);
	EXPECT(!waiter_wake(&waiter));
	EXPECT(waiter.woken && !wakes); /* it sees that when it would sleep */
	waiter = begin(&other, TASK_BLOCKED);
	EXPECT(!waiter_wake(&waiter));
	EXPECT_EQ(wakes, 0);
}

/* A queue to wake in turn. */
static void chained(void)
{
	struct wait_queue queue;
	struct waiter waiter = begin(&other, TASK_SLEEPING), link = { .chain = &queue };
	struct wait_entry entry = { .waiter = &waiter };

	wait_queue_init(&queue);
	EXPECT(!waiter_wake(&link));
	list_add_tail(&entry.link, &queue.entries);
	EXPECT(waiter_wake(&link));
	EXPECT(link.woken && waiter.woken && wakes == 1);
	other.state = TASK_SLEEPING;
	waiter.woken = false;
	EXPECT(waiter_wake(&link)); /* also again */
	EXPECT_EQ(wakes, 2);
}

static struct waiter sleeper;

static void wakes_second_time(u32 number)
{
	if (number == 2)
		EXPECT(waiter_wake(&sleeper));
}

static void passes_time(u32 number)
{
	(void)number;
	now += (u64)last_ticks * TICK;
}

static void sends_signal(u32 number)
{
	(void)number;
	own.forced.signo = SIGUSR1;
}

static void no_sleep(void)
{
	sleeper = begin(&own, TASK_RUNNING);
	sleeper.woken = true;
	EXPECT_EQ(waiter_sleep(&sleeper, WAIT_FOREVER), 0);
	EXPECT(!sleeper.woken && !sleeps);
	sleeper.woken = true;
	now = 100 * TICK;
	EXPECT_EQ(waiter_sleep(&sleeper, 0), 0); /* ready, though it is late */
	EXPECT_EQ(waiter_sleep(&sleeper, now), -ETIMEDOUT);
	EXPECT_EQ(waiter_sleep(&sleeper, now - 1), -ETIMEDOUT);
	own.forced.signo = SIGUSR1;
	EXPECT_EQ(waiter_sleep(&sleeper, now), -ETIMEDOUT);
	EXPECT_EQ(waiter_sleep(&sleeper, now + 1), -ERESTARTSYS);
	EXPECT_EQ(waiter_sleep(&sleeper, WAIT_FOREVER), -ERESTARTSYS);
	EXPECT_EQ(sleeps, 0);
	own.forced.signo = 0;
	EXPECT_EQ(poll_deadline(5), now + 5);
}

static void sleep_ends(void)
{
	sleeper = begin(&own, TASK_RUNNING);
	meanwhile = wakes_second_time; /* the first time something else has woken the task */
	EXPECT_EQ(waiter_sleep(&sleeper, WAIT_FOREVER), 0);
	EXPECT(sleeps == 2 && !last_ticks && !sleeper.woken);
	sleeper = begin(&own, TASK_RUNNING);
	meanwhile = wakes_second_time;
	EXPECT_EQ(waiter_sleep(&sleeper, now + 7 * TICK), 0);
	EXPECT(sleeps == 2 && last_ticks == 7);
	sleeper = begin(&own, TASK_RUNNING);
	meanwhile = passes_time;
	EXPECT_EQ(waiter_sleep(&sleeper, now + 7 * TICK), -ETIMEDOUT);
	EXPECT(sleeps == 1 && last_ticks == 7);
	sleeper = begin(&own, TASK_RUNNING);
	meanwhile = sends_signal;
	EXPECT_EQ(waiter_sleep(&sleeper, now + 7 * TICK), -ERESTARTSYS);
	EXPECT_EQ(sleeps, 1);
	EXPECT_EQ(irq_depth(), 0);
	own.forced.signo = 0;
}

TAP_MAIN({ "what wakes a waiter", woken }, { "a waiter that is a queue", chained },
	 { "no sleep", no_sleep }, { "how a sleep ends", sleep_ends })
