/* SPDX-License-Identifier: MIT */
/* System calls as rows of a table, each with its result on Linux. */
#ifndef TESTS_RING3_RUNTIME_ROWS_H
#define TESTS_RING3_RUNTIME_ROWS_H

#include "lib/types.h"

struct row {
	int number;
	long arguments[6];
	long result;
};

/* Makes the calls. A line and a failure for each with another result. */
void try_rows(const struct row *rows, u32 count);

#endif
