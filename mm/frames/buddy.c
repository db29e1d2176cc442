/* SPDX-License-Identifier: MIT */
/*
 * Allocation and release of blocks. mm/frames/buddy.h has the picture and the numbered
 * invariants that the asserts cite.
 *
 * An allocation splits a block: each step goes one order down. A release merges: each step goes
 * one order up.
 * A block is known by its number among the blocks of its order. Block n consists of blocks 2n
 * and 2n + 1 of the next lower order. These two are buddies and share bit n there.
 *
 *     order 2                0                       1
 *     order 1          0           1           2           3         bit 0: 0, 1; bit 1: 2, 3
 *     order 0       0     1     2     3     4     5     6     7      bit 0: 0, 1; bit 1: 2, 3; ...
 */
#include "mm/frames/buddy.h"
#include "lib/assert.h"
#include "lib/bitmap.h"
#include "lib/string.h"
#include "mm/frames/trace_events.h"

static inline void link_block(struct free_area_struct *area, struct page *page, u32 order)
{
	page->block = BLOCK_FREE + order;
	list_add(&page->lru, &area->free_list);
}

static inline void unlink_block(struct page *page, u32 order)
{
	BUG_ON(page->block != BLOCK_FREE + order); /* (1), (2) */
	page->block = 0;
	list_unlink(&page->lru);
}

/* Splits a block that is on no list from order `high` down to `low`; lists each upper half. */
static void split_block(struct zone *zone, struct page *page, u32 number, u32 high, u32 low)
{
	struct free_area_struct *area = &zone->free_area[high];

	while (high > low) {
		high--;
		area--;
		link_block(area, page + (1u << high), high);
		bitmap_toggle(area->map, number);
		number *= 2; /* the lower half is split further */
	}
}

/* The block is the caller's. */
static inline void finish_alloc(struct zone *zone, struct page *page, u32 order,
				enum page_owner owner)
{
	BUG_ON(page->count); /* (5) */
	zone->free_pages -= 1u << order;
	for (struct page *frame = page; frame != page + (1u << order); frame++)
		frame->count = 1;
	page->flags = zone->page_flags | owner << PAGE_OWNER_SHIFT;
	page->block = BLOCK_USED + order;
	trace_state(block_alloc, page);
}

struct page *buddy_alloc(struct zone *zone, u32 order, enum page_owner owner)
{
	struct free_area_struct *area = &zone->free_area[order];
	struct page *page;
	u32 high = order, number;

	BUG_ON(order >= MAX_ORDER);
	while (high < MAX_ORDER && list_empty(&area->free_list)) {
		high++;
		area++;
	}
	if (high >= MAX_ORDER)
		return NULL;
	page = list_first_entry(&area->free_list, struct page, lru);
	number = block_number(zone, page, high);
	unlink_block(page, high);
	if (high < MAX_ORDER - 1)
		bitmap_toggle(area->map, number / 2);
	split_block(zone, page, number, high, order);
	finish_alloc(zone, page, order, owner);
	return page;
}

bool buddy_alloc_run(struct zone *zone, struct page *page, u32 frames, enum page_owner owner)
{
	struct page *end = page + frames;

	BUG_ON((u32)(page - zone->pages) % MAX_ORDER_PAGES || frames % MAX_ORDER_PAGES);
	for (struct page *block = page; block < end; block += MAX_ORDER_PAGES)
		if (block->block != BLOCK_FREE + MAX_ORDER - 1)
			return false;
	for (; page < end; page += MAX_ORDER_PAGES) {
		unlink_block(page, MAX_ORDER - 1); /* its bit is always 0 (2) */
		finish_alloc(zone, page, MAX_ORDER - 1, owner);
	}
	return true;
}

/* Merges a free block that is on no list with free buddies; puts the result on its list. */
static void merge_block(struct zone *zone, struct page *page, u32 order)
{
	struct free_area_struct *area = &zone->free_area[order];
	struct page *pages = zone->pages;
	u32 number = block_number(zone, page, order);

	/* A bit that was 1: the buddy is free (2). A buddy beyond the zone's end never is. */
	while (order < MAX_ORDER - 1 && bitmap_toggle(area->map, number / 2)) {
		unlink_block(pages + ((number ^ 1) << order), order);
		number /= 2;
		order++;
		area++;
	}
	link_block(area, pages + (number << order), order);
}

/* Drops the only reference to each frame of a block. False, and no change, if a count is not 1. */
static inline bool drop_references(struct page *page, u32 order)
{
	struct page *frame = page, *end = page + (1u << order);

	while (frame != end && --frame->count == 0)
		frame++;
	if (likely(frame == end))
		return true;
	for (; page <= frame; page++)
		page->count++;
	return false;
}

/* The mark of an allocated block proves that a block of that order begins there. */
bool buddy_free(struct zone *zone, struct page *page, u32 order)
{
	if (unlikely(order >= MAX_ORDER || page->block != BLOCK_USED + order ||
		     page->flags & PAGE_NOT_FREEABLE || !drop_references(page, order)))
		return false;
	trace(block_free, page, order);
	page->block = 0;
	zone->free_pages += 1u << order;
	merge_block(zone, page, order);
	return true;
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
	if (page->block != BLOCK_USED + order)
		return "no block of that order was allocated there";
	for (u32 i = 0; i < 1u << order; i++) {
		if (page[i].count != 1)
			return "a frame has other users";
		if (page[i].flags & PAGE_NOT_FREEABLE)
			return "a frame is still used by the kernel";
	}
	return NULL;
}

/* Words in the map of one order. The last pair may reach beyond the zone. */
static u32 map_words(u32 frames, u32 order)
{
	return BITMAP_WORDS(DIV_ROUND_UP(frames, 2u << order));
}

u32 zone_bitmap_words(u32 frames)
{
	u32 words = 0;

	for (u32 order = 0; order < MAX_ORDER; order++)
		words += map_words(frames, order);
	return words;
}

void zone_init(struct zone *zone, u32 index, const char *name, pfn_t start, pfn_t end,
	       struct page *pages, u32 *map)
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
	memset(map, 0, zone_bitmap_words(end - start) * sizeof(*map));
	for (u32 order = 0; order < MAX_ORDER; order++) {
		list_init(&zone->free_area[order].free_list);
		zone->free_area[order].map = map;
		map += map_words(end - start, order);
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
	BUG_ON(zone->present_pages);
	zone->page_flags |= PG_highmem;
	for (u32 i = 0; i < zone->end - zone->start; i++)
		zone->pages[i].flags |= PG_highmem;
}

/* Reserved frames have one reference each: marked as an allocated block, they can be freed. */
void zone_add(struct zone *zone, pfn_t first, pfn_t end)
{
	BUG_ON(first < zone->start || first > end || end > zone->end);
	zone->present_pages += end - first;
	while (first < end) {
		struct page *page = zone->pages + (first - zone->start);
		u32 order = MAX_ORDER - 1;

		while (!IS_ALIGNED(first, 1u << order) || first + (1u << order) > end)
			order--;
		for (struct page *frame = page; frame != page + (1u << order); frame++)
			frame->flags = zone->page_flags;
		page->block = BLOCK_USED + order;
		BUG_ON(!buddy_free(zone, page, order));
		first += 1u << order;
	}
}
