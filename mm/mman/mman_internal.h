/* SPDX-License-Identifier: MIT */
/* Shared by the files of mm/mman, and used only by them. */
#ifndef MM_MMAN_MMAN_INTERNAL_H
#define MM_MMAN_MMAN_INTERNAL_H

#include "mm/mman/mman.h"
#include "mm/user_space/mm_internal.h"

/* The rights of PROT_* as VM_* flags: they have the same values. */
static inline u32 prot_to_vm_flags(u32 prot)
{
	return prot & VM_ACCESS_MASK;
}

/*
 * VM_EXEC if an area with these rights, which may have it, gets it because it can be read; else 0.
 */
static inline u32 implied_exec(const struct mm_struct *mm, u32 rights, u32 may)
{
	if (likely(!mm->read_exec))
		return 0;
	return may && rights & VM_READ && read_implies_exec() ? VM_EXEC : 0;
}

/* True if the process may lock memory at all. */
static inline bool can_do_mlock(void)
{
	return capable(CAP_IPC_LOCK) || rlimit(RLIMIT_MEMLOCK);
}

/*
 * Allocates the pages of [start, end), area by area, except in VM_LOCKONFAULT areas. `ignore`:
 * goes on after an error. Returns 0, mm_populate()'s error, or -ENOMEM for a hole.
 */
int populate_areas(struct mm_struct *mm, vaddr_t start, vaddr_t end, bool ignore);

/*
 * Advice about swap, for the private pages of [start, end), which lies in the area: evict them,
 * evict them before others, read them into the swap cache, drop them instead of writing them to
 * swap unless they are written first (mm/mman/madvise_swap.c).
 */
void advise_pageout(struct vm_area_struct *vma, vaddr_t start, vaddr_t end);
void advise_cold(struct vm_area_struct *vma, vaddr_t start, vaddr_t end);
void advise_willneed(struct vm_area_struct *vma, vaddr_t start, vaddr_t end);
void advise_free(struct vm_area_struct *vma, vaddr_t start, vaddr_t end);

#endif
