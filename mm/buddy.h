/* SPDX-License-Identifier: MIT */
/*
 * The buddy system of one zone (Knowlton 1965; Knuth vol. 1, 2.5): blocks of 1, 2, 4, ... 512 frames.
 *
 *   free_area[0]   list <-> block <-> block        bitmap 0 1 1 0 ...   one bit for each pair of single frames
 *   free_area[1]   list                            bitmap 0 0 ...       one bit for each pair of 2-frame blocks
 *   ...
 *   free_area[9]   list <-> block
 *
 *   (1) a free block of order n lies on the list of order n and no other; its first frame number is a multiple of 2^n.
 *   (2) bit i of order n is the XOR of "block 2i is free at order n" and "block 2i+1 is free at order n".
 *   (3) two buddies are never both free below the top order: they were merged.
 *   (4) free_pages is the sum of all free blocks and hot frames, in frames; nr_free the length of each list.
 *   (5) every frame of a free block and every hot frame has count 0, and every other frame has not.
 *   (6) the first frame of a block, free or allocated, carries its mark and order (mm/page.h); no other frame carries a mark.
 *
 * Interrupt handlers do not allocate, and the kernel is not preempted: nothing here needs a lock. Nothing sleeps.
 */
#ifndef MM_BUDDY_H
#define MM_BUDDY_H

#include "mm/page.h"

#define MAX_ORDER	10			/* orders 0..9 */
#define MAX_ORDER_PAGES (1u << (MAX_ORDER - 1)) /* 512 frames, 2 MiB */

/* Flags with which a frame can't be given back. */
#define PAGE_NOT_FREEABLE (PG_reserved | PG_slab | PG_locked | PG_lru)

struct free_area {
	struct list_head list;
	u32 *map;    /* one bit for each pair */
	u32 nr_free; /* blocks on the list */
};

struct zone {
	const char *name;
	u32 index;
	pfn_t start, end;  /* [start, end), frames, holes included; start is a multiple of 512 */
	u32 present_pages; /* given to this zone by zone_add(), frames */
	u32 free_pages;	   /* frames */
	u32 pages_min, pages_low, pages_high; /* watermarks, frames (mm/page_alloc.h) */
	u32 page_flags; /* what the flags of each of its frames have in common */
	struct page *
		hot; /* frames that were released a moment ago, linked by lru.next (mm/page_alloc.c) */
	u32 nr_hot;
	struct page *pages; /* the struct page of frame `start` */
	struct free_area free_area[MAX_ORDER];
};

/* 32-bit words that the bitmaps of a zone of `frames` frames take. */
u32 zone_bitmap_words(u32 frames);

/*
 * Makes an empty zone. `pages` describes frames [start, end) and is set up here as reserved; `bitmaps` holds
 * zone_bitmap_words(end - start) words. Both stay the zone's.
 */
void zone_init(struct zone *zone, u32 index, const char *name, pfn_t start, pfn_t end,
	       struct page *pages, u32 *bitmaps);

/* Says that the zone's frames are not in the direct map. Before zone_add(). */
void zone_set_highmem(struct zone *zone);

/* Gives the reserved frames [first, end) of the zone to the allocator. */
void zone_add(struct zone *zone, pfn_t first, pfn_t end);

/*
 * Takes 2^order frames (order < MAX_ORDER): the block's first struct page, or NULL if no block is large enough. Each of its
 * frames has count 1; the first one names `owner`.
 */
struct page *buddy_alloc(struct zone *zone, u32 order, enum page_owner owner);

/*
 * Gives back what buddy_alloc() gave: the same first frame and order, and count 1 in each frame. Returns false and does nothing for anything
 * else: a frame that is free, reserved or shared, another order, the middle of a block.
 */
bool buddy_free(struct zone *zone, struct page *page, u32 order);

/* Why buddy_free() would refuse this, or NULL. */
const char *buddy_check_free(const struct zone *zone, const struct page *page, u32 order);

/*
 * How much of the free memory is of no use to a request of this order because it lies in smaller blocks: 0 (none) .. 1000 (all).
 */
u32 zone_fragmentation(const struct zone *zone, u32 order);

/* NULL, or the text of the first violated invariant. Cost: proportional to the zone. */
const char *zone_validate(const struct zone *zone);

/* One line `zone: ...` and one `buddy: zone=... order=... blocks=... unusable=...` for each order (in thousandths). */
void zone_print(const struct zone *zone);

#endif
