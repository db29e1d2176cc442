/* SPDX-License-Identifier: MIT */
/*
 * Windows on high memory. Numbers cite the invariants of the header.
 *
 * kunmap() leaves the page-table entry, because many frames are mapped again soon. When no window
 * is free, all windows without users are cleared together, with one TLB flush.
 */
#include "mm/frames/highmem.h"
#include "lib/assert.h"
#include "paging/layout.h"
#include "paging/range.h"
#include "paging/tlb.h"

static pte_t *pkmap_table;
static pte_t *atomic_table;
static u32 pkmap_count[PKMAP_PAGES];
static u32 pkmap_next; /* where the next search for a free window starts */
static u32 atomic_depth;

static vaddr_t pkmap_address(u32 window)
{
	return PKMAP_BASE + window * PAGE_SIZE;
}

static vaddr_t atomic_address(u32 slot)
{
	return FIXMAP_END - (slot + 1) * PAGE_SIZE;
}

void highmem_init(pgd_t *pgd)
{
	pkmap_table = pte_lookup(pgd, PKMAP_BASE);
	atomic_table = pte_lookup(pgd, atomic_address(KMAP_ATOMIC_SLOTS - 1));
	memset(pkmap_count, 0, sizeof(pkmap_count));
	pkmap_next = atomic_depth = 0;
	BUG_ON(!pkmap_table || !atomic_table);
	atomic_table -= pte_index(atomic_address(KMAP_ATOMIC_SLOTS - 1));
}

/* Clears the windows without users. */
static void flush_unused(void)
{
	for (u32 i = 0; i < PKMAP_PAGES; i++) {
		if (pkmap_count[i] != 1)
			continue;
		pkmap_count[i] = 0;
		pte_clear(&pkmap_table[i]);
	}
	tlb_flush_kernel();
}

/* The window that maps a frame, or PKMAP_PAGES. */
static u32 find_window(pfn_t pfn)
{
	for (u32 i = 0; i < PKMAP_PAGES; i++)
		if (pkmap_count[i] && pte_pfn(pkmap_table[i]) == pfn)
			return i;
	return PKMAP_PAGES;
}

static u32 free_window(void)
{
	for (u32 tried = 0; tried < 2 * PKMAP_PAGES; tried++) {
		u32 window = pkmap_next;

		pkmap_next = (pkmap_next + 1) % PKMAP_PAGES;
		if (!pkmap_next)
			flush_unused();
		if (!pkmap_count[window])
			return window;
	}
	return PKMAP_PAGES;
}

void *kmap(struct page *page)
{
	u32 window;

	if (!page_highmem(page))
		return page_address(page);
	window = find_window(page_to_pfn(page));
	if (window == PKMAP_PAGES) {
		window = free_window();
		if (window == PKMAP_PAGES)
			return NULL;
		BUG_ON(!pte_none(pkmap_table[window])); /* (1) */
		set_pte(&pkmap_table[window], mk_pte(page_to_pfn(page), PAGE_KERNEL));
		pkmap_count[window] = 1;
	}
	pkmap_count[window]++;
	return mmu_pointer(pkmap_address(window));
}

void kunmap(struct page *page)
{
	u32 window;

	if (!page_highmem(page))
		return;
	window = find_window(page_to_pfn(page));
	BUG_ON(window == PKMAP_PAGES || pkmap_count[window] < 2);
	pkmap_count[window]--;
}

void *kmap_high_atomic(struct page *page)
{
	u32 slot = atomic_depth++;

	BUG_ON(slot >= KMAP_ATOMIC_SLOTS);
	BUG_ON(!pte_none(atomic_table[pte_index(atomic_address(slot))])); /* (3) */
	set_pte(&atomic_table[pte_index(atomic_address(slot))],
		mk_pte(page_to_pfn(page), PAGE_KERNEL));
	return mmu_pointer(atomic_address(slot));
}

void kunmap_high_atomic(struct page *page)
{
	vaddr_t address;
	pte_t *pte;

	BUG_ON(!atomic_depth);
	address = atomic_address(atomic_depth - 1);
	pte = &atomic_table[pte_index(address)];
	BUG_ON(pte_pfn(*pte) != page_to_pfn(page)); /* not in reverse order */
	pte_clear(pte);
	tlb_flush_page(address);
	atomic_depth--;
}

void copy_highpage_by_windows(struct page *to, struct page *from)
{
	void *target = kmap_atomic(to), *source = kmap_atomic(from);

	memcpy(target, source, PAGE_SIZE);
	kunmap_atomic(from);
	kunmap_atomic(to);
}

u32 kmap_atomic_depth(void)
{
	return atomic_depth;
}

u32 kmap_users(void)
{
	u32 users = atomic_depth;

	for (u32 i = 0; i < PKMAP_PAGES; i++)
		users += pkmap_count[i] > 1 ? pkmap_count[i] - 1 : 0;
	return users;
}

const char *highmem_validate(void)
{
	for (u32 i = 0; i < PKMAP_PAGES; i++) {
		if (!pkmap_count[i] != pte_none(pkmap_table[i]))
			return "(1) a window is free and mapped, or in use and not";
		if (pkmap_count[i] && find_window(pte_pfn(pkmap_table[i])) != i)
			return "(2) a frame is in two windows";
	}
	for (u32 slot = 0; slot < KMAP_ATOMIC_SLOTS; slot++)
		if ((slot < atomic_depth) ==
		    pte_none(atomic_table[pte_index(atomic_address(slot))]))
			return "(3) an atomic slot is in use and empty, or the other way round";
	return NULL;
}
