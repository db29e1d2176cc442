/* SPDX-License-Identifier: MIT */
/*
 * The harness itself: a case that does not end tells where it is, and the program ends with it.
 * Frames that a case leaks are named by their owner.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/assert.h"
#include "mm/frames/page_alloc.h"
#include "mm/kernel_space/vmalloc.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

static char said[16384];

static noinline void turns_round_and_round(void)
{
	for (volatile u32 turns = 0;; turns++)
		;
}

static void endless(void)
{
	turns_round_and_round();
}

static void endless_before_a_panic(void)
{
	EXPECT_PANIC("never", turns_round_and_round());
}

static void good(void)
{
}

static void leaks(void)
{
	machine_boot();
	EXPECT(alloc_page(GFP_KERNEL));
	EXPECT(vmalloc(2 * PAGE_SIZE));
}

/* Runs two cases as a program of its own. `said`: its output. Returns its status. */
static int run(const struct tap_case cases[2], const char *keep_going)
{
	FILE *output = tmpfile();
	int status = -1;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (!child) {
		dup2(fileno(output), STDOUT_FILENO);
		dup2(fileno(output), STDERR_FILENO);
		setenv("CASE_SECONDS", "1", 1);
		if (keep_going)
			setenv("KEEP_GOING", keep_going, 1);
		else
			unsetenv("KEEP_GOING");
		status = tap_main(cases, 2);
		fflush(stdout);
		_exit(status);
	}
	waitpid(child, &status, 0);
	rewind(output);
	said[fread(said, 1, sizeof(said) - 1, output)] = '\0';
	fclose(output);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void is_the_last_one(void)
{
	static const struct tap_case cases[2] = { { "first", endless }, { "second", good } };

	EXPECT_EQ(run(cases, NULL), 1);
	EXPECT(strstr(said, "# case first: its time is over:\n"));
	EXPECT(strstr(said, "in turns_round_and_round "));
	EXPECT(strstr(said, "not ok 1 - first\nBail out! a case took too long: first\n"));
	EXPECT(!strstr(said, "second"));
}

/* A case that waits for the panic of its child tells the child's place. */
static void others_on_request(void)
{
	static const struct tap_case cases[2] = { { "first", endless_before_a_panic },
						  { "second", good } };

	EXPECT_EQ(run(cases, "1"), 1);
	EXPECT(strstr(said, "in turns_round_and_round "));
	EXPECT(strstr(said, "not ok 1 - first\nok 2 - second\n"));
}

static void leaks_are_named(void)
{
	static const struct tap_case cases[2] = { { "first", leaks }, { "second", good } };

	EXPECT_EQ(run(cases, NULL), 1);
	EXPECT(strstr(said, ": expected free frames "));
	EXPECT(strstr(said, "; kernel +1, "));
	EXPECT(strstr(said, " vmalloc +2"));
	EXPECT(strstr(said, "not ok 1 - first\nok 2 - second\n"));
}

TAP_MAIN({ "a case without an end is the last one", is_the_last_one },
	 { "the others run on request", others_on_request },
	 { "leaked frames are named by their owner", leaks_are_named })
