/* SPDX-License-Identifier: MIT */
#include "mm/user_space/trace_events.h"

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
