/* SPDX-License-Identifier: MIT */
/*
 * The outcomes of many calls as one hash, for programs that Linux is the oracle of: a line with
 * the hash of each call, and with the argument `all` a line of each result, to compare by diff.
 */
#ifndef RING3_OUTCOME_H
#define RING3_OUTCOME_H

#include "lib/types.h"

#define OUTCOME_START 2166136261u

/* The hash with one more word (FNV-1a, of words). */
static inline u32 outcome_add(u32 hash, u32 value)
{
	return (hash ^ value) * 16777619u;
}

/* Is the first argument `all`? */
bool outcome_all(int argc, char **argv);

/* Prints a line with the call, `more` behind its name, and the hash. Returns OUTCOME_START. */
u32 outcome_print(const char *call, const char *more, u32 hash);

#endif
