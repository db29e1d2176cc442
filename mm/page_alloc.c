/* SPDX-License-Identifier: MIT */
/*
 * The choice among the zones, and the calls on frames. The fast path is one comparison with the watermark `low` of the best zone;
 * everything else is in alloc_slow().
 */
#include "mm/page_alloc.h"
#include "lib/assert.h"
#include "lib/symbol.h"
#include "mm/fail_alloc.h"
#include "mm/highmem.h"
#include "mm/page_owner.h"

struct zone zones[NR_ZONES];
static reclaim_t reclaim;

/* By GFP_ZONE_MASK: the zones that will do, the best first. __GFP_DMA is the stricter one. */
static struct zone *const zonelists[4][NR_ZONES + 1] = {
	[0] = { &zones[ZONE_NORMAL], &zones[ZONE_DMA] },
	[__GFP_DMA] = { &zones[ZONE_DMA] },
	[__GFP_HIGHMEM] = { &zones[ZONE_HIGHMEM], &zones[ZONE_NORMAL], &zones[ZONE_DMA] },
	[__GFP_DMA | __GFP_HIGHMEM] = { &zones[ZONE_DMA] },
};

static inline enum page_owner gfp_owner(gfp_t gfp)
{
	return (enum page_owner)((gfp & PAGE_OWNER_MASK) >> PAGE_OWNER_SHIFT);
}

/* A block from the first zone that keeps `reserve(zone)` frames. */
static struct page *alloc_above(gfp_t gfp, u32 order, u32 (*reserve)(const struct zone *zone))
{
	for (struct zone *const *zone = zonelists[gfp & GFP_ZONE_MASK]; *zone; zone++) {
		struct page *page;

		if ((*zone)->free_pages < reserve(*zone) + (1u << order))
			continue;
		page = buddy_alloc(*zone, order, gfp_owner(gfp));
		if (page)
			return page;
	}
	return NULL;
}

static u32 reserve_low(const struct zone *zone)
{
	return zone->pages_low;
}

static u32 reserve_min(const struct zone *zone)
{
	return zone->pages_min;
}

static u32 reserve_high(const struct zone *zone)
{
	return zone->pages_min / 4;
}

static u32 reserve_none(const struct zone *zone)
{
	(void)zone;
	return 0;
}

static noinline struct page *alloc_slow(gfp_t gfp, u32 order)
{
	struct page *page = alloc_above(gfp, order, reserve_low);

	if (!page)
		page = alloc_above(gfp, order, gfp & __GFP_HIGH ? reserve_high : reserve_min);
	while (!page && gfp & __GFP_WAIT && reclaim && reclaim(gfp, order))
		page = alloc_above(gfp, order, reserve_min);
	if (!page && gfp & __GFP_NOFAIL) {
		page = alloc_above(gfp, order, reserve_none);
		if (!page)
			panic("page_alloc: no memory for a request that must not fail (order %u)", order);
	}
	return page;
}

static void clear_pages(struct page *page, u32 order)
{
	for (u32 i = 0; i < 1u << order; i++)
		clear_highpage(page + i);
}

/* What is done with a block besides taking it. Returns the block. */
static noinline struct page *finish_alloc(struct page *page, gfp_t gfp, u32 order, const void *caller)
{
	if (page_owner_on)
		page_owner_set(page, order, caller);
	if (gfp & __GFP_ZERO)
		clear_pages(page, order);
	return page;
}

struct page *alloc_pages(gfp_t gfp, u32 order)
{
	struct zone *zone = zonelists[gfp & GFP_ZONE_MASK][0];
	struct page *page = NULL;

	if (unlikely(order >= MAX_ORDER))
		return NULL;
	if (unlikely(fail_alloc_armed) && fail_alloc(FAIL_PAGE, gfp))
		return NULL;
	if (likely(zone->free_pages >= zone->pages_low + (1u << order)))
		page = buddy_alloc(zone, order, gfp_owner(gfp));
	if (unlikely(!page)) {
		page = alloc_slow(gfp, order);
		if (!page)
			return NULL;
	}
	if (unlikely(page_owner_on) || gfp & __GFP_ZERO)
		return finish_alloc(page, gfp, order, __builtin_return_address(0));
	return page;
}

static noinline void wrong_free(const struct page *page, u32 order, const void *caller) __noreturn;

static void wrong_free(const struct page *page, u32 order, const void *caller)
{
	const char *wrong = "frame 0 .. max_pfn do not hold it";
	char name[SYMBOL_SIZE];

	if (page >= mem_map && page < mem_map + max_pfn)
		wrong = buddy_check_free(&zones[page_zone_index(page)], page, order);
	panic("page_alloc: %s: frame %#x, order %u, released by %s", wrong, page_to_pfn(page), order,
	      symbol_text(caller, name));
}

static inline void release(struct page *page, u32 order, const void *caller)
{
	if (unlikely(!buddy_free(&zones[page_zone_index(page)], page, order)))
		wrong_free(page, order, caller);
}

void __free_pages(struct page *page, u32 order)
{
	release(page, order, __builtin_return_address(0));
}

void *__get_free_pages(gfp_t gfp, u32 order)
{
	struct page *page;

	BUG_ON(gfp & __GFP_HIGHMEM);
	page = alloc_pages(gfp, order);
	return page ? page_address(page) : NULL;
}

void *get_zeroed_page(gfp_t gfp)
{
	return __get_free_pages(gfp | __GFP_ZERO, 0);
}

void free_pages(void *address, u32 order)
{
	const void *caller = __builtin_return_address(0);
	char name[SYMBOL_SIZE];

	if (!address)
		return;
	if (!IS_ALIGNED(virt_to_phys(address), PAGE_SIZE) || virt_to_pfn(address) >= max_low_pfn)
		panic("page_alloc: %p is no address of a frame, released by %s", address,
		      symbol_text(caller, name));
	release(virt_to_page(address), order, caller);
}

void get_page(struct page *page)
{
	if (page->flags & PG_reserved)
		return;
	BUG_ON(!page->count || page->count == UINT32_MAX);
	page->count++;
}

void put_page(struct page *page)
{
	if (page->flags & PG_reserved)
		return;
	if (page->count > 1)
		page->count--;
	else
		release(page, 0, __builtin_return_address(0));
}

void set_reclaim(reclaim_t function)
{
	reclaim = function;
}

u32 nr_free_pages(void)
{
	u32 frames = 0;

	for (u32 i = 0; i < NR_ZONES; i++)
		frames += zones[i].free_pages;
	return frames;
}

u32 nr_present_pages(void)
{
	u32 frames = 0;

	for (u32 i = 0; i < NR_ZONES; i++)
		frames += zones[i].present_pages;
	return frames;
}

u32 get_order(size_t bytes)
{
	u32 order = 0;

	while (order < MAX_ORDER && (size_t)PAGE_SIZE << order < bytes)
		order++;
	return order;
}
