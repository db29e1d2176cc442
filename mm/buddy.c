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

/* Flags with which a frame can't be given back. */
#define PAGE_NOT_FREEABLE (PG_reserved | PG_slab | PG_locked | PG_lru)

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

static inline void link_block(struct free_area *area, struct page *page, u32 order)
{
	page->block = BLOCK_FREE | order;
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

/* Halves a block of order `from` until it has order `to`; the upper halves go to the lower lists. */
static noinline void split_block(struct zone *zone, struct page *page, u32 from, u32 to)
{
	u32 pair = (u32)(page - zone->pages) >> from;
	struct free_area *area = &zone->free_area[from];

	while (from > to) {
		from--;
		area--;
		bitmap_toggle(area->map, pair);
		link_block(area, page + (1u << from), from);
		pair <<= 1; /* of the lower half, one order down */
	}
}

/* The frames of a block get their owner, with one reference each. */
static inline void own_frames(struct page *page, u32 order, enum page_owner owner)
{
	u32 flags = (page->flags & PAGE_KEPT_FLAGS) | owner << PAGE_OWNER_SHIFT;
	struct page *end = page + (1u << order);

	page->block = BLOCK_USED | order;
	page->flags = flags;
	page->count = 1;
	while (++page != end) {
		page->flags = flags;
		page->count = 1;
	}
}

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
	bitmap_toggle(area->map, (u32)(page - zone->pages) >> (found + 1));
	if (found > order)
		split_block(zone, page, found, order);
	zone->free_pages -= 1u << order;
	own_frames(page, order, owner);
	return page;
}

/*
 * Merges a free block with its buddy, and the result with its own, as long as the pair's bit says that the buddy is free. At the top order
 * there is nothing to merge with, and the bit is kept all the same.
 */
static void merge_block(struct zone *zone, u32 offset, u32 order)
{
	struct free_area *area = &zone->free_area[order];

	while (bitmap_toggle(area->map, offset >> order >> 1) && order < MAX_ORDER - 1) {
		struct page *buddy = zone->pages + (offset ^ 1u << order);

		BUG_ON(buddy->block != BLOCK_FREE + order); /* (2) */
		unlink_block(area, buddy);
		buddy->block = 0;
		offset &= ~(1u << order);
		order++;
		area++;
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

/* References to the frames of a block. */
static inline u32 count_references(const struct page *page, u32 order)
{
	const struct page *end = page + (1u << order);
	u32 references = page->count;

	while (++page != end)
		references += page->count;
	return references;
}

static inline void clear_references(struct page *page, u32 order)
{
	struct page *end = page + (1u << order);

	page->count = 0;
	while (++page != end)
		page->count = 0;
}

bool buddy_free(struct zone *zone, struct page *page, u32 order)
{
	/*
	 * An allocated block lies in its zone and is aligned: its mark is the proof. None of its frames can have less than one reference, because
	 * put_page() refuses a frame within a block; so the sum tells whether one has more.
	 */
	if (unlikely(page->block != BLOCK_USED + order || page->flags & PAGE_NOT_FREEABLE ||
		     count_references(page, order) != 1u << order))
		return false;
	clear_references(page, order);
	page->block = 0;
	zone->free_pages += 1u << order;
	merge_block(zone, (u32)(page - zone->pages), order);
	return true;
}

/* The frames of a block, reserved until now, become free. */
static void unreserve_frames(struct page *page, u32 order)
{
	u32 flags = page->flags & PAGE_KEPT_FLAGS;
	struct page *end = page + (1u << order);

	for (; page != end; page++) {
		page->flags = flags;
		page->count = 0;
	}
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
		unreserve_frames(zone->pages + offset, order);
		merge_block(zone, offset, order);
		first += 1u << order;
	}
}
