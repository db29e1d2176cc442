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

/* What a hole has of page tables. */
enum tables {
	TABLES_NONE, /* so there are no pages */
	TABLES_KEPT, /* one, which an area beside the hole needs */
	TABLES_SOME,
};

/* Asked before the hole is made in `vma` and the areas behind it. A cheap answer for what lies in one table: any may be TABLES_SOME. */
static enum tables tables_of(const struct vm_area_struct *vma, vaddr_t start, vaddr_t end)
{
	vaddr_t first = ALIGN_DOWN(start, PGDIR_SIZE);

	if (end - first > PGDIR_SIZE)
		return TABLES_SOME;
	if (pmd_none(*pmd_offset(pgd_offset(vma->vm_mm->pgd, start), start)))
		return TABLES_NONE;
	return vma->vm_start < start && first < start ? TABLES_KEPT : TABLES_SOME;
}

int do_munmap(struct mm_struct *mm, vaddr_t start, u32 length)
{
	struct vm_area_struct *vma;
	enum tables tables;
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
		vma = vma->vm_next;
	}
	tables = tables_of(vma, start, end);
	if (tables != TABLES_NONE)
		zap_page_range(mm, start, end);
	vma_remove_from(vma, start, end);
	if (tables == TABLES_SOME)
		free_pgtables(mm, start, end);
	vma_changed(mm);
	return 0;
}
