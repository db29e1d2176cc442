/* SPDX-License-Identifier: MIT */
/*
 * The accounts of tasks: processor time and its limit, page faults, switches; the load averages.
 *
 * sources: kernel/task/usage.c kernel/task/load.c tests/host/kernel/task/sched_rig.c
 */
#include "tests/host/kernel/task/sched_rig.h"

#include <string.h>

#include "kernel/task/load.h"
#include "kernel/task/sched.h"
#include "kernel/task/usage.h"
#include "mm/user_space/page_fault.h"
#include "tests/host/tap.h"

/* A tick counts time for what it interrupted, and for the load. */
static void accounts_of_a_tick(void)
{
	struct pt_regs regs = { .cs = PROGRAM };

	sched_start();
	usage_mark();
	memset(&current->usage, 0, sizeof(current->usage));
	machine.counts += 7;
	scheduler_tick(&regs);
	EXPECT(current->usage.time[0] == 7 && current->usage.time[1] == 0);
	regs.cs = 0;
	machine.counts += 9;
	scheduler_tick(&regs);
	EXPECT(current->usage.time[0] == 7 && current->usage.time[1] == 9);
	jiffies += 5 * HZ;
	scheduler_tick(&regs);
	EXPECT(load.average[0] > 0);
}

static void processor_time_limits(void)
{
	struct pt_regs regs = { .cs = PROGRAM };

	sched_start();
	scheduler_tick(&regs);
	EXPECT_EQ(return_work, 0);
	groups[0].rlim[RLIMIT_CPU].cur = 5;
	scheduler_tick(&regs);
	EXPECT_EQ(return_work, WORK_CPU_TIMERS);
	groups[0].rlim[RLIMIT_CPU].cur = RLIM_INFINITY;
	groups[0].timers = (struct process_timers *)&regs;
	return_work = 0;
	scheduler_tick(&regs);
	EXPECT_EQ(return_work, WORK_CPU_TIMERS);
	return_work = 0;
	current->group = NULL; /* it has ended */
	scheduler_tick(&regs);
	EXPECT_EQ(return_work, 0);
}

static void spans(void)
{
	struct usage sum;

	sched_start();
	machine.counts = 1000;
	usage_mark();
	memset(&tasks[0].usage, 0, sizeof(tasks[0].usage));
	memset(&load, 0, sizeof(load));
	fault_counters.resolved = 5;
	fault_counters.swapped_in = 2;
	machine.counts += 100;
	usage_tick(true);
	machine.counts += 10;
	fault_counters.resolved++;
	usage_mark();
	EXPECT(current->usage.time[0] == 0 && current->usage.time[1] == 110);
	EXPECT(current->usage.faults == 6 && current->usage.major_faults == 2);
	machine.counts += 7;
	usage_tick(false);
	EXPECT(current->usage.time[0] == 7 && load.time[0] == 7 && load.time[1] == 110);
	wake(1);
	machine.counts += 3;
	fault_counters.swapped_in++;
	schedule();
	EXPECT_EQ(tasks[0].usage.time[0], 10);
	EXPECT(tasks[0].usage.involuntary == 1 && !tasks[0].usage.voluntary);
	EXPECT_EQ(tasks[0].usage.major_faults, 3);
	EXPECT_EQ(load.switches, 1);
	machine.counts += 5;
	current->state = TASK_SLEEPING;
	schedule();
	EXPECT(tasks[1].usage.voluntary == 1 && !tasks[1].usage.involuntary);
	EXPECT(tasks[1].usage.time[0] == 5 && !tasks[1].usage.faults);
	/* A running process is counted up to now, another one as it is. */
	machine.counts += 30;
	usage_sum(&groups[1], &sum);
	EXPECT_EQ(sum.time[0], 5);
	usage_sum(&groups[0], &sum);
	EXPECT_EQ(sum.time[0], 40);
	current->state = TASK_SLEEPING;
	schedule();
	machine.counts += 11;
	usage_mark();
	EXPECT(current == &idle_task && load.time[2] == 11);
}

static void sums(void)
{
	const struct usage a = { { 1, 2 }, 3, 4, 5, 6, 70 }, b = { { 10, 20 }, 30, 40, 50, 60, 7 };
	struct mm_struct mm = { .max_rss = 90 };
	struct usage sum = a;

	sched_start();
	usage_add(&sum, &b);
	EXPECT(sum.time[0] == 11 && sum.time[1] == 22 && sum.faults == 33);
	EXPECT(sum.major_faults == 44 && sum.voluntary == 55 && sum.involuntary == 66);
	EXPECT_EQ(sum.max_rss, 70);
	sum = b;
	usage_add(&sum, &a);
	EXPECT_EQ(sum.max_rss, 70);
	/* Threads, and those that have ended. */
	groups[1].ended = a;
	tasks[1].usage = b;
	tasks[2].usage = b;
	list_add_tail(&tasks[2].thread, &groups[1].list);
	usage_sum(&groups[1], &sum);
	EXPECT(sum.time[0] == 21 && sum.time[1] == 42 && sum.involuntary == 126 &&
	       sum.max_rss == 70);
	tasks[1].mm = &mm;
	usage_sum(&groups[1], &sum);
	EXPECT_EQ(sum.max_rss, 90);
	mm.max_rss = 60;
	usage_sum(&groups[1], &sum);
	EXPECT_EQ(sum.max_rss, 70);
	current->mm = &mm;
	current->usage.max_rss = 65;
	usage_leave_mm();
	EXPECT_EQ(current->usage.max_rss, 65);
	mm.max_rss = 66;
	usage_leave_mm();
	EXPECT_EQ(current->usage.max_rss, 66);
}

/* Linux's kernel/sched/loadavg.c, by floating point. */
static void load_averages(void)
{
	static const u32 keep[] = { 1884, 2014, 2037 };
	u32 expected[3] = { 0, 0, 0 };

	sched_start();
	EXPECT_EQ(tasks_running(), 1);
	current = &idle_task;
	EXPECT_EQ(tasks_running(), 0);
	current = &tasks[0];
	load.ready = 2;
	load.blocked = 1;
	EXPECT_EQ(tasks_running(), 3);
	for (u32 sample = 0; sample < 40; sample++) {
		jiffies += 4999;
		load_tick();
		for (u32 i = 0; i < 3; i++)
			EXPECT_EQ(load.average[i], expected[i]);
		jiffies++;
		load_tick();
		load_tick(); /* not again */
		for (u32 i = 0; i < 3; i++) {
			expected[i] = (expected[i] * keep[i] + 4 * 2048 * (2048 - keep[i])) / 2048;
			EXPECT_EQ(load.average[i], expected[i]);
		}
	}
	EXPECT(load.average[0] > 3 * LOAD_ONE && load.average[2] < LOAD_ONE);
}

TAP_MAIN({ "accounts of a tick", accounts_of_a_tick },
	 { "limits of processor time", processor_time_limits }, { "spans", spans },
	 { "sums", sums }, { "load averages", load_averages })
