/* SPDX-License-Identifier: MIT */
/*
 * The results of a run: KTAP lines on the log, their sums, and the verdict (docs/log.md).
 */
#ifndef KERNEL_HARNESS_REPORT_H
#define KERNEL_HARNESS_REPORT_H

#include "lib/types.h"

/* A case that took too long has failed, and says so. */
enum outcome { OUTCOME_PASSED, OUTCOME_FAILED, OUTCOME_SKIPPED, OUTCOME_TIMED_OUT, NR_OUTCOMES };

/* The header and the plan: so many suites and programs will follow. */
void report_plan(u32 suites, u32 programs);

/* The head of a subtest of the outermost level. */
void report_subtest(const char *kind, const char *name);

/* Its result. `kind` is "" for a suite and "ring3/" for a program. */
void report_result(const char *kind, const char *name, enum outcome outcome);

/*
 * If `name` matches `patterns`, which name what needs preemption, and no tick comes (tick_comes()): its result, skipped. Returns whether it was.
 */
bool report_without_tick(const char *kind, const char *name, const char *patterns);

/*
 * What a photograph of the end has to show, for the screen only: the machine, the timer, what failed. In front of the verdict. `firmware`: its
 * vendor.
 */
void report_page(const char *firmware);

/* The last line of the log but those of kernel/devices/power.c. Returns whether the run passed: the plan is fulfilled, and nothing failed. */
bool report_verdict(void);

/*
 * What memory looks like when nobody works with it: free slabs released, census taken. memory_check_end() says, as a diagnostic line
 * indented by `blanks`, how many frames were free at the beginning and are free now, and whether all is well. If not, and with page_owner=on,
 * the frames that were allocated in between and are still in use follow, by caller.
 */
struct memory_state {
	u32 free_pages;
	u32 mark; /* mm/frames/page_owner.h */
};

void memory_check_begin(struct memory_state *state);
bool memory_check_end(const struct memory_state *state, int blanks);

#endif
