/* SPDX-License-Identifier: MIT */
/*
 * What a program says of itself by TAP, as far as its result depends on it. The log reader (tools/kernel_log.py) judges the same
 * lines by the same rules, which docs/log.md has; so the kernel's verdict and the reader's agree.
 *
 *     1..2          the plan, before or behind the results; without one the output is no TAP, and the exit status says all
 *     ok 1 - name   a result; `not ok` is a failure, unless `# SKIP`, `# TODO` or `# XFAIL` follows
 *     Bail out!     a failure, in any output
 *
 * Only lines that are not indented count: what a program prints for parts of its cases is summed up in its own results.
 *
 * Pure functions on one structure.
 */
#ifndef KERNEL_HARNESS_PROGRAM_TAP_H
#define KERNEL_HARNESS_PROGRAM_TAP_H

#include "lib/types.h"

/* Longer lines are cut: a directive behind that is not seen. */
#define TAP_LINE 512u

struct program_tap {
	bool planned, skips_all;
	bool bailed_out;
	bool wrong; /* a second plan, or a number out of turn */
	u32 plan, results, failed;
	size_t used;
	char line[TAP_LINE];
};

enum tap_verdict { TAP_NONE, TAP_PASSED, TAP_FAILED, TAP_SKIPPED };

void tap_begin(struct program_tap *tap);

/* Takes the next part of the output. */
void tap_take(struct program_tap *tap, const char *text, size_t count);

/* The output ends here. TAP_NONE: it was no TAP. */
enum tap_verdict tap_end(struct program_tap *tap);

#endif
