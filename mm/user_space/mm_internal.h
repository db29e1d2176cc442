/* SPDX-License-Identifier: MIT */
/* Shared by the files of mm/user_space and mm/mman, and used only by them. */
#ifndef MM_USER_SPACE_MM_INTERNAL_H
#define MM_USER_SPACE_MM_INTERNAL_H

#include "mm/user_space/anon.h"
#include "mm/user_space/limits.h"
#include "mm/user_space/page_fault.h"
#include "mm/user_space/page_tables.h"
#include "mm/user_space/trace_events.h"
#include "mm/user_space/vma.h"

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

/* True if `pages` more of such an area stay within RLIMIT_MEMLOCK. */
static inline bool may_lock_more(const struct mm_struct *mm, u32 flags, u32 pages)
{
	return !(flags & VM_LOCKED) || capable(CAP_IPC_LOCK) ||
	       mm->locked_vm + pages <= rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;
}

/*
 * Grows an area downward to `address`, below its start. Returns the area that contains the
 * address then. NULL: beyond a limit, or closer than STACK_GUARD_GAP to an accessible area below
 * that does not grow itself.
 */
struct vm_area_struct *expand_stack(struct vm_area_struct *vma, vaddr_t address);

/* Handles a fault on an empty entry of an area with vm_mapping (mm/user_space/file_fault.c). */
enum fault_result do_mapped_page(struct vm_area_struct *vma, pte_t *pte, vaddr_t address,
				 enum fault_access access);

/*
 * Handles a write to a present read-only entry of a writable area (mm/user_space/page_fault.c).
 */
enum fault_result do_wp_page(struct vm_area_struct *vma, pte_t *pte, vaddr_t address);

/* Makes a present entry of a writable area writable: nothing else has its page privately. */
enum fault_result reuse_page(struct vm_area_struct *vma, pte_t *pte, vaddr_t address);

/* Handles a fault on the entry of a page in swap (mm/user_space/swap_fault.c). */
enum fault_result do_swap_page(struct vm_area_struct *vma, pte_t *pte, vaddr_t address,
			       enum fault_access access);

/*
 * Copies the areas for a child: without those of VM_DONTCOPY, locked nowhere, charged. Returns 0
 * or -ENOMEM; the areas that were copied stay, and mm_put() removes them.
 */
int copy_areas(struct mm_struct *to, const struct mm_struct *from);

/*
 * Shares the private pages of `from` with `to`, which has its areas, write protected. 0, or
 * -ENOMEM; shared pages stay.
 */
int copy_pages(struct mm_struct *to, struct mm_struct *from);

/* Panics if mm_validate() finds a violation. Follows each change of areas if vm_debug is on. */
void vm_debug_check(struct mm_struct *mm);

static inline void vma_changed(struct mm_struct *mm)
{
	if (unlikely(vm_debug))
		vm_debug_check(mm);
}

#endif
