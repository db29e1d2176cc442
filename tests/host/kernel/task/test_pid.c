/* SPDX-License-Identifier: MIT */
/*
 * The numbers of tasks, groups and sessions: all that there are, in order, none twice, and none
 * that a group or a session still has.
 *
 * sources: kernel/task/pid.c
 */
#include "abi/linux/errno.h"
#include "kernel/task/pid.h"
#include "tests/host/tap.h"

static struct task tasks[PID_MAX];
static struct thread_group processes[3];

/* Gives numbers until there is none left. Returns how many. */
static u32 take_all(void)
{
	u32 count = 0;

	while (count < PID_MAX && !pid_alloc(&tasks[count]))
		count++;
	return count;
}

static void all_numbers(void)
{
	pid_init();
	EXPECT_EQ(take_all(), PID_MAX - 1);
	EXPECT_EQ(nr_tasks, PID_MAX - 1);
	EXPECT_EQ(last_pid, PID_MAX - 1);
	for (u32 i = 0; i < PID_MAX - 1; i++)
		EXPECT(tasks[i].pid == (int)i + 1 && task_find((int)i + 1) == &tasks[i]);
	EXPECT(!task_find(0) && !task_find(-1) && !task_find((int)PID_MAX));
	EXPECT_EQ((u32)pid_alloc(&tasks[PID_MAX - 1]), (u32)-EAGAIN);
}

/* Each case has a process of its own. */
static void start(void)
{
	pid_init();
	take_all();
}

/* The next number is the next free one, and after the highest the lowest above 1. */
static void given_again(void)
{
	static const u32 places[] = { 7, 30, 31, 32, 4096, 20000 };

	start();
	for (u32 i = 0; i < ARRAY_SIZE(places); i++) {
		pid_free(&tasks[places[i]]);
		EXPECT(!task_find((int)places[i] + 1));
	}
	EXPECT_EQ(nr_tasks, PID_MAX - 1 - ARRAY_SIZE(places));
	for (u32 i = 0; i < ARRAY_SIZE(places); i++) {
		EXPECT_EQ((u32)pid_alloc(&tasks[places[i]]), 0);
		EXPECT_EQ((u32)tasks[places[i]].pid, places[i] + 1);
	}
	pid_free(&tasks[5]);
	EXPECT_EQ((u32)pid_alloc(&tasks[5]), 0);
	EXPECT_EQ((u32)tasks[5].pid, 6);
}

/* The group of an ended leader, and then its session, keep the number from being given again. */
static void kept_by_jobs(void)
{
	start();
	job_join(&processes[0], 9, 9);
	job_join(&processes[1], 9 + (int)GROUP_BUCKETS, 9);
	pid_free(&tasks[8]);
	EXPECT_EQ((u32)pid_alloc(&tasks[8]), (u32)-EAGAIN);
	job_move(&processes[0], 2, 2);
	EXPECT_EQ((u32)pid_alloc(&tasks[8]), (u32)-EAGAIN);
	job_leave(&processes[1]);
	EXPECT_EQ((u32)pid_alloc(&tasks[8]), 0);
	EXPECT_EQ((u32)tasks[8].pid, 9);
	job_leave(&processes[0]);
}

static u32 members(int group)
{
	const struct thread_group *process;
	u32 count = 0;

	for_each_in_group(process, group) count++;
	return count;
}

/* Two groups of one bucket, and one that has moved. */
static void groups(void)
{
	start();
	job_join(&processes[0], 5, 1);
	job_join(&processes[1], 5 + (int)GROUP_BUCKETS, 1);
	job_join(&processes[2], 5, 1);
	EXPECT(members(5) == 2 && members(5 + (int)GROUP_BUCKETS) == 1 && !members(6));
	job_move(&processes[2], 6, 1);
	EXPECT(members(5) == 1 && members(6) == 1);
	for (u32 i = 0; i < ARRAY_SIZE(processes); i++)
		job_leave(&processes[i]);
	EXPECT(!members(5) && !members(6) && !members(5 + (int)GROUP_BUCKETS));
}

/* An exchange, of two in one bucket too; and the order of numbers. */
static void exchange(void)
{
	start();
	pid_exchange(&tasks[10], &tasks[20]);
	pid_exchange(&tasks[30], &tasks[30 + 4096]);
	EXPECT(tasks[10].pid == 21 && task_find(21) == &tasks[10]);
	EXPECT(tasks[20].pid == 11 && task_find(11) == &tasks[20]);
	EXPECT(task_find(31) == &tasks[30 + 4096] && task_find(31 + 4096) == &tasks[30]);
	for (u32 i = 100; i < 300; i++)
		pid_free(&tasks[i]);
	EXPECT(task_after(-5) == &tasks[0] && task_after(1) == &tasks[1]);
	EXPECT(task_after(100) == &tasks[300] && task_after(250) == &tasks[300]);
	EXPECT(!task_after((int)PID_MAX - 1) && !task_after((int)PID_MAX));
}

TAP_MAIN({ "all numbers", all_numbers }, { "numbers are given again", given_again },
	 { "groups and sessions keep their number", kept_by_jobs },
	 { "the processes of a group", groups }, { "exchange and order", exchange })
