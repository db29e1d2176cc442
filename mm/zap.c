/* SPDX-License-Identifier: MIT */
/*
 * Taking pages and page tables away from an address space.
 *
 * Order matters: entries are emptied, then the TLB forgets them, then the frames go back. What was emptied waits in a gather for
 * the flush in between, so that one flush serves many pages.
 */
#include "mm/mm_internal.h"
#include "lib/assert.h"
#include "paging/tlb.h"

#define GATHER_PAGES 64

struct gather {
	struct mm_struct *mm;
	u32 count;
	vaddr_t start, end; /* encloses what was emptied */
	struct page *pages[GATHER_PAGES];
};

bool mm_active(const struct mm_struct *mm)
{
	return mmu_root() == virt_to_phys(mm->pgd);
}

void flush_tlb_page(struct mm_struct *mm, vaddr_t address)
{
	if (mm_active(mm))
		tlb_flush_page(address);
}

void flush_tlb_range(struct mm_struct *mm, vaddr_t start, vaddr_t end)
{
	if (!mm_active(mm))
		return;
	if ((end - start) >> PAGE_SHIFT > GATHER_PAGES / 2) {
		tlb_flush_all();
		return;
	}
	for (; start < end; start += PAGE_SIZE)
		tlb_flush_page(start);
}

static void gather_flush(struct gather *gather)
{
	if (!gather->count)
		return;
	flush_tlb_range(gather->mm, gather->start, gather->end);
	for (u32 i = 0; i < gather->count; i++)
		put_page(gather->pages[i]);
	gather->count = 0;
}

static void gather_add(struct gather *gather, struct page *page, vaddr_t address)
{
	if (!gather->count)
		gather->start = address;
	gather->end = address + PAGE_SIZE;
	gather->pages[gather->count++] = page;
	if (gather->count == GATHER_PAGES)
		gather_flush(gather);
}

static int zap_pte(pte_t *pte, vaddr_t address, void *context)
{
	struct gather *gather = context;
	struct page *page;

	BUG_ON(!pte_present(*pte));
	page = pfn_to_page(pte_pfn(*pte));
	pte_clear(pte);
	if (page != zero_page)
		gather->mm->rss--;
	gather_add(gather, page, address);
	return 0;
}

void zap_page_range(struct mm_struct *mm, vaddr_t start, vaddr_t end)
{
	struct gather gather = { .mm = mm };

	visit_range(mm->pgd, start, end, zap_pte, &gather);
	gather_flush(&gather);
}

static pfn_t user_table(void *context)
{
	struct mm_struct *mm = context;
	struct page *page = alloc_page(GFP_PGTABLE);

	if (!page)
		return 0;
	mm->nr_ptes++;
	return page_to_pfn(page);
}

static void user_populate(void *context, pmd_t *pmd, vaddr_t address, pmd_t entry)
{
	(void)context;
	BUG_ON(address >= TASK_SIZE);
	set_pmd(pmd, entry);
}

struct pgtable_ops mm_pgtable_ops(struct mm_struct *mm)
{
	return (struct pgtable_ops){ user_table, user_populate, mm };
}

/* A page table serves 4 MiB: those that lie between the end of the area before the hole and the start of the one after it. */
void free_pgtables(struct mm_struct *mm, vaddr_t start, vaddr_t end)
{
	struct vm_area_struct *prev, *next = find_vma_prev(mm, start, &prev);
	vaddr_t from = prev ? ALIGN_UP(prev->vm_end, PGDIR_SIZE) : 0;
	vaddr_t to = next ? ALIGN_DOWN(next->vm_start, PGDIR_SIZE) : TASK_SIZE;
	struct gather gather = { .mm = mm };

	from = max(from, ALIGN_DOWN(start, PGDIR_SIZE));
	to = min(to, ALIGN_UP(end, PGDIR_SIZE));
	for (; from < to; from += PGDIR_SIZE) {
		pmd_t *pmd = pmd_offset(pgd_offset(mm->pgd, from), from);
		struct page *table;

		if (pmd_none(*pmd))
			continue;
		table = pfn_to_page(pmd_pfn(*pmd));
		pmd_clear(pmd);
		mm->nr_ptes--;
		/* Naming any page below it flushes the cached directory entry too (SDM vol. 3A 4.10.4.1). */
		gather_add(&gather, table, from);
	}
	gather_flush(&gather);
}
