/* SPDX-License-Identifier: MIT */
/*
 * The kernel half of all address spaces: the direct map and the page tables of the vmalloc
 * window.
 *
 * The kernel runs on the page directory of whichever process is current, so all of them must map
 * the kernel alike. Their copies of the kernel half are kept equal to that of kernel_pgd, the
 * master. No fault is ever needed to bring one up to date.
 *
 *   (1) a new page directory starts with a copy of the master's kernel half;
 *   (2) an entry added later is written to the master and to every page directory before its use
 *       (with PAE all directories share the table that it is written to);
 *   (3) an entry is never removed, so a copy is never out of date;
 *   (4) spare page directories (mm/kernel_space/quicklist.h) get every new entry too; their user
 *       half is empty.
 */
#ifndef MM_KERNEL_SPACE_KERNEL_MAP_H
#define MM_KERNEL_SPACE_KERNEL_MAP_H

#include "paging/range.h"

extern pgd_t *kernel_pgd;

/* All page directories but the master, spare ones too, by page->lru. */
extern struct list_head pgd_list;

/* Page-table allocation for kernel mappings. After zones_add(). */
extern const struct pgtable_ops kernel_pgtable_ops;

/* Set before kernel_map_init(): the direct map has no large pages (debug_pagealloc=). */
extern bool debug_pagealloc_wanted;

/*
 * Builds kernel_pgd in memory of the early allocator: the direct map of frames [0, low_end).
 * Bytes [ro_start, ro_end) (physical, page aligned) of the kernel's image are read-only. Uses
 * large pages where the rights are the same. Returns 0 or -ENOMEM. Does not make it active.
 */
int kernel_map_init(pfn_t low_end, phys_addr_t ro_start, phys_addr_t ro_end);

/* The end of the vmalloc window: VMALLOC_END less the mappings of kernel_map_device(). */
extern vaddr_t vmalloc_end;

/*
 * Maps `bytes` of device memory from `start` (physical) for ever, write combining or uncached, in
 * large pages at the upper end of the vmalloc window. Before vmalloc_init(). Returns NULL for
 * more than DEVICE_MAX bytes or beyond 2^40. Addresses from 4 GiB on need PSE-36 or PAE.
 */
#define DEVICE_MAX MiB(48)
void *kernel_map_device(phys_addr_t start, u64 bytes, bool write_combining);

/* Allocates a page directory with an empty user half, or NULL. Owned until pgd_free(). */
pgd_t *pgd_alloc(void);

/* Frees a page directory. Its user half must be empty, and it must not be active. */
void pgd_free(pgd_t *directory);

/*
 * The frames of page tables that belong to no address space: the tables of the kernel half that
 * were made since zones_add(), and all page directories but the master, with their own tables of
 * the middle level.
 */
u32 kernel_pgtable_frames(void);

/* Frees the spare page directories. Returns their number. */
u32 pgd_shrink(void);

/* NULL, or the violated invariant. */
const char *pgd_validate(void);

#endif
