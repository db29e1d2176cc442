/* SPDX-License-Identifier: MIT */
/*
 * Operations on ranges of an address space: find, map, unmap, protect and visit its entries.
 *
 * Ranges are half-open, [start, end) or start and a count of pages, page aligned; end may be 0 for the end of the
 * address space. No function here flushes the TLB or frees a frame: the caller does, in this order (see paging/tlb.h).
 * Page tables come from, and go back to, the caller's struct pgtable_ops. Nothing here sleeps; interrupts may be on, but
 * two operations on the same range must not overlap.
 */
#ifndef PAGING_RANGE_H
#define PAGING_RANGE_H

#include "paging/pgtable.h"

struct pgtable_ops {
	/* Returns a zeroed frame for a page table, or 0 (frame 0 is never a page table). */
	pfn_t (*alloc_table)(void *context);
	/* Publishes a table that was just allocated at `pmd`, the entry for `address`. */
	void (*populate)(void *context, pmd_t *pmd, vaddr_t address, pmd_t entry);
	void *context;
};

/* The entry for `address`, or NULL where there is no page table (or a 4 MiB page). */
pte_t *pte_lookup(pgd_t *directory, vaddr_t address);

/* The same, but makes the page table if there is none. NULL: out of memory, nothing changed. A 4 MiB page there is a bug. */
pte_t *pte_alloc(pgd_t *directory, vaddr_t address, const struct pgtable_ops *ops);

/*
 * Maps `pages` consecutive frames from `first` at `start`. The entries must be empty. Returns 0, or -ENOMEM with nothing
 * mapped (page tables that were made stay).
 */
int map_range(pgd_t *directory, vaddr_t start, pfn_t first, u32 pages, pgprot_t prot,
	      const struct pgtable_ops *ops);

/* Maps one frame; as above. */
int map_page(pgd_t *directory, vaddr_t address, pfn_t pfn, pgprot_t prot,
	     const struct pgtable_ops *ops);

/* Clears one entry. Returns whether it named a frame. */
bool unmap_page(pgd_t *directory, vaddr_t address);

/* Clears the entries. Returns how many of them named a frame. */
u32 unmap_range(pgd_t *directory, vaddr_t start, u32 pages);

/* Gives the entries that name a frame the rights `prot`. Returns how many there were. */
u32 protect_range(pgd_t *directory, vaddr_t start, u32 pages, pgprot_t prot);

/* An entry that is not empty, and the address that it serves. A result other than 0 ends the visit. */
typedef int pte_visitor_t(pte_t *pte, vaddr_t address, void *context);

/*
 * Calls visit() for each entry of [start, end) that is not empty, in ascending order; a 4 MiB page is passed over. Stops
 * at the first result that is not 0 and returns it.
 */
int visit_range(pgd_t *directory, vaddr_t start, vaddr_t end, pte_visitor_t *visit, void *context);

/* What the tables say of one address, whatever the size of the page. */
struct translation {
	phys_addr_t phys; /* of the byte at the address */
	u32 flags;	  /* enum pte_bits; W and U of both levels combined */
	bool large;
};

/* Returns whether the MMU would find a present page there. */
bool translate(pgd_t *directory, vaddr_t address, struct translation *result);

/* --- The same, compiled into the caller: for the paths of a page fault, of fork and of exit, where each entry counts --- */

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

/* The end of the part of [address, end) that the page table of `address` serves; `end` may be that of the address space, 0. */
static inline vaddr_t pgtable_end(vaddr_t address, vaddr_t end)
{
	vaddr_t next = (address & ~(PGDIR_SIZE - 1)) + PGDIR_SIZE;

	return next - 1 < end - 1 ? next : end;
}

/* visit_range(); visit() is a constant, so that it is inlined too. */
static inline __attribute__((always_inline)) int visit_range_inline(pgd_t *directory, vaddr_t start,
								    vaddr_t end,
								    pte_visitor_t *visit,
								    void *context)
{
	vaddr_t address = start;

	if (start == end)
		return 0;
	do {
		vaddr_t next = pgtable_end(address, end);
		pte_t *pte = find_pte(directory, address);

		for (; pte && address != next; address += PAGE_SIZE, pte++) {
			int result;

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
