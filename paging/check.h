/* SPDX-License-Identifier: MIT */
/*
 * Checks and a dump of page tables, for tests, the debugger and panic: they change nothing and allocate nothing.
 */
#ifndef PAGING_CHECK_H
#define PAGING_CHECK_H

#include "paging/pgtable.h"

/*
 * Invariants of a page directory:
 *   (1) its kernel half is equal to that of `kernel`, entry by entry, but for the accessed and dirty bits;
 *   (2) no entry of the kernel half lets ring 3 in, judged by both levels;
 *   (3) every present entry names frames below `frames`, unless it is uncached (a device);
 *   (4) no 4 MiB entry has one of the bits 12..21 set, which are reserved or an address beyond 4 GiB;
 *   (5) the first 64 KiB and the top page are not mapped.
 * Returns NULL, or the text of the first one that is violated and its address through *where.
 */
const char *pgtable_validate(pgd_t *directory, pgd_t *kernel, pfn_t frames, vaddr_t *where);

/*
 * Writes `pgtable: start=... end=... frame=... rights=...` for [start, end), one line for each run of pages with equal rights
 * and consecutive frames. end may be 0.
 */
void pgtable_dump(pgd_t *directory, vaddr_t start, vaddr_t end);

#endif
