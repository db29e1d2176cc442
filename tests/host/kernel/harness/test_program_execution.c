/* SPDX-License-Identifier: MIT */
/*
 * One ring-3 program: its start, the wait for its end, its time limit, and what is made of its
 * status, of its output and of the processes that it leaves.
 *
 * sources: tests/host/kernel/harness/programs_rig.c
 * sources: tests/host/kernel/harness/report_lines.c
 */
#include <stdio.h>

#include "abi/linux/errno.h"
#include "kernel/harness/programs.h"
#include "kernel/devices/time.h"
#include "kernel/process/run_end.h"
#include "kernel/signal/signal.h"
#include "kernel/task/task.h"
#include "lib/list.h"
#include "mm/user_space/mm.h"
#include "tests/host/console.h"
#include "tests/host/kernel/harness/programs_rig.h"
#include "tests/host/record.h"
#include "tests/host/tap.h"

static void starts(void)
{
	begin_program();
	start_in(NULL);
	EXPECT_TEXT(did, "files execve /tests/cow /tests/cow - ");
	start_in("/tmp");
	EXPECT_TEXT(did, "files lookup /tmp cwd execve /tests/cow /tests/cow - ");
	EXPECT_TEXT(console_text(), "");
	model.no_exec = -ENOEXEC;
	start_in(NULL);
	EXPECT_TEXT(did, "files execve /tests/cow /tests/cow - exit 127 ");
	EXPECT_TEXT(console_text(), "init: error: path=/tests/cow errno=8: it can't be started\n");
	model.no_folder = -ENOENT;
	start_in("/tmp");
	EXPECT_TEXT(did, "files lookup /tmp exit 127 ");
	EXPECT_TEXT(console_text(), "init: error: path=/tests/cow errno=2: it can't be started\n");
	model.no_folder = 0;
	model.bad_cwd = -EACCES;
	start_in("/tmp");
	EXPECT_TEXT(did, "files lookup /tmp cwd exit 127 ");
	model.no_files = -ENOMEM;
	start_in("/tmp");
	EXPECT_TEXT(did, "files exit 127 ");
}

static enum outcome outcome_of(bool is_test, u32 limit)
{
	struct program_start start = { program_words, no_words, .is_test = is_test };
	struct program_tap tap;

	return program_execute(&start, &tap, limit, NULL);
}

static void statuses(void)
{
	static const struct {
		int status;
		u32 orphans;
		enum tap_verdict verdict;
		enum outcome outcome;
		const char *lines; /* of the log */
	} cases[] = {
		{ 0, 0, TAP_NONE, OUTCOME_PASSED, "" },
		{ 0, 0, TAP_PASSED, OUTCOME_PASSED, "" },
		{ 0, 0, TAP_SKIPPED, OUTCOME_SKIPPED, "" },
		{ 0, 0, TAP_FAILED, OUTCOME_FAILED,
		  "init: tap=failed plan=3 results=2 not_ok=1\n" },
		{ 3 << 8, 0, TAP_PASSED, OUTCOME_FAILED, "init: ended with status=3\n" },
		{ SIGSEGV | 0x80, 0, TAP_SKIPPED, OUTCOME_FAILED, "init: ended by signal=11\n" },
		{ 0, 2, TAP_PASSED, OUTCOME_FAILED, "init: orphans=2\n" },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		begin_program();
		ends_with(7, 1 << 8); /* an orphan ends first */
		ends_with(5, cases[i].status);
		ends_with(9, 2 << 8); /* and another one after it */
		model.orphans = cases[i].orphans;
		model.verdict = cases[i].verdict;
		EXPECT_EQ(outcome_of(true, 0), cases[i].outcome);
		EXPECT_TEXT(console_text(), cases[i].lines);
		EXPECT_TEXT(did, "task cow priority 100 begin end priority 0 ");
		EXPECT(!model.may_end_meanwhile && model.next_news == 3);
	}
	begin_program();
	model.no_task = true;
	EXPECT_EQ(outcome_of(true, 0), OUTCOME_FAILED);
	EXPECT_TEXT(console_text(), "init: ended with status=127\n");
}

static void order_of_a_path(void)
{
	struct program_start start = { program_words, no_words, .is_test = true };
	struct program_tap tap;

	begin_program();
	ends_with(5, 0);
	EXPECT_EQ(program_execute(&start, &tap, 10, (struct order_path *)did), OUTCOME_PASSED);
	EXPECT_TEXT(did, "task cow priority 100 follow end priority 0 ");
	EXPECT_EQ(model.sleeps, 0);
}

/* Its tasks and those that ended are named, and all are killed. */
static void time_is_over(void)
{
	static struct mm_struct space;
	static struct task places[4] = {
		{ .pid = 8, .tgid = 7, .name = "waits", .mm = &space },
		{ .pid = 9, .tgid = 9, .name = "ended", .state = TASK_ZOMBIE },
		{ .pid = 1, .tgid = 1, .name = "init" },
	};

	for (u32 is_test = 0; is_test < 2; is_test++) {
		begin_program();
		for (u32 i = 0; i < 3; i++)
			list_add_tail(&places[i].link, &task_list);
		model.is_slow = true;
		model.orphans = 3;
		ends_with(5, SIGKILL);
		EXPECT_EQ(outcome_of(is_test, 2), OUTCOME_TIMED_OUT);
		EXPECT_EQ(model.sleeps, 2 * HZ / 100);
		EXPECT_TEXT(console_text(),
			    is_test ? "stall: pid=8 tgid=7 name=waits state=S place=pipe_read\n"
				      "stall: pid=9 tgid=9 name=ended state=Z place=0\n"
				      "init: ended by signal=9\n"
				      "init: limit=2 unit=s killed=3\n"
				    : "stall: pid=8 tgid=7 name=waits state=S place=pipe_read\n"
				      "stall: pid=9 tgid=9 name=ended state=Z place=0\n"
				      "run: path=/tests/cow signal=9\n"
				      "init: limit=2 unit=s killed=3\n");
	}
}

/* run=: it may end in any way, and end the run. */
static void no_test(void)
{
	static const char *const ends[] = { NULL, "power-off", "restart", "halt" };
	char expected[80];

	begin_program();
	ends_with(5, 3 << 8);
	model.orphans = 4;
	model.verdict = TAP_FAILED;
	EXPECT_EQ(outcome_of(false, 0), OUTCOME_PASSED);
	EXPECT_TEXT(console_text(), "run: path=/tests/cow status=3\n");
	EXPECT(model.may_end_meanwhile && !run_may_end);
	begin_program();
	ends_with(5, SIGSEGV);
	outcome_of(false, 0);
	EXPECT_TEXT(console_text(), "run: path=/tests/cow signal=11\n");
	for (u32 i = RUN_POWER_OFF; i <= RUN_HALT; i++) {
		begin_program();
		ends_with(5, SIGKILL);
		run_end = (enum run_end)i;
		outcome_of(false, 0);
		snprintf(expected, sizeof(expected), "run: path=/tests/cow status=0 end=%s\n",
			 ends[i]);
		EXPECT_TEXT(console_text(), expected);
	}
}

TAP_MAIN({ "the start", starts }, { "what the end says", statuses },
	 { "in the order of a path", order_of_a_path }, { "the time is over", time_is_over },
	 { "a program of run=", no_test })
