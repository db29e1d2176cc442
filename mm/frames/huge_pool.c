/* SPDX-License-Identifier: MIT */
/* The pool of large pages. Numbers cite the invariants of the header. */
#include "mm/frames/huge_pool.h"
#include "abi/linux/errno.h"
#include "lib/assert.h"
#include "lib/printk.h"
#include "mm/frames/debug_pagealloc.h"
#include "mm/frames/page_alloc.h"
#include "mm/frames/trace_events.h"

struct huge_pool huge_pool;

/*
 * Maps the blocks of a run in the direct map, and traces one allocation for each, so that the
 * events add up to the allocated frames.
 */
static void enter_blocks(struct page *page)
{
	for (u32 i = 0; i < HUGE_FRAMES; i += MAX_ORDER_PAGES) {
		trace(mm_page_alloc, page + i, GFP_OWNER(OWNER_HUGE), __builtin_return_address(0));
		debug_map_block(page + i, MAX_ORDER - 1);
	}
}

/* The zone can spare a page: its watermark holds, and the direct map keeps what it must. */
static bool can_spare(const struct zone *zone)
{
	u32 low = zones[ZONE_DMA].free_pages + zones[ZONE_NORMAL].free_pages;

	return zone->free_pages >= zone->pages_high + HUGE_FRAMES &&
	       (zone->index == ZONE_HIGHMEM ||
		low >= HUGE_FRAMES + (HUGE_POOL_SPARE >> PAGE_SHIFT));
}

/* From the start of the zone: the buddy system splits blocks at its end first. */
static struct page *take_run(struct zone *zone)
{
	pfn_t pfn = ALIGN_UP(zone->start, HUGE_FRAMES);

	for (; pfn + HUGE_FRAMES <= zone->end && can_spare(zone); pfn += HUGE_FRAMES)
		if (buddy_alloc_run(zone, zone->pages + (pfn - zone->start), HUGE_FRAMES,
				    OWNER_HUGE))
			return zone->pages + (pfn - zone->start);
	return NULL;
}

static bool add_page(void)
{
	struct page *page = take_run(&zones[ZONE_HIGHMEM]);

	if (!page)
		page = take_run(&zones[ZONE_NORMAL]);
	if (!page)
		return false;
	enter_blocks(page);
	list_add_tail(&page->lru, &huge_pool.list);
	huge_pool.total++;
	huge_pool.free++;
	return true;
}

static void remove_page(void)
{
	struct page *page = list_first_entry(&huge_pool.list, struct page, lru);

	list_del(&page->lru);
	huge_pool.total--;
	huge_pool.free--;
	for (u32 i = 0; i < HUGE_FRAMES; i += MAX_ORDER_PAGES)
		__free_pages(page + i, MAX_ORDER - 1);
}

void huge_pool_init(u32 pages)
{
	huge_pool = (struct huge_pool){ .total = 0 };
	list_init(&huge_pool.list);
	if (pages)
		printk("hugepages: wanted=%u total=%u kib=%u\n", pages, huge_pool_resize(pages),
		       LARGE_PAGE_SIZE / 1024);
}

u32 huge_pool_resize(u32 pages)
{
	drain_hot_frames();
	while (huge_pool.total < pages && add_page())
		;
	while (huge_pool.total > pages && huge_pool.free > huge_pool.reserved)
		remove_page();
	return huge_pool.total;
}

int huge_pool_reserve(u32 pages)
{
	if (pages > huge_pool.free - huge_pool.reserved)
		return -ENOMEM;
	huge_pool.reserved += pages;
	return 0;
}

void huge_pool_unreserve(u32 pages)
{
	BUG_ON(pages > huge_pool.reserved);
	huge_pool.reserved -= pages;
}

struct page *huge_page_alloc(bool reserved)
{
	struct page *page;

	if (reserved)
		huge_pool_unreserve(1);
	if (huge_pool.free == huge_pool.reserved)
		return NULL;
	page = list_first_entry(&huge_pool.list, struct page, lru);
	list_del(&page->lru);
	huge_pool.free--;
	BUG_ON(page->count != 1); /* (1) */
	page->count++;
	return page;
}

bool huge_page_put(struct page *page)
{
	BUG_ON(page->count < 2); /* (1) */
	if (--page->count > 1)
		return false;
	list_add(&page->lru, &huge_pool.list);
	huge_pool.free++;
	return true;
}

const char *huge_pool_validate(void)
{
	const struct list_head *link;
	u32 free = 0;

	list_for_each (link, &huge_pool.list)
		free++;
	if (free != huge_pool.free || free > huge_pool.total)
		return "(2) free is not the number of free large pages";
	return huge_pool.reserved > free ? "(2) more large pages are reserved than free" : NULL;
}
