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

void trace_mm_page_reserve(const struct page *page)
{
	trace_record(TRACE_mm_page_reserve, page_to_pfn(page));
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

void trace_hot_refill(const struct page *block, u32 order)
{
	trace_record(TRACE_hot_refill, page_zone_index(block), page_to_pfn(block), order);
}

/* --- The books --- */

#define BOOK_OF_HOT 255u

static u32 word_of(const struct page *page)
{
	u32 owner = page->block & BLOCK_USED ? page_owner(page) : OWNER_FREE;

	return page->block | owner << 12 | (page->flags & PG_reserved ? 1u << 16 : 0) |
	       (page->flags & PG_slab ? 1u << 17 : 0) | page_zone_index(page) << 20;
}

/* As few records as possible. */
static void book_map(void)
{
	for (pfn_t first = 0, end; first < max_pfn; first = end) {
		const struct page *page = pfn_to_page(first);
		u32 word = word_of(page);

		for (end = first + 1; end < max_pfn; end++)
			if (word_of(pfn_to_page(end)) != word ||
			    pfn_to_page(end)->count != page->count)
				break;
		trace_record(TRACE_book_frames, first, end - first, word, page->count);
	}
}

static void book_zone(const struct zone *zone)
{
	for (u32 order = 0; order < MAX_ORDER; order++) {
		const struct free_area_struct *area = &zone->free_area[order];
		u32 words = BITMAP_WORDS(DIV_ROUND_UP(zone->end - zone->start, 2u << order));
		const struct page *page;

		list_for_each_entry (page, &area->free_list, lru)
			trace_record(TRACE_book_block, zone->index, order, page_to_pfn(page));
		for (u32 i = 0; i < words && order < MAX_ORDER - 1; i++)
			if (area->map[i])
				trace_record(TRACE_book_map, zone->index, order, i, area->map[i]);
	}
	for (const struct page *page = zone->hot; page; page = (struct page *)page->lru.next)
		trace_record(TRACE_book_block, zone->index, BOOK_OF_HOT, page_to_pfn(page));
}

void trace_book_frames(void)
{
	book_map();
	for (u32 i = 0; i < NR_ZONES; i++)
		if (zones[i].present_pages)
			book_zone(&zones[i]);
}
