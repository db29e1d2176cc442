/* SPDX-License-Identifier: MIT */
/*
 * The contract with the MMU: which copies of a page-table entry may be out of date, when they
 * must be flushed, what may wait, and what may fail. A wrong answer here shows up as another
 * process' data long after the cause. So there is one page for it, and each file that changes
 * entries keeps these rules.
 *
 *      page tables in RAM  -- walk -->  TLB, caches of page-directory entries  -->  access
 *      set_pte(), set_pmd()             keep what they have seen until a flush
 *
 * For each change of an entry: what the processor may still use (Intel SDM vol. 3A 4.10), and the
 * flush that is needed:
 *
 *   (1) empty or not present -> anything. No old copy exists: such entries are not cached. No
 *       flush.
 *   (2) fewer rights -> more rights. It may use the old rights. A flush may be left out: at worst
 *       the processor takes a spurious fault, and the fault handler flushes that page.
 *   (3) more rights -> fewer rights. It may use the old rights. Flush before the address space is
 *       used again, by ring 3 or by the kernel for it.
 *   (4) a frame -> no frame or another one. It may use the old frame, with its old rights. Flush
 *       before the frame is used for anything else.
 *   (5) a page table -> none. It may use the directory entry, and through it the table. Flush any
 *       page of its 4 MiB before the table's frame is used for anything else.
 *   (6) an address space that is not active has no translations: a load of CR3 drops all but the
 *       global ones, and no user entry is global. Changes to its entries need no flush.
 *   (7) the kernel half is cached for all address spaces, and is global where the processor can.
 *       An entry of its directory never changes once it is set (mm/kernel_space/kernel_map.h).
 *   (8) accessed and dirty: the MMU may set them while the page can be used. New entries have
 *       "accessed" set, and "dirty" where a fault makes them writable, which saves the MMU a
 *       store. Reclaim reads and clears "accessed", MADV_FREE "dirty": flush the page then, else
 *       the MMU does not set the bit again. pte_modify() keeps "dirty".
 *
 * May be deferred: one flush may serve many changes, as long as (3) to (5) hold for each. What
 * waits:
 *
 *   unmapped pages             the frames, at most 64, in the gather of mm/user_space/zap.c
 *   pages that reclaim takes   the frames, at most 64, in the batch of mm/reclaim/vmscan.c
 *   write protection by fork   one flush after the last entry (mm/user_space/mm.c)
 *   mremap                     one flush after the last entry has moved (mm/mman/mremap.c)
 *   vfree()                    frames and addresses (mm/kernel_space/vmalloc.c)
 *   kunmap()                   the window: it is used again after one flush, which comes when all
 *                              windows were used (mm/frames/highmem.c)
 *
 * May fail: making a page table, with -ENOMEM or NULL; the entries are then as before. Clearing,
 * protecting, moving to a table that is there, visiting and flushing cannot fail.
 *
 * Context: one processor, so no other one has to be told. Nothing here sleeps, and interrupts may
 * be on: an entry changes by one store, so an interrupt sees the old one or the new one.
 * Interrupt handlers change no entries. The callers of paging/range.h flush.
 *
 * The kernel answers these calls with instructions (kernel/cpu/cpu.c). tests/host/mmu.c answers
 * with a model that remembers each translation until a flush covers it, so that a missing flush
 * is seen.
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

/* The pointer to a mapped address of the kernel half; in the kernel the same number. */
void *mmu_pointer(vaddr_t address);

#endif
