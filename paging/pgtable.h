/* SPDX-License-Identifier: MIT */
/*
 * The entries of x86 two-level page tables and the steps down them (Intel SDM vol. 3A 4.3).
 *
 *   address   31        22 21        12 11         0
 *            | pgd index  | pte index  |  offset    |
 *
 *   pgd (1024 entries) --> pmd: folded, the entry itself --> pte (1024 entries) --> frame
 *                              \-> or a 4 MiB page (PSE)
 *
 * The walkers use three levels. Here the middle one is folded into the first, as in Linux: a pgd
 * entry is never none, pmd_offset() is the identity, and the hardware's page-directory entry is a
 * pmd_t. A build with three real levels would replace this file and keep the walkers.
 *
 * The bits of an entry:
 *
 *   31..12 frame | 11..9 - | 8 G | 7 PS, PROT_NONE | 6 D | 5 A | 4 PCD | 3 PWT | 2 U | 1 W | 0 P
 *
 *   present            P = 1: the MMU uses it
 *   no access          P = 0, bit 7 = 1: maps a frame, but PROT_NONE makes every access fault
 *   swapped out        P = 0, bit 7 = 0, not all zero: type in bits 6..1, offset in bits 31..8
 *                      (as in Linux 2.4)
 *   empty              all zero
 *
 * Entries are values. Only set_pte(), set_pmd() and the two clear functions change a table, by one
 * store each.
 */
#ifndef PAGING_PGTABLE_H
#define PAGING_PGTABLE_H

#include "paging/layout.h"
#include "paging/trace_events.h"

#define PTRS_PER_PGD 1024u
#define PTRS_PER_PTE 1024u
#define PGDIR_SHIFT  22
#define PGDIR_SIZE   (1u << PGDIR_SHIFT)

/* The first entry of the kernel half of a page directory. */
#define KERNEL_PGD_INDEX (PAGE_OFFSET >> PGDIR_SHIFT)

typedef struct {
	u32 value;
} pte_t;

typedef struct {
	u32 value;
} pgd_t;

typedef struct {
	pgd_t pgd;
} pmd_t;

typedef struct {
	u32 value;
} pgprot_t;

enum pte_bits {
	PTE_PRESENT = 1 << 0,
	PTE_WRITE = 1 << 1,
	PTE_USER = 1 << 2,
	PTE_PWT = 1 << 3,
	PTE_PCD = 1 << 4,
	PTE_ACCESSED = 1 << 5,
	PTE_DIRTY = 1 << 6,
	PTE_LARGE = 1 << 7,    /* in a pmd: a 4 MiB page */
	PTE_PROTNONE = 1 << 7, /* in a pte that is not present */
	PTE_GLOBAL = 1 << 8,
};

#define PTE_FLAGS_MASK 0x00000fffu

#define PAGE_NONE     ((pgprot_t){ PTE_PROTNONE | PTE_ACCESSED })
#define PAGE_READONLY ((pgprot_t){ PTE_PRESENT | PTE_USER | PTE_ACCESSED })
#define PAGE_SHARED   ((pgprot_t){ PTE_PRESENT | PTE_USER | PTE_ACCESSED | PTE_WRITE })

#define PAGE_KERNEL    ((pgprot_t){ PTE_PRESENT | PTE_WRITE | PTE_ACCESSED | PTE_DIRTY | PTE_GLOBAL })
#define PAGE_KERNEL_RO ((pgprot_t){ PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY | PTE_GLOBAL })
/* Write combining if cpu_init() has set entry 1 of the PAT to that; else write through. */
#define PAGE_KERNEL_WC ((pgprot_t){ PAGE_KERNEL.value | PTE_PWT })
#define PAGE_KERNEL_IO ((pgprot_t){ PAGE_KERNEL.value | PTE_PCD | PTE_PWT })

/* The flags of an entry for a page table: all rights, so that those of the pte decide. */
#define PMD_TABLE (PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_ACCESSED)

/* --- Making and reading a pte --- */

static inline pte_t mk_pte(pfn_t pfn, pgprot_t prot)
{
	return (pte_t){ pfn << PAGE_SHIFT | prot.value };
}

static inline pfn_t pte_pfn(pte_t pte)
{
	return pte.value >> PAGE_SHIFT;
}

static inline bool pte_none(pte_t pte)
{
	return !pte.value;
}

/* True if the entry maps a frame, even if PROT_NONE forbids access. */
static inline bool pte_present(pte_t pte)
{
	return pte.value & (PTE_PRESENT | PTE_PROTNONE);
}

static inline bool pte_write(pte_t pte)
{
	return pte.value & PTE_WRITE;
}

static inline bool pte_dirty(pte_t pte)
{
	return pte.value & PTE_DIRTY;
}

static inline bool pte_young(pte_t pte)
{
	return pte.value & PTE_ACCESSED;
}

static inline pte_t pte_mkwrite(pte_t pte)
{
	return (pte_t){ pte.value | PTE_WRITE };
}

static inline pte_t pte_wrprotect(pte_t pte)
{
	return (pte_t){ pte.value & ~(u32)PTE_WRITE };
}

static inline pte_t pte_mkdirty(pte_t pte)
{
	return (pte_t){ pte.value | PTE_DIRTY };
}

static inline pte_t pte_mkclean(pte_t pte)
{
	return (pte_t){ pte.value & ~(u32)PTE_DIRTY };
}

static inline pte_t pte_mkyoung(pte_t pte)
{
	return (pte_t){ pte.value | PTE_ACCESSED };
}

static inline pte_t pte_mkold(pte_t pte)
{
	return (pte_t){ pte.value & ~(u32)PTE_ACCESSED };
}

/* Changes the rights. Keeps the frame and the dirty bit. */
static inline pte_t pte_modify(pte_t pte, pgprot_t prot)
{
	return (pte_t){ (pte.value & (PAGE_MASK | PTE_DIRTY)) | prot.value };
}

/* --- Swap entries: the place of a page that is not in memory --- */

#define SWAP_TYPES	64u	  /* areas */
#define SWAP_OFFSET_MAX 0xffffffu /* pages of an area, less one */

typedef struct {
	u32 value; /* as in a pte; never 0: offset 0 is the header of an area */
} swp_entry_t;

static inline swp_entry_t swp_entry(u32 type, u32 offset)
{
	return (swp_entry_t){ offset << 8 | type << 1 };
}

static inline u32 swp_type(swp_entry_t entry)
{
	return entry.value >> 1 & (SWAP_TYPES - 1);
}

static inline u32 swp_offset(swp_entry_t entry)
{
	return entry.value >> 8;
}

static inline pte_t swp_entry_to_pte(swp_entry_t entry)
{
	return (pte_t){ entry.value };
}

/* Of an entry that is neither empty nor present. */
static inline swp_entry_t pte_to_swp_entry(pte_t pte)
{
	return (swp_entry_t){ pte.value };
}

/* True if the page is in swap. */
static inline bool pte_swap(pte_t pte)
{
	return !pte_none(pte) && !pte_present(pte);
}

/* --- From one level to the next --- */

static inline pgd_t *pgd_offset(pgd_t *directory, vaddr_t address)
{
	return directory + (address >> PGDIR_SHIFT);
}

static inline bool pgd_none(pgd_t pgd)
{
	(void)pgd; /* folded: the level below is this entry */
	return false;
}

static inline pmd_t *pmd_offset(pgd_t *pgd, vaddr_t address)
{
	(void)address;
	return (pmd_t *)pgd;
}

static inline bool pmd_none(pmd_t pmd)
{
	return !pmd.pgd.value;
}

static inline bool pmd_large(pmd_t pmd)
{
	return (pmd.pgd.value & (PTE_PRESENT | PTE_LARGE)) == (PTE_PRESENT | PTE_LARGE);
}

/* A page table: neither empty nor a 4 MiB page. */
static inline bool pmd_table(pmd_t pmd)
{
	return (pmd.pgd.value & (PTE_PRESENT | PTE_LARGE)) == PTE_PRESENT;
}

static inline pfn_t pmd_pfn(pmd_t pmd)
{
	return pmd.pgd.value >> PAGE_SHIFT;
}

static inline pmd_t mk_pmd_table(pfn_t table)
{
	return (pmd_t){ { table << PAGE_SHIFT | PMD_TABLE } };
}

/*
 * Frames from 4 GiB on need PSE-36: bits 20..13 of the entry are address bits 39..32 (SDM vol. 3A
 * 4.3, table 4-4).
 */
static inline pmd_t mk_pmd_large(pfn_t first, pgprot_t prot)
{
	u32 high = first >> (32 - PAGE_SHIFT) & 0xff;

	return (pmd_t){ { first << PAGE_SHIFT | high << 13 | prot.value | PTE_LARGE } };
}

static inline phys_addr_t pmd_large_phys(pmd_t pmd)
{
	return (phys_addr_t)(pmd.pgd.value >> 13 & 0xff) << 32 |
	       (pmd.pgd.value & ~(LARGE_PAGE_SIZE - 1));
}

static inline u32 pte_index(vaddr_t address)
{
	return address >> PAGE_SHIFT & (PTRS_PER_PTE - 1);
}

/* The entry for an address. pmd_table(pmd) must be true. */
static inline pte_t *pte_offset(pmd_t pmd, vaddr_t address)
{
	return (pte_t *)pfn_to_virt(pmd_pfn(pmd)) + pte_index(address);
}

/* --- Changing a table: one store each, so the MMU sees either the old or the new entry --- */

static inline void set_pte(pte_t *place, pte_t pte)
{
	TRACE_STORE(pte_set, place, pte.value);
	*(volatile u32 *)&place->value = pte.value;
}

static inline void set_pmd(pmd_t *place, pmd_t pmd)
{
	TRACE_STORE(pmd_set, place, pmd.pgd.value);
	*(volatile u32 *)&place->pgd.value = pmd.pgd.value;
}

static inline void pte_clear(pte_t *place)
{
	set_pte(place, (pte_t){ 0 });
}

static inline void pmd_clear(pmd_t *place)
{
	set_pmd(place, (pmd_t){ { 0 } });
}

#endif
