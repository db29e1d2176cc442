/* SPDX-License-Identifier: MIT */
/*
 * Page tables with physical address extension (Intel SDM vol. 3A 4.4): the description that
 * paging/pgtable.h asks for.
 *
 *   address   31 30 29        21 20       12 11         0
 *            | pgd | pmd index  | pte index |  offset    |
 *
 *   pgd (4 entries) --> pmd (512 entries) --> pte (512 entries) --> frame
 *                              \-> or a 2 MiB page
 *
 *   entry:   63 NX | 62..40 0 | 39..12 frame | 11..0 flags
 *
 * The processor reads the four entries of the first level only when CR3 is loaded (4.4.1). So a
 * page directory has all tables of the middle level from its start: its own three for the user
 * half, and the fourth, which all directories share, for the kernel half. Only the master has
 * nothing in the user half. An entry of the kernel half is written once and is there for all.
 *
 * Frames end at 2^40, where two-level tables with PSE-36 end too. All bits above are 0, so they
 * are within what any processor with PAE can address, as long as the frame exists.
 *
 * An entry has two words, and the MMU may read between two stores:
 *
 *   (1) the low word, which has the present bit, is cleared first and written last. So the MMU
 *       sees the old entry, one that is not present, or the new one; never a mixture of both.
 *   (2) while the present bit is clear, a fault would find no page. The kernel changes no entry
 *       that an interrupt handler or it itself uses meanwhile; and there is one processor.
 *
 *   (3) a read takes two loads, in any order: by (2) nothing changes the entry between them but
 *       the MMU, which sets accessed and dirty, both in the low word.
 *
 * tests/host/paging/test_store_order.c stops after each instruction and looks.
 */
#ifndef PAGING_PAE_H
#define PAGING_PAE_H

#define PTRS_PER_PGD 4u
#define PTRS_PER_PTE 512u
#define PGDIR_SHIFT  30
#define PMD_SHIFT    21

#define PMD_FOLDED 0

#define LARGE_PAGE_LETTER "2" /* MiB */

typedef u64 pteval_t;

/*
 * The end of the RAM that is used, bytes: what every processor with PAE can address. mem_map for
 * it takes 512 of the 896 MiB of the direct map.
 */
#define PHYS_LIMIT ((phys_addr_t)1 << 36)

#define PTE_FRAME    ((pteval_t)0x000000fffffff000)
#define PTE_NX	     ((pteval_t)1 << 63)
#define PTE_RESERVED ((pteval_t)0x7fffff0000000000)

extern pteval_t pte_nx; /* paging/range.c */

static inline void pte_nx_on(void)
{
	pte_nx = PTE_NX;
}

/*
 * An entry of the first level has no rights: bits 2, 1 and 8..5 are reserved too. Bit 5 is not
 * checked: QEMU 7.2 sets it as "accessed".
 */
#define PGD_RESERVED ((pteval_t)0xffffff00000001c6)
/* Bit 12 is PAT, unused here. */
#define LARGE_RESERVED (PTE_RESERVED | 0x001ff000)

typedef struct {
	pteval_t value;
} pgd_t;

typedef struct {
	pteval_t value;
} pmd_t;

static inline bool pgd_none(pgd_t pgd)
{
	return !((u32)pgd.value & PTE_PRESENT);
}

static inline pmd_t *pmd_offset(pgd_t *pgd, vaddr_t address)
{
	pmd_t *table = pfn_to_virt((pfn_t)(pgd->value >> PAGE_SHIFT));

	return table + (address >> PMD_SHIFT) % (1u << (PGDIR_SHIFT - PMD_SHIFT));
}

static inline pteval_t large_page(pfn_t first)
{
	return (pteval_t)first << PAGE_SHIFT;
}

static inline phys_addr_t large_page_phys(pteval_t entry)
{
	return entry & PTE_FRAME;
}

/* Keeps (1). */
static inline void store_entry(pteval_t *place, pteval_t entry)
{
	volatile u32 *words = (volatile u32 *)place;

	words[0] = 0;
	words[1] = (u32)(entry >> 32);
	words[0] = (u32)entry;
}

static inline void clear_entry(pteval_t *place)
{
	volatile u32 *words = (volatile u32 *)place;

	words[0] = 0;
	words[1] = 0;
}

static inline pfn_t pgd_table(pgd_t pgd)
{
	return pgd_none(pgd) ? 0 : (pfn_t)(pgd.value >> PAGE_SHIFT);
}

static inline bool pgd_fill(pgd_t *directory, u32 first, u32 end, pfn_t (*alloc)(void *context),
			    void *context)
{
	for (u32 i = first; i < end; i++) {
		pfn_t table = alloc(context);

		if (!table)
			return false;
		TRACE_STORE(pgd_set, directory + i, table << PAGE_SHIFT | PTE_PRESENT);
		store_entry(&directory[i].value, (pteval_t)table << PAGE_SHIFT | PTE_PRESENT);
	}
	return true;
}

#endif
