/* SPDX-License-Identifier: MIT */
/* brk: moves the end of the heap. Only addresses move; frames come with the first touch. */
#include "mm/mm_internal.h"

vaddr_t do_brk(struct mm_struct *mm, vaddr_t brk)
{
	vaddr_t old_end = PAGE_ALIGN(mm->brk), new_end = PAGE_ALIGN(brk);

	if (brk < mm->start_brk || brk > TASK_SIZE)
		return mm->brk;
	if (new_end < old_end && do_munmap(mm, new_end, old_end - new_end))
		return mm->brk;
	if (new_end > old_end) {
		struct vm_area_struct *next = find_vma(mm, old_end);

		if (brk - mm->start_brk > mm->data_limit)
			return mm->brk;
		if (next && new_end + PAGE_SIZE > vm_start_gap(next))
			return mm->brk;
		if (mm->map_count >= MAX_MAP_COUNT ||
		    !vma_add(mm, old_end, new_end, VM_READ | VM_WRITE))
			return mm->brk;
	}
	mm->brk = brk;
	return brk;
}
