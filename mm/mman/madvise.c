/* SPDX-License-Identifier: MIT */
/*
 * madvise(2): advice on the pages of a range. A hole gives -ENOMEM, but the areas around it are
 * advised, as on Linux.
 *
 *   frees pages           DONTNEED, DONTNEED_LOCKED, REMOVE (from the object), FREE (when reclaim
 *                         wants them, and they were not written since)
 *   allocates pages       POPULATE_READ, POPULATE_WRITE, WILLNEED (from swap, or by readpage())
 *   evicts pages          PAGEOUT (now), COLD (before others): mm/mman/madvise_swap.c
 *   kept in vm_flags      NORMAL, RANDOM, SEQUENTIAL, DONTFORK, DOFORK, WIPEONFORK, KEEPONFORK,
 *                         DONTDUMP, DODUMP
 *   no effect             HUGEPAGE, NOHUGEPAGE (no transparent huge pages)
 *
 * All other advice (MERGEABLE, ...) is refused, as by a Linux built without it.
 */
#include "lib/assert.h"
#include "abi/linux/errno.h"
#include "lib/resched.h"
#include "mm/page_cache/filemap.h"
#include "mm/user_space/huge.h"
#include "mm/user_space/truncate.h"
#include "mm/mman/mman_internal.h"

static bool advice_known(int advice)
{
	return (advice >= MADV_NORMAL && advice <= MADV_DONTNEED) ||
	       (advice >= MADV_FREE && advice <= MADV_DOFORK) ||
	       (advice >= MADV_HUGEPAGE && advice <= MADV_DONTNEED_LOCKED);
}

static int remove_from_object(struct vm_area_struct *vma, vaddr_t start, vaddr_t end)
{
	const u32 shared_writable = VM_SHARED | VM_WRITE;
	struct address_space *mapping = vma->vm_mapping;
	int err = 0;

	if (vma->vm_flags & VM_LOCKED || !mapping)
		return -EINVAL;
	if ((vma->vm_flags & shared_writable) != shared_writable)
		return -EACCES;
	if (!IS_ALIGNED(start | end, vma_page_size(vma))) /* Linux clears parts of large pages */
		return -EINVAL;
	if (mapping->a_ops->check_hole)
		err = mapping->a_ops->check_hole(mapping);
	if (err)
		return err;
	mapping_punch_hole(mapping, linear_page_index(vma, start), linear_page_index(vma, end));
	return 0;
}

static int populate(struct vm_area_struct *vma, vaddr_t start, vaddr_t end, bool write)
{
	if (!(vma->vm_flags & (write ? VM_WRITE : VM_READ)))
		return -EINVAL;
	for (; start < end; start += PAGE_SIZE) {
		struct page *page;
		enum fault_result result =
			mm_page(vma->vm_mm, start, write ? FAULT_WRITE : FAULT_READ, &page);

		if (result != FAULT_OK)
			return result == FAULT_OOM ? -ENOMEM : -EFAULT;
		if (task_killed())
			return -EINTR;
		cond_resched();
	}
	return 0;
}

static int drop(struct vm_area_struct *vma, vaddr_t start, vaddr_t end, u32 forbidden)
{
	if (vma->vm_flags & forbidden || !IS_ALIGNED(start, vma_page_size(vma)))
		return -EINVAL;
	/* As on Linux the last large page stays if it is not named whole. */
	end = ALIGN_DOWN(end, vma_page_size(vma));
	zap_large_range(vma->vm_mm, start, end);
	if (unlikely(vma->vm_flags & VM_HUGE_OWNER))
		huge_reserve_range(vma->vm_mapping, linear_page_index(vma, start),
				   linear_page_index(vma, end));
	return 0;
}

/* Advice that is kept in vm_flags: the flags that it clears, then those that it sets. */
static const struct kept_advice {
	int advice;
	u32 clears, sets;
} kept_advice[] = {
	{ MADV_NORMAL, VM_RAND_READ | VM_SEQ_READ, 0 },
	{ MADV_RANDOM, VM_SEQ_READ, VM_RAND_READ },
	{ MADV_SEQUENTIAL, VM_RAND_READ, VM_SEQ_READ },
	{ MADV_DONTFORK, 0, VM_DONTCOPY },
	{ MADV_DOFORK, VM_DONTCOPY, 0 },
	{ MADV_WIPEONFORK, 0, VM_WIPEONFORK },
	{ MADV_KEEPONFORK, VM_WIPEONFORK, 0 },
	{ MADV_DONTDUMP, 0, VM_DONTDUMP },
	{ MADV_DODUMP, VM_DONTDUMP, 0 },
};

static const struct kept_advice *find_kept(int advice)
{
	for (u32 i = 0; i < ARRAY_SIZE(kept_advice); i++)
		if (kept_advice[i].advice == advice)
			return &kept_advice[i];
	return NULL;
}

static int keep_advice(struct vm_area_struct *vma, vaddr_t start, vaddr_t end, int advice)
{
	const struct kept_advice *kept = find_kept(advice);
	u32 flags = kept ? (vma->vm_flags & ~kept->clears) | kept->sets : vma->vm_flags;
	int err;

	if (advice == MADV_WIPEONFORK && (vma->vm_mapping || vma->vm_flags & VM_SHARED))
		return -EINVAL;
	if (flags == vma->vm_flags)
		return 0;
	err = vma_isolate(&vma, start, end);
	if (err) /* As on Linux: no memory for kernel structures. */
		return err == -ENOMEM ? -EAGAIN : err;
	vma_set_flags(vma, flags);
	return 0;
}

/* [start, end) lies in the area. */
static int advise_part(struct vm_area_struct *vma, vaddr_t start, vaddr_t end, int advice)
{
	BUG_ON(start < vma->vm_start || end > vma->vm_end || start >= end);
	switch (advice) {
	case MADV_DONTNEED:
		return drop(vma, start, end, VM_LOCKED);
	case MADV_DONTNEED_LOCKED:
		return drop(vma, start, end, 0);
	case MADV_FREE:
		if (vma->vm_mapping || vma->vm_flags & VM_LOCKED)
			return -EINVAL;
		advise_free(vma, start, end);
		return 0;
	case MADV_REMOVE:
		return remove_from_object(vma, start, end);
	case MADV_WILLNEED:
		if (vma->vm_mapping)
			mapping_read_ahead(vma->vm_mapping, linear_page_index(vma, start),
					   linear_page_index(vma, end));
		advise_willneed(vma, start, end);
		return 0;
	case MADV_COLD:
	case MADV_PAGEOUT:
		if (vma->vm_flags & (VM_LOCKED | VM_HUGETLB))
			return -EINVAL;
		if (advice == MADV_COLD)
			advise_cold(vma, start, end);
		else
			advise_pageout(vma, start, end);
		return 0;
	case MADV_POPULATE_READ:
	case MADV_POPULATE_WRITE:
		return populate(vma, start, end, advice == MADV_POPULATE_WRITE);
	}
	return keep_advice(vma, start, end, advice);
}

static int advise(struct mm_struct *mm, vaddr_t start, vaddr_t end, int advice)
{
	bool hole = false;

	while (start < end) {
		struct vm_area_struct *vma = find_vma(mm, start);
		vaddr_t stop;
		int err;

		if (!vma)
			return -ENOMEM;
		if (vma->vm_start > start) {
			hole = true;
			start = vma->vm_start;
			if (start >= end)
				break;
		}
		stop = min(end, vma->vm_end);
		err = advise_part(vma, start, stop, advice);
		if (err)
			return err;
		start = stop;
		cond_resched();
	}
	return hole ? -ENOMEM : 0;
}

int do_madvise(struct mm_struct *mm, vaddr_t start, u32 length, int advice)
{
	vaddr_t end = start + PAGE_ALIGN(length);
	int err;

	if (!advice_known(advice) || !IS_ALIGNED(start, PAGE_SIZE))
		return -EINVAL;
	if ((length && !PAGE_ALIGN(length)) || end < start)
		return -EINVAL;
	err = advise(mm, start, end, advice);
	if (find_kept(advice))
		vma_merge_range(mm, start, end);
	vma_changed(mm);
	return err;
}
