/* SPDX-License-Identifier: MIT */
/*
 * munmap: pages, areas and page tables of the hole go. Only a hole inside of one area can fail, because then its upper part needs an
 * area of its own; that is made first.
 *
 *      |aaaaaaaa|  |bb|  |cccc|
 *           |------ hole ---|
 *      |aaaa|               |c|
 */
#include "lib/errno.h"
#include "mm/mm_internal.h"

int do_munmap(struct mm_struct *mm, vaddr_t start, u32 length)
{
	struct vm_area_struct *vma;
	vaddr_t end;
	int err;

	if (!IS_ALIGNED(start, PAGE_SIZE) || start > TASK_SIZE || length > TASK_SIZE - start)
		return -EINVAL;
	length = PAGE_ALIGN(length);
	if (!length)
		return -EINVAL;
	end = start + length;
	vma = find_vma_intersection(mm, start, end);
	if (!vma)
		return 0;
	if (vma->vm_start < start && end < vma->vm_end) {
		err = split_vma(mm, vma, start);
		if (err)
			return err;
	}
	zap_page_range(mm, start, end);
	vma_remove(mm, start, end);
	free_pgtables(mm, start, end);
	vma_changed(mm);
	return 0;
}
