/* SPDX-License-Identifier: MIT */
/*
 * The order in which tasks run: the queue, priorities, slices, turns and chosen orders.
 *
 * sources: kernel/task/usage.c kernel/task/load.c tests/host/kernel/task/sched_rig.c
 */
#include "tests/host/kernel/task/sched_rig.h"

#include "abi/linux/sched.h"
#include "kernel/task/load.h"
#include "kernel/task/sched.h"
#include "tests/host/tap.h"

static void round_robin(void)
{
	sched_start();
	wake(1);
	wake(2);
	wake(1); /* it is on the queue */
	EXPECT_TEXT(queue(), "12");
	EXPECT_EQ(load.ready, 2);
	EXPECT_EQ(return_work, 0);
	schedule();
	EXPECT(current == &tasks[1] && machine.saved == &tasks[0].esp);
	EXPECT(machine.stack == tasks[1].stack + KERNEL_STACK);
	EXPECT(current_rlim == groups[1].rlim);
	EXPECT_EQ(current->slice, TASK_SLICE);
	EXPECT_TEXT(queue(), "20");
	EXPECT_EQ(load.ready, 2);
	current->state = TASK_SLEEPING;
	schedule();
	schedule();
	EXPECT(current == &tasks[0]);
	EXPECT_TEXT(queue(), "2");
	/* None that sleeps is on the queue; the last one that can go on does. */
	current->state = TASK_BLOCKED;
	EXPECT_EQ(load.blocked, 0);
	schedule();
	EXPECT_EQ(load.blocked, 1);
	schedule();
	EXPECT(current == &tasks[2] && !load.ready);
	EXPECT_EQ(machine.switches, 4);
	current->state = TASK_SLEEPING;
	schedule();
	EXPECT(current == &idle_task);
	wake(0);
	EXPECT_EQ(load.blocked, 0);
	schedule(); /* the idle task is never on the queue */
	EXPECT(current == &tasks[0]);
	EXPECT_TEXT(queue(), "");
	EXPECT_PANIC("TASK_ZOMBIE", (tasks[3].state = TASK_ZOMBIE, wake(3)));
	EXPECT_PANIC("TASK_DEAD", (tasks[3].state = TASK_DEAD, wake(3)));
}

static void wakes_itself(void)
{
	sched_start();
	/* Woken between its decision to sleep and the sleep. */
	current->state = TASK_BLOCKED;
	wake(0);
	EXPECT_EQ(load.blocked, 0);
	EXPECT_TEXT(queue(), "");
	schedule();
	EXPECT(current == &tasks[0] && !machine.switches);
	tasks[1].state = TASK_BLOCKED;
	load.blocked = 1;
	wake(1);
	EXPECT_EQ(load.blocked, 0);
	wake(1);
	EXPECT_EQ(load.blocked, 0);
}

static void priorities(void)
{
	sched_start();
	tasks[2].policy.priority = 5;
	tasks[3].policy.priority = 50;
	tasks[4].policy.priority = 5;
	wake(1);
	EXPECT_EQ(return_work, 0);
	wake(2);
	EXPECT_EQ(return_work, WORK_RESCHEDULE);
	wake(4);
	wake(3);
	wake(5);
	EXPECT_TEXT(queue(), "32415");
	/* One with as much as the current one does not interrupt it. */
	schedule();
	EXPECT(current == &tasks[3]);
	tasks[1].policy.priority = 50;
	list_del_init(&tasks[1].run);
	load.ready--;
	return_work = 0;
	wake(1);
	EXPECT_EQ(return_work, 0);
	EXPECT_TEXT(queue(), "12450");
	/* The next one. */
	task_wake_first(&tasks[0]);
	EXPECT_TEXT(queue(), "01245");
	EXPECT_EQ(return_work, WORK_RESCHEDULE);
	return_work = 0;
	task_wake_first(current);
	EXPECT_EQ(return_work, 0);
	EXPECT_TEXT(queue(), "01245");
	list_del_init(&tasks[5].run);
	load.ready--;
	tasks[5].state = TASK_SLEEPING;
	task_wake_first(&tasks[5]);
	EXPECT_TEXT(queue(), "50124");
	EXPECT_EQ(tasks[5].state, TASK_RUNNING);
}

static void policy_changes(void)
{
	const struct sched_policy high = { .kind = SCHED_FIFO, .priority = 9 };
	const struct sched_policy nice = { .kind = SCHED_OTHER, .nice = 19 };

	sched_start();
	wake(1);
	wake(2);
	task_set_policy(&tasks[2], &high);
	EXPECT_TEXT(queue(), "21");
	EXPECT_EQ(load.ready, 2);
	EXPECT_EQ(tasks[2].slice, 0);
	EXPECT_EQ(return_work, WORK_RESCHEDULE);
	/* One that sleeps stays where it is. */
	return_work = 0;
	task_set_policy(&tasks[3], &nice);
	EXPECT_EQ(return_work, WORK_RESCHEDULE);
	EXPECT_TEXT(queue(), "21");
	EXPECT_EQ(load.ready, 2);
	EXPECT_EQ(tasks[3].slice, 1);
	EXPECT_EQ(tasks[3].policy.nice, 19);
}

static void slices(void)
{
	static const struct {
		int kind;
		s32 nice;
		u32 slice;
	} cases[] = {
		{ SCHED_OTHER, 0, 50 },	 { SCHED_OTHER, 19, 1 }, { SCHED_OTHER, -20, 101 },
		{ SCHED_OTHER, 18, 3 },	 { SCHED_BATCH, 0, 50 }, { SCHED_IDLE, 0, 1 },
		{ SCHED_OTHER, -1, 52 }, { SCHED_RR, 0, 50 },	 { SCHED_RR, 19, 50 },
		{ SCHED_FIFO, 0, 0 },	 { SCHED_OTHER, 1, 47 }, { SCHED_BATCH, 19, 1 },
	};

	sched_start();
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		tasks[1].policy =
			(struct sched_policy){ .kind = cases[i].kind, .nice = cases[i].nice };
		EXPECT_EQ(task_slice(&tasks[1]), cases[i].slice);
		wake(1);
		schedule();
		EXPECT_EQ(current->slice, cases[i].slice);
		current->state = TASK_SLEEPING;
		schedule();
	}
	/* A long call lets each other task run for 10 ms only; SCHED_FIFO still has no end. */
	tasks[1].policy = (struct sched_policy){ .kind = SCHED_OTHER };
	wake(1);
	let_others_run();
	EXPECT(current == &tasks[1] && current->slice == 10);
	current->state = TASK_SLEEPING;
	schedule();
	tasks[1].policy.kind = SCHED_FIFO;
	wake(1);
	let_others_run();
	EXPECT_EQ(current->slice, 0);
}

static void ticks_of_a_slice(void)
{
	struct pt_regs regs = { .cs = PROGRAM };

	sched_start();
	wake(1);
	current->slice = 3;
	for (u32 i = 0; i < 2; i++) {
		scheduler_tick(&regs);
		EXPECT_EQ(return_work, 0);
	}
	scheduler_tick(&regs);
	EXPECT_EQ(return_work, WORK_RESCHEDULE);
	/* Alone on the queue, or without an end: it goes on. */
	return_work = 0;
	current->slice = 0;
	scheduler_tick(&regs);
	EXPECT_EQ(return_work, WORK_RESCHEDULE);
	schedule();
	current->state = TASK_SLEEPING;
	schedule();
	return_work = 0;
	current->slice = 1;
	scheduler_tick(&regs);
	EXPECT_EQ(return_work, 0);
}

static void turns(void)
{
	sched_start();
	schedule();
	EXPECT(!turn_is_over());
	machine.counts += 3 * PER_MS - 1;
	EXPECT(!turn_is_over());
	machine.counts++;
	EXPECT(turn_is_over());
	schedule();
	EXPECT(!turn_is_over());
	return_work = WORK_RESCHEDULE;
	EXPECT(turn_is_over());
	return_work = WORK_SIGNAL;
	EXPECT(!turn_is_over());
	wake(1);
	machine.counts += 3 * PER_MS;
	schedule();
	EXPECT(!turn_is_over());
	/* Without a clock a turn is a tick. */
	machine.no_clock = true;
	machine.counts += 3 * PER_MS;
	EXPECT(!turn_is_over());
	jiffies++;
	EXPECT(turn_is_over());
	schedule();
	EXPECT(!turn_is_over());
}

static void chosen_orders(void)
{
	sched_start();
	wake(1);
	schedule_chosen();
	EXPECT(!machine.orders && current == &tasks[1]);
	let_others_run_chosen();
	EXPECT(!machine.orders && current == &tasks[0] && current->slice == 10);
	machine.preempts = true;
	EXPECT(!turn_is_over_chosen());
	machine.counts += 3 * PER_MS;
	EXPECT(turn_is_over_chosen());
	orders_chosen = true;
	EXPECT(turn_is_over_chosen());
	machine.preempts = false;
	EXPECT(!turn_is_over_chosen());
	schedule_chosen();
	EXPECT(machine.orders == 1 && current == &tasks[1]);
	let_others_run_chosen();
	EXPECT(machine.orders == 2 && current == &tasks[0] && current->slice == 10);
}

TAP_MAIN({ "round robin", round_robin }, { "a wake-up before the sleep", wakes_itself },
	 { "priorities", priorities }, { "changes of a policy", policy_changes },
	 { "slices", slices }, { "ticks of a slice", ticks_of_a_slice }, { "turns", turns },
	 { "chosen orders", chosen_orders })
