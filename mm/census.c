/* SPDX-License-Identifier: MIT */
/* The census. Numbers cite the invariants of the header. */
#include "mm/census.h"
#include "lib/printk.h"
#include "mm/page_cache/filemap.h"
#include "mm/reclaim/reclaim.h"
#include "mm/swap/swap.h"
#include "mm/frames/huge_pool.h"
#include "mm/kernel_space/kernel_map.h"
#include "mm/user_space/mm.h"
#include "mm/user_space/truncate.h"
#include "mm/kernel_space/quicklist.h"
#include "mm/slab/slab.h"
#include "mm/kernel_space/vmalloc.h"
#include "paging/check.h"

static bool violation(struct census *census, const char *text, const char *place, u32 where)
{
	census->violated = text;
	census->place = place;
	census->where = where;
	return false;
}

/* (3) */
static bool check_structures(struct census *census)
{
	const char *name = "", *violated;

	for (u32 i = 0; i < NR_ZONES; i++) {
		violated = zone_validate(&zones[i]);
		if (violated)
			return violation(census, violated, zones[i].name, 0);
	}
	violated = kmem_cache_validate_all(&name);
	if (violated)
		return violation(census, violated, name, 0);
	violated = quicklists_validate();
	if (!violated)
		violated = pgd_validate();
	if (violated)
		return violation(census, violated, "page tables", 0);
	violated = swap_validate();
	if (!violated)
		violated = reclaim_validate();
	if (violated)
		return violation(census, violated, "swap", 0);
	violated = vmalloc_validate(&vmalloc_space);
	if (violated)
		return violation(census, violated, "vmalloc", 0);
	return true;
}

static bool check_space(struct census *census, struct mm_struct *mm)
{
	vaddr_t where = 0;
	const char *violated = mm_validate(mm, &where);

	if (!violated)
		violated = pgtable_validate(mm->pgd, kernel_pgd, max_pfn, &where);
	if (violated)
		return violation(census, violated, "address space", where);
	return true;
}

static int count_reference(pte_t *pte, vaddr_t address, void *context)
{
	(void)address;
	(void)context;
	if (pte_present(*pte) && pfn_valid(pte_pfn(*pte)))
		pfn_to_page(pte_pfn(*pte))->audit++;
	return 0;
}

/* Checks the page caches, and counts the one reference that they hold to each of their pages. */
static bool count_cached_pages(struct census *census)
{
	const struct address_space *mapping;

	list_for_each_entry (mapping, &mapping_list, link) {
		const char *violated = mapping_validate(mapping);
		struct page *page;

		if (!violated)
			violated = mapping_validate_areas(mapping);
		if (violated)
			return violation(census, violated, mapping->name ? mapping->name : "",
					 mapping->ino);
		for (u32 i = 0; (page = find_next_page(mapping, &i)); i++)
			page->audit++;
	}
	return true;
}

/* The reference that the swap cache holds to each of its pages. */
static void count_swap_cache(void)
{
	for (pfn_t pfn = 0; pfn < max_pfn; pfn++)
		if (pfn_to_page(pfn)->flags & PG_swapcache)
			pfn_to_page(pfn)->audit++;
}

/* References by an owner other than page-table entries and the page cache: 0 or 1. */
static u32 kernel_references(enum page_owner owner)
{
	return owner != OWNER_FREE && owner != OWNER_ANON && owner != OWNER_PAGECACHE;
}

/* (1) and (2) for a frame of a block that belongs to `owner`. */
static bool check_frame(struct census *census, const struct page *page, enum page_owner owner)
{
	pfn_t pfn = page_to_pfn(page);

	census->frames[owner]++;
	if (page->flags & PG_reserved)
		return true;
	if (!page->count != (owner == OWNER_FREE))
		return violation(census, "(2) a frame is free and owned", "", pfn);
	if (!!(page->flags & PG_slab) != (owner == OWNER_SLAB))
		return violation(census, "(2) a frame is a slab's and is not", "", pfn);
	if (page->count != page->audit + kernel_references(owner))
		return violation(census, "(1) a frame's count is not its references", "", pfn);
	return true;
}

/* Checks the frames of each block against the owner that its first frame records. */
static bool check_blocks(struct census *census)
{
	pfn_t pfn = 0;

	while (pfn < max_pfn) {
		const struct page *first = pfn_to_page(pfn);
		enum page_owner owner = page_owner(first);
		pfn_t end = pfn + (1u << (first->block & BLOCK_ORDER));

		if (!first->block && !(first->flags & PG_reserved))
			return violation(census, "(2) a frame is in no block", "", pfn);
		for (; pfn < end; pfn++)
			if (!check_frame(census, pfn_to_page(pfn), owner))
				return false;
	}
	return true;
}

/* (4); a table that is in none of them is lost for ever. */
static bool check_page_tables(struct census *census)
{
	u32 frames = kernel_pgtable_frames() + quicklist_tables();
	const struct mm_struct *mm;

	list_for_each_entry (mm, &mm_list, link)
		frames += mm->nr_ptes;
	if (frames != census->frames[OWNER_PGTABLE])
		return violation(census, "(4) page tables that nothing uses, or that are free",
				 "page tables", frames);
	return true;
}

bool mm_census(struct census *census)
{
	struct mm_struct *mm;

	*census = (struct census){ .total = max_pfn, .place = "" };
	if (!check_structures(census))
		return false;
	for (pfn_t pfn = 0; pfn < max_pfn; pfn++)
		pfn_to_page(pfn)->audit = 0;
	list_for_each_entry (mm, &mm_list, link) {
		if (!check_space(census, mm))
			return false;
		visit_range(mm->pgd, 0, TASK_SIZE, count_reference, NULL);
	}
	count_swap_cache();
	if (!count_cached_pages(census) || !check_blocks(census))
		return false;
	if (census->frames[OWNER_FREE] != nr_free_pages())
		return violation(census, "(2) the free frames are not those of the zones", "", 0);
	if (census->frames[OWNER_HUGE] != huge_pool.total * HUGE_FRAMES)
		return violation(census, "(2) the pool counts its large pages wrongly", "", 0);
	return check_page_tables(census);
}

bool census_counted_all(const struct census *census)
{
	u32 counted = 0;

	for (u32 i = 0; i < NR_PAGE_OWNERS; i++)
		counted += census->frames[i];
	return counted == census->total;
}

void census_print(const struct census *census)
{
	if (census->violated) {
		printk("census: violated=\"%s\" place=\"%s\" where=%#x\n", census->violated,
		       census->place, census->where);
		return;
	}
	printk("census: total=%u free=%u reserved=%u kernel=%u pgtable=%u slab=%u vmalloc=%u "
	       "anon=%u pagecache=%u huge=%u\n",
	       census->total, census->frames[OWNER_FREE], census->frames[OWNER_RESERVED],
	       census->frames[OWNER_KERNEL], census->frames[OWNER_PGTABLE],
	       census->frames[OWNER_SLAB], census->frames[OWNER_VMALLOC],
	       census->frames[OWNER_ANON], census->frames[OWNER_PAGECACHE],
	       census->frames[OWNER_HUGE]);
}
