/* SPDX-License-Identifier: MIT */
/*
 * What the memory manager asks of the MMU. kernel/ answers with instructions, tests/host/ with a model that remembers
 * translations until it is told to forget them, so that a missing flush is seen.
 *
 * Rule: an entry that was present and is taken away or loses rights is flushed before the frame that it named, or the
 * page table that held it, is used for anything else (Intel SDM vol. 3A 4.10.4). An entry that was not present needs no
 * flush; one that gains rights needs none either, because a spurious fault is harmless.
 */
#ifndef PAGING_TLB_H
#define PAGING_TLB_H

#include "lib/types.h"

/* Forgets the translation of one page, global or not, in the active page directory. */
void tlb_flush_page(vaddr_t address);

/* Forgets all translations but the global ones (those of the kernel). */
void tlb_flush_all(void);

/* Forgets everything, global translations included. */
void tlb_flush_kernel(void);

/* The physical address of the active page directory (CR3). */
phys_addr_t mmu_root(void);
void mmu_set_root(phys_addr_t page_directory);

/* The pointer by which the kernel's code reaches an address of its own half that is mapped: in the kernel the same number. */
void *mmu_pointer(vaddr_t address);

#endif
