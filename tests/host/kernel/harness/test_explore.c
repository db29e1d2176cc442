/* SPDX-License-Identifier: MIT */
/*
 * The cases of a program in every order of its tasks: runs are counted, one that fails is named
 * and repeated, memory and process numbers are as before each. The program is a function that
 * makes choices.
 *
 * sources: kernel/orders/path.c
 */
#include <stdio.h>
#include <string.h>

#include "mm/slab/slab.h"

static bool no_memory;
static u8 heap[40000] __attribute__((aligned(16)));
static u32 allocated;

#define kmalloc(bytes, gfp) \
	(no_memory || (bytes) > sizeof(heap) ? NULL : (allocated++, (void *)heap))
#define kfree(object) ((void)((object) && allocated--))
#include "kernel/harness/explore.c"

#include "tests/host/console.h"
#include "tests/host/tap.h"

struct orders_option orders_option;
u32 last_pid;

#define FIRST_PID 40u /* the last number that was given before a case runs */

static const char *const argv[] = { "/tests/vfork", NULL }, *const envp[] = { "A=B", NULL };
static const struct program_start start = { argv, envp, "/tmp", true };
static struct program_tap tap = { .plan = 2 };

static u32 runs, loud_runs, ends_of_lines, leftovers, checks, whole_runs;
static bool quiet_now, to_tap;
static u32 choices;  /* two alternatives each */
static u32 fails_at; /* a run, from 1 */
static enum outcome fails_with;
static bool memory_differs, diverges;
static char variables[100]; /* of the case that runs */

void console_output_to(struct program_tap *to, bool quiet)
{
	to_tap = to;
	quiet_now = quiet;
}

void console_end_line(void)
{
	ends_of_lines++;
}

void leftovers_remove(int blanks)
{
	EXPECT_EQ(blanks, 0);
	EXPECT_EQ(to_tap, !!whole_runs);
	leftovers++;
}

const char *program_name(const char *path)
{
	return path + strlen("/tests/");
}

void memory_check_begin(struct memory_state *state)
{
	state->mark = 77;
}

bool memory_check_end(const struct memory_state *state, int blanks)
{
	EXPECT(state->mark == 77 && !blanks);
	checks++;
	return true;
}

bool memory_is_same(const struct memory_state *state)
{
	EXPECT_EQ(state->mark, 77);
	return !memory_differs;
}

enum outcome program_execute(const struct program_start *of, struct program_tap *output, u32 limit,
			     struct order_path *order)
{
	(void)output;
	EXPECT(limit == 10 && to_tap && of->argv == argv && of->is_test);
	EXPECT_TEXT(of->cwd, "/tmp");
	if (!order) {
		EXPECT(of == &start && quiet_now);
		whole_runs++;
		last_pid = FIRST_PID;
		return OUTCOME_PASSED;
	}
	EXPECT(!of->envp[1]);
	snprintf(variables, sizeof(variables), "%s", of->envp[0]);
	EXPECT_EQ(last_pid, FIRST_PID);
	last_pid += 5;
	runs++;
	loud_runs += !quiet_now;
	path_begin(order);
	for (u32 i = 0; i < choices; i++)
		path_choose(order, 2, false);
	order->diverged |= diverges;
	return runs == fails_at ? fails_with : OUTCOME_PASSED;
}

static void begin(u32 points)
{
	console_clear();
	orders_option = (struct orders_option){ .mode = ORDERS_EXPLORE,
						.points = points,
						.preemptions = 1 };
	runs = loud_runs = ends_of_lines = leftovers = checks = whole_runs = 0;
	fails_at = 0;
	memory_differs = diverges = false;
	last_pid = FIRST_PID;
	variables[0] = '\0';
	tap.plan = 2;
}

static void every_order(void)
{
	begin(10);
	choices = 3;
	EXPECT_EQ(explore_cases(&start, &tap), OUTCOME_PASSED);
	EXPECT_TEXT(console_text(),
		    "explore: program=vfork case=1 schedules=8 points=3 result=complete\n"
		    "explore: program=vfork case=2 schedules=8 points=3 result=complete\n");
	EXPECT_TEXT(variables, "TAP_CASE=2");
	EXPECT(runs == 16 && !loud_runs && leftovers == 16 && !ends_of_lines && !allocated);
	/* Points beyond the limit. */
	begin(2);
	tap.plan = 1;
	EXPECT_EQ(explore_cases(&start, &tap), OUTCOME_PASSED);
	EXPECT_TEXT(console_text(),
		    "explore: program=vfork case=1 schedules=4 points=3 result=cut\n");
	/* A line from time to time. */
	begin(11);
	tap.plan = 1;
	choices = 11;
	explore_cases(&start, &tap);
	EXPECT_TEXT(console_text(),
		    "explore: program=vfork case=1 schedules=1000 points=11 result=running\n"
		    "explore: program=vfork case=1 schedules=2000 points=11 result=running\n"
		    "explore: program=vfork case=1 schedules=2048 points=11 result=complete\n");
	begin(10);
	orders_option.mode = ORDERS_RANDOM;
	EXPECT_EQ(explore_cases(&start, &tap), OUTCOME_PASSED);
	EXPECT_EQ(runs, 0);
}

/* One run more, with its output; then the next case. */
static void an_order_fails(void)
{
	static const enum outcome outcomes[] = { OUTCOME_FAILED, OUTCOME_TIMED_OUT };

	choices = 2;
	for (u32 i = 0; i < ARRAY_SIZE(outcomes); i++) {
		begin(10);
		fails_at = 2;
		fails_with = outcomes[i];
		EXPECT_EQ(explore_cases(&start, &tap), OUTCOME_FAILED);
		EXPECT_TEXT(console_text(),
			    "explore: program=vfork case=1 schedules=2 points=2 result=failed\n"
			    "explore: again=\"programs=vfork sched=replay:1,1=1\"\n"
			    "explore: program=vfork case=2 schedules=4 points=2 "
			    "result=complete\n");
		EXPECT(loud_runs == 1 && ends_of_lines == 1 && checks == 1 && runs == 7);
		EXPECT(!allocated && !to_tap);
	}
	begin(10);
	tap.plan = 1;
	fails_at = 1;
	fails_with = OUTCOME_SKIPPED; /* is none */
	EXPECT_EQ(explore_cases(&start, &tap), OUTCOME_PASSED);
	begin(10);
	tap.plan = 1;
	memory_differs = true;
	EXPECT_EQ(explore_cases(&start, &tap), OUTCOME_FAILED);
	EXPECT(strstr(console_text(), "result=failed\n"
				      "explore: again=\"programs=vfork sched=replay:1\"\n"));
	begin(10);
	tap.plan = 1;
	diverges = true;
	EXPECT_EQ(explore_cases(&start, &tap), OUTCOME_FAILED);
	EXPECT(strstr(console_text(), "schedules=1 points=2 result=diverged\n"));
	begin(10);
	no_memory = true;
	EXPECT_EQ(explore_cases(&start, &tap), OUTCOME_FAILED);
	EXPECT_TEXT(console_text(), "explore: error: no memory\nexplore: error: no memory\n");
	no_memory = false;
}

static void replay(void)
{
	begin(10);
	choices = 2;
	orders_option.mode = ORDERS_REPLAY;
	orders_option.case_number = 7;
	strcpy(orders_option.choices, "1=1");
	EXPECT_EQ(replay_case(&start, &tap), OUTCOME_PASSED);
	EXPECT_TEXT(variables, "TAP_CASE=7");
	EXPECT(whole_runs == 1 && runs == 1 && loud_runs == 1 && leftovers == 1 && !allocated);
	fails_at = 2;
	fails_with = OUTCOME_TIMED_OUT;
	variables[0] = '\0';
	EXPECT_EQ(replay_case(&start, &tap), OUTCOME_TIMED_OUT);
	EXPECT_TEXT(console_text(), "");
	strcpy(orders_option.choices, "1=x");
	EXPECT_EQ(replay_case(&start, &tap), OUTCOME_FAILED);
	EXPECT_TEXT(console_text(), "explore: error: sched=replay: bad choices=1=x\n");
	EXPECT_EQ(allocated, 0);
	no_memory = true;
	EXPECT_EQ(replay_case(&start, &tap), OUTCOME_FAILED);
	EXPECT_EQ(runs, 2);
}

TAP_MAIN({ "every order", every_order }, { "an order fails", an_order_fails }, { "replay", replay })
