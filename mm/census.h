/* SPDX-License-Identifier: MIT */
/*
 * The census: counts all references to all frames again.
 *
 * A lost frame or a wrong reference count often shows only much later. The census walks all page
 * tables and page caches and compares. Tests end with it.
 *
 *   (1) for every frame: count = references by page-table entries + by page caches + by kernel
 *       owners;
 *   (2) every frame has exactly one owner kind, and free + owned = all;
 *   (3) the zones, slabs, vmalloc, page caches, address spaces and page directories are valid by
 *       their own checkers;
 *   (4) the frames of page tables are those of the kernel half, of the address spaces and of the
 *       quicklists.
 *
 * It changes only page->audit and allocates nothing. Not from interrupt handlers. Cost:
 * proportional to RAM.
 */
#ifndef MM_CENSUS_H
#define MM_CENSUS_H

#include "mm/frames/page.h"

struct census {
	u32 frames[NR_PAGE_OWNERS]; /* by owner */
	u32 total;
	const char *violated; /* NULL: all invariants hold */
	const char *place;    /* the zone, cache or object, or "" */
	u32 where;	      /* the frame or the address */
};

/* Fills *census. Returns true if all invariants hold. */
bool mm_census(struct census *census);

/* False if it ended at a violation before all frames were counted: then frames[] means nothing. */
bool census_counted_all(const struct census *census);

/* Logs `census: total=... free=... reserved=... ...`, or `census: violated=...`. */
void census_print(const struct census *census);

#endif
