/* SPDX-License-Identifier: MIT */
#include "mm/frames/trace_events.h"
#include "lib/bitmap.h"
#include "mm/frames/page_alloc.h"

/* Suites make zones of their own, with struct pages that are not in mem_map: no events. */
static bool of_machine(const struct page *page)
{
	return page >= mem_map && page < mem_map + max_pfn;
}

void trace_mm_page_alloc(const struct page *page, gfp_t gfp, const void *caller)
{
	trace_record(TRACE_mm_page_alloc, page_to_pfn(page), page->block & BLOCK_ORDER,
		     gfp & ~PAGE_OWNER_MASK, (gfp & PAGE_OWNER_MASK) >> PAGE_OWNER_SHIFT, caller);
}

void trace_mm_page_free(const struct page *page, u32 order)
{
	trace_record(TRACE_mm_page_free, page_to_pfn(page), order);
}

void trace_zone_create(const struct zone *zone)
{
	trace_record(TRACE_zone_create, zone->index, zone->name, zone->start, zone->end);
}

/*
 * The upper halves of the block that was split are free now, up to its order. The next one is not:
 * two buddies are never both free ((3) of mm/frames/buddy.h), and its buddy was.
 */
void trace_block_alloc(const struct page *page)
{
	u32 order = page->block & BLOCK_ORDER, split_from = order;
	const struct zone *zone;

	if (!of_machine(page))
		return;
	zone = &zones[page_zone_index(page)];
	while (split_from < MAX_ORDER - 1 && bitmap_test(zone->free_area[split_from].map,
							 block_number(zone, page, split_from) / 2))
		split_from++;
	trace_record(TRACE_block_alloc, zone->index, page_to_pfn(page), order, split_from);
}

/* Looks ahead, as merge_block() will go: values kept for a later record would slow it down. */
void trace_block_free(const struct page *page, u32 order)
{
	const struct zone *zone;
	u32 number, merged_to = order;

	if (!of_machine(page))
		return;
	zone = &zones[page_zone_index(page)];
	number = block_number(zone, page, order);
	while (merged_to < MAX_ORDER - 1 &&
	       bitmap_test(zone->free_area[merged_to].map, number / 2)) {
		number /= 2;
		merged_to++;
	}
	trace_record(TRACE_block_free, zone->index, page_to_pfn(page), order,
		     zone->start + (number << merged_to), merged_to);
}
