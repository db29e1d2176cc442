/* SPDX-License-Identifier: MIT */
/* The results of a run: KTAP lines in the log, their sums, and the verdict (docs/log.md). */
#ifndef KERNEL_HARNESS_REPORT_H
#define KERNEL_HARNESS_REPORT_H

#include "lib/types.h"

/* A case that takes too long is a failure, reported as a time-out. */
enum outcome { OUTCOME_PASSED, OUTCOME_FAILED, OUTCOME_SKIPPED, OUTCOME_TIMED_OUT, NR_OUTCOMES };

/* Prints the header and the plan: the number of suites and programs. */
void report_plan(u32 suites, u32 programs);

/* Prints the head of a subtest of the outermost level. */
void report_subtest(const char *kind, const char *name);

/* Prints its result. `kind` is "" for a suite and "ring3/" for a program. */
void report_result(const char *kind, const char *name, enum outcome outcome);

/*
 * If `name` matches `patterns`, the names that need preemption, and no tick comes (tick_comes()):
 * prints its result as skipped. Returns whether it did.
 */
bool report_without_tick(const char *kind, const char *name, const char *patterns);

/*
 * Shows on the screen what a photograph of the end should contain: the machine, the timer, the
 * failures. Only there, and before the verdict. `firmware`: its vendor.
 */
void report_page(const char *firmware);

/*
 * Prints the verdict; only lines of kernel/devices/power.c follow. Returns whether the run passed:
 * all planned results came, and none failed.
 */
bool report_verdict(void);

/*
 * The state of memory at rest: free slabs released, census taken. memory_check_end() prints a
 * diagnostic line, indented by `blanks`: the free frames before and now, and the census. If they
 * differ, the line ends with the owners that have more or fewer frames now, `; pgtable +1`; with
 * page_owner=on, the frames allocated in between and still in use follow, by caller. Returns
 * whether they are equal, the census holds and no page is mapped by kmap(). memory_is_same() only
 * returns that.
 */
struct memory_state {
	u32 free_pages, objects;
	u32 mark; /* mm/frames/page_owner.h */
};

void memory_check_begin(struct memory_state *state);
bool memory_is_same(const struct memory_state *state);
bool memory_check_end(const struct memory_state *state, int blanks);

#endif
