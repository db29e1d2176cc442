/* SPDX-License-Identifier: MIT */
/* What the files of the address spaces share and nobody else calls. */
#ifndef MM_MM_INTERNAL_H
#define MM_MM_INTERNAL_H

#include "mm/mm.h"

/* Makes the cache of areas. */
void vma_init(void);

/*
 * Lets an area that grows downward reach `address`, below its start. Returns 0, or -ENOMEM beyond the stack limit or closer than
 * STACK_GUARD_GAP to the area below.
 */
int expand_stack(struct vm_area_struct *vma, vaddr_t address);

/* Takes everything away: pages, page tables, areas. The space is not the active one. */
void exit_mmap(struct mm_struct *mm);

/* The entry for `address`, with its page table made if there is none; NULL: no memory. */
pte_t *make_pte(struct mm_struct *mm, vaddr_t address);

static inline pte_t *mm_pte(struct mm_struct *mm, vaddr_t address)
{
	pte_t *pte = find_pte(mm->pgd, address);

	return likely(pte) ? pte : make_pte(mm, address);
}

/* The entry of an area with vm_mapping is empty (mm/fault_mapped.c). */
enum fault_result do_mapped_page(struct vm_area_struct *vma, pte_t *pte, vaddr_t address,
				 enum fault_access access);

/* Shares the pages of `from` with `to`, write protected. Returns 0 or -ENOMEM (what was shared stays). */
int copy_page_range(struct mm_struct *to, struct mm_struct *from, const struct vm_area_struct *vma);

/* The rights of PROT_* as VM_* flags: they have the same values. */
static inline u32 prot_to_vm_flags(u32 prot)
{
	return prot & VM_ACCESS_MASK;
}

#endif
