/* SPDX-License-Identifier: MIT */
/*
 * Operations on ranges of page-table entries: find, map, unmap, protect, visit.
 *
 * User address spaces, vmalloc and the direct map differ in how they allocate page tables. The
 * walks are the same and are written here once, with that difference in struct pgtable_ops.
 *
 * Ranges are page aligned and half-open, [start, end), or a start and a number of pages. end may
 * be 0 for the end of the address space. No function here flushes the TLB or frees a frame: the
 * caller must, in this order (paging/tlb.h). Nothing here sleeps. Interrupts may be on, but two
 * operations on the same range must not overlap.
 */
#ifndef PAGING_RANGE_H
#define PAGING_RANGE_H

#include "paging/pgtable.h"

struct pgtable_ops {
	/* Allocates a cleared frame for a page table. 0: no memory; frame 0 is never used. */
	pfn_t (*alloc_table)(void *context);
	/* Stores `entry`, for a new page table, at `pmd`, which serves `address`. */
	void (*populate)(void *context, pmd_t *pmd, vaddr_t address, pmd_t entry);
	void *context;
};

/* The entry for `address`, or NULL if there is no page table, or a large page. */
pte_t *pte_lookup(pgd_t *directory, vaddr_t address);

/* The same, but makes a missing page table. NULL: no memory, no change. Panics on a large page. */
pte_t *pte_alloc(pgd_t *directory, vaddr_t address, const struct pgtable_ops *ops);

/*
 * The entry for `address`, by value; for a part of a large page the one that a pte for it would
 * be. Empty if there is none.
 */
pte_t page_entry(pgd_t *directory, vaddr_t address);

/*
 * Maps `pages` consecutive frames from `first` at `start`. The entries must be empty. Returns 0,
 * or -ENOMEM with nothing mapped; new page tables stay.
 */
int map_range(pgd_t *directory, vaddr_t start, pfn_t first, u32 pages, pgprot_t prot,
	      const struct pgtable_ops *ops);

/* Maps one frame; as above. */
int map_page(pgd_t *directory, vaddr_t address, pfn_t pfn, pgprot_t prot,
	     const struct pgtable_ops *ops);

/* Clears one entry. Returns true if it mapped a frame. */
bool unmap_page(pgd_t *directory, vaddr_t address);

/* Clears the entries. Returns the number that mapped a frame. */
u32 unmap_range(pgd_t *directory, vaddr_t start, u32 pages);

/* Sets the rights `prot` in the entries that map a frame. Returns their number. */
u32 protect_range(pgd_t *directory, vaddr_t start, u32 pages, pgprot_t prot);

/* Gets an entry that is not empty, and its address. A result other than 0 ends the visit. */
typedef int pte_visitor_t(pte_t *pte, vaddr_t address, void *context);

/*
 * Calls visit() for each entry of [start, end) that is not empty, in ascending order. The entry of
 * a large page serves as a pte, once, for the first of its addresses in the range. Stops at the
 * first result that is not 0 and returns it.
 */
int visit_range(pgd_t *directory, vaddr_t start, vaddr_t end, pte_visitor_t *visit, void *context);

/* visit_range() of the large page at an address, if there is one. */
int visit_large(pgd_t *directory, vaddr_t address, pte_visitor_t *visit, void *context);

/* The translation of one address, by a page of either size. */
struct translation {
	phys_addr_t phys; /* of the byte at the address */
	pteval_t flags;	  /* enum pte_bits, PTE_NX; W, U and NX of both levels combined */
	bool large;
};

/* Translates an address as the MMU does. Returns false if no page is present. */
bool translate(pgd_t *directory, vaddr_t address, struct translation *result);

/* --- The same, inlined: for page faults, fork and exit, where the cost per entry counts --- */

/* The entry of the middle level for `address`, or NULL if there is no table of that level. */
static inline pmd_t *find_pmd(pgd_t *directory, vaddr_t address)
{
	pgd_t *pgd = pgd_offset(directory, address);

	return pgd_none(*pgd) ? NULL : pmd_offset(pgd, address);
}

/* The same where that table is there: in the directory of a process, and in the kernel half. */
static inline pmd_t *pmd_off(pgd_t *directory, vaddr_t address)
{
	return pmd_offset(pgd_offset(directory, address), address);
}

/* The same as a pte, for a large page: the functions for a pte serve such an entry too. */
static inline pte_t *large_pte(pgd_t *directory, vaddr_t address)
{
	return (pte_t *)pmd_off(directory, address);
}

/* pte_lookup() */
static inline pte_t *find_pte(pgd_t *directory, vaddr_t address)
{
	pgd_t *pgd = pgd_offset(directory, address);
	pmd_t pmd;

	if (pgd_none(*pgd))
		return NULL;
	pmd = *pmd_offset(pgd, address);
	return likely(pmd_table(pmd)) ? pte_offset(pmd, address) : NULL;
}

/* The end of the part of [address, end) in the page table of `address`. `end` may be 0. */
static inline vaddr_t pgtable_end(vaddr_t address, vaddr_t end)
{
	vaddr_t next = (address & ~(PMD_SIZE - 1)) + PMD_SIZE;

	return next - 1 < end - 1 ? next : end;
}

/*
 * visit_range() with a constant visit(), which is inlined too. Saves 22 of 101 instructions per
 * page of munmap(), and 35 of 97 per page of fork().
 */
static inline int visit_range_inline(pgd_t *directory, vaddr_t start, vaddr_t end,
				     pte_visitor_t *visit, void *context)
{
	vaddr_t address = start;

	if (start == end)
		return 0;
	do {
		vaddr_t next = pgtable_end(address, end);
		pte_t *pte = find_pte(directory, address);
		int result = likely(pte) ? 0 : visit_large(directory, address, visit, context);

		if (unlikely(result))
			return result;
		for (; pte && address != next; address += PAGE_SIZE, pte++) {
			if (pte_none(*pte))
				continue;
			result = visit(pte, address, context);
			if (result)
				return result;
		}
		address = next;
	} while (address != end);
	return 0;
}

#endif
