/* SPDX-License-Identifier: MIT */
/* The buddy system: zones, and the functions of which mm/buddy_internal.h has the work. The numbers in asserts are the invariants of the header. */
#include "lib/string.h"
#include "mm/buddy_internal.h"

/* What the numbers of a zone's blocks begin with: halved down to the pairs of the top order, it is whole. */
static u32 first_number(u32 frames)
{
	return ALIGN_UP(frames, 2 * MAX_ORDER_PAGES);
}

u32 zone_bitmap_words(u32 frames)
{
	return BITMAP_WORDS(first_number(frames));
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
		.map = map,
		.first_number = first_number(end - start),
		.page_flags = index << PAGE_ZONE_SHIFT,
	};
	memset(map, 0, zone_bitmap_words(end - start) * sizeof(*map));
	for (u32 order = 0; order < MAX_ORDER; order++)
		list_init(&zone->free_list[order]);
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

struct page *buddy_alloc(struct zone *zone, u32 order, enum page_owner owner)
{
	return take_block(zone, order, owner << PAGE_OWNER_SHIFT);
}

bool buddy_free(struct zone *zone, struct page *page, u32 order)
{
	return give_block(zone, page, order);
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

void zone_add(struct zone *zone, pfn_t first, pfn_t end)
{
	BUG_ON(first < zone->start || end > zone->end);
	zone->present_pages += end - first;
	zone->free_pages += end - first;
	while (first < end) {
		struct page *page = zone->pages + (first - zone->start);
		u32 order = MAX_ORDER - 1;

		while (!IS_ALIGNED(first, 1u << order) || first + (1u << order) > end)
			order--;
		FOR_EACH_FRAME(frame, page, order, {
			frame->flags = zone->page_flags;
			frame->count = 0;
		});
		merge_block(zone, page, order);
		first += 1u << order;
	}
}
