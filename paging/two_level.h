/* SPDX-License-Identifier: MIT */
/*
 * Two-level page tables (Intel SDM vol. 3A 4.3): the description that paging/pgtable.h asks for.
 *
 *   address   31        22 21        12 11         0
 *            | pgd index  | pte index  |  offset    |
 *
 *   pgd (1024 entries) --> pmd: folded, the entry itself --> pte (1024 entries) --> frame
 *                              \-> or a 4 MiB page (PSE)
 *
 *   entry:   31..12 frame | 11..0 flags
 *
 * The middle level is folded into the first, as in Linux: a pgd entry is never none, pmd_offset()
 * is the identity, and the hardware's page-directory entry is a pmd_t. It costs nothing.
 */
#ifndef PAGING_TWO_LEVEL_H
#define PAGING_TWO_LEVEL_H

#define PTRS_PER_PGD 1024u
#define PTRS_PER_PTE 1024u
#define PGDIR_SHIFT  22
#define PMD_SHIFT    22

#define PMD_FOLDED 1

#define LARGE_PAGE_LETTER "4" /* MiB */

typedef u32 pteval_t;

/* The end of the RAM that a pte can name, bytes. */
#define PHYS_LIMIT ((phys_addr_t)1 << 32)

#define PTE_FRAME    ((pteval_t)0xfffff000)
#define PTE_NX	     ((pteval_t)0)
#define pte_nx	     ((pteval_t)0)
#define PTE_RESERVED ((pteval_t)0)
#define PGD_RESERVED ((pteval_t)0)
/* Bit 21 is reserved. Bit 12 is PAT, unused here. Bits 20..13 are address bits with PSE-36. */
#define LARGE_RESERVED ((pteval_t)0x00201000)

static inline void pte_nx_on(void)
{
}

typedef struct {
	pteval_t value;
} pmd_t;

typedef pmd_t pgd_t;

static inline bool pgd_none(pgd_t pgd)
{
	(void)pgd; /* folded: the level below is this entry */
	return false;
}

static inline pmd_t *pmd_offset(pgd_t *pgd, vaddr_t address)
{
	(void)address;
	return pgd;
}

/*
 * Frames from 4 GiB on need PSE-36: bits 20..13 of the entry are address bits 39..32 (SDM vol. 3A
 * 4.3, table 4-4).
 */
static inline pteval_t large_page(pfn_t first)
{
	u32 high = first >> (32 - PAGE_SHIFT) & 0xff;

	return first << PAGE_SHIFT | high << 13;
}

static inline phys_addr_t large_page_phys(pteval_t entry)
{
	return (phys_addr_t)(entry >> 13 & 0xff) << 32 | (entry & 0xffc00000);
}

/* By one store, so the MMU sees either the old or the new entry. */
static inline void store_entry(pteval_t *place, pteval_t entry)
{
	*(volatile pteval_t *)place = entry;
}

static inline void clear_entry(pteval_t *place)
{
	store_entry(place, 0);
}

static inline pfn_t pgd_table(pgd_t pgd)
{
	(void)pgd;
	return 0;
}

static inline bool pgd_fill(pgd_t *directory, u32 first, u32 end, pfn_t (*alloc)(void *context),
			    void *context)
{
	(void)directory, (void)first, (void)end, (void)alloc, (void)context;
	return true;
}

#endif
