/* SPDX-License-Identifier: MIT */
/* brk(2): moves the end of the heap. Faults allocate the pages, or brk itself if it is locked. */
#include "lib/assert.h"
#include "abi/linux/errno.h"
#include "mm/mman/mman_internal.h"

/* RLIMIT_DATA also limits heap plus initialised data (brk(2)), beside may_expand_vm(). */
static bool within_data_limit(const struct mm_struct *mm, vaddr_t brk)
{
	u32 limit = rlimit(RLIMIT_DATA);

	return limit == RLIM_INFINITY ||
	       (u64)(brk - mm->start_brk) + (mm->end_data - mm->start_data) <= limit;
}

static int grow(struct mm_struct *mm, vaddr_t start, vaddr_t end)
{
	struct vma_kind kind = { .flags = VM_READ | VM_WRITE | VM_MAY_MASK | mm->def_flags };
	u32 pages = (end - start) >> PAGE_SHIFT;
	const struct vm_area_struct *next = find_vma(mm, start);

	BUG_ON(start >= end || end > TASK_SIZE);
	kind.flags |= implied_exec(mm, kind.flags, true);
	/* One page stays free between the heap and the next area. */
	if (next && end + PAGE_SIZE > vm_start_gap(next))
		return -ENOMEM;
	if (!may_lock_more(mm, kind.flags, pages) || !may_expand_vm(mm, kind.flags, pages) ||
	    mm->map_count > max_map_count)
		return -ENOMEM;
	return vma_insert_charged(mm, start, end, &kind) ? 0 : -ENOMEM;
}

vaddr_t do_brk(struct mm_struct *mm, vaddr_t brk)
{
	vaddr_t old_end = PAGE_ALIGN(mm->brk), new_end = PAGE_ALIGN(brk);

	if (brk < mm->start_brk || brk > TASK_SIZE || !within_data_limit(mm, brk))
		return mm->brk;
	if (new_end < old_end && do_munmap(mm, new_end, old_end - new_end))
		return mm->brk;
	if (new_end > old_end && grow(mm, old_end, new_end))
		return mm->brk;
	mm->brk = brk;
	if (new_end <= old_end)
		return brk;
	vma_changed(mm);
	if (mm->def_flags & VM_LOCKED)
		populate_areas(mm, old_end, new_end, true);
	return brk;
}
