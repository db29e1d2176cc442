/* SPDX-License-Identifier: MIT */
/*
 * Taking pages and page tables away from an address space.
 *
 * Order matters: entries are emptied, then the TLB forgets them, then the frames go back. What was emptied waits in a gather for
 * the flush in between, so that one flush serves many pages.
 */
#include "mm/user_space/mm_internal.h"
#include "lib/assert.h"
#include "lib/resched.h"
#include "mm/kernel_space/quicklist.h"
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
	flush_tlb_range(gather->mm, gather->start, gather->end);
	for (u32 i = 0; i < gather->count; i++)
		put_page(gather->pages[i]);
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

/* Empties an entry. Returns the frame that it named. */
static inline struct page *take_page(pte_t *pte, struct mm_struct *mm)
{
	pte_t entry = *pte;
	struct page *page = pfn_to_page(pte_pfn(entry));

	BUG_ON(!pte_present(entry));
	pte_clear(pte);
	if (page != zero_page)
		mm->rss--;
	return page;
}

static inline int zap_pte(pte_t *pte, vaddr_t address, void *context)
{
	struct gather *gather = context;

	gather_add(gather, take_page(pte, gather->mm), address);
	return 0;
}

/* Of a space that is not active: no TLB knows it, so nothing has to wait. */
static inline int zap_inactive_pte(pte_t *pte, vaddr_t address, void *context)
{
	(void)address;
	put_page(take_page(pte, context));
	return 0;
}

void zap_page_range(struct mm_struct *mm, vaddr_t start, vaddr_t end)
{
	struct gather gather;

	mm->max_rss = max(mm->max_rss, mm->rss);
	if (!mm_active(mm)) {
		visit_range_inline(mm->pgd, start, end, zap_inactive_pte, mm);
		return;
	}
	gather.mm = mm;
	gather.count = 0;
	visit_range_inline(mm->pgd, start, end, zap_pte, &gather);
	if (gather.count)
		gather_flush(&gather);
}

void zap_large_range(struct mm_struct *mm, vaddr_t start, vaddr_t end)
{
	while (start < end) {
		vaddr_t next = pgtable_end(start, end);

		zap_page_range(mm, start, next);
		start = next;
		cond_resched();
	}
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

struct pgtable_ops mm_pgtable_ops(struct mm_struct *mm)
{
	return (struct pgtable_ops){ user_table, user_populate, mm };
}

pte_t *make_pte(struct mm_struct *mm, vaddr_t address)
{
	struct pgtable_ops ops = mm_pgtable_ops(mm);

	return pte_alloc(mm->pgd, address, &ops);
}

/* Takes the page tables of [start, end), multiples of PGDIR_SIZE, whose entries are all empty. */
static void free_tables(struct mm_struct *mm, vaddr_t start, vaddr_t end)
{
	for (; start < end && mm->nr_ptes; start += PGDIR_SIZE) {
		pmd_t *pmd = pmd_offset(pgd_offset(mm->pgd, start), start);
		struct page *table;

		if (pmd_none(*pmd))
			continue;
		table = pfn_to_page(pmd_pfn(*pmd));
		pmd_clear(pmd);
		mm->nr_ptes--;
		/* Naming any page below it flushes the cached directory entry too (SDM vol. 3A 4.10.4.1). */
		flush_tlb_page(mm, start);
		pte_free_table(table);
	}
}

/* A page table serves 4 MiB: those that lie between the end of the area before the hole and the start of the one after it. */
void free_pgtables(struct mm_struct *mm, vaddr_t start, vaddr_t end)
{
	struct vm_area_struct *prev, *next = find_vma_prev(mm, start, &prev);
	vaddr_t from = prev ? ALIGN_UP(prev->vm_end, PGDIR_SIZE) : 0;
	vaddr_t to = next ? ALIGN_DOWN(next->vm_start, PGDIR_SIZE) : TASK_SIZE;

	free_tables(mm, max(from, ALIGN_DOWN(start, PGDIR_SIZE)),
		    min(to, ALIGN_UP(end, PGDIR_SIZE)));
}

/* Every page table lies below an area: so it is enough to go from area to area. */
void exit_mmap(struct mm_struct *mm)
{
	for (const struct vm_area_struct *vma = mm->mmap; vma; vma = vma->vm_next) {
		vaddr_t next = vma->vm_next ? vma->vm_next->vm_start : TASK_SIZE;

		zap_large_range(mm, vma->vm_start, vma->vm_end);
		free_tables(mm, ALIGN_DOWN(vma->vm_start, PGDIR_SIZE),
			    min(ALIGN_UP(vma->vm_end, PGDIR_SIZE), ALIGN_DOWN(next, PGDIR_SIZE)));
	}
	vma_remove(mm, 0, TASK_SIZE);
}
