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
#include "mm/user_space/huge.h"

/* The work needed for a hole, beside large pages. */
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

	if (end - first > PMD_SIZE)
		return contents;
	pte = find_pte(vma->vm_mm->pgd, start);
	if (!pte) /* no small pages */
		return (struct contents){ false, false };
	if (end - start == PAGE_SIZE)
		contents.pages = !pte_none(*pte);
	/* The part of the area that stays below the hole needs the table too. */
	if (vma->vm_start < start && first < start)
		contents.tables = false;
	return contents;
}

/*
 * Makes a hole possible that cuts an area or unmaps large pages, and empties it of these. `vma` is
 * its first area. Returns the first one then, or NULL and -EINVAL or -ENOMEM in *err.
 */
static noinline struct vm_area_struct *prepare_hole(struct vm_area_struct *vma, vaddr_t start,
						    vaddr_t end, int *err)
{
	struct mm_struct *mm = vma->vm_mm;

	*err = huge_range_whole(mm, start, end) ? 0 : -EINVAL;
	if (!*err && vma->vm_start < start && end < vma->vm_end) {
		*err = vma_split(vma, start);
		vma = vma->vm_next;
	}
	if (*err)
		return NULL;
	if (mm->huge_areas)
		zap_huge_range(mm, start, end);
	return vma;
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
	if (unlikely((vma->vm_start < start && end < vma->vm_end) || mm->huge_areas)) {
		vma = prepare_hole(vma, start, end, &err);
		if (!vma)
			return err;
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
