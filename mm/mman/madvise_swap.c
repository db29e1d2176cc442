/* SPDX-License-Identifier: MIT */
/*
 * madvise(2) about swap. Pages that several processes share are left alone, as on Linux: one of
 * them must not decide for all. Nothing here fails: it is advice.
 *
 * The visitors evict and read pages in the middle of a visit. That changes entries, but no page
 * table goes away (mm/reclaim/reclaim.h (5)).
 */
#include "lib/resched.h"
#include "mm/frames/lru.h"
#include "mm/mman/mman_internal.h"
#include "mm/swap/swap.h"

struct visit {
	struct mm_struct *mm;
	struct page *pages[SWAP_CLUSTER]; /* to evict */
	u32 count;
};

/* The private page of a present entry that only this entry maps, or NULL. */
static struct page *sole_page(pte_t pte)
{
	struct page *page = pfn_to_page(pte_pfn(pte));

	if (!pte_present(pte) || page == zero_page || !page_is_anon(page))
		return NULL;
	if (page->count != 1u + !!(page->flags & PG_swapcache))
		return NULL;
	/* An entry of another process in swap shares the page too. */
	return page->flags & PG_swapcache && swap_count(page_swap_entry(page)) ? NULL : page;
}

/* A page table at a time, so that other tasks run. */
static void visit_by_tables(struct vm_area_struct *vma, vaddr_t start, vaddr_t end,
			    pte_visitor_t *visit, struct visit *context)
{
	for (vaddr_t next; start < end && !task_killed(); start = next) {
		next = pgtable_end(start, end);
		if (visit_range(vma->vm_mm->pgd, start, next, visit, context))
			return;
		if (context->count)
			evict_pages(context->pages, context->count);
		context->count = 0;
		cond_resched();
	}
}

static int collect(pte_t *pte, vaddr_t address, void *context)
{
	struct visit *visit = context;
	struct page *page = sole_page(*pte);

	(void)address;
	if (page)
		visit->pages[visit->count++] = page;
	if (visit->count == SWAP_CLUSTER) {
		evict_pages(visit->pages, visit->count);
		visit->count = 0;
	}
	return 0;
}

void advise_pageout(struct vm_area_struct *vma, vaddr_t start, vaddr_t end)
{
	struct visit visit = { .mm = vma->vm_mm };

	if (evict_pages)
		visit_by_tables(vma, start, end, collect, &visit);
}

static int make_cold(pte_t *pte, vaddr_t address, void *context)
{
	const struct visit *visit = context;
	struct page *page = sole_page(*pte);

	if (!page)
		return 0;
	if (pte_young(*pte)) {
		set_pte(pte, pte_mkold(*pte));
		flush_tlb_page(visit->mm, address);
	}
	if (page->flags & PG_lru)
		lru->cold(page);
	return 0;
}

void advise_cold(struct vm_area_struct *vma, vaddr_t start, vaddr_t end)
{
	struct visit visit = { .mm = vma->vm_mm };

	visit_by_tables(vma, start, end, make_cold, &visit);
}

/*
 * The page stays until reclaim wants its frame. Its entry becomes clean: if the MMU has made it
 * dirty by then, the program uses the page again (unmap_clean() of mm/reclaim/rmap.c). A page in
 * swap is freed at once.
 */
static int make_free(pte_t *pte, vaddr_t address, void *context)
{
	const struct visit *visit = context;
	struct page *page;

	if (!pte_present(*pte)) {
		zap_page_range(visit->mm, address, address + PAGE_SIZE);
		return 0;
	}
	page = sole_page(*pte);
	if (!page)
		return 0;
	if (page->flags & PG_swapcache)
		delete_from_swap_cache(page);
	page->flags |= PG_lazyfree;
	swap_counters.lazyfree++;
	set_pte(pte, pte_mkclean(pte_mkold(*pte)));
	flush_tlb_page(visit->mm, address);
	if (page->flags & PG_lru)
		lru->cold(page);
	return 0;
}

void advise_free(struct vm_area_struct *vma, vaddr_t start, vaddr_t end)
{
	struct visit visit = { .mm = vma->vm_mm };

	visit_by_tables(vma, start, end, make_free, &visit);
}

/* The swap cache holds the page until a fault wants it; under pressure it is dropped again. */
static int read_in(pte_t *pte, vaddr_t address, void *context)
{
	swp_entry_t entry = pte_to_swp_entry(*pte);
	struct page *page;
	u32 distance;

	(void)address;
	(void)context;
	if (pte_present(*pte) || lookup_swap_cache(entry))
		return 0;
	if (swap_read(entry, &page, &distance))
		return 1;
	page->flags |= PG_readahead;
	return 0;
}

void advise_willneed(struct vm_area_struct *vma, vaddr_t start, vaddr_t end)
{
	struct visit visit = { .mm = vma->vm_mm };

	if (vma->vm_mm->nr_swap)
		visit_by_tables(vma, start, end, read_in, &visit);
}
