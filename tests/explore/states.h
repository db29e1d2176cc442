/* SPDX-License-Identifier: MIT */
/*
 * The memory of a world as one state: taken, entered again, told apart.
 *
 * A world may have much memory, of which it uses little. All of it is made read-only at the
 * start; the first write to a page faults, and from then on that page belongs to each image.
 * Pages that nothing ever wrote are never looked at.
 */
#ifndef TESTS_EXPLORE_STATES_H
#define TESTS_EXPLORE_STATES_H

#include <stddef.h>
#include "lib/types.h"

/* The lines of 64 bytes that differ from the start, by address. */
struct image;

/* The memory [start, start + bytes), whole pages, is in its start state now. Once. */
void states_begin(char *start, size_t bytes);

/* For the handler of SIGSEGV: true if this was the first write to a page of the state. */
bool states_first_write(const void *address);

/* The state in memory now, until image_free(). */
struct image *image_take(void);

/* Makes memory that state; NULL: the start. */
void image_enter(const struct image *image);
void image_free(struct image *image);

/* 128 bits of all numbers that were put since digest_begin(). */
struct digest {
	u64 low, high;
};

void digest_begin(void);
void digest_put(u32 number);
struct digest digest_end(void);

/*
 * The set of states. Returns the number of a state, and in *known whether it was there before.
 * New ones are numbered from 0 in the order of the calls.
 */
u32 states_number(struct digest digest, bool *known);

#endif
