/* SPDX-License-Identifier: MIT */
/* The checker and the report of a zone's buddy system. Numbers cite mm/frames/buddy.h. */
#include "mm/frames/buddy.h"
#include "lib/bitmap.h"
#include "lib/math64.h"
#include "lib/printk.h"

static bool block_is_free(const struct zone *zone, u32 offset, u32 order)
{
	return offset < zone->end - zone->start &&
	       zone->pages[offset].block == (BLOCK_FREE | order);
}

static const char *validate_block(const struct zone *zone, const struct page *page, u32 order)
{
	u32 offset = (u32)(page - zone->pages);

	if (page < zone->pages || offset + (1u << order) > zone->end - zone->start)
		return "(1) a block reaches out of the zone";
	if (!IS_ALIGNED(zone->start + offset, 1u << order))
		return "(1) a block is not aligned to its size";
	if (page->block != (BLOCK_FREE | order))
		return "(6) a block on a list is not marked free at that order";
	for (u32 i = 0; i < 1u << order; i++) {
		if (page[i].count)
			return "(5) a frame of a free block is in use";
		if (i && page[i].block)
			return "(6) a frame is in two blocks";
	}
	return NULL;
}

/* If each link's neighbour points back, the list leads back to its head: the walk ends. */
static const char *validate_list(const struct zone *zone, u32 order, u32 *frames)
{
	const struct list_head *list = &zone->free_area[order].free_list, *link;

	if (list->next->prev != list)
		return "(1) a free list is torn";
	list_for_each (link, list) {
		const struct page *page = list_entry(link, struct page, lru);
		const char *violated;

		if (link->next->prev != link)
			return "(1) a free list is torn";
		violated = validate_block(zone, page, order);
		if (violated)
			return violated;
		*frames += 1u << order;
	}
	return NULL;
}

static const char *validate_bitmap(const struct zone *zone, u32 order)
{
	u32 pairs = DIV_ROUND_UP(zone->end - zone->start, 2u << order);
	bool merges = order < MAX_ORDER - 1;

	for (u32 pair = 0; pair < pairs; pair++) {
		bool lower = block_is_free(zone, pair << (order + 1), order);
		bool upper = block_is_free(zone, (2 * pair + 1) << order, order);

		if (bitmap_test(zone->free_area[order].map, pair) != (merges && (lower ^ upper)))
			return "(2) a bit is not the XOR of its pair";
		if (merges && lower && upper)
			return "(3) two free buddies are not merged";
	}
	return NULL;
}

const char *zone_validate(const struct zone *zone)
{
	u32 listed = 0, marked = 0, unreferenced = 0, hot = 0;

	for (u32 order = 0; order < MAX_ORDER; order++) {
		const char *violated = validate_list(zone, order, &listed);

		if (!violated)
			violated = validate_bitmap(zone, order);
		if (violated)
			return violated;
	}
	for (u32 i = 0; i < zone->end - zone->start; i++) {
		if (zone->pages[i].block & BLOCK_FREE)
			marked += 1u << (zone->pages[i].block & BLOCK_ORDER);
		hot += zone->pages[i].block == BLOCK_HOT;
		unreferenced += !zone->pages[i].count;
	}
	if (hot != zone->nr_hot)
		return "(6) nr_hot is not the number of hot frames";
	if (listed + hot != zone->free_pages)
		return "(4) free_pages is not the sum of the lists";
	if (marked != listed)
		return "(6) a block is marked free and on no list";
	if (unreferenced != listed + hot)
		return "(5) a frame with count 0 is in no free block and not hot";
	return NULL;
}

u32 zone_free_blocks(const struct zone *zone, u32 order)
{
	const struct list_head *link;
	u32 blocks = 0;

	list_for_each (link, &zone->free_area[order].free_list)
		blocks++;
	return blocks;
}

u32 zone_fragmentation(const struct zone *zone, u32 order)
{
	u32 unusable = order ? zone->nr_hot : 0;

	for (u32 lower = 0; lower < order; lower++)
		unusable += zone_free_blocks(zone, lower) << lower;
	return zone->free_pages ? (u32)div_u64((u64)unusable * 1000, zone->free_pages) : 0;
}

void zone_print(const struct zone *zone)
{
	printk("zone: name=%s start=%#x end=%#x present=%u free=%u min=%u low=%u high=%u\n",
	       zone->name, zone->start, zone->end, zone->present_pages, zone->free_pages,
	       zone->pages_min, zone->pages_low, zone->pages_high);
	for (u32 order = 0; order < MAX_ORDER; order++)
		printk("buddy: zone=%s order=%u blocks=%u unusable=%u\n", zone->name, order,
		       zone_free_blocks(zone, order), zone_fragmentation(zone, order));
}
