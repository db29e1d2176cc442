/* SPDX-License-Identifier: MIT */
/*
 * Memory type range registers: which memory the processor caches. Memory that it does not cache is slower by a factor of hundreds, and some firmware leaves
 * the end of RAM so.
 */
#ifndef KERNEL_CPU_MTRR_H
#define KERNEL_CPU_MTRR_H

#include "mm/frames/memmap.h"

#define MTRRS_MAX 32u

enum mtrr_type {
	MTRR_UNCACHED = 0,
	MTRR_WRITE_COMBINING = 1,
	MTRR_WRITE_THROUGH = 4,
	MTRR_WRITE_PROTECTED = 5,
	MTRR_WRITE_BACK = 6,
};

/* The registers as they are read. The fixed ranges, below 1 MiB, are of no interest: nothing there is used. */
struct mtrrs {
	u64 default_type; /* IA32_MTRR_DEF_TYPE */
	u32 count;
	struct {
		u64 base, mask;
	} variable[MTRRS_MAX];
};

/* The type of the byte at `address` (physical), and in *end where that may change. Pure. */
enum mtrr_type mtrr_type_at(const struct mtrrs *mtrrs, u64 address, u64 *end);

/*
 * Makes MEM_RESERVED what is usable in a sanitised map and not write back, with a line for each range. Nothing where the registers are off, or where
 * they call no usable memory write back: then they were never set. Returns 0, or -E2BIG if the map has no room.
 */
int mtrr_reserve(const struct mtrrs *mtrrs, struct memmap *map);

/* Does that for the registers of this processor, if it has some. */
int mtrr_apply(struct memmap *map);

#endif
