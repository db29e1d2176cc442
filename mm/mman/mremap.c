/* SPDX-License-Identifier: MIT */
/*
 * mremap(2): changes the length or the place of a part of one area.
 *
 * A large array can grow without copying: page-table entries move to the new addresses, frames
 * stay.
 *
 *      |aaaa|OOOO|aaaa|        .....|  free  |   split off the part, insert the new area, make
 *                                                its page tables
 *      |aaaa|    |aaaa|        .....|NNNN NN|    move the entries, flush the TLB, remove the part
 *
 *   (1) All that can fail comes before the first entry moves; partial work is rolled back.
 *   (2) When the call returns, no entry of the old place is in the TLB. No frame is freed or
 *       allocated before the flush (CVE-2018-18281): the kernel is not preempted. Private memory
 *       is reached by this address space alone, so other tasks may run after each 4 MiB of it.
 *       They may not run while pages of an object move: a truncation could miss an entry.
 */
#include "lib/assert.h"
#include "abi/linux/errno.h"
#include "lib/resched.h"
#include "mm/mman/mman_internal.h"
#include "mm/swap/swap.h"
#include "mm/user_space/overcommit.h"

/* Additional areas that a move may need. */
#define MOVE_RESERVE 3

struct move {
	struct mm_struct *mm;
	vaddr_t from, to;
	u32 old_length, new_length;
};

/* The new entry for an old one's address. NULL: no memory for its page table. */
static pte_t *new_entry(const struct move *move, vaddr_t address)
{
	vaddr_t to = address - move->from + move->to;

	if (find_pte(move->mm->pgd, address))
		return mm_pte(move->mm, to);
	return large_pte(move->mm->pgd, to);
}

static int reserve_table(pte_t *pte, vaddr_t address, void *context)
{
	(void)pte;
	return new_entry(context, address) ? 0 : -ENOMEM;
}

/* An anonymous frame that is not shared has a new place ((2) of mm/user_space/anon.h). */
static void note_new_place(const struct mm_struct *mm, struct page *page, vaddr_t address)
{
	if (page == zero_page || !page_is_anon(page))
		return;
	if (page->flags & PG_swapcache && page->count == 2)
		set_page_swap_place(page, anon_place(mm, address));
	else if (page->count == 1)
		page->index = anon_place(mm, address);
}

static int move_entry(pte_t *pte, vaddr_t address, void *context)
{
	struct move *move = context;
	pte_t *place = new_entry(move, address);

	BUG_ON(!place || !pte_none(*place));
	set_pte(place, *pte);
	if (pte_present(*pte))
		note_new_place(move->mm, pfn_to_page(pte_pfn(*pte)),
			       address - move->from + move->to);
	pte_clear(pte);
	return 0;
}

/* visit_range() of the old place, one page table at a time. */
static int visit_tables(struct move *move, pte_visitor_t *visit, bool others_may_run)
{
	vaddr_t end = move->from + move->old_length;
	int err = 0;

	for (vaddr_t start = move->from, next; start < end && !err; start = next) {
		next = pgtable_end(start, end);
		err = visit_range(move->mm->pgd, start, next, visit, move);
		if (others_may_run)
			cond_resched();
	}
	return err;
}

/*
 * Inserts the new area, and makes page tables for the entries that will move there. Its pages are
 * committed.
 */
static int prepare_place(struct move *move, const struct vma_kind *kind, u32 committed)
{
	struct mm_struct *mm = move->mm;
	vaddr_t end = move->to + move->new_length;
	struct vm_area_struct *vma = vma_insert_alone(mm, move->to, end, kind);

	if (!vma) {
		vm_unacct_memory(committed);
		return -ENOMEM;
	}
	if (!visit_tables(move, reserve_table, true))
		return 0;
	vma_remove(vma, move->to, end);
	free_pgtables(mm, move->to, end);
	return -ENOMEM;
}

/* Moves the entries of the old place to the new one. */
static void move_entries(struct move *move, struct vm_area_struct *vma)
{
	vaddr_t end = move->from + move->old_length;

	visit_tables(move, move_entry, !vma->vm_mapping);
	flush_tlb_range(move->mm, move->from, end);
}

/* Removes the old place, `vma`, which has no entries left. MREMAP_DONTUNMAP keeps the area. */
static void leave_place(struct move *move, struct vm_area_struct *vma, u32 flags)
{
	vaddr_t end = move->from + move->old_length;

	BUG_ON(vma->vm_start != move->from || vma->vm_end != end);
	if (flags & MREMAP_DONTUNMAP) {
		vma_set_flags(vma, vma->vm_flags & ~(u32)VM_LOCKED_MASK);
		return;
	}
	vma->vm_flags &= ~(u32)VM_HUGE_OWNER; /* the new area owns the reserved pages */
	vma_remove(vma, move->from, end);
	free_pgtables(move->mm, move->from, end);
}

/*
 * Moves to a place that is free, within the limits, and outside the old one. With an old length of
 * 0 the area is mapped a second time.
 */
static vaddr_t move_vma(struct move *move, struct vm_area_struct *vma, u32 flags)
{
	struct mm_struct *mm = move->mm;
	struct vma_kind kind = vma_kind_at(vma, move->from);
	vaddr_t end = move->from + move->old_length;
	u32 committed = kind.flags & VM_ACCOUNT ? move->new_length >> PAGE_SHIFT : 0;
	int err = 0;

	BUG_ON(move->from < vma->vm_start || end > vma->vm_end || !move->new_length);
	if (mm->map_count + MOVE_RESERVE >= max_map_count)
		return (vaddr_t)-ENOMEM;
	if (vm_enough_memory(mm, committed))
		return (vaddr_t)-ENOMEM;
	if (move->old_length)
		err = vma_isolate(&vma, move->from, end);
	if (!err)
		err = prepare_place(move, &kind, committed);
	else
		vm_unacct_memory(committed);
	if (!err && move->old_length) {
		move_entries(move, vma);
		leave_place(move, vma, flags);
	}
	vma_merge_range(mm, move->from, end);
	vma_merge_range(mm, move->to, move->to + move->new_length);
	return err ? (vaddr_t)err : move->to;
}

/* Checks that [from, from + old_length) of this area may become new_length. 0 or -errno. */
static int check_resize(const struct move *move, const struct vm_area_struct *vma)
{
	u32 more = (move->new_length - move->old_length) >> PAGE_SHIFT;
	u32 pgoff = linear_page_index(vma, move->from);

	/* An old length of 0 maps the area a second time. Private memory cannot be. */
	if (!move->old_length && !(vma->vm_flags & VM_MAYSHARE))
		return -EINVAL;
	if (move->old_length > vma->vm_end - move->from)
		return -EFAULT;
	if (move->new_length == move->old_length)
		return 0;
	if (vma->vm_mapping && pgoff + (move->new_length >> PAGE_SHIFT) < pgoff)
		return -EINVAL;
	if (!may_lock_more(move->mm, vma->vm_flags, more))
		return -EAGAIN;
	return may_expand_vm(move->mm, vma->vm_flags, more) ? 0 : -ENOMEM;
}

/* The part ends where the area ends, and the addresses after it are free. */
static bool can_grow_here(const struct move *move, const struct vm_area_struct *vma)
{
	const struct vm_area_struct *next = vma->vm_next;
	vaddr_t end = next ? next->vm_start : TASK_SIZE;

	return move->from + move->old_length == vma->vm_end && move->new_length <= end - move->from;
}

static vaddr_t grow_here(struct move *move, struct vm_area_struct *vma)
{
	struct vma_kind kind = vma_kind_at(vma, vma->vm_end);
	vaddr_t start = vma->vm_end, end = move->from + move->new_length;

	BUG_ON(start != move->from + move->old_length || start >= end);
	if (kind.flags & VM_ACCOUNT && vm_enough_memory(move->mm, (end - start) >> PAGE_SHIFT))
		return (vaddr_t)-ENOMEM;
	BUG_ON(!vma_insert(move->mm, start, end, &kind)); /* it extends this area */
	return move->from;
}

/* Unmaps the tail of the part. -EINVAL if the part would end after the address space. */
static int cut_tail(const struct move *move)
{
	BUG_ON(move->old_length <= move->new_length);
	if (move->new_length > TASK_SIZE - move->from)
		return -EINVAL;
	return do_munmap(move->mm, move->from + move->new_length,
			 move->old_length - move->new_length);
}

static bool overlaps(const struct move *move, vaddr_t place)
{
	return (u64)move->from + move->old_length > place && place + move->new_length > move->from;
}

/* May the part move to `place`, as far as the numbers tell? Linux checks this before the area. */
static bool place_valid(const struct move *move, vaddr_t place)
{
	return IS_ALIGNED(place, PAGE_SIZE) && move->new_length <= TASK_SIZE &&
	       place <= TASK_SIZE - move->new_length && !overlaps(move, place);
}

/* MREMAP_FIXED or MREMAP_DONTUNMAP: always moves to or near a place_valid(). */
static vaddr_t remap_to(struct move *move, vaddr_t place, u32 flags)
{
	struct mm_struct *mm = move->mm;
	struct vm_area_struct *vma;
	int err = 0;

	if (mm->map_count + 2 + MOVE_RESERVE >= max_map_count)
		return (vaddr_t)-ENOMEM;
	if (flags & MREMAP_FIXED && place < USER_MIN)
		return (vaddr_t)-EPERM;
	if (flags & MREMAP_FIXED)
		err = do_munmap(mm, place, move->new_length);
	if (!err && move->old_length > move->new_length) {
		err = cut_tail(move);
		move->old_length = move->new_length;
	}
	if (err)
		return (vaddr_t)err;
	vma = find_vma(mm, move->from);
	err = vma && vma->vm_start <= move->from ? check_resize(move, vma) : -EFAULT;
	if (!err && flags & MREMAP_DONTUNMAP &&
	    !may_expand_vm(mm, vma->vm_flags, move->old_length >> PAGE_SHIFT))
		err = -ENOMEM;
	if (err)
		return (vaddr_t)err;
	move->to = flags & MREMAP_FIXED ? place : get_unmapped_area(mm, place, move->new_length);
	return IS_ERR_VALUE(move->to) ? move->to : move_vma(move, vma, flags);
}

/* Grows in place if possible, else moves if MREMAP_MAYMOVE is set. */
static vaddr_t remap_larger(struct move *move, struct vm_area_struct *vma, u32 flags)
{
	int err = check_resize(move, vma);

	if (err)
		return (vaddr_t)err;
	if (can_grow_here(move, vma))
		return grow_here(move, vma);
	if (!(flags & MREMAP_MAYMOVE))
		return (vaddr_t)-ENOMEM;
	move->to = get_unmapped_area(move->mm, 0, move->new_length);
	return IS_ERR_VALUE(move->to) ? move->to : move_vma(move, vma, flags);
}

static bool flags_valid(u32 flags, u32 old_length, u32 new_length)
{
	const u32 known = MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP;

	if (flags & ~known || (flags & ~(u32)MREMAP_MAYMOVE && !(flags & MREMAP_MAYMOVE)))
		return false;
	return !(flags & MREMAP_DONTUNMAP) || old_length == new_length;
}

/*
 * Large pages: lengths are rounded up to them, and as on Linux they do not grow. A valid place
 * stays valid, because both places are aligned.
 */
static bool round_to_huge(struct move *move, vaddr_t place, u32 flags)
{
	move->old_length = ALIGN_UP(move->old_length, LARGE_PAGE_SIZE);
	move->new_length = ALIGN_UP(move->new_length, LARGE_PAGE_SIZE);
	return IS_ALIGNED(move->from | place, LARGE_PAGE_SIZE) &&
	       move->new_length <= move->old_length && move->new_length &&
	       !(flags & MREMAP_DONTUNMAP);
}

vaddr_t do_mremap(struct mm_struct *mm, vaddr_t address, u32 old_length, u32 new_length, u32 flags,
		  vaddr_t place)
{
	struct move move = { mm, address, 0, PAGE_ALIGN(old_length), PAGE_ALIGN(new_length) };
	struct vm_area_struct *vma;
	bool locked, to_place = flags & (MREMAP_FIXED | MREMAP_DONTUNMAP);
	vaddr_t result;

	if (!flags_valid(flags, old_length, new_length) || !IS_ALIGNED(address, PAGE_SIZE) ||
	    !move.new_length || (to_place && !place_valid(&move, place)))
		return (vaddr_t)-EINVAL;
	vma = find_vma(mm, address);
	if (!vma || vma->vm_start > address)
		return (vaddr_t)-EFAULT;
	if (unlikely(vma->vm_flags & VM_HUGETLB) && !round_to_huge(&move, place, flags))
		return (vaddr_t)-EINVAL;
	locked = vma->vm_flags & VM_LOCKED;
	old_length = move.old_length;
	if (to_place) {
		result = remap_to(&move, place, flags);
	} else if (move.old_length > move.new_length) {
		int err = cut_tail(&move);

		result = err ? (vaddr_t)err : address;
	} else if (move.old_length == move.new_length) {
		result = address;
	} else {
		result = remap_larger(&move, vma, flags);
	}
	vma_changed(mm);
	if (locked && !IS_ERR_VALUE(result) && move.new_length > old_length)
		populate_areas(mm, result + old_length, result + move.new_length, true);
	return result;
}
