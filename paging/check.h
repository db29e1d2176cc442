/* SPDX-License-Identifier: MIT */
/*
 * A checker and a dump of page tables, for tests, the debugger and panic. They change nothing and
 * allocate nothing.
 */
#ifndef PAGING_CHECK_H
#define PAGING_CHECK_H

#include "paging/pgtable.h"

/*
 * Invariants of a page directory (Intel SDM vol. 3A 4.3 and 4.4 have the bits):
 *   (1) its kernel half equals that of `kernel`, except the accessed and dirty bits;
 *   (2) no page of the kernel half is accessible to user mode, by the U bits of both levels;
 *   (3) every present page-table entry maps a frame below `frames`, or is uncached (a device);
 *   (4) no entry has a reserved bit, or bit 12 of a large page (PAT, unused);
 *   (5) the first 64 KiB and the top page are not mapped;
 *   (6) where data are not executable (pte_nx), no page of the kernel half is writable and
 *       executable.
 * Returns NULL, or the text of the first violated invariant; *where is then the address.
 */
const char *pgtable_validate(pgd_t *directory, pgd_t *kernel, pfn_t frames, vaddr_t *where);

/* Pages with equal rights and consecutive frames. */
struct pgtable_run {
	vaddr_t start, end; /* end may be 0 */
	phys_addr_t phys;
	pteval_t flags; /* of the entries, without the bits that the processor sets */
};

/*
 * The first run in [start, end), which must not be empty. end may be 0. False: nothing is mapped.
 */
bool pgtable_run(pgd_t *directory, vaddr_t start, vaddr_t end, struct pgtable_run *run);

/*
 * The rights of a run, five letters: u or k (user, kernel), w or r (writable, read-only), 4
 * or 2 (pages of 4 or 2 MiB), g (global), n (not cached), or - in their place. Where data are not
 * executable (pte_nx), pages that are have x in place of r, or X of w.
 */
void pgtable_rights_text(pteval_t flags, char text[6]);

/*
 * Logs `pgtable: start=... end=... frame=... rights=...` for [start, end), one line for each run
 * of pages with equal rights and consecutive frames. end may be 0.
 */
void pgtable_dump(pgd_t *directory, vaddr_t start, vaddr_t end);

#endif
