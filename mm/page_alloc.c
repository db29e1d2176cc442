/* SPDX-License-Identifier: MIT */
/* The machine's zones, and the choice among them. */
#include "mm/page_alloc.h"
#include "lib/assert.h"
#include "lib/errno.h"
#include "lib/irq.h"
#include "lib/string.h"
#include "mm/early.h"

struct zone zones[NR_ZONES];
struct page *mem_map;
pfn_t max_low_pfn;

int zones_init(pfn_t low_end)
{
	static const char *const names[] = { [ZONE_DMA] = "DMA", [ZONE_NORMAL] = "NORMAL" };
	pfn_t bounds[NR_ZONES + 1] = { 0, min(low_end, ZONE_DMA_END), low_end };
	phys_addr_t map = early_alloc(&early, (u64)low_end * sizeof(struct page), PAGE_SIZE);

	if (!map)
		return -ENOMEM;
	mem_map = phys_to_virt(map);
	max_low_pfn = low_end;
	for (u32 i = 0; i < NR_ZONES; i++) {
		u32 words = zone_bitmap_words(bounds[i + 1] - bounds[i]);
		phys_addr_t bitmaps = early_alloc(&early, (u64)words * 4 + 4, PAGE_SIZE);

		if (!bitmaps)
			return -ENOMEM;
		zone_init(&zones[i], i, names[i], bounds[i], bounds[i + 1], mem_map + bounds[i],
			  phys_to_virt(bitmaps));
	}
	return 0;
}

void zones_add(pfn_t first, pfn_t end)
{
	for (u32 i = 0; i < NR_ZONES; i++) {
		pfn_t from = max(first, zones[i].start), to = min(end, zones[i].end);

		if (from < to)
			zone_add(&zones[i], from, to);
	}
}

struct page *alloc_pages(gfp_t gfp, u32 order)
{
	enum page_owner owner = (gfp & PAGE_OWNER_MASK) >> PAGE_OWNER_SHIFT;
	struct page *page = NULL;
	unsigned long irq;

	if (order >= MAX_ORDER)
		return NULL;
	irq = irq_save();
	if (!(gfp & __GFP_DMA))
		page = buddy_alloc(&zones[ZONE_NORMAL], order, owner);
	if (!page)
		page = buddy_alloc(&zones[ZONE_DMA], order, owner);
	irq_restore(irq);
	if (page && gfp & __GFP_ZERO)
		memset(page_address(page), 0, PAGE_SIZE << order);
	return page;
}

void __free_pages(struct page *page, u32 order)
{
	unsigned long irq = irq_save();

	buddy_free(&zones[page_zone_index(page)], page, order);
	irq_restore(irq);
}

void *__get_free_pages(gfp_t gfp, u32 order)
{
	struct page *page = alloc_pages(gfp, order);

	return page ? page_address(page) : NULL;
}

void *get_zeroed_page(gfp_t gfp)
{
	return __get_free_pages(gfp | __GFP_ZERO, 0);
}

void free_pages(void *address, u32 order)
{
	if (!address)
		return;
	BUG_ON(!pfn_valid(virt_to_pfn(address)) || !IS_ALIGNED(virt_to_phys(address), PAGE_SIZE));
	__free_pages(virt_to_page(address), order);
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
	BUG_ON(!page->count);
	if (page->count == 1)
		__free_pages(page, 0);
	else
		page->count--;
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
