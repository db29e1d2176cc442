/* SPDX-License-Identifier: MIT */
/*
 * The entries of x86 page tables and the steps down them.
 *
 *   pgd --> pmd --> pte --> frame
 *             \-> or a large page
 *
 * The walkers use three levels. What the processor has is described by one of two files, which
 * the build chooses here and nowhere else:
 *
 *   paging/two_level.h   entries of 32 bits, the middle level folded into the first (default)
 *   paging/pae.h         entries of 64 bits, three real levels (make PAGING=pae)
 *
 * Each of them defines:
 *
 *   pteval_t                        the integer that an entry is
 *   pgd_t, pmd_t                    entries of the two upper levels
 *   PTRS_PER_PGD, PTRS_PER_PTE      entries of a table
 *   PGDIR_SHIFT, PMD_SHIFT          log2 of the addresses that an entry serves
 *   PMD_FOLDED                      1: the middle level is folded into the first
 *   PHYS_LIMIT                      the end of the RAM that is used, bytes
 *   PTE_FRAME, PTE_NX               the bits of the frame; no execution, 0: there is no such bit
 *   pte_nx                          PTE_NX where the processor has it and EFER.NXE is set, else 0:
 *                                   what an entry without the right to execute has
 *   pte_nx_on()                     the processor has it: before any table is made
 *   PTE_RESERVED, PGD_RESERVED, LARGE_RESERVED   bits that are 0: in a pte and an entry for a page
 *                                   table, in a pgd, in an entry for a large page
 *   LARGE_PAGE_LETTER               the size of a large page in MiB, as text
 *   pgd_none(), pmd_offset()        the first step down
 *   large_page(), large_page_phys() the frame in an entry for a large page
 *   store_entry(), clear_entry()    how an entry is published
 *   pgd_table()                     the frame of the middle table that a pgd entry names, 0: none
 *   pgd_fill()                      makes the middle tables of entries [first, end); false: no
 *                                   memory, those made stay
 *
 * The low 12 bits are the same in both:
 *
 *   11..9 - | 8 G | 7 PS, PROT_NONE | 6 D | 5 A | 4 PCD | 3 PWT | 2 U | 1 W | 0 P
 *
 *   present            P = 1: the MMU uses it
 *   no access          P = 0, bit 7 = 1: maps a frame, but PROT_NONE makes every access fault
 *   swapped out        P = 0, bit 7 = 0, not all zero: type in bits 6..1, offset in bits 31..8
 *                      (as in Linux 2.4)
 *   empty              all zero
 *
 * Entries are values. Only set_pte(), set_pmd() and the two clear functions change a table. The
 * MMU sees the old entry, then the new one; between them it may see one that is not present.
 */
#ifndef PAGING_PGTABLE_H
#define PAGING_PGTABLE_H

#include "paging/layout.h"
#include "paging/trace_events.h"

enum pte_bits {
	PTE_PRESENT = 1 << 0,
	PTE_WRITE = 1 << 1,
	PTE_USER = 1 << 2,
	PTE_PWT = 1 << 3,
	PTE_PCD = 1 << 4,
	PTE_ACCESSED = 1 << 5,
	PTE_DIRTY = 1 << 6,
	PTE_LARGE = 1 << 7,    /* in a pmd: a large page */
	PTE_PROTNONE = 1 << 7, /* in a pte that is not present */
	PTE_GLOBAL = 1 << 8,
};

#ifdef PAGING_PAE
#include "paging/pae.h"
#else
#include "paging/two_level.h"
#endif

/* The address range of one entry of each level above the pte. */
#define PGDIR_SIZE (1u << PGDIR_SHIFT)
#define PMD_SIZE   (1u << PMD_SHIFT)

#define LARGE_PAGE_SHIFT PMD_SHIFT
#define LARGE_PAGE_SIZE	 PMD_SIZE

/* The first entry of the kernel half of a page directory. */
#define KERNEL_PGD_INDEX (PAGE_OFFSET >> PGDIR_SHIFT)

#define PTE_FLAGS_MASK ((pteval_t)0xfff | PTE_NX)

typedef struct {
	pteval_t value;
} pte_t;

typedef struct {
	pteval_t value;
} pgprot_t;

#define PAGE_NONE     ((pgprot_t){ PTE_PROTNONE | PTE_ACCESSED })
#define PAGE_READONLY ((pgprot_t){ PTE_PRESENT | PTE_USER | PTE_ACCESSED })
#define PAGE_SHARED   ((pgprot_t){ PTE_PRESENT | PTE_USER | PTE_ACCESSED | PTE_WRITE })

/* Data are not executable, text and constants are. */
#define PAGE_KERNEL \
	((pgprot_t){ PTE_PRESENT | PTE_WRITE | PTE_ACCESSED | PTE_DIRTY | PTE_GLOBAL | pte_nx })
#define PAGE_KERNEL_RO ((pgprot_t){ PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY | PTE_GLOBAL })
/* Write combining if cpu_init() has set entry 1 of the PAT to that; else write through. */
#define PAGE_KERNEL_WC ((pgprot_t){ PAGE_KERNEL.value | PTE_PWT })
#define PAGE_KERNEL_IO ((pgprot_t){ PAGE_KERNEL.value | PTE_PCD | PTE_PWT })

/* The flags of an entry for a page table: all rights, so that those of the pte decide. */
#define PMD_TABLE (PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_ACCESSED)

/* --- Making and reading a pte --- */

static inline pte_t mk_pte(pfn_t pfn, pgprot_t prot)
{
	return (pte_t){ (pteval_t)pfn << PAGE_SHIFT | prot.value };
}

static inline pfn_t pte_pfn(pte_t pte)
{
	return (pfn_t)(pte.value >> PAGE_SHIFT);
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
	return (pte_t){ pte.value & ~(pteval_t)PTE_WRITE };
}

static inline pte_t pte_mkdirty(pte_t pte)
{
	return (pte_t){ pte.value | PTE_DIRTY };
}

static inline pte_t pte_mkclean(pte_t pte)
{
	return (pte_t){ pte.value & ~(pteval_t)PTE_DIRTY };
}

static inline pte_t pte_mkyoung(pte_t pte)
{
	return (pte_t){ pte.value | PTE_ACCESSED };
}

static inline pte_t pte_mkold(pte_t pte)
{
	return (pte_t){ pte.value & ~(pteval_t)PTE_ACCESSED };
}

/* Changes the rights. Keeps the frame and the dirty bit. */
static inline pte_t pte_modify(pte_t pte, pgprot_t prot)
{
	return (pte_t){ (pte.value & (PTE_FRAME | PTE_DIRTY)) | prot.value };
}

/* --- Swap entries: the place of a page that is not in memory --- */

#define SWAP_TYPES	64u	  /* areas */
#define SWAP_OFFSET_MAX 0xffffffu /* pages of an area, less one */

typedef struct {
	u32 value; /* the low word of a pte; never 0: offset 0 is the header of an area */
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
	return (swp_entry_t){ (u32)pte.value };
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

static inline bool pmd_none(pmd_t pmd)
{
	return !pmd.value;
}

static inline bool pmd_large(pmd_t pmd)
{
	return (pmd.value & (PTE_PRESENT | PTE_LARGE)) == (PTE_PRESENT | PTE_LARGE);
}

/* A page table: neither empty nor a large page. */
static inline bool pmd_table(pmd_t pmd)
{
	return (pmd.value & (PTE_PRESENT | PTE_LARGE)) == PTE_PRESENT;
}

static inline pfn_t pmd_pfn(pmd_t pmd)
{
	return (pfn_t)(pmd.value >> PAGE_SHIFT);
}

static inline pmd_t mk_pmd_table(pfn_t table)
{
	return (pmd_t){ (pteval_t)table << PAGE_SHIFT | PMD_TABLE };
}

static inline pmd_t mk_pmd_large(pfn_t first, pgprot_t prot)
{
	return (pmd_t){ large_page(first) | prot.value | PTE_LARGE };
}

static inline phys_addr_t pmd_large_phys(pmd_t pmd)
{
	return large_page_phys(pmd.value);
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

/* --- Changing a table: set_pte() and set_pmd() by store_entry() of the description --- */

static inline void set_pte(pte_t *place, pte_t pte)
{
	TRACE_STORE(pte_set, place, (u32)pte.value);
	store_entry(&place->value, pte.value);
}

static inline void set_pmd(pmd_t *place, pmd_t pmd)
{
	TRACE_STORE(pmd_set, place, (u32)pmd.value);
	store_entry(&place->value, pmd.value);
}

static inline void pte_clear(pte_t *place)
{
	TRACE_STORE(pte_set, place, 0);
	clear_entry(&place->value);
}

static inline void pmd_clear(pmd_t *place)
{
	TRACE_STORE(pmd_set, place, 0);
	clear_entry(&place->value);
}

#endif
