/* SPDX-License-Identifier: MIT */
/*
 * The result that a program reports by TAP, as far as it decides its outcome. The log reader
 * (tools/modules/kernel_log.py) applies the same rules to the same lines (docs/log.md), so that
 * its verdict and the kernel's agree.
 *
 *     1..2          the plan, before or after the results; output without a plan is no TAP:
 *                   only the exit status counts
 *     ok 1 - name   a result; `not ok` is a failure, but not with `# SKIP`, `# TODO`, `# XFAIL`
 *     Bail out!     a failure, in any output
 *
 * Only lines without indentation count: a program's own results sum up those of its parts.
 *
 * Pure functions on one structure.
 */
#ifndef KERNEL_HARNESS_PROGRAM_TAP_H
#define KERNEL_HARNESS_PROGRAM_TAP_H

#include "lib/types.h"

/* Longer lines are truncated: a directive after that is not seen. */
#define TAP_LINE 512u

struct program_tap {
	bool planned, skips_all;
	bool bailed_out;
	bool wrong; /* a second plan, or a number out of order */
	u32 plan, results, failed;
	size_t used;
	char line[TAP_LINE];
};

enum tap_verdict { TAP_NONE, TAP_PASSED, TAP_FAILED, TAP_SKIPPED };

void tap_begin(struct program_tap *tap);

/* Parses the next part of the output. */
void tap_take(struct program_tap *tap, const char *text, size_t count);

/* Ends the output. TAP_NONE: it was no TAP. */
enum tap_verdict tap_end(struct program_tap *tap);

#endif
