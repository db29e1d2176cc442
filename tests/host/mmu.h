/* SPDX-License-Identifier: MIT */
/*
 * A software MMU: an x86 with two-level paging or PAE, as the build has it, large pages, global
 * pages (Intel SDM vol. 3A chapter 4). paging/test_access.c beside it compares it with the manual.
 *
 *   address --> TLB: keeps every translation --------------------------> frame of physmap
 *                 \-> directory entries that it keeps --> page tables --/
 *
 * It is the worst machine that the architecture allows:
 *   (1) a translation stays until a flush that covers it or, if it is not global, until the page
 *       directory is changed; no other event drops it, not even a page fault;
 *   (2) the same holds for the entry above it that led to it (a paging-structure cache), also if
 *       the walk then found no page; the first level of PAE is read only when the page directory
 *       is set, or all is flushed;
 *   (3) an entry that is not present is never cached;
 *   (4) accessed is set by every walk that succeeds, dirty by the first write: one that finds a
 *       clean translation walks again.
 * A missing flush is therefore seen: the access goes to the old frame. A late flush is seen by
 * mmu_frame_seen.
 *
 * The functions of paging/tlb.h act on it.
 */
#ifndef TESTS_HOST_MMU_H
#define TESTS_HOST_MMU_H

#include "paging/pgtable.h"

enum mmu_mode { MMU_KERNEL, MMU_USER };
enum mmu_kind { MMU_READ, MMU_WRITE, MMU_FETCH };

/* CR0.WP, CR4.SMEP, CR4.SMAP, EFLAGS.AC and EFER.NXE; at first WP and NXE are set. */
struct mmu_control {
	bool wp, smep, smap, ac, nxe;
	bool reserved_faults; /* a reserved bit is a page fault; else it ends the test */
};

extern struct mmu_control mmu_control;

/*
 * Translates one address as the processor does for an access. Returns true and where the byte
 * lies, or false: page fault, and *error is the error code that the processor pushes (ERROR_* of
 * kernel/cpu/trap.h).
 */
bool mmu_access(vaddr_t address, enum mmu_kind kind, enum mmu_mode mode, phys_addr_t *phys,
		u32 *error);

/*
 * NULL, or a message: the TLB keeps a translation that the tables no longer contain, or contain
 * with fewer rights.
 */
const char *mmu_check(vaddr_t *where);

/*
 * Called, if not NULL, with the frame of a translation that is used or dropped, and with the page
 * table of a directory entry: at that time the frame must still have an owner.
 */
extern void (*mmu_frame_seen)(pfn_t pfn, vaddr_t address);

/* Whether the TLB has a translation of this page. */
bool mmu_remembers(vaddr_t address);

/* Of that translation PTE_PRESENT, PTE_WRITE, PTE_USER and PTE_DIRTY; 0: there is none. */
u32 mmu_remembered_bits(vaddr_t address);

/* Flushes since the start, by kind. */
struct mmu_counters {
	u32 page, all, kernel, root;
};

extern struct mmu_counters mmu_counters;

/*
 * Reads or writes as the kernel does; false at a fault (what was copied before it stays). The only
 * way for a test to touch memory of vmalloc().
 */
bool kernel_read(vaddr_t address, void *buffer, u32 bytes);
bool kernel_write(vaddr_t address, const void *buffer, u32 bytes);

/* One access within a page. Copies, or returns false and the error code. */
bool mmu_copy(vaddr_t address, void *buffer, u32 bytes, bool write, enum mmu_mode mode, u32 *error);

#endif
