/* SPDX-License-Identifier: MIT */
/*
 * A random program on an address space: steps that a seed decides, each with its result and a
 * checksum of memory, the same on every correct kernel.
 *
 *	FIXED_PLACE ..  arena: ARENA_PAGES pages, with the edge of two page tables in the middle
 *	heap            up to HEAP_PAGES pages above where the break was
 *	file            FILE_PAGES pages at first, mapped into the arena, written to, truncated
 *
 * Every mapping is made in the arena by MAP_FIXED, so that no result depends on where a kernel
 * puts a mapping that it may place; addresses are printed as page numbers in the arena. A page
 * is touched by a system call, where EFAULT stands for the fault, or first by a child, which may
 * die.
 *
 * Left out is what two correct kernels may do differently: whether MADV_FREE keeps the data,
 * which file pages are resident, and mremap over several areas, which newer kernels allow in
 * part.
 */
#ifndef RING3_RANDOM_H
#define RING3_RANDOM_H

#include "tests/ring3/runtime/string.h"

#define ARENA_PAGES 48u
#define HEAP_PAGES  12u
#define FILE_PAGES  10u

struct random_run {
	u32 state;   /* of the generator; never 0 */
	u32 hash;    /* of all lines so far */
	u32 depth;   /* of forks */
	bool talk;   /* prints every line */
	int file;    /* what is mapped */
	int scratch; /* where touching calls read from and write to */
	u32 heap;    /* the first page above the break at the start */
	u32 heap_end;
	struct text line;
};

/* Opens the files; maps the arena, if the seed is odd. */
void random_begin(struct random_run *run, u32 seed, bool talk);

/* One step: does it, adds its line to the hash, prints the line if the run talks. */
void random_step(struct random_run *run);

/* The checksum of all memory and the list of areas, as a line like those of the steps. */
void random_look(struct random_run *run);

/* A number below `n`, the next of the run. */
u32 random_below(struct random_run *run, u32 n);

#endif
