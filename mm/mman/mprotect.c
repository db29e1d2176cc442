/* SPDX-License-Identifier: MIT */
/*
 * mprotect(2): changes the rights of a range, area by area. It stops at a hole or at an area that
 * may not have the rights; earlier areas keep the new rights. This is Linux's behaviour.
 */
#include "lib/assert.h"
#include "abi/linux/errno.h"
#include "lib/resched.h"
#include "mm/mman/mman_internal.h"
#include "mm/user_space/overcommit.h"
#include "mm/user_space/page_fault.h"

/* Private pages may be shared, so their entries do not become writable. A write fault decides. */
static void set_rights(struct vm_area_struct *vma, u32 flags)
{
	struct mm_struct *mm = vma->vm_mm;

	vma_set_flags(vma, flags);
	for (vaddr_t start = vma->vm_start;; cond_resched()) {
		vaddr_t next = pgtable_end(start, vma->vm_end);

		if (protect_range(mm->pgd, start, (next - start) >> PAGE_SHIFT, vma->vm_page_prot))
			flush_tlb_range(mm, start, next);
		if (next == vma->vm_end)
			break;
		start = next;
	}
}

/* Charges pages that become writable; sets *charged to their number. Returns 0 or -ENOMEM. */
static int charge_writable(const struct vm_area_struct *vma, u32 flags, u32 pages, u32 *charged)
{
	const u32 unchanged = VM_ACCOUNT | VM_WRITE | VM_SHARED | VM_NORESERVE | VM_HUGETLB;

	/* The pages are mapped already: only RLIMIT_DATA can be exceeded, if they become data. */
	if (!may_expand_vm(vma->vm_mm, flags, pages) &&
	    may_expand_vm(vma->vm_mm, vma->vm_flags, pages))
		return -ENOMEM;
	if (vma->vm_flags & unchanged)
		return 0;
	*charged = pages;
	return vm_enough_memory(vma->vm_mm, pages);
}

/* A locked private area becomes writable: as on Linux its copies are made now. */
static bool wants_copies(u32 before, u32 after)
{
	return after & VM_WRITE && (before & (VM_WRITE | VM_SHARED | VM_LOCKED_MASK)) == VM_LOCKED;
}

/* [start, end) lies in the area. */
static int protect_part(struct vm_area_struct *vma, vaddr_t start, vaddr_t end, u32 rights)
{
	const u32 before = vma->vm_flags;
	u32 flags, charged = 0;
	int err = 0;

	BUG_ON(rights & ~(u32)VM_ACCESS_MASK);
	rights |= implied_exec(vma->vm_mm, rights, vma->vm_flags & VM_MAYEXEC);
	flags = (vma->vm_flags & ~(u32)VM_ACCESS_MASK) | rights;
	if (rights & ~(vma->vm_flags >> 4)) /* VM_MAYREAD is VM_READ << 4, and so on */
		return -EACCES;
	if (mm_denies_exec(vma->vm_mm, vma->vm_flags, flags))
		return -EACCES;
	if (flags == vma->vm_flags)
		return 0;
	if (flags & VM_WRITE)
		err = charge_writable(vma, flags, (end - start) >> PAGE_SHIFT, &charged);
	if (err)
		return err;
	err = vma_isolate(&vma, start, end);
	if (err) {
		vm_unacct_memory(charged);
		return err;
	}
	set_rights(vma, charged ? flags | VM_ACCOUNT : flags);
	if (wants_copies(before, flags))
		mm_populate(vma->vm_mm, start, end); /* what has no memory stays shared */
	return 0;
}

/* PROT_GROWSDOWN extends the range down to the start of a growing area. No area grows upward. */
static int begin_of_growing(const struct vm_area_struct *vma, u32 grows, vaddr_t end,
			    vaddr_t *start)
{
	if (grows == PROT_GROWSUP)
		return vma->vm_start > *start ? -ENOMEM : -EINVAL;
	if (vma->vm_start >= end)
		return -ENOMEM;
	*start = vma->vm_start;
	return vma->vm_flags & VM_GROWSDOWN ? 0 : -EINVAL;
}

static int protect(struct mm_struct *mm, vaddr_t start, vaddr_t end, u32 rights)
{
	struct vm_area_struct *vma = find_vma(mm, start);

	for (;;) {
		vaddr_t stop;
		int err;

		if (!vma || vma->vm_start > start)
			return -ENOMEM;
		stop = min(end, vma->vm_end);
		err = protect_part(vma, start, stop, rights);
		if (err || stop == end)
			return err;
		cond_resched();
		start = stop;
		vma = find_vma(mm, start);
	}
}

#define PROT_GROWS ((u32)(PROT_GROWSDOWN | PROT_GROWSUP))

int mprotect_check(vaddr_t start, u32 length, u32 prot)
{
	if ((prot & PROT_GROWS) == PROT_GROWS || !IS_ALIGNED(start, PAGE_SIZE))
		return -EINVAL;
	if (!length)
		return 0;
	if (start + PAGE_ALIGN(length) <= start)
		return -ENOMEM;
	prot &= ~PROT_GROWS;
	return prot & ~(u32)(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM) ? -EINVAL : 1;
}

int do_mprotect(struct mm_struct *mm, vaddr_t start, u32 length, u32 prot)
{
	const u32 grows = prot & PROT_GROWS;
	vaddr_t end = start + PAGE_ALIGN(length);
	int err = mprotect_check(start, length, prot);

	if (err <= 0)
		return err;
	err = 0;
	prot &= ~grows;
	if (grows) {
		const struct vm_area_struct *vma = find_vma(mm, start);

		err = vma ? begin_of_growing(vma, grows, end, &start) : -ENOMEM;
	}
	if (err)
		return err;
	err = protect(mm, start, end, prot_to_vm_flags(prot));
	vma_merge_range(mm, start, end);
	vma_changed(mm);
	return err;
}
