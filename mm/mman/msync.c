/* SPDX-License-Identifier: MIT */
/*
 * msync(2): only checks its arguments. Shared mappings and files use the same frames, and no
 * object is written back, so nothing is left to do.
 */
#include "abi/linux/errno.h"
#include "mm/mman/mman_internal.h"

int do_msync(struct mm_struct *mm, vaddr_t start, u32 length, u32 flags)
{
	vaddr_t end = start + PAGE_ALIGN(length);
	struct vm_area_struct *vma;
	int unmapped = 0;

	if (flags & ~(u32)(MS_ASYNC | MS_INVALIDATE | MS_SYNC) || !IS_ALIGNED(start, PAGE_SIZE))
		return -EINVAL;
	if ((flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC))
		return -EINVAL;
	if (end < start)
		return -ENOMEM;
	for (vma = find_vma(mm, start); start < end; vma = vma->vm_next) {
		if (!vma)
			return -ENOMEM;
		if (vma->vm_start > start) {
			if (flags == MS_ASYNC || vma->vm_start >= end)
				return -ENOMEM;
			unmapped = -ENOMEM;
		}
		if (flags & MS_INVALIDATE && vma->vm_flags & VM_LOCKED)
			return -EBUSY;
		start = vma->vm_end;
	}
	return unmapped;
}
