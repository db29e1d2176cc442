/* SPDX-License-Identifier: MIT */
/*
 * Unmapping pages: entries are emptied, then the TLB is flushed, then the frames are freed ((4) of
 * paging/tlb.h). Frames wait in a gather for the flush, so that one flush serves many pages.
 */
#include "mm/user_space/mm_internal.h"
#include "lib/assert.h"
#include "lib/resched.h"
#include "mm/swap/swap.h"

#define GATHER_PAGES 64

struct gather {
	struct mm_struct *mm;
	u32 count;
	vaddr_t start, end; /* encloses what was emptied */
	struct page *pages[GATHER_PAGES];
};

static void gather_flush(struct gather *gather)
{
	flush_tlb_range(gather->mm, gather->start, gather->end);
	put_pages(gather->pages, gather->count);
	gather->count = 0;
}

static inline void gather_add(struct gather *gather, struct page *page, vaddr_t address)
{
	if (!gather->count)
		gather->start = address;
	gather->end = address + PAGE_SIZE;
	gather->pages[gather->count++] = page;
	if (gather->count == GATHER_PAGES)
		gather_flush(gather);
}

/* Empties an entry. Returns the frame that it named, or NULL if its page was in swap. */
static inline struct page *take_page(pte_t *pte, struct mm_struct *mm)
{
	pte_t entry = *pte;
	struct page *page = pfn_to_page(pte_pfn(entry));

	pte_clear(pte);
	if (unlikely(!pte_present(entry))) {
		mm->nr_swap--;
		swap_free(pte_to_swp_entry(entry));
		return NULL;
	}
	if (page != zero_page)
		mm->rss--;
	return page;
}

static inline int zap_pte(pte_t *pte, vaddr_t address, void *context)
{
	struct gather *gather = context;

	struct page *page = take_page(pte, gather->mm);

	if (likely(page))
		gather_add(gather, page, address);
	return 0;
}

/* Of a space that is not active: no TLB knows it, so nothing has to wait. */
static inline int zap_inactive_pte(pte_t *pte, vaddr_t address, void *context)
{
	struct page *page = take_page(pte, context);

	(void)address;
	if (likely(page))
		put_page(page);
	return 0;
}

/* zap_page_range(), whose contract is in mm.h, for both functions below. */
static inline void zap_range(struct mm_struct *mm, vaddr_t start, vaddr_t end)
{
	struct gather gather;

	mm->max_rss = max(mm->max_rss, mm->rss);
	if (!mm_active(mm)) {
		visit_range_inline(mm->pgd, start, end, zap_inactive_pte, mm);
		return;
	}
	gather.mm = mm;
	gather.count = 0;
	gather.start = gather.end = start;
	visit_range_inline(mm->pgd, start, end, zap_pte, &gather);
	if (gather.count)
		gather_flush(&gather);
}

void zap_page_range(struct mm_struct *mm, vaddr_t start, vaddr_t end)
{
	zap_range(mm, start, end);
}

void zap_object_page(const struct vm_area_struct *vma, u32 index, const struct page *page)
{
	vaddr_t address = vma->vm_start + ((index - vma->vm_pgoff) << PAGE_SHIFT);
	pte_t entry;

	if (index - vma->vm_pgoff >= vma_pages(vma))
		return;
	entry = page_entry(vma->vm_mm->pgd, address);
	if (pte_present(entry) && pte_pfn(entry) == page_to_pfn(page))
		zap_range(vma->vm_mm, address, address + PAGE_SIZE);
}

void zap_large_range(struct mm_struct *mm, vaddr_t start, vaddr_t end)
{
	while (start < end) {
		vaddr_t next = pgtable_end(start, end);

		zap_range(mm, start, next);
		start = next;
		cond_resched();
	}
}
