/* SPDX-License-Identifier: MIT */
/*
 * mlock(2), mlockall(2), munlock(2), munlockall(2): marking areas as locked, and allocating their
 * pages. Reclaim never takes the pages of locked areas (mm/reclaim/reclaim.h, (3)). Locking means
 * to allocate them now, and to count them against RLIMIT_MEMLOCK.
 *
 * locked_vm counts each page of a VM_LOCKED area once, even if it was locked twice.
 */
#include "lib/assert.h"
#include "abi/linux/errno.h"
#include "lib/resched.h"
#include "mm/mman/mman_internal.h"

int populate_areas(struct mm_struct *mm, vaddr_t start, vaddr_t end, bool ignore)
{
	struct vm_area_struct *vma = find_vma(mm, start);

	for (; start < end; vma = vma->vm_next) {
		int err = 0;

		if (!vma || vma->vm_start > start)
			return -ENOMEM;
		if (!(vma->vm_flags & VM_LOCKONFAULT))
			err = mm_populate(mm, start, min(end, vma->vm_end));
		if (err && !ignore)
			return err;
		start = vma->vm_end;
	}
	return 0;
}

/* [start, end) lies in the area. */
static int lock_part(struct vm_area_struct *vma, vaddr_t start, vaddr_t end, u32 lock)
{
	u32 flags = (vma->vm_flags & ~(u32)VM_LOCKED_MASK) | lock;
	int err;

	BUG_ON(lock & ~(u32)VM_LOCKED_MASK);
	/* Large pages are never taken: as on Linux, they are not locked. */
	if (flags == vma->vm_flags || vma->vm_flags & VM_HUGETLB)
		return 0;
	err = vma_isolate(&vma, start, end);
	if (!err)
		vma_set_flags(vma, flags);
	return err;
}

/* Sets these lock flags in [start, end), up to the first hole. */
static int lock_range(struct mm_struct *mm, vaddr_t start, vaddr_t end, u32 lock)
{
	vaddr_t reached = start;
	int err = 0;

	while (reached < end && !err) {
		struct vm_area_struct *vma = find_vma(mm, reached);
		vaddr_t stop;

		if (!vma || vma->vm_start > reached) {
			err = -ENOMEM;
			break;
		}
		stop = min(end, vma->vm_end);
		err = lock_part(vma, reached, stop, lock);
		reached = stop;
		cond_resched();
	}
	vma_merge_range(mm, start, end);
	vma_changed(mm);
	return err;
}

/* The pages that contain [start, start + length): [*first, *end). -EINVAL: it wraps. */
static int page_range(vaddr_t start, u32 length, vaddr_t *first, vaddr_t *end)
{
	*first = ALIGN_DOWN(start, PAGE_SIZE);
	*end = *first + PAGE_ALIGN(length + (start - *first));
	return *end < *first ? -EINVAL : 0;
}

static u32 locked_pages(struct mm_struct *mm, vaddr_t start, vaddr_t end)
{
	struct vm_area_struct *vma = find_vma(mm, start);
	u32 pages = 0;

	for (; vma && vma->vm_start < end; vma = vma->vm_next)
		if (vma->vm_flags & VM_LOCKED)
			pages += (min(end, vma->vm_end) - max(start, vma->vm_start)) >> PAGE_SHIFT;
	return pages;
}

/* Pages that are locked already do not count twice. */
static bool within_lock_limit(struct mm_struct *mm, vaddr_t start, vaddr_t end)
{
	u32 pages = (end - start) >> PAGE_SHIFT;

	return may_lock_more(mm, VM_LOCKED, pages) ||
	       may_lock_more(mm, VM_LOCKED, pages - locked_pages(mm, start, end));
}

int do_mlock(struct mm_struct *mm, vaddr_t start, u32 length, u32 flags)
{
	u32 lock = VM_LOCKED | (flags & MLOCK_ONFAULT ? VM_LOCKONFAULT : 0);
	vaddr_t end, first;
	int err;

	if (flags & ~(u32)MLOCK_ONFAULT)
		return -EINVAL;
	if (!can_do_mlock())
		return -EPERM;
	err = page_range(start, length, &first, &end);
	if (err)
		return capable(CAP_IPC_LOCK) ? err : -ENOMEM;
	if (!within_lock_limit(mm, first, end))
		return -ENOMEM;
	err = lock_range(mm, first, end, lock);
	if (err)
		return err;
	/* POSIX's numbers: no memory is EAGAIN, a page that cannot be mapped is ENOMEM. */
	err = populate_areas(mm, first, end, false);
	return err == -ENOMEM ? -EAGAIN : err ? -ENOMEM : 0;
}

int do_munlock(struct mm_struct *mm, vaddr_t start, u32 length)
{
	vaddr_t end, first;
	int err = page_range(start, length, &first, &end);

	return err ? err : lock_range(mm, first, end, 0);
}

static void lock_all(struct mm_struct *mm, u32 lock)
{
	struct vm_area_struct *vma;

	for (vma = mm->mmap; vma; vma = vma->vm_next) {
		lock_part(vma, vma->vm_start, vma->vm_end, lock);
		cond_resched();
	}
	vma_merge_range(mm, 0, TASK_SIZE);
	vma_changed(mm);
}

static void populate_all(struct mm_struct *mm)
{
	for (struct vm_area_struct *vma = mm->mmap; vma; vma = vma->vm_next) {
		populate_areas(mm, vma->vm_start, vma->vm_end, true);
		cond_resched();
	}
}

int do_mlockall(struct mm_struct *mm, u32 flags)
{
	u32 lock = VM_LOCKED | (flags & MCL_ONFAULT ? VM_LOCKONFAULT : 0);

	if (!flags || flags & ~(u32)(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) ||
	    flags == MCL_ONFAULT)
		return -EINVAL;
	if (!can_do_mlock())
		return -EPERM;
	if (flags & MCL_CURRENT && !capable(CAP_IPC_LOCK) &&
	    mm->total_vm > rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT)
		return -ENOMEM;
	mm->def_flags = flags & MCL_FUTURE ? lock : 0;
	if (!(flags & MCL_CURRENT))
		return 0;
	lock_all(mm, lock);
	populate_all(mm);
	return 0;
}

int do_munlockall(struct mm_struct *mm)
{
	mm->def_flags = 0;
	lock_all(mm, 0);
	return 0;
}
