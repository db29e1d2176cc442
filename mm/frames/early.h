/* SPDX-License-Identifier: MIT */
/*
 * The early allocator: hands out physical memory before mem_map and the buddy system are there, and hands over the rest to
 * them once they are.
 *
 * It keeps no list of what is free: free is what the sanitised map calls usable and no reservation covers. Reservations are
 * a short sorted array.
 *   (1) reservations are sorted, disjoint and page aligned; touching ones are merged.
 */
#ifndef MM_FRAMES_EARLY_H
#define MM_FRAMES_EARLY_H

#include "mm/frames/memmap.h"

#define EARLY_RESERVED_MAX 64

struct early {
	const struct memmap *map;
	bool loader_too; /* what the loader held counts as usable (its gifts are reserved by name) */
	phys_addr_t floor; /* hands out nothing below, bytes */
	phys_addr_t limit; /* nor at or above, bytes */
	u32 count;
	struct mem_range reserved[EARLY_RESERVED_MAX];
};

extern struct early early;

void early_init(struct early *early, const struct memmap *map, phys_addr_t floor,
		phys_addr_t limit);

/* Keeps [start, start + bytes), widened to pages, from being handed out. Panics when the array is full. */
void early_reserve(struct early *early, phys_addr_t start, u64 bytes);

/*
 * Returns the physical address of `bytes` (rounded up to pages), aligned to `align` bytes (a power of two, at least a
 * page), from the highest place that fits, so that memory that devices can reach stays free; 0 if there is none. The memory
 * is not cleared.
 */
phys_addr_t early_alloc(struct early *early, u64 bytes, u32 align);

/* Calls free_range() for each run of frames [first, end) below `limit` bytes that is usable and not reserved, ascending. */
void early_for_each_free(const struct early *early, phys_addr_t limit,
			 void (*free_range)(pfn_t first, pfn_t end));

/* Frames of usable memory that reservations cover. */
u32 early_taken_pages(const struct early *early);

#endif
