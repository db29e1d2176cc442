/* SPDX-License-Identifier: MIT */
/* Free frames are not in the direct map. See the header. */
#include "mm/frames/debug_pagealloc.h"
#include "lib/assert.h"
#include "lib/printf.h"
#include "lib/symbol.h"
#include "mm/frames/page_alloc.h"
#include "mm/frames/page_owner.h"
#include "paging/tlb.h"

bool debug_pagealloc_on;
static pgd_t *directory;

static inline vaddr_t address_of(const struct page *page)
{
	return PAGE_OFFSET + (vaddr_t)pfn_to_phys(page_to_pfn(page));
}

static pte_t *entry_of(const struct page *page)
{
	pte_t *pte = pte_lookup(directory, address_of(page));

	BUG_ON(!pte); /* a page of 4 MiB */
	return pte;
}

void debug_map_block(struct page *page, u32 order)
{
	if (!debug_pagealloc_on || page_highmem(page))
		return;
	for (struct page *frame = page; frame != page + (1u << order); frame++)
		set_pte(entry_of(frame), mk_pte(page_to_pfn(frame), PAGE_KERNEL));
	page->flags |= PG_guarded;
}

void debug_unmap_block(const struct page *page, u32 order)
{
	for (const struct page *frame = page; frame != page + (1u << order); frame++) {
		pte_clear(entry_of(frame));
		tlb_flush_page(address_of(frame));
	}
}

static void guard_zone(const struct zone *zone)
{
	for (struct page *page = zone->pages; page != zone->pages + (zone->end - zone->start);
	     page++) {
		if (!page->count)
			debug_unmap_block(page, 0);
	}
}

void debug_pagealloc_start(pgd_t *kernel)
{
	directory = kernel;
	drain_hot_frames();
	for (u32 i = 0; i < NR_ZONES; i++)
		if (i != ZONE_HIGHMEM)
			guard_zone(&zones[i]);
	debug_pagealloc_on = true;
	alloc_finish = true;
}

void debug_pagealloc_explain(vaddr_t address, char *buffer, u32 size)
{
	pfn_t pfn = (address - PAGE_OFFSET) >> PAGE_SHIFT;
	char name[SYMBOL_SIZE];
	const void *caller;

	buffer[0] = '\0';
	if (!debug_pagealloc_on || address < PAGE_OFFSET || pfn >= max_low_pfn ||
	    pfn_to_page(pfn)->count)
		return;
	caller = page_owner_caller(pfn);
	if (caller)
		scnprintf(buffer, size, ": frame %#x is free, allocated last by %s", pfn,
			  symbol_text(caller, name));
	else
		scnprintf(buffer, size, ": frame %#x is free", pfn);
}
