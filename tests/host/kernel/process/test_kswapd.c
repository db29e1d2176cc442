/* SPDX-License-Identifier: MIT */
/*
 * The task that reclaims in the background: it sleeps only when no more is to be reclaimed, lets
 * other tasks run between two turns, and is woken only from its sleep.
 */
#include "kernel/task/sched.h"
#include "lib/resched.h"
#include "mm/frames/page_alloc.h"
#include "mm/reclaim/reclaim.h"

static bool model_balance(void);
static void model_set_wake(void (*wake)(void));
#define reclaim_balance	 model_balance
#define set_wake_reclaim model_set_wake

#include "kernel/process/kswapd.c"

#include <setjmp.h>

#include "tests/host/resched.h"
#include "tests/host/tap.h"

static struct task made, program;
struct task *current = &program;

static void (*body)(void *argument);
static void (*wake)(void);
static bool no_memory;
static u32 turns_left, turns, others, wakes, sleeps, sleeps_wanted;
static jmp_buf slept;

struct task *kernel_task(const char *name, void (*function)(void *argument), void *argument)
{
	EXPECT_TEXT(name, "kswapd");
	EXPECT(!argument);
	body = function;
	return no_memory ? NULL : &made;
}

void task_wake(struct task *task)
{
	EXPECT(task == &made && task->state == TASK_SLEEPING);
	task->state = TASK_RUNNING;
	wakes++;
}

static void model_set_wake(void (*function)(void))
{
	wake = function;
}

static bool model_balance(void)
{
	EXPECT_EQ(current->state, TASK_RUNNING);
	turns++;
	if (!turns_left)
		return false;
	turns_left--;
	return true;
}

static void count_others(void)
{
	others++;
}

/* Each sleep but the last one ends by a request that is below `low`. */
void schedule(void)
{
	EXPECT_EQ(current->state, TASK_SLEEPING);
	if (++sleeps == sleeps_wanted)
		longjmp(slept, 1);
	turns_left = 1;
	wake();
}

static void run_until_sleep(u32 count)
{
	turns = others = sleeps = 0;
	sleeps_wanted = count;
	host_others = count_others;
	current = &made;
	if (!setjmp(slept))
		body(NULL);
	host_others = NULL;
	current = &program;
}

static void turns_of_others(void)
{
	EXPECT_EQ(kswapd_init(), 0);
	turns_left = 3;
	run_until_sleep(1);
	/* Three that reclaimed, and one that had nothing to do: it sleeps without a turn more. */
	EXPECT_EQ(turns, 4);
	EXPECT_EQ(others, 3);
	EXPECT_EQ(made.state, TASK_SLEEPING);
}

static void woken_again(void)
{
	EXPECT_EQ(kswapd_init(), 0);
	run_until_sleep(3);
	EXPECT_EQ(turns, 5);
	EXPECT_EQ(others, 2);
	EXPECT_EQ(wakes, 2);
	EXPECT_EQ(sleeps, 3);
}

/* Also its own requests are below `low`: they must not wake a task that runs. */
static void runs_already(void)
{
	EXPECT_EQ(kswapd_init(), 0);
	made.state = TASK_RUNNING;
	wake();
	EXPECT_EQ(wakes, 0);
	made.state = TASK_SLEEPING;
	wake();
	wake();
	EXPECT_EQ(wakes, 1);
}

/* The page allocator must not get a function that would wake no task. */
static void not_made(void)
{
	no_memory = true;
	EXPECT_EQ(kswapd_init(), -ENOMEM);
	EXPECT(!wake);
}

TAP_MAIN({ "others run between turns", turns_of_others }, { "woken again", woken_again },
	 { "a task that runs is not woken", runs_already }, { "without memory", not_made })
