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

/* What a page's flags keep from one owner to the next. */
#define PAGE_KEPT_FLAGS (3u << PAGE_ZONE_SHIFT | PG_highmem)

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
	BUG_ON(end < start || (end > start && !IS_ALIGNED(start, MAX_ORDER_PAGES)));
	*zone = (struct zone){ .name = name, .index = index, .start = start, .end = end, .pages = pages };
	memset(bitmaps, 0, zone_bitmap_words(end - start) * sizeof(*bitmaps));
	for (u32 order = 0; order < MAX_ORDER; order++) {
		list_init(&zone->free_area[order].list);
		zone->free_area[order].map = bitmaps;
		bitmaps += BITMAP_WORDS(pair_count(end - start, order));
	}
	for (u32 i = 0; i < end - start; i++) {
		pages[i] = (struct page){
			.flags = index << PAGE_ZONE_SHIFT | OWNER_RESERVED << PAGE_OWNER_SHIFT |
				 PG_reserved,
			.count = 1,
		};
	}
}

void zone_set_highmem(struct zone *zone)
{
	for (u32 i = 0; i < zone->end - zone->start; i++)
		zone->pages[i].flags |= PG_highmem;
}

/* Toggles the bit of the pair that block `offset` (frames from the zone's start) is in. Returns what it became. */
static inline bool toggle_pair(struct free_area *area, u32 offset, u32 order)
{
	return bitmap_toggle(area->map, offset >> (order + 1));
}

/* Puts a block on its list. Its pair's bit has been toggled by the caller. */
static inline void link_block(struct free_area *area, struct page *page, u32 order)
{
	page->flags |= PG_buddy;
	page->private = order;
	list_add(&page->lru, &area->list);
	area->nr_free++;
}

static inline void unlink_block(struct free_area *area, struct page *page)
{
	page->flags &= ~(u32)PG_buddy;
	list_del(&page->lru);
	area->nr_free--;
}

/* Halves a block of order `from` until it has order `to`; the upper halves go to the lower lists. */
static void split_block(struct zone *zone, struct page *page, u32 from, u32 to)
{
	u32 offset = (u32)(page - zone->pages);

	while (from > to) {
		struct free_area *area = &zone->free_area[--from];

		toggle_pair(area, offset, from);
		link_block(area, page + (1u << from), from);
	}
}

static void own_frames(struct page *page, u32 order, enum page_owner owner)
{
	for (u32 i = 0; i < 1u << order; i++) {
		page[i].flags = (page[i].flags & PAGE_KEPT_FLAGS) | owner << PAGE_OWNER_SHIFT;
		page[i].count = 1;
	}
}

struct page *buddy_alloc(struct zone *zone, u32 order, enum page_owner owner)
{
	for (u32 found = order; found < MAX_ORDER; found++) {
		struct free_area *area = &zone->free_area[found];
		struct page *page;

		if (list_empty(&area->list))
			continue;
		page = list_first_entry(&area->list, struct page, lru);
		unlink_block(area, page);
		toggle_pair(area, (u32)(page - zone->pages), found);
		split_block(zone, page, found, order);
		zone->free_pages -= 1u << order;
		own_frames(page, order, owner);
		return page;
	}
	return NULL;
}

/* Merges a free block with its buddy, and the result with its own, as long as the pair's bit says that the buddy is free. */
static void merge_block(struct zone *zone, u32 offset, u32 order)
{
	struct free_area *area = &zone->free_area[order];

	while (!toggle_pair(area, offset, order) && order < MAX_ORDER - 1) {
		struct page *buddy = zone->pages + (offset ^ 1u << order);

		BUG_ON(!(buddy->flags & PG_buddy) || buddy->private != order); /* (2) */
		unlink_block(area, buddy);
		offset &= ~(1u << order);
		area = &zone->free_area[++order];
	}
	link_block(area, zone->pages + offset, order);
}

const char *buddy_check_free(const struct zone *zone, const struct page *page, u32 order)
{
	u32 offset = (u32)(page - zone->pages);

	if (order >= MAX_ORDER)
		return "no block has that order";
	if (page < zone->pages || offset + (1u << order) > zone->end - zone->start)
		return "the block is not in the zone";
	if (!IS_ALIGNED(offset, 1u << order))
		return "the block is not aligned to its size";
	for (u32 i = 0; i < 1u << order; i++) {
		if (page[i].flags & PG_reserved)
			return "a frame is reserved";
		if (!page[i].count)
			return "a frame is free already";
		if (page[i].count != 1)
			return "a frame has other users";
		if (page[i].flags & PG_slab)
			return "a frame belongs to a slab";
	}
	return NULL;
}

/* What a frame becomes on its way to a free list. */
static inline void disown_frames(struct page *page, u32 order)
{
	for (u32 i = 0; i < 1u << order; i++) {
		page[i].flags &= PAGE_KEPT_FLAGS;
		page[i].count = 0;
	}
}

void buddy_free(struct zone *zone, struct page *page, u32 order)
{
	disown_frames(page, order);
	zone->free_pages += 1u << order;
	merge_block(zone, (u32)(page - zone->pages), order);
}

void zone_add(struct zone *zone, pfn_t first, pfn_t end)
{
	BUG_ON(first < zone->start || end > zone->end);
	zone->present_pages += end - first;
	while (first < end) {
		u32 order = MAX_ORDER - 1;
		struct page *page = zone->pages + (first - zone->start);

		while (!IS_ALIGNED(first, 1u << order) || first + (1u << order) > end)
			order--;
		buddy_free(zone, page, order);
		first += 1u << order;
	}
}
