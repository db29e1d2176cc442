/* SPDX-License-Identifier: MIT */
/* madvise and mincore: what a process says about, and asks about, the pages of its areas. */
#include "lib/errno.h"
#include "mm/mm_internal.h"

static bool advice_known(int advice)
{
	switch (advice) {
	case MADV_NORMAL:
	case MADV_RANDOM:
	case MADV_SEQUENTIAL:
	case MADV_WILLNEED:
	case MADV_DONTNEED:
	case MADV_HUGEPAGE:
	case MADV_NOHUGEPAGE:
		return true;
	}
	return false;
}

/*
 * MADV_DONTNEED empties the pages. The others speak of files and of huge pages, of which there are none: they ask for nothing
 * that is not so already. As on Linux a hole gives -ENOMEM, after what lies around it was done.
 */
int do_madvise(struct mm_struct *mm, vaddr_t start, u32 length, int advice)
{
	vaddr_t end, reached = start;
	bool hole = false;

	if (!advice_known(advice) || !IS_ALIGNED(start, PAGE_SIZE))
		return -EINVAL;
	end = start + PAGE_ALIGN(length);
	if ((length && !PAGE_ALIGN(length)) || end < start)
		return -EINVAL;
	while (reached < end) {
		struct vm_area_struct *vma = find_vma(mm, reached);

		if (!vma)
			return -ENOMEM;
		if (vma->vm_start > reached)
			hole = true;
		if (advice == MADV_DONTNEED && max(reached, vma->vm_start) < min(end, vma->vm_end))
			zap_page_range(mm, max(reached, vma->vm_start), min(end, vma->vm_end));
		reached = vma->vm_end;
	}
	return hole ? -ENOMEM : 0;
}

int do_mincore(struct mm_struct *mm, vaddr_t start, u32 length,
	       int (*put)(u32 index, bool resident, void *context), void *context)
{
	u32 pages = length / PAGE_SIZE + !!(length % PAGE_SIZE);

	if (!IS_ALIGNED(start, PAGE_SIZE))
		return -EINVAL;
	if (length > TASK_SIZE || start > TASK_SIZE - length)
		return -ENOMEM;
	for (u32 i = 0; i < pages; i++) {
		vaddr_t address = start + i * PAGE_SIZE;
		struct vm_area_struct *vma = find_vma(mm, address);
		pte_t *pte;
		int err;

		if (!vma || vma->vm_start > address)
			return -ENOMEM;
		pte = pte_lookup(mm->pgd, address);
		err = put(i, pte && pte_present(*pte), context);
		if (err)
			return err;
	}
	return 0;
}
