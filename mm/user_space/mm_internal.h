/* SPDX-License-Identifier: MIT */
/* Shared by the files of mm/user_space, and used only by them. */
#ifndef MM_USER_SPACE_MM_INTERNAL_H
#define MM_USER_SPACE_MM_INTERNAL_H

#include "mm/user_space/limits.h"
#include "mm/user_space/mm.h"
#include "mm/user_space/mman.h"
#include "mm/user_space/page_fault.h"

/* Makes the cache of areas. */
void vma_init(void);

/* --- mm/user_space/vma_tree.c --- */

/* Free pages between the area before and vm_start_gap(): the gap of the area's node. */
u32 vma_gap(const struct vm_area_struct *vma);

/* Enters an area behind `prev` (NULL: as the first) into list and tree; takes one out. Sums and references are the caller's. */
void vma_link(struct mm_struct *mm, struct vm_area_struct *prev, struct vm_area_struct *vma);
void vma_unlink(struct mm_struct *mm, struct vm_area_struct *vma);

/* The room below an area that is in the tree is another one. */
void vma_gap_changed(struct vm_area_struct *vma);

/* Moves an end of an area that is linked, and with it the gaps. */
static inline void vma_set_start(struct vm_area_struct *vma, vaddr_t start)
{
	vma->vm_start = start;
	if (vma->vm_mm->areas.root)
		vma_gap_changed(vma);
}

static inline void vma_set_end(struct vm_area_struct *vma, vaddr_t end)
{
	vma->vm_end = end;
	if (vma->vm_mm->areas.root && vma->vm_next)
		vma_gap_changed(vma->vm_next);
}

/* --- mm/user_space/vma.c --- */

/* What an area is made of, but for its place. */
struct vma_kind {
	u32 flags;
	struct address_space *mapping; /* or NULL */
	u32 pgoff;		       /* 0 without a mapping */
};

/* An area that is in no list yet, with its reference to what it maps; or NULL. */
struct vm_area_struct *vma_alloc(struct mm_struct *mm, vaddr_t start, vaddr_t end,
				 const struct vma_kind *kind);

/* Unlinks an area, gives its reference back and frees it. The sums are the caller's. */
void vma_end(struct mm_struct *mm, struct vm_area_struct *vma);

/* The areas touch and are alike: they would be one. */
static inline bool vma_can_merge(const struct vm_area_struct *first,
				 const struct vm_area_struct *second)
{
	return first->vm_end == second->vm_start && first->vm_flags == second->vm_flags &&
	       first->vm_mapping == second->vm_mapping &&
	       (!first->vm_mapping || first->vm_pgoff + vma_pages(first) == second->vm_pgoff);
}

/* Makes one of an area and of the next one, up to whose start the space is free. */
void vma_swallow(struct vm_area_struct *vma, struct vm_area_struct *next);

/*
 * Makes [start, end), where no area is, part of the space: widens a neighbour that is alike, joins
 * both, or enters a new area. Sums are kept; what VM_ACCOUNT stands for has been charged by the
 * caller. Returns the area, or NULL without memory (nothing changed).
 */
struct vm_area_struct *vma_insert(struct mm_struct *mm, vaddr_t start, vaddr_t end,
				  const struct vma_kind *kind);

/* The same, but always as an area of its own, which vma_merge() may join later. */
struct vm_area_struct *vma_enter(struct mm_struct *mm, vaddr_t start, vaddr_t end,
				 const struct vma_kind *kind);

/* Adds pages of such an area to the sums of (3), or takes them off. */
static inline void vm_stat_account(struct mm_struct *mm, u32 flags, s32 pages)
{
	mm->total_vm += (u32)pages;
	if ((flags & (VM_EXEC | VM_WRITE | VM_GROWSDOWN)) == VM_EXEC)
		mm->exec_vm += (u32)pages;
	else if (flags & VM_GROWSDOWN)
		mm->stack_vm += (u32)pages;
	else if ((flags & (VM_WRITE | VM_SHARED)) == VM_WRITE)
		mm->data_vm += (u32)pages;
	if (flags & VM_SHARED)
		mm->shared_vm += (u32)pages;
	if (flags & VM_LOCKED)
		mm->locked_vm += (u32)pages;
}

/* Gives an area other flags, sums included; rights of entries are the caller's. VM_GROWSDOWN never changes. */
void vma_set_flags(struct vm_area_struct *vma, u32 flags);

/* --- mm/user_space/vma_change.c --- */

/* vma_remove() by one who knows the first area of [start, end). */
void vma_remove_from(struct vm_area_struct *vma, vaddr_t start, vaddr_t end);

/* Splits so that *vma, which holds [start, end), is an area of that range alone. Returns 0, or -ENOMEM as if nothing had been done. */
int vma_cut_out(struct vm_area_struct **vma, vaddr_t start, vaddr_t end);

/* --- limits --- */

/*
 * True if `pages` more of such an area stay within RLIMIT_AS, and for data within RLIMIT_DATA
 * (Linux mm/mmap.c). A soft RLIMIT_DATA of 0 means the hard one: programs set it to make only brk
 * fail.
 */
static inline bool may_expand_vm(const struct mm_struct *mm, u32 flags, u32 pages)
{
	bool data = (flags & (VM_WRITE | VM_SHARED | VM_GROWSDOWN)) == VM_WRITE;

	if (mm->total_vm + pages > rlimit(RLIMIT_AS) >> PAGE_SHIFT)
		return false;
	return !data || mm->data_vm + pages <=
				(rlimit(RLIMIT_DATA) ?: current_rlim[RLIMIT_DATA].max) >>
				PAGE_SHIFT;
}

/* True if the process may lock memory at all. */
static inline bool can_do_mlock(void)
{
	return privileged() || rlimit(RLIMIT_MEMLOCK);
}

/* True if `pages` more of such an area stay within RLIMIT_MEMLOCK. */
static inline bool may_lock_more(const struct mm_struct *mm, u32 flags, u32 pages)
{
	return !(flags & VM_LOCKED) || privileged() ||
	       mm->locked_vm + pages <= rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;
}

/* True if an area with these flags is charged (mm/user_space/overcommit.h). */
static inline bool accountable(u32 flags)
{
	return (flags & (VM_NORESERVE | VM_SHARED | VM_WRITE)) == VM_WRITE;
}

/* --- mm/user_space/mlock.c --- */

/*
 * Allocates the pages of [start, end), area by area, except in VM_LOCKONFAULT areas. `ignore`:
 * goes on after an error. Returns 0, mm_populate()'s error, or -ENOMEM for a hole.
 */
int populate_areas(struct mm_struct *mm, vaddr_t start, vaddr_t end, bool ignore);

/*
 * Grows an area downward to `address`, below its start. Returns the area that contains the address
 * then. NULL: beyond a limit, or closer than STACK_GUARD_GAP to an accessible area below that does
 * not grow itself.
 */
struct vm_area_struct *expand_stack(struct vm_area_struct *vma, vaddr_t address);

/* Removes all pages, page tables and areas. The address space must not be active. */
void exit_mmap(struct mm_struct *mm);

/* The entry for `address`; makes a missing page table. NULL: no memory. */
pte_t *make_pte(struct mm_struct *mm, vaddr_t address);

static inline pte_t *mm_pte(struct mm_struct *mm, vaddr_t address)
{
	pte_t *pte = find_pte(mm->pgd, address);

	return likely(pte) ? pte : make_pte(mm, address);
}

/* Handles a fault on an empty entry of an area with vm_mapping (mm/user_space/file_fault.c). */
enum fault_result do_mapped_page(struct vm_area_struct *vma, pte_t *pte, vaddr_t address,
				 enum fault_access access);

/* Shares the pages of `from` with `to`, write protected. 0, or -ENOMEM; shared pages stay. */
int copy_page_range(struct mm_struct *to, struct mm_struct *from, const struct vm_area_struct *vma);

/* The rights of PROT_* as VM_* flags: they have the same values. */
static inline u32 prot_to_vm_flags(u32 prot)
{
	return prot & VM_ACCESS_MASK;
}

/* Panics if mm_validate() finds a violation. Follows each change of areas if vm_debug is on. */
void vm_debug_check(struct mm_struct *mm);

static inline void vma_changed(struct mm_struct *mm)
{
	if (unlikely(vm_debug))
		vm_debug_check(mm);
}

#endif
