/* SPDX-License-Identifier: MIT */
/*
 * The census: a walk over everything that shows that no frame is lost and none is counted wrongly.
 *
 *   (1) for every frame: count = references in page tables + references of page caches + references of kernel owners;
 *   (2) free + owned = all, where every frame has exactly one owner kind;
 *   (3) the zones, the slabs, vmalloc, each page cache, each address space and each page directory are valid by their own checkers.
 *
 * It changes nothing but page->audit, and allocates nothing. Not from interrupt handlers. Cost: proportional to RAM.
 */
#ifndef MM_CENSUS_H
#define MM_CENSUS_H

#include "mm/frames/page.h"

struct census {
	u32 frames[NR_PAGE_OWNERS]; /* by owner */
	u32 total;
	const char *violated; /* NULL: all invariants hold */
	const char *place;    /* which zone, cache or directory, or "" */
	u32 where;	      /* the frame or the address */
};

/* Fills *census. Returns whether everything holds. */
bool mm_census(struct census *census);

/* `census: total=... free=... reserved=... ...` or, if something is violated, `census: violated=...`. */
void census_print(const struct census *census);

#endif
