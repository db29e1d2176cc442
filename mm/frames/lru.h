/* SPDX-License-Identifier: MIT */
/*
 * The lists of frames that reclaim may take back: pages of programs and of the page cache.
 *
 * A list costs instructions in each fault and in each unmapping, and most machines never run
 * short of memory. So there are no lists until reclaim is first needed. lru_start() then collects
 * all such frames, in the order of their numbers, and from there on the page allocator reports
 * each new one and each one that is freed.
 *
 *   (1) while reclaim has lists, each frame of OWNER_ANON or OWNER_PAGECACHE is on one of them and
 *       has PG_lru, or is in the hands of reclaim;
 *   (2) a frame without PG_lru is on no list; without lists no frame has PG_lru.
 *
 * mm/reclaim has the lists. It supplies the operations; they may not allocate or sleep.
 */
#ifndef MM_FRAMES_LRU_H
#define MM_FRAMES_LRU_H

#include "mm/frames/page.h"

struct lru_ops {
	/* A frame was allocated for a program or for the page cache. Sets PG_lru. */
	void (*add)(struct page *page);
	/* A frame of a list is freed. Clears PG_lru. */
	void (*remove)(struct page *page);
	/*
	 * A page was read back; `distance` others were evicted meanwhile. NULL: of no interest.
	 */
	void (*refault)(struct page *page, u32 distance);
	/* The program says that it will not use a page of a list soon. */
	void (*cold)(struct page *page);
};

extern const struct lru_ops *lru; /* NULL: no lists */

/*
 * Set where a locked area (VM_LOCKED) shrinks or is unlocked: reclaim then looks again at the
 * pages that it found locked.
 */
extern bool lru_unlocked;

/*
 * Evicts these pages, mapped once each, as far as it can, also where there are no lists. Returns
 * the number of frames that came free. NULL before mm/reclaim starts.
 */
extern u32 (*evict_pages)(struct page *const *pages, u32 count);

/* Starts the lists: adds all frames that belong there. Only while there are none. */
void lru_start(const struct lru_ops *ops);

/* Removes all frames from the lists and ends reporting. */
void lru_stop(void);

#endif
