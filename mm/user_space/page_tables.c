/* SPDX-License-Identifier: MIT */
/*
 * The page tables of an address space, and the TLB while it is the active one. A fault makes a
 * table, nr_ptes counts it, and it is freed when no area needs its 4 MiB any more. Its entries
 * are all empty then, so it goes to a quicklist without being cleared. paging/tlb.h has the rules
 * for flushes.
 */
#include "mm/user_space/page_tables.h"
#include "lib/assert.h"
#include "mm/kernel_space/quicklist.h"
#include "mm/user_space/vma.h"

/* Above so many pages it is cheaper to flush all than to name each. */
#define FLUSH_ALL_ABOVE 32

void flush_tlb_page(struct mm_struct *mm, vaddr_t address)
{
	if (mm_active(mm))
		tlb_flush_page(address);
}

void flush_tlb_range(struct mm_struct *mm, vaddr_t start, vaddr_t end)
{
	if (!mm_active(mm))
		return;
	if ((end - start) >> PAGE_SHIFT > FLUSH_ALL_ABOVE) {
		tlb_flush_all();
		return;
	}
	for (; start < end; start += PAGE_SIZE)
		tlb_flush_page(start);
}

static pfn_t user_table(void *context)
{
	struct mm_struct *mm = context;
	struct page *page = pte_alloc_table();

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

pte_t *make_pte(struct mm_struct *mm, vaddr_t address)
{
	const struct pgtable_ops ops = { user_table, user_populate, mm };

	/* It has no table left, so this stops its faults: they cost no other process a check. */
	return mm->oom_victim ? NULL : pte_alloc(mm->pgd, address, &ops);
}

void free_pgd_range(struct mm_struct *mm, vaddr_t start, vaddr_t end)
{
	for (; start < end && mm->nr_ptes; start += PMD_SIZE) {
		pmd_t *pmd = pmd_offset(pgd_offset(mm->pgd, start), start);
		struct page *table;

		if (pmd_none(*pmd))
			continue;
		table = pfn_to_page(pmd_pfn(*pmd));
		pmd_clear(pmd);
		mm->nr_ptes--;
		/* (5) of paging/tlb.h: INVLPG drops the directory entry too (SDM 3A 4.10.4.1). */
		flush_tlb_page(mm, start);
		pte_free_table(table);
	}
}

/*
 * A page table serves PMD_SIZE: free those between the area before the hole and the one after it.
 */
void free_pgtables(struct mm_struct *mm, vaddr_t start, vaddr_t end)
{
	struct vm_area_struct *prev, *next = find_vma_prev(mm, start, &prev);
	vaddr_t from = prev ? ALIGN_UP(prev->vm_end, PMD_SIZE) : 0;
	vaddr_t to = next ? ALIGN_DOWN(next->vm_start, PMD_SIZE) : TASK_SIZE;

	free_pgd_range(mm, max(from, ALIGN_DOWN(start, PMD_SIZE)),
		       min(to, ALIGN_UP(end, PMD_SIZE)));
}
