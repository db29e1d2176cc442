/* SPDX-License-Identifier: MIT */
/*
 * munmap: pages, areas and page tables of the hole go. Only a hole inside of one area can fail, because then its upper part needs an
 * area of its own; that is made first.
 *
 *      |aaaaaaaa|  |bb|  |cccc|
 *           |------ hole ---|
 *      |aaaa|               |c|
 */
#include "lib/assert.h"
#include "lib/errno.h"
#include "mm/user_space/mm_internal.h"

/* What is left to do for a hole. */
struct contents {
	bool pages;  /* there may be some */
	bool tables; /* some may be needed no more */
};

/* Asked before the hole is made in `vma` and the areas behind it; cheap for a hole that one page table serves. */
static struct contents contents_of(const struct vm_area_struct *vma, vaddr_t start, vaddr_t end)
{
	vaddr_t first = ALIGN_DOWN(start, PGDIR_SIZE);
	struct contents contents = { true, true };
	const pte_t *pte;

	if (end - first > PGDIR_SIZE)
		return contents;
	pte = find_pte(vma->vm_mm->pgd, start);
	if (!pte)
		return (struct contents){ false, false };
	if (end - start == PAGE_SIZE)
		contents.pages = !pte_none(*pte);
	/* The part of the area that stays below the hole needs the table too. */
	if (vma->vm_start < start && first < start)
		contents.tables = false;
	return contents;
}

int do_munmap(struct mm_struct *mm, vaddr_t start, u32 length)
{
	struct vm_area_struct *vma;
	struct contents contents;
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
		BUG_ON(vma->vm_start != start);
	}
	contents = contents_of(vma, start, end);
	if (contents.pages)
		zap_large_range(mm, start, end);
	vma_remove_from(vma, start, end);
	if (contents.tables)
		free_pgtables(mm, start, end);
	vma_changed(mm);
	return 0;
}
