/* SPDX-License-Identifier: MIT */
/*
 * The early allocator: physical memory before the buddy system exists.
 *
 * mem_map, the buddy bitmaps and the kernel's page tables need memory before there is an
 * allocator. This one serves them and then passes the rest of memory to the buddy system. It
 * keeps no list of free memory: memory is free if the sanitised map calls it usable and no
 * reservation covers it. Reservations are a short sorted array.
 *
 *   (1) reservations are sorted, disjoint and page aligned; touching ones are merged.
 *
 * Used during start-up only. Nothing is ever freed.
 */
#ifndef MM_FRAMES_EARLY_H
#define MM_FRAMES_EARLY_H

#include "mm/frames/memmap.h"

#define EARLY_RESERVED_MAX 64

struct early {
	const struct memmap *map;
	bool loader_too;   /* MEM_LOADER counts as usable; the parts still needed are reserved */
	phys_addr_t floor; /* allocates nothing below, bytes */
	phys_addr_t limit; /* nor at or above, bytes */
	u32 count;
	struct mem_range reserved[EARLY_RESERVED_MAX];
};

extern struct early early;

void early_init(struct early *early, const struct memmap *map, phys_addr_t floor,
		phys_addr_t limit);

/* Reserves [start, start + bytes), widened to pages. Panics when the array is full. */
void early_reserve(struct early *early, phys_addr_t start, u64 bytes);

/*
 * Allocates `bytes` (rounded up to pages), aligned to `align` bytes (a power of two, at least a
 * page). Returns the physical address, or 0 if nothing fits. Takes the highest address that fits,
 * so that the low memory that old devices need stays free. The memory is not cleared.
 */
phys_addr_t early_alloc(struct early *early, u64 bytes, u32 align);

/*
 * Calls free_range() for each run of frames [first, end) below `limit` bytes that is usable and
 * not reserved, in ascending order.
 */
void early_for_each_free(const struct early *early, phys_addr_t limit,
			 void (*free_range)(pfn_t first, pfn_t end));

/* Frames of usable memory that reservations cover. */
u32 early_taken_pages(const struct early *early);

#endif
