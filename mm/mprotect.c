/* SPDX-License-Identifier: MIT */
/*
 * mprotect: other rights for a range. Linux goes area by area and keeps what it has done when it meets a hole; so does this.
 */
#include "lib/errno.h"
#include "mm/mm_internal.h"

/* A writable private page may be shared: it loses its write right and gets it back by a fault, if it is alone. */
static void protect_area(struct mm_struct *mm, struct vm_area_struct *vma, u32 rights)
{
	vma->vm_flags = (vma->vm_flags & ~(u32)VM_ACCESS_MASK) | rights;
	vma->vm_page_prot = vm_get_page_prot(vma->vm_flags);
	protect_range(mm->pgd, vma->vm_start, (vma->vm_end - vma->vm_start) >> PAGE_SHIFT,
		      vma->vm_page_prot);
	flush_tlb_range(mm, vma->vm_start, vma->vm_end);
}

int do_mprotect(struct mm_struct *mm, vaddr_t start, u32 length, u32 prot)
{
	vaddr_t end, reached = start;
	int err = 0;

	if (!IS_ALIGNED(start, PAGE_SIZE))
		return -EINVAL;
	if (!length)
		return 0;
	length = PAGE_ALIGN(length);
	end = start + length;
	if (end <= start)
		return -ENOMEM;
	if (prot & ~(u32)(PROT_READ | PROT_WRITE | PROT_EXEC))
		return -EINVAL;

	while (reached < end && !err) {
		struct vm_area_struct *vma = find_vma(mm, reached);
		vaddr_t stop;

		if (!vma || vma->vm_start > reached) {
			err = -ENOMEM;
			break;
		}
		stop = min(end, vma->vm_end);
		err = vma_isolate(mm, reached, stop);
		if (!err)
			protect_area(mm, find_vma(mm, reached), prot_to_vm_flags(prot));
		reached = stop;
	}
	vma_merge(mm, start, end);
	return err;
}
