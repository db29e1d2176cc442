/* SPDX-License-Identifier: MIT */
/*
 * Memory type range registers: which memory the processor caches. Some firmware leaves the end of
 * RAM uncached, which makes it hundreds of times slower.
 *
 * Source: Intel SDM vol. 3A 12.11.
 */
#ifndef KERNEL_CPU_MTRR_H
#define KERNEL_CPU_MTRR_H

#include "mm/frames/memmap.h"

#define MSR_MTRR_CAP	 0x0feu
#define MSR_MTRR_BASE(n) (0x200u + 2 * (n))
#define MSR_MTRR_MASK(n) (0x201u + 2 * (n))
#define MSR_MTRR_DEFAULT 0x2ffu
#define MSR_AMD_SYSCFG	 0xc0010010u

#define MTRRS_MAX 32u /* that are read; a processor may claim 255 */

enum mtrr_type {
	MTRR_UNCACHED = 0,
	MTRR_WRITE_COMBINING = 1,
	MTRR_WRITE_THROUGH = 4,
	MTRR_WRITE_PROTECTED = 5,
	MTRR_WRITE_BACK = 6,
};

/* The registers. Without the fixed ranges: they are below 1 MiB, which is not used. */
struct mtrrs {
	u64 default_type; /* IA32_MTRR_DEF_TYPE */
	bool high_cached; /* RAM from 4 GiB on is write back, whatever they say */
	u32 count;
	struct {
		u64 base, mask;
	} variable[MTRRS_MAX];
};

/* Returns the type of the byte at `address`, and in *end where the type may change. Pure. */
enum mtrr_type mtrr_type_at(const struct mtrrs *mtrrs, u64 address, u64 *end);

/*
 * Marks as MEM_RESERVED all usable memory of a sanitised map that is not write back, and prints a
 * line for each range. Does nothing if the registers are off, or if they make no usable memory
 * write back: then the firmware never set them. Returns 0, or -E2BIG if the map is full.
 */
int mtrr_reserve(const struct mtrrs *mtrrs, struct memmap *map);

/* Calls mtrr_reserve() with the registers of this processor, if it has them. 0 or -E2BIG. */
int mtrr_apply(struct memmap *map);

#endif
