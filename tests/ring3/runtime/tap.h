/* SPDX-License-Identifier: MIT */
/*
 * TAP for the ring-3 programs: a table of cases in, a plan and one line per case out.
 *
 * The text of a passing run is a constant of the program: no address, process number, time or
 * fact of the machine is in it, so that the outputs of two kernels can be compared byte by byte.
 * Only a failed expectation prints more, as comment lines before the `not ok`. Every line is one
 * write(2), so that parents and children do not mix inside one.
 *
 * With TAP_CASE=N in the environment only the N-th case runs; the option sched=explore sets it.
 *
 * An expectation that fails marks the running case as failed and goes on; it yields false, for
 * the callers that must not go on. In a child process it marks the child: its exit status then
 * says so (process.h).
 */
#ifndef RING3_TAP_H
#define RING3_TAP_H

#include "lib/types.h"

struct tap_case {
	const char *name;
	void (*run)(void);
};

/* Runs the cases in order. Returns the exit status of the program: 0, or 1 if a case failed. */
int tap_run(const struct tap_case *cases, u32 count);

/* Prints one line, `text` and a newline, by one write. */
void tap_line(const char *text);

/* Gives up: prints `Bail out! reason` and ends this process with status 99. */
void tap_bail_out(const char *reason) __noreturn;

bool tap_expect(bool condition, const char *file, int line, const char *text);
bool tap_expect_equal(long actual, long expected, const char *file, int line, const char *text);

/* Expectations that failed in this process since the last tap_reset(). */
u32 tap_failures(void);
void tap_reset(void);

#define EXPECT(condition) tap_expect(!!(condition), __FILE__, __LINE__, #condition)
#define EXPECT_EQ(actual, expected) \
	tap_expect_equal((long)(actual), (long)(expected), __FILE__, __LINE__, #actual)

#endif
