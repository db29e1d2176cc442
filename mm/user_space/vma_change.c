/* SPDX-License-Identifier: MIT */
/*
 * Cutting, removing, joining and copying areas. The numbers are the invariants of mm/user_space/mm.h.
 *
 *      |aaaaaaaa|  |bb|  |cccc|
 *           |---- removed ---|
 *      |aaaa|             |ccc|       nothing is allocated: only a hole inside of one area needs a second one
 */
#include "lib/assert.h"
#include "abi/linux/errno.h"
#include "lib/resched.h"
#include "mm/user_space/mm_internal.h"
#include "mm/user_space/overcommit.h"

int split_vma(struct mm_struct *mm, struct vm_area_struct *vma, vaddr_t address)
{
	struct vma_kind kind = { vma->vm_flags, vma->vm_mapping, vma->vm_pgoff };
	struct vm_area_struct *upper;

	BUG_ON(address <= vma->vm_start || address >= vma->vm_end ||
	       !IS_ALIGNED(address, PAGE_SIZE));
	if (mm->map_count >= MAX_MAP_COUNT)
		return -ENOMEM;
	if (kind.mapping)
		kind.pgoff += (address - vma->vm_start) >> PAGE_SHIFT;
	upper = vma_alloc(mm, address, vma->vm_end, &kind);
	if (!upper)
		return -ENOMEM;
	vma->vm_end = address;
	vma_link(mm, vma, upper);
	return 0;
}

int vma_cut_out(struct vm_area_struct **vma, vaddr_t start, vaddr_t end)
{
	struct vm_area_struct *part = *vma;
	struct mm_struct *mm = part->vm_mm;
	int err = 0;

	if (start > part->vm_start) {
		err = split_vma(mm, part, start);
		if (err)
			return err;
		part = part->vm_next;
	}
	if (end < part->vm_end)
		err = split_vma(mm, part, end);
	if (!err)
		*vma = part;
	else if (part != *vma)
		vma_swallow(*vma, part);
	return err;
}

/* Takes [vm_start, to) off an area. */
static void cut_head(struct vm_area_struct *vma, vaddr_t to)
{
	if (vma->vm_mapping)
		vma->vm_pgoff += (to - vma->vm_start) >> PAGE_SHIFT;
	vma_set_start(vma, to);
}

static void remove_part(struct mm_struct *mm, struct vm_area_struct *vma, vaddr_t start,
			vaddr_t end)
{
	u32 pages = (end - start) >> PAGE_SHIFT;

	vm_stat_account(mm, vma->vm_flags, -(s32)pages);
	if (vma->vm_flags & VM_ACCOUNT)
		vm_unacct_memory(pages);
	if (start > vma->vm_start) {
		BUG_ON(end < vma->vm_end);
		vma_set_end(vma, start);
	} else if (end < vma->vm_end) {
		cut_head(vma, end);
	} else {
		vma_end(mm, vma);
	}
}

void vma_remove_from(struct vm_area_struct *vma, vaddr_t start, vaddr_t end)
{
	struct mm_struct *mm = vma->vm_mm;
	struct vm_area_struct *next;

	for (; vma && vma->vm_start < end; vma = next) {
		next = vma->vm_next;
		remove_part(mm, vma, max(start, vma->vm_start), min(end, vma->vm_end));
		cond_resched();
	}
}

void vma_remove(struct mm_struct *mm, vaddr_t start, vaddr_t end)
{
	struct vm_area_struct *vma = find_vma(mm, start);

	if (!vma)
		return;
	/* Where everything goes the tree need not be kept right. */
	if (vma == mm->mmap && start <= vma->vm_start && end >= mm->mmap_last->vm_end)
		mm->areas.root = NULL;
	vma_remove_from(vma, start, end);
}

void vma_merge(struct mm_struct *mm, vaddr_t start, vaddr_t end)
{
	struct vm_area_struct *vma = find_vma(mm, start);

	if (vma && vma->vm_prev)
		vma = vma->vm_prev;
	while (vma && vma->vm_next && vma->vm_next->vm_start <= end) {
		if (vma_can_merge(vma, vma->vm_next))
			vma_swallow(vma, vma->vm_next);
		else
			vma = vma->vm_next;
		cond_resched();
	}
}

/* The child's area; charged already. What differs no more, because locks are not inherited, is joined. */
static int copy_area(struct mm_struct *to, const struct vm_area_struct *from)
{
	struct vma_kind kind = { from->vm_flags & ~(u32)VM_LOCKED_MASK, from->vm_mapping,
				 from->vm_pgoff };
	struct vm_area_struct *last = to->mmap_last, *vma;

	BUG_ON(last && last->vm_end > from->vm_start);
	vma = vma_alloc(to, from->vm_start, from->vm_end, &kind);
	if (!vma)
		return -ENOMEM;
	vma_link(to, last, vma);
	vm_stat_account(to, kind.flags, (s32)vma_pages(vma));
	if (last && vma_can_merge(last, vma))
		vma_swallow(last, vma);
	return 0;
}

int vma_copy_all(struct mm_struct *to, const struct mm_struct *from)
{
	for (const struct vm_area_struct *vma = from->mmap; vma; vma = vma->vm_next) {
		u32 charge = vma->vm_flags & VM_ACCOUNT ? vma_pages(vma) : 0;

		if (vma->vm_flags & VM_DONTCOPY)
			continue;
		if (charge && vm_enough_memory(from, charge))
			return -ENOMEM;
		if (copy_area(to, vma)) {
			vm_unacct_memory(charge);
			return -ENOMEM;
		}
		cond_resched();
	}
	return 0;
}
