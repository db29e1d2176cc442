/* SPDX-License-Identifier: MIT */
/*
 * The operations on the MMU. kernel/ defines them by instructions, tests/host/ by a model that
 * keeps translations until they are flushed, so that tests see a missing flush.
 *
 * The TLB caches translations and does not notice a changed page-table entry. Rules (Intel SDM
 * vol. 3A 4.10.4):
 *
 *   a present entry is cleared or loses rights   flush before its frame or page table is reused
 *   an entry becomes present                     no flush: absent entries are not cached
 *   an entry gains rights                        no flush: a spurious fault is harmless
 */
#ifndef PAGING_TLB_H
#define PAGING_TLB_H

#include "lib/types.h"

/* Flushes the translation of one page, global or not, of the active page directory. */
void tlb_flush_page(vaddr_t address);

/* Flushes all translations except the global ones (the kernel's). */
void tlb_flush_all(void);

/* Flushes all translations, global ones included. */
void tlb_flush_kernel(void);

/* The physical address of the active page directory (CR3). */
phys_addr_t mmu_root(void);
void mmu_set_root(phys_addr_t page_directory);

/* The pointer to a mapped address of the kernel half. In the kernel it is the same number. */
void *mmu_pointer(vaddr_t address);

#endif
