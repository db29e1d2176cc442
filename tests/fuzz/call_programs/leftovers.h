/* SPDX-License-Identifier: MIT */
/* What programs of system calls leave and would stay on the machine that runs them. */
#ifndef FUZZ_CALL_PROGRAMS_LEFTOVERS_H
#define FUZZ_CALL_PROGRAMS_LEFTOVERS_H

#include "tests/fuzz/call_programs/worker.h"

/* Removes the objects of System V that `count` operations at `at` have made. */
void remove_objects(const u8 *at, u32 count);

/* Removes a folder and all that is in it, a few folders deep. */
void remove_tree(const char *path);

#endif
