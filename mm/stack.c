/* SPDX-License-Identifier: MIT */
/*
 * Areas that grow downward when they are touched below: a stack.
 *
 *   |   neighbour   |  256 pages that stay free  |  grown now  |  stack as it was  |
 */
#include "lib/errno.h"
#include "mm/mm_internal.h"
#include "mm/overcommit.h"

/* What lies below is far enough away. What can't be touched anyway may be near, because nobody can run into it. */
static bool keeps_distance(const struct vm_area_struct *prev, vaddr_t start)
{
	if (!prev)
		return true;
	if (prev->vm_flags & VM_ACCESS_MASK)
		return start >= prev->vm_end && start - prev->vm_end >= STACK_GUARD_GAP;
	return start >= prev->vm_end;
}

/* Linux's acct_stack_growth(): the limits, and what the growth commits. */
static int charge_growth(struct vm_area_struct *vma, vaddr_t start)
{
	struct mm_struct *mm = vma->vm_mm;
	u32 pages = (vma->vm_start - start) >> PAGE_SHIFT;

	if (!may_expand_vm(mm, vma->vm_flags, pages) || vma->vm_end - start > mm->stack_limit ||
	    !may_lock_more(mm, vma->vm_flags, pages))
		return -ENOMEM;
	return vma->vm_flags & VM_ACCOUNT ? vm_enough_memory(mm, pages) : 0;
}

int expand_stack(struct vm_area_struct *vma, vaddr_t address)
{
	struct mm_struct *mm = vma->vm_mm;
	vaddr_t start = ALIGN_DOWN(address, PAGE_SIZE), old = vma->vm_start;
	int err;

	if (start >= old)
		return 0;
	if (start < USER_MIN || !keeps_distance(vma->vm_prev, start))
		return -ENOMEM;
	/* The access will be refused, and growing it could make it meet its like, which would have to be merged. */
	if (!(vma->vm_flags & VM_ACCESS_MASK))
		return 0;
	err = charge_growth(vma, start);
	if (err)
		return err;
	vm_stat_account(mm, vma->vm_flags, (s32)((old - start) >> PAGE_SHIFT));
	vma_set_start(vma, start);
	fault_counters.stack_growth++;
	vma_changed(mm);
	return 0;
}
