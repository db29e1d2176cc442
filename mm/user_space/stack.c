/* SPDX-License-Identifier: MIT */
/*
 * Stacks: areas that grow downward when a program accesses the addresses below them. A gap of 256
 * pages keeps a growing stack away from its neighbour (CVE-2017-1000364).
 *
 *   |   neighbour   |  256 pages that stay free  |  grown now  |  stack as it was  |
 */
#include "lib/assert.h"
#include "abi/linux/errno.h"
#include "mm/user_space/mm_internal.h"
#include "mm/user_space/overcommit.h"

/*
 * The area below is far enough away. Linux's exemptions (expand_downwards()): an area without any
 * access may be near, and so may one that grows itself: it may be the lower part of this stack.
 */
static bool keeps_distance(const struct vm_area_struct *prev, vaddr_t start)
{
	if (!prev || prev->vm_flags & VM_GROWSDOWN || !(prev->vm_flags & VM_ACCESS_MASK))
		return true;
	return start - prev->vm_end >= STACK_GUARD_GAP;
}

/* Checks the limits and charges the growth, as Linux's acct_stack_growth(). 0 or -ENOMEM. */
static int charge_growth(struct vm_area_struct *vma, vaddr_t start)
{
	struct mm_struct *mm = vma->vm_mm;
	u32 pages = (vma->vm_start - start) >> PAGE_SHIFT;

	if (!may_expand_vm(mm, vma->vm_flags, pages) ||
	    vma->vm_end - start > rlimit(RLIMIT_STACK) || !may_lock_more(mm, vma->vm_flags, pages))
		return -ENOMEM;
	return vma->vm_flags & VM_ACCOUNT ? vm_enough_memory(mm, pages) : 0;
}

struct vm_area_struct *expand_stack(struct vm_area_struct *vma, vaddr_t address)
{
	struct mm_struct *mm = vma->vm_mm;
	struct vm_area_struct *prev = vma->vm_prev;
	vaddr_t start = ALIGN_DOWN(address, PAGE_SIZE), old = vma->vm_start;

	BUG_ON(!(vma->vm_flags & VM_GROWSDOWN) || address >= old);
	if (start < USER_MIN || !keeps_distance(prev, start))
		return NULL;
	if (charge_growth(vma, start))
		return NULL;
	BUG_ON(prev && prev->vm_end > start);
	vm_stat_account(mm, vma->vm_flags, (s32)((old - start) >> PAGE_SHIFT));
	vma_set_start(vma, start);
	fault_counters.stack_growth++;
	if (unlikely(prev && prev->vm_end == start && vma_can_merge(prev, vma))) {
		vma_merge(prev, vma);
		vma = prev;
	}
	vma_changed(mm);
	return vma;
}
