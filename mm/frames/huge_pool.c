/* SPDX-License-Identifier: MIT */
/* The pool of large pages. Numbers cite the invariants of the header. */
#include "mm/frames/huge_pool.h"
#include "lib/printk.h"
#include "mm/frames/debug_pagealloc.h"
#include "mm/frames/page_alloc.h"
#include "mm/frames/trace_events.h"

struct huge_pool huge_pool;

/*
 * Adds pages from the start of the zone, of which `spare` frames stay free: the buddy system
 * splits blocks at its end first. Each block is traced as an allocation, so that the events add
 * up to the allocated frames.
 */
static void add_pages(struct zone *zone, u32 wanted, u32 spare)
{
	pfn_t pfn = ALIGN_UP(zone->start, HUGE_FRAMES);

	for (; pfn + HUGE_FRAMES <= zone->end; pfn += HUGE_FRAMES) {
		struct page *page = pfn_to_page(pfn);

		if (huge_pool.total >= wanted || zone->free_pages < HUGE_FRAMES + spare)
			return;
		if (!buddy_alloc_run(zone, page, HUGE_FRAMES, OWNER_HUGE))
			continue;
		for (u32 i = 0; i < HUGE_FRAMES; i += MAX_ORDER_PAGES) {
			trace(mm_page_alloc, page + i, GFP_OWNER(OWNER_HUGE), add_pages);
			debug_map_block(page + i, MAX_ORDER - 1);
		}
		list_add_tail(&page->lru, &huge_pool.list);
		huge_pool.total++;
	}
}

/* Turns the list: pages in use come behind, so that a search for many pages passes them once. */
static struct page *find_free(void)
{
	for (u32 i = 0; i < huge_pool.total; i++) {
		struct page *page = list_first_entry(&huge_pool.list, struct page, lru);

		list_move_tail(&page->lru, &huge_pool.list);
		if (page->count == 1) /* (1) */
			return page;
	}
	return NULL;
}

void huge_pool_init(u32 pages)
{
	huge_pool.total = 0;
	list_init(&huge_pool.list);
	if (pages)
		printk("hugepages: wanted=%u total=%u kib=%u\n", pages, huge_pool_resize(pages),
		       LARGE_PAGE_SIZE / 1024);
}

u32 huge_pool_resize(u32 pages)
{
	struct page *page;

	drain_hot_frames();
	add_pages(&zones[ZONE_HIGHMEM], pages, zones[ZONE_HIGHMEM].pages_high);
	add_pages(&zones[ZONE_NORMAL], pages, HUGE_POOL_SPARE >> PAGE_SHIFT);
	while (huge_pool.total > pages && (page = find_free())) {
		list_del(&page->lru);
		huge_pool.total--;
		for (u32 i = 0; i < HUGE_FRAMES; i += MAX_ORDER_PAGES)
			__free_pages(page + i, MAX_ORDER - 1);
	}
	return huge_pool.total;
}

struct page *huge_page_alloc(void)
{
	struct page *page = find_free();

	if (page) {
		page->count++;
		page->flags &= ~(u32)PG_uptodate;
	}
	return page;
}

void huge_pool_count(u32 *free, u32 *reserved)
{
	const struct page *page;

	*free = *reserved = 0;
	list_for_each_entry (page, &huge_pool.list, lru) {
		bool held = page->count == 2 && !(page->flags & PG_uptodate);

		*reserved += held;
		*free += held || page->count == 1;
	}
}
