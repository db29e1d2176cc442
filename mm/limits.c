/* SPDX-License-Identifier: MIT */
/* The limits of a process on its address space, as Linux counts them (mm/mmap.c: may_expand_vm(), mlock_future_check()). */
#include "mm/mm_internal.h"

bool may_expand_vm(const struct mm_struct *mm, u32 flags, u32 pages)
{
	bool data = (flags & (VM_WRITE | VM_SHARED | VM_GROWSDOWN)) == VM_WRITE;

	if (mm->total_vm + pages > mm->rlimit_as >> PAGE_SHIFT)
		return false;
	return !data || mm->data_vm + pages <= mm->data_limit >> PAGE_SHIFT;
}

bool can_do_mlock(const struct mm_struct *mm)
{
	return mm->privileged || mm->rlimit_memlock;
}

bool may_lock_more(const struct mm_struct *mm, u32 flags, u32 pages)
{
	return !(flags & VM_LOCKED) || mm->privileged ||
	       mm->locked_vm + pages <= mm->rlimit_memlock >> PAGE_SHIFT;
}
