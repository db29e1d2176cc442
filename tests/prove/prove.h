/* SPDX-License-Identifier: MIT */
/*
 * Proofs that code has no undefined behaviour, whatever its input, by Frama-C's analyzer Eva.
 *
 *   prove_NAME.c: main() with unconstrained input ──> Eva, with the code ──> 0 alarms
 *
 * Eva runs the code on sets of values instead of values: each variable holds all that it can have.
 * An alarm is an access, a shift, a signed sum, ... that may be undefined for one of them. Without
 * alarms none is. So the sets may be too large, and never too small.
 */
#ifndef TESTS_PROVE_PROVE_H
#define TESTS_PROVE_PROVE_H

#include <__fc_builtin.h>

#include "lib/types.h"

/* Any value from `least` to `most`. */
static inline u32 any_between(u32 least, u32 most)
{
	return Frama_C_unsigned_int_interval(least, most);
}

static inline u64 any_u64(void)
{
	return Frama_C_unsigned_long_long_interval(0, ~0ull);
}

static inline bool any_bool(void)
{
	return any_between(0, 1);
}

/* Any contents, at most PROVE_BYTES_MAX of them. */
#define PROVE_BYTES_MAX 65536u

void any_bytes(void *to, u32 bytes);

/* All of these bytes may be read. */
void any_read(const void *data, u32 bytes);

#endif
