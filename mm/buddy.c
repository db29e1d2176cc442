/* SPDX-License-Identifier: MIT */
/*
 * The buddy system: splitting, merging and the pair bitmaps. The numbers in asserts are the invariants of the header.
 *
 * The bitmap answers the one question that a release has: is my buddy free, whole, at my order? The released block's own bit
 * contribution changes from 0 to 1, so the pair's bit is toggled; if it became 0, both are free and are merged.
 */
#include "mm/buddy.h"
#include "lib/assert.h"
#include "lib/bitmap.h"
#include "lib/string.h"

/* Pairs of order `order` in a zone: a last one may be incomplete. */
static u32 pair_count(u32 frames, u32 order)
{
	return DIV_ROUND_UP(frames, 2u << order);
}

u32 zone_bitmap_words(u32 frames)
{
	u32 words = 0;

	for (u32 order = 0; order < MAX_ORDER; order++)
		words += BITMAP_WORDS(pair_count(frames, order));
	return words;
}

void zone_init(struct zone *zone, u32 index, const char *name, pfn_t start, pfn_t end,
	       struct page *pages, u32 *bitmaps)
{
	u32 flags = index << PAGE_ZONE_SHIFT | OWNER_RESERVED << PAGE_OWNER_SHIFT | PG_reserved;

	BUG_ON(end < start || (end > start && !IS_ALIGNED(start, MAX_ORDER_PAGES)));
	*zone = (struct zone){
		.name = name,
		.index = index,
		.start = start,
		.end = end,
		.pages = pages,
		.page_flags = index << PAGE_ZONE_SHIFT,
	};
	memset(bitmaps, 0, zone_bitmap_words(end - start) * sizeof(*bitmaps));
	for (u32 order = 0; order < MAX_ORDER; order++) {
		list_init(&zone->free_area[order].list);
		zone->free_area[order].map = bitmaps;
		bitmaps += BITMAP_WORDS(pair_count(end - start, order));
	}
	for (struct page *page = pages; page != pages + (end - start); page++) {
		page->flags = flags;
		page->count = 1;
		page->lru.next = page->lru.prev = NULL;
		page->mapping = NULL;
		page->index = page->block = page->audit = 0;
	}
}

void zone_set_highmem(struct zone *zone)
{
	zone->page_flags |= PG_highmem;
	for (u32 i = 0; i < zone->end - zone->start; i++)
		zone->pages[i].flags |= PG_highmem;
}

static inline void link_block(struct free_area *area, struct page *page, u32 order)
{
	page->block = BLOCK_FREE + order;
	list_add(&page->lru, &area->list);
	area->nr_free++;
}

/* Off its list; its mark is the caller's to change. */
static inline void unlink_block(struct free_area *area, struct page *page)
{
	page->lru.prev->next = page->lru.next;
	page->lru.next->prev = page->lru.prev;
	area->nr_free--;
}

/*
 * Splitting and merging go order by order, and are written out: each step is compiled for its order, so that its shifts, masks and places are
 * constants. `offset` is that of the block, in frames from the zone's start.
 */

/* A block of order + 1 becomes two: the upper half goes to its list. That is empty, or nothing would have to be split. */
static inline __attribute__((always_inline)) void split_once(struct zone *zone, struct page *page,
							     u32 offset, const u32 order)
{
	struct free_area *area = &zone->free_area[order];
	struct page *upper = page + (1u << order);

	bitmap_toggle(area->map, offset >> (order + 1));
	upper->block = BLOCK_FREE + order;
	upper->lru.next = upper->lru.prev = &area->list;
	area->list.next = area->list.prev = &upper->lru;
	area->nr_free = 1;
}

/* Halves a block of order `from` until it has order `to`, which is lower. */
static noinline void split_block(struct zone *zone, struct page *page, u32 from, u32 to)
{
	u32 offset = (u32)(page - zone->pages);

#define SPLIT(order)                                       \
	case order:                                        \
		split_once(zone, page, offset, order - 1); \
		if (to == order - 1)                       \
			return;                            \
		__attribute__((fallthrough))
	switch (from) {
		SPLIT(9);
		SPLIT(8);
		SPLIT(7);
		SPLIT(6);
		SPLIT(5);
		SPLIT(4);
		SPLIT(3);
		SPLIT(2);
		SPLIT(1);
	default:
		break;
	}
#undef SPLIT
	_Static_assert(MAX_ORDER == 10, "one step for each order");
}

/* Eight frames at a time where a block has so many: this is done for each frame that comes and goes. */
#define FOR_EACH_FRAME(frame, first, order, statement)                                 \
	do {                                                                           \
		struct page *frame = first, *_end = frame + (1u << (order));           \
		if ((order) < 3) {                                                     \
			do {                                                           \
				statement;                                             \
			} while (++frame != _end);                                     \
		} else {                                                               \
			do {                                                           \
				_Pragma("GCC unroll 8") for (u32 _i = 0; _i < 8; _i++) \
				{                                                      \
					statement;                                     \
					frame++;                                       \
				}                                                      \
			} while (frame != _end);                                       \
		}                                                                      \
	} while (0)

struct page *buddy_alloc(struct zone *zone, u32 order, enum page_owner owner)
{
	struct free_area *area = &zone->free_area[order];
	struct page *page;
	u32 found = order;

	while (list_empty(&area->list)) {
		area++;
		if (++found == MAX_ORDER)
			return NULL;
	}
	page = list_first_entry(&area->list, struct page, lru);
	unlink_block(area, page);
	bitmap_toggle(area->map, (u32)(page - zone->pages) >> found >> 1);
	if (found > order)
		split_block(zone, page, found, order);
	zone->free_pages -= 1u << order;
	FOR_EACH_FRAME(frame, page, order, frame->count = 1);
	page->flags = zone->page_flags | owner << PAGE_OWNER_SHIFT;
	page->block = BLOCK_USED + order;
	return page;
}

/*
 * Merges a free block that is on no list with its buddy, if that is free: then *offset becomes that of the merged block, of order + 1. Returns whether
 * it did. At the top order there is nothing to merge with, and the bit is kept all the same.
 */
static inline __attribute__((always_inline)) bool merge_once(struct zone *zone, u32 *offset,
							     const u32 order)
{
	struct free_area *area = &zone->free_area[order];
	struct page *buddy;

	if (!bitmap_toggle(area->map, *offset >> (order + 1)) || order == MAX_ORDER - 1)
		return false;
	buddy = zone->pages + (*offset ^ 1u << order);
	BUG_ON(buddy->block != BLOCK_FREE + order); /* (2) */
	unlink_block(area, buddy);
	buddy->block = 0;
	*offset &= ~(1u << order);
	return true;
}

/* Puts a free block on a list, merged with its buddy, and the result with its own, as far as that goes. */
static noinline void merge_block(struct zone *zone, u32 offset, u32 order)
{
#define MERGE(order)                                                                      \
	case order:                                                                       \
		if (!merge_once(zone, &offset, order)) {                                  \
			link_block(&zone->free_area[order], zone->pages + offset, order); \
			return;                                                           \
		}                                                                         \
		__attribute__((fallthrough))
	switch (order) {
		MERGE(0);
		MERGE(1);
		MERGE(2);
		MERGE(3);
		MERGE(4);
		MERGE(5);
		MERGE(6);
		MERGE(7);
		MERGE(8);
		MERGE(9);
	default:
		break;
	}
#undef MERGE
}

const char *buddy_check_free(const struct zone *zone, const struct page *page, u32 order)
{
	u32 offset = (u32)(page - zone->pages);

	if (order >= MAX_ORDER)
		return "no block has that order";
	if (page < zone->pages || offset + (1u << order) > zone->end - zone->start)
		return "the block is not in the zone";
	if (!page->count)
		return "the frame is free already";
	if (page->flags & PG_reserved)
		return "the frame is reserved";
	if (page->block != (BLOCK_USED | order))
		return "no block of that order was allocated there";
	for (u32 i = 0; i < 1u << order; i++) {
		if (page[i].count != 1)
			return "a frame has other users";
		if (page[i].flags & PAGE_NOT_FREEABLE)
			return "a frame is still used by the kernel";
	}
	return NULL;
}

bool buddy_free(struct zone *zone, struct page *page, u32 order)
{
	u32 references = 0;

	/*
	 * An allocated block lies in its zone and is aligned: its mark is the proof. None of its frames can have less than one reference, because
	 * put_page() refuses a frame within a block; so the sum tells whether one has more.
	 */
	if (unlikely(page->block != BLOCK_USED + order || page->flags & PAGE_NOT_FREEABLE))
		return false;
	FOR_EACH_FRAME(frame, page, order, references += frame->count);
	if (unlikely(references != 1u << order))
		return false;
	FOR_EACH_FRAME(frame, page, order, frame->count = 0);
	page->block = 0;
	zone->free_pages += 1u << order;
	merge_block(zone, (u32)(page - zone->pages), order);
	return true;
}

void zone_add(struct zone *zone, pfn_t first, pfn_t end)
{
	BUG_ON(first < zone->start || end > zone->end);
	zone->present_pages += end - first;
	zone->free_pages += end - first;
	while (first < end) {
		u32 order = MAX_ORDER - 1, offset = first - zone->start;

		while (!IS_ALIGNED(first, 1u << order) || first + (1u << order) > end)
			order--;
		FOR_EACH_FRAME(frame, zone->pages + offset, order, {
			frame->flags = zone->page_flags;
			frame->count = 0;
		});
		merge_block(zone, offset, order);
		first += 1u << order;
	}
}
