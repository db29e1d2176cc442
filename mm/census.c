/* SPDX-License-Identifier: MIT */
/* The census. The numbers are the invariants of the header. */
#include "mm/census.h"
#include "lib/printk.h"
#include "mm/kernel_map.h"
#include "mm/mm.h"
#include "mm/slab.h"
#include "mm/vmalloc.h"
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
	return violated ? violation(census, violated, "address space", where) : true;
}

static int count_reference(pte_t *pte, vaddr_t address, void *context)
{
	(void)address;
	(void)context;
	if (pte_present(*pte) && pfn_valid(pte_pfn(*pte)))
		pfn_to_page(pte_pfn(*pte))->audit++;
	return 0;
}

/* What an owner that is no page table holds of a frame of its kind. */
static u32 kernel_references(const struct page *page)
{
	switch (page_owner(page)) {
	case OWNER_FREE:
	case OWNER_ANON:
		return 0;
	default:
		return 1;
	}
}

/* (1) and (2) */
static bool check_frame(struct census *census, const struct page *page)
{
	pfn_t pfn = page_to_pfn(page);

	census->frames[page_owner(page)]++;
	if (page->flags & PG_reserved)
		return true;
	if (!!page->count != (page_owner(page) != OWNER_FREE))
		return violation(census, "(2) a frame is free and owned", "", pfn);
	if (!!(page->flags & PG_slab) != (page_owner(page) == OWNER_SLAB))
		return violation(census, "(2) a frame is a slab's and is not", "", pfn);
	if (page->count != page->audit + kernel_references(page))
		return violation(census, "(1) a frame's count is not its references", "", pfn);
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
	list_for_each_entry(mm, &mm_list, link) {
		if (!check_space(census, mm))
			return false;
		visit_range(mm->pgd, 0, TASK_SIZE, count_reference, NULL);
	}
	for (pfn_t pfn = 0; pfn < max_pfn; pfn++)
		if (!check_frame(census, pfn_to_page(pfn)))
			return false;
	if (census->frames[OWNER_FREE] != nr_free_pages())
		return violation(census, "(2) the free frames are not those of the zones", "", 0);
	return true;
}

void census_print(const struct census *census)
{
	if (census->violated) {
		printk("census: violated=\"%s\" place=\"%s\" where=%#x\n", census->violated,
		       census->place, census->where);
		return;
	}
	printk("census: total=%u free=%u reserved=%u kernel=%u pgtable=%u slab=%u vmalloc=%u anon=%u "
	       "pagecache=%u\n",
	       census->total, census->frames[OWNER_FREE], census->frames[OWNER_RESERVED],
	       census->frames[OWNER_KERNEL], census->frames[OWNER_PGTABLE],
	       census->frames[OWNER_SLAB], census->frames[OWNER_VMALLOC], census->frames[OWNER_ANON],
	       census->frames[OWNER_PAGECACHE]);
}
