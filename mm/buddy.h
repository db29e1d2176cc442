/* SPDX-License-Identifier: MIT */
/*
 * The buddy system of one zone (Knowlton 1965; Knuth vol. 1, 2.5): blocks of 1, 2, 4, ... 512 frames.
 *
 *   free_list[0]   <-> block <-> block        map   ... 0 1 1 0 ...   one bit for each pair of single frames
 *   free_list[1]   <->                              ... 0 0 ...       one bit for each pair of 2-frame blocks
 *   ...
 *   free_list[9]   <-> block <-> block
 *
 * Blocks are numbered as the nodes of a binary tree in an array are: the halves of block i are blocks 2i and 2i + 1. Of a zone of N frames,
 * rounded up to two blocks of the top order, frame `start` + k is block N + k of order 0:
 *
 *   order 2   |              N/4              |
 *   order 1   |      N/2      |    N/2 + 1    |         so the blocks of order n have numbers from N >> n,
 *   order 0   |   N   | N + 1 | N + 2 | N + 3 |         and bit i of the map belongs to the halves of block i
 *
 *   (1) a free block of order n lies on the list of order n and no other; its first frame number is a multiple of 2^n.
 *   (2) bit i is the XOR of "block 2i is free, whole" and "block 2i + 1 is free, whole".
 *   (3) two buddies are never both free below the top order: they were merged.
 *   (4) free_pages is the sum of all free blocks and hot frames, in frames.
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
	u32 nr_hot, hot_max; /* so many there are, and may be */
	struct page *pages;  /* the struct page of frame `start` */
	u32 *map;	     /* one bit for each pair of blocks, of all orders */
	u32 first_number;    /* of frame `start` as a block of order 0 */
	struct list_head free_list[MAX_ORDER];
};

/* The number of the block of that order around a frame, which is `offset` frames from the zone's start. */
static inline u32 block_number(const struct zone *zone, u32 offset, u32 order)
{
	return (zone->first_number + offset) >> order;
}

/* 32-bit words that the map of a zone of `frames` frames takes. */
u32 zone_bitmap_words(u32 frames);

/*
 * Makes an empty zone. `pages` describes frames [start, end) and is set up here as reserved; `map` holds
 * zone_bitmap_words(end - start) words. Both stay the zone's.
 */
void zone_init(struct zone *zone, u32 index, const char *name, pfn_t start, pfn_t end,
	       struct page *pages, u32 *map);

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

/* How many blocks are on the list of an order. Cost: proportional to them. */
u32 zone_free_blocks(const struct zone *zone, u32 order);

/*
 * How much of the free memory is of no use to a request of this order because it lies in smaller blocks: 0 (none) .. 1000 (all).
 */
u32 zone_fragmentation(const struct zone *zone, u32 order);

/* NULL, or the text of the first violated invariant. Cost: proportional to the zone. */
const char *zone_validate(const struct zone *zone);

/* One line `zone: ...` and one `buddy: zone=... order=... blocks=... unusable=...` for each order (in thousandths). */
void zone_print(const struct zone *zone);

#endif
