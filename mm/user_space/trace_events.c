/* SPDX-License-Identifier: MIT */
#include "mm/user_space/trace_events.h"
#include "mm/kernel_space/kernel_map.h"
#include "paging/range.h"

void trace_mm_create(const struct mm_struct *mm)
{
	trace_record(TRACE_mm_create, trace_address(mm), virt_to_pfn(mm->pgd));
}

void trace_mm_destroy(const struct mm_struct *mm)
{
	trace_record(TRACE_mm_destroy, trace_address(mm));
}

void trace_area_insert(const struct vm_area_struct *vma)
{
	trace_record(TRACE_area_insert, trace_address(vma->vm_mm), vma->vm_start, vma->vm_end,
		     vma->vm_flags, trace_address(vma->vm_mapping), vma->vm_pgoff);
}

void trace_area_remove(const struct vm_area_struct *vma)
{
	trace_record(TRACE_area_remove, trace_address(vma->vm_mm), vma->vm_start, vma->vm_end);
}

void trace_area_split(const struct vm_area_struct *vma, vaddr_t at)
{
	trace_record(TRACE_area_split, trace_address(vma->vm_mm), vma->vm_start, at, vma->vm_end);
}

void trace_area_merge(const struct vm_area_struct *vma, const struct vm_area_struct *next)
{
	trace_record(TRACE_area_merge, trace_address(vma->vm_mm), vma->vm_start, next->vm_start,
		     next->vm_end);
}

void trace_area_set_start(const struct vm_area_struct *vma, vaddr_t start)
{
	trace_record(TRACE_area_set_start, trace_address(vma->vm_mm), vma->vm_start, vma->vm_end,
		     start);
}

void trace_area_set_end(const struct vm_area_struct *vma, vaddr_t end)
{
	trace_record(TRACE_area_set_end, trace_address(vma->vm_mm), vma->vm_start, vma->vm_end,
		     end);
}

void trace_area_flags(const struct vm_area_struct *vma, u32 flags)
{
	trace_record(TRACE_area_flags, trace_address(vma->vm_mm), vma->vm_start, vma->vm_end,
		     flags);
}

/* The frame is that of the entry now. */
void trace_page_copy(vaddr_t address, const struct page *to, const struct page *from)
{
	trace_record(TRACE_page_copy, address, page_to_pfn(to), page_to_pfn(from));
}

/* What the counters say; a page that was read from swap and then copied counts as swapped in. */
static enum trace_fault_kind kind_of(const struct fault_counters *before)
{
	const struct fault_counters *now = &fault_counters;

	if (now->refused != before->refused)
		return TRACE_FAULT_REFUSED;
	if (now->swapped_in != before->swapped_in)
		return TRACE_FAULT_SWAPPED_IN;
	if (now->zero_page != before->zero_page)
		return TRACE_FAULT_ZERO_PAGE;
	if (now->fresh_page != before->fresh_page)
		return TRACE_FAULT_FRESH_PAGE;
	if (now->mapped_page != before->mapped_page)
		return TRACE_FAULT_MAPPED_PAGE;
	if (now->cow_copy != before->cow_copy)
		return TRACE_FAULT_COW_COPY;
	if (now->cow_reuse != before->cow_reuse)
		return TRACE_FAULT_COW_REUSE;
	return TRACE_FAULT_SPURIOUS;
}

void trace_fault(const struct mm_struct *mm, vaddr_t address, const struct fault_counters *before)
{
	const pte_t *pte = address < TASK_SIZE ? find_pte(mm->pgd, address) : NULL;

	trace_record(TRACE_fault, kind_of(before), address,
		     pte && pte_present(*pte) ? pte_pfn(*pte) : 0,
		     fault_counters.mapped_around - before->mapped_around,
		     fault_counters.stack_growth - before->stack_growth);
}

/* --- The books --- */

static void book_table(pmd_t pmd)
{
	const pte_t *table = pte_offset(pmd, 0);

	for (u32 i = 0; i < PTRS_PER_PTE; i++)
		if (!pte_none(table[i]))
			trace_record(TRACE_book_entry, trace_address(&table[i]),
				     (u32)table[i].value);
}

static void book_directory(pgd_t *directory)
{
	for (vaddr_t address = 0; address < TASK_SIZE; address += PMD_SIZE) {
		pgd_t *pgd = pgd_offset(directory, address);
		const pmd_t *pmd = pgd_none(*pgd) ? NULL : pmd_offset(pgd, address);

		if (!pmd || pmd_none(*pmd))
			continue;
		trace_record(TRACE_book_entry, trace_address(pmd), (u32)pmd->value);
		if (pmd_table(*pmd))
			book_table(*pmd);
	}
}

/* Not those that were made before memory: no event told of them. */
static void book_kernel(void)
{
	for (vaddr_t address = PAGE_OFFSET; address; address += PMD_SIZE) {
		pmd_t pmd = *pmd_offset(pgd_offset(kernel_pgd, address), address);

		if (pmd_table(pmd) && !(pfn_to_page(pmd_pfn(pmd))->flags & PG_reserved))
			book_table(pmd);
	}
}

void trace_book_spaces(void)
{
	const struct mm_struct *mm;

	list_for_each_entry (mm, &mm_list, link) {
		for (const struct vm_area_struct *vma = mm->mmap; vma; vma = vma->vm_next)
			trace_record(TRACE_book_area, trace_address(mm), vma->vm_start, vma->vm_end,
				     vma->vm_flags, trace_address(vma->vm_mapping), vma->vm_pgoff);
		book_directory(mm->pgd);
	}
	book_kernel();
}
