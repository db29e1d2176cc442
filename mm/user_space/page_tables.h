/* SPDX-License-Identifier: MIT */
/*
 * Page tables and TLB of an address space. Not from interrupt handlers. Only make_pte() and
 * mm_pte() can fail: without memory they return NULL and have changed nothing.
 */
#ifndef MM_USER_SPACE_PAGE_TABLES_H
#define MM_USER_SPACE_PAGE_TABLES_H

#include "mm/user_space/mm.h"
#include "paging/tlb.h"

/* The space is the active one: its entries can be in the TLB. */
static inline bool mm_active(const struct mm_struct *mm)
{
	return mmu_root() == virt_to_phys(mm->pgd);
}

/* Flush what the TLB has of one page, or of [start, end), if the space is active. */
void flush_tlb_page(struct mm_struct *mm, vaddr_t address);
void flush_tlb_range(struct mm_struct *mm, vaddr_t start, vaddr_t end);

/* The entry for `address`; makes the page table if there is none. */
pte_t *make_pte(struct mm_struct *mm, vaddr_t address);

/* The same, fast where the table is there. */
static inline pte_t *mm_pte(struct mm_struct *mm, vaddr_t address)
{
	pte_t *pte = find_pte(mm->pgd, address);

	return likely(pte) ? pte : make_pte(mm, address);
}

/* Frees the page tables of [start, end), multiples of PMD_SIZE. Their entries are all empty. */
void free_pgd_range(struct mm_struct *mm, vaddr_t start, vaddr_t end);

/* Frees the page tables that no area needs any more, around the hole [start, end). */
void free_pgtables(struct mm_struct *mm, vaddr_t start, vaddr_t end);

#endif
