/* SPDX-License-Identifier: MIT */
/*
 * munmap(2): removes pages, areas and page tables of a range, the hole. Only a hole inside one
 * area can fail: the part above it needs a new area. That is allocated first.
 *
 *      |aaaaaaaa|  |bb|  |cccc|
 *           |------ hole ---|
 *      |aaaa|               |c|
 */
#include "lib/assert.h"
#include "abi/linux/errno.h"
#include "mm/mman/mman_internal.h"

/* The work needed for a hole. */
struct contents {
	bool pages;  /* there may be pages to free */
	bool tables; /* there may be page tables to free */
};

/* Saves work for small holes. Call it before the hole is made; `vma` is its first area. */
static struct contents contents_of(const struct vm_area_struct *vma, vaddr_t start, vaddr_t end)
{
	vaddr_t first = ALIGN_DOWN(start, PMD_SIZE);
	struct contents contents = { true, true };
	const pte_t *pte;

	if (end - first >= PMD_SIZE) /* maybe a large page */
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

/* A hole may end here: not in the middle of a large page. */
static bool may_end(struct mm_struct *mm, vaddr_t address)
{
	const struct vm_area_struct *vma = find_vma(mm, address);

	return !vma || vma->vm_start > address || IS_ALIGNED(address, vma_page_size(vma));
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
	if (unlikely(mm->had_huge) && !(may_end(mm, start) && may_end(mm, end)))
		return -EINVAL;
	if (vma->vm_start < start && end < vma->vm_end) {
		err = vma_split(vma, start);
		if (err)
			return err;
		vma = vma->vm_next;
		BUG_ON(vma->vm_start != start);
	}
	contents = contents_of(vma, start, end);
	if (contents.pages)
		zap_large_range(mm, start, end);
	vma_remove(vma, start, end);
	if (contents.tables)
		free_pgtables(mm, start, end);
	vma_changed(mm);
	return 0;
}
