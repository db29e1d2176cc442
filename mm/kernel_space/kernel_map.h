/* SPDX-License-Identifier: MIT */
/*
 * The kernel half of all address spaces: the direct map, and the page tables of the vmalloc window.
 *
 * kernel_pgd is the master. Every page directory has the same kernel half:
 *   (1) a new page directory starts with a copy of it;
 *   (2) an entry that is added later is written to the master and to every page directory there is, before it is used;
 *   (3) an entry is never taken away, so that a copy is never out of date;
 *   (4) some that processes gave back wait for the next one (mm/kernel_space/quicklist.h): (2) holds for them too, and their user half is empty.
 * So no fault is ever taken to repair the kernel half.
 */
#ifndef MM_KERNEL_SPACE_KERNEL_MAP_H
#define MM_KERNEL_SPACE_KERNEL_MAP_H

#include "paging/range.h"

extern pgd_t *kernel_pgd;

/* For pages of the vmalloc window and other kernel mappings, once the zones are there. */
extern const struct pgtable_ops kernel_pgtable_ops;

/*
 * Builds kernel_pgd with memory of the early allocator: the direct map of frames [0, low_end), 4 MiB pages where the whole
 * page has the same rights, and read-only for the bytes [ro_start, ro_end) (physical, page aligned) of the kernel's image.
 * Returns 0 or -ENOMEM. It is not made active.
 */
int kernel_map_init(pfn_t low_end, phys_addr_t ro_start, phys_addr_t ro_end);

/* Where vmalloc's window ends: VMALLOC_END, less what kernel_map_device() took. */
extern vaddr_t vmalloc_end;

/*
 * Maps `bytes` of a device's memory from `start` (physical) in 4 MiB pages, for ever, at the upper end of vmalloc's window; write combining, or
 * uncached. Before vmalloc_init(). Addresses from 4 GiB on need PSE-36. NULL: more than DEVICE_MAX, or at 2^40 or above.
 */
#define DEVICE_MAX MiB(48)
void *kernel_map_device(phys_addr_t start, u64 bytes, bool write_combining);

/* A page directory with an empty user half, or NULL. Belongs to the caller until pgd_free(). */
pgd_t *pgd_alloc(void);

/* The user half is empty and the directory is not active. */
void pgd_free(pgd_t *directory);

/* Frees the directories that wait. Returns how many. */
u32 pgd_shrink(void);

/* NULL, or the violated invariant. */
const char *pgd_validate(void);

/* Calls visit() for every page directory but the master. */
void pgd_for_each(void (*visit)(pgd_t *directory, void *context), void *context);

#endif
