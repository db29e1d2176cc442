/* SPDX-License-Identifier: MIT */
/*
 * The buddy system of one zone (Knowlton 1965; Knuth vol. 1, 2.5).
 *
 * Programs and drivers need runs of contiguous frames of different lengths. Allocating and
 * freeing them must not fragment memory. So free memory is kept in blocks of 1, 2, 4, ... 512
 * frames, each aligned to its size. A block that is too large is split into two halves, which
 * are buddies. Two free buddies are merged again.
 *
 *   free_area[0]   free_list <-> block <-> block   map 0 1 1 0 ...   a bit for each pair of frames
 *   free_area[1]   free_list <->                   map 0 0 ...       ... pair of 2-frame blocks
 *   ...
 *   free_area[9]   free_list <-> block <-> block   map 0 ...         always 0: no larger blocks
 *
 * An allocation of order 1 splits a block of order 3:
 *
 *   order 3   |                             block                             |
 *   order 2   |           lower half          |     upper half: to its list   |
 *   order 1   | lower half: the caller's |  upper half: to its list |
 *
 * A release must know whether the buddy is free as a whole block of the same order. One bit for
 * the pair is enough, because the released block was allocated: the bit is toggled, and if it
 * becomes 0, both blocks are free.
 *
 *   (1) a free block of order n is on the list of order n and no other; its first frame number is
 *       a multiple of 2^n.
 *   (2) the bit of a pair is "the lower buddy is a free block" XOR "the upper buddy is a free
 *       block"; it is 0 at the top order.
 *   (3) two buddies are never both free below the top order: they would have been merged.
 *   (4) free_pages is the sum of all free blocks and hot frames, in frames.
 *   (5) exactly the frames of free blocks and the hot frames have count 0.
 *   (6) the first frame of a block, free or allocated, carries its mark and order
 *       (mm/frames/page.h); no other frame carries a mark.
 *
 * An allocation fails if no free block is large enough. Nothing here sleeps. There are no locks:
 * interrupt handlers do not allocate, and the kernel is not preempted.
 */
#ifndef MM_FRAMES_BUDDY_H
#define MM_FRAMES_BUDDY_H

#include "mm/frames/page.h"

#define MAX_ORDER	10			/* orders 0..9 */
#define MAX_ORDER_PAGES (1u << (MAX_ORDER - 1)) /* 512 frames, 2 MiB */

/* Flags of a frame that must not be freed. */
#define PAGE_NOT_FREEABLE (PG_reserved | PG_slab | PG_locked | PG_lru | PG_guarded)

/* The free blocks of one order. */
struct free_area_struct {
	struct list_head free_list; /* their first frames, by page->lru */
	u32 *map;		    /* one bit for each pair of buddies of this order */
};

struct zone {
	const char *name;
	u32 index;
	pfn_t start, end;  /* [start, end), frames, holes included; start is a multiple of 512 */
	u32 present_pages; /* frames that zone_add() added */
	u32 free_pages;	   /* frames */
	u32 pages_min, pages_low, pages_high; /* watermarks, frames (mm/frames/page_alloc.h) */
	u32 page_flags;			      /* common to the flags of all its frames */
	struct page *hot; /* recently freed frames, linked by lru.next (mm/frames/page_alloc.c) */
	u32 nr_hot, hot_max; /* hot frames; their limit */
	struct page *pages;  /* the struct page of frame `start` */
	struct free_area_struct free_area[MAX_ORDER];
};

/*
 * The number of the block that begins at `page`, among the zone's blocks of its order. Two
 * buddies are 2n and 2n + 1. n is the block that they form, and their bit in the order's map.
 */
static inline u32 block_number(const struct zone *zone, const struct page *page, u32 order)
{
	return (u32)(page - zone->pages) >> order;
}

/* 32-bit words in the ten maps of a zone of `frames` frames. */
u32 zone_bitmap_words(u32 frames);

/*
 * Makes a zone of frames [start, end), all reserved; `start` is a multiple of MAX_ORDER_PAGES.
 * `pages` has a struct page for each frame and is initialised here. `map` holds
 * zone_bitmap_words(end - start) words. The zone uses both as long as it exists.
 */
void zone_init(struct zone *zone, u32 index, const char *name, pfn_t start, pfn_t end,
	       struct page *pages, u32 *map);

/* Marks the zone's frames as outside the direct map. Call it before zone_add(). */
void zone_set_highmem(struct zone *zone);

/* Frees the reserved frames [first, end) of the zone for the first time. */
void zone_add(struct zone *zone, pfn_t first, pfn_t end);

/*
 * Allocates 2^order frames (order < MAX_ORDER). Returns the block's first struct page, or NULL if
 * no free block is large enough. Each frame has count 1; the first one records `owner`.
 */
struct page *buddy_alloc(struct zone *zone, u32 order, enum page_owner owner);

/*
 * Allocates the blocks of the top order that begin at `page` and have `frames` frames together, if
 * all are free; else false, and no change. `page` and `frames` are multiples of MAX_ORDER_PAGES.
 */
bool buddy_alloc_run(struct zone *zone, struct page *page, u32 frames, enum page_owner owner);

/*
 * Frees a block of buddy_alloc(): the same first frame and order, and count 1 in each frame.
 * Returns false and changes nothing for anything else: a frame that is free, reserved or shared,
 * another order, the middle of a block.
 */
bool buddy_free(struct zone *zone, struct page *page, u32 order);

/* The reason for which buddy_free() would refuse this block, or NULL. */
const char *buddy_check_free(const struct zone *zone, const struct page *page, u32 order);

/* The number of free blocks of an order. Cost: proportional to the result. */
u32 zone_free_blocks(const struct zone *zone, u32 order);

/* The part of free memory in blocks too small for this order, in thousandths: 0 .. 1000 (all). */
u32 zone_fragmentation(const struct zone *zone, u32 order);

/* NULL, or the text of the first violated invariant. Cost: proportional to the zone. */
const char *zone_validate(const struct zone *zone);

/* Logs `zone: ...`, and for each order `buddy: zone=... order=... blocks=... unusable=...`. */
void zone_print(const struct zone *zone);

#endif
