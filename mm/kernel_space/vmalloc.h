/* SPDX-License-Identifier: MIT */
/*
 * vmalloc: memory that is contiguous in addresses and made of frames from anywhere, and mappings of frames that somebody
 * else owns or of device memory.
 *
 *   start |area 1      |guard|  gap  |area 2|guard| ... end
 *
 *   (1) areas are sorted by address, disjoint, and lie in [start, end) of their space;
 *   (2) behind each area lies at least one page that is never mapped, so that running over its end faults;
 *   (3) each page of an area is mapped to a frame that the area owns (vmalloc) or borrows (vmap, ioremap);
 *   (4) neither a frame nor the addresses of an area are used again before no TLB entry names them;
 *   (5) the gap of an area's node is the number of free pages between the guard of the area before it
 *       and its own start. A new area goes into the lowest gap that is large enough.
 *
 * Nothing here sleeps. Not from interrupt handlers: a release walks and flushes.
 */
#ifndef MM_KERNEL_SPACE_VMALLOC_H
#define MM_KERNEL_SPACE_VMALLOC_H

#include "lib/gap_tree.h"
#include "mm/frames/page_alloc.h"
#include "paging/range.h"

struct vm_struct {
	struct gap_node node;
	vaddr_t start;
	u32 pages;		 /* mapped, the guard not counted */
	struct list_head frames; /* owned, through struct page; empty if it borrows */
};

struct vmalloc_space {
	vaddr_t start, end;
	pgd_t *directory;
	const struct pgtable_ops *ops;
	struct gap_tree areas;
	u32 count, pages; /* areas, mapped pages */
};

/* The kernel's own, between the direct map and VMALLOC_END. */
extern struct vmalloc_space vmalloc_space;

/* An empty space for [start, end), page aligned, whose entries lie in `directory`. */
void vmalloc_space_init(struct vmalloc_space *space, vaddr_t start, vaddr_t end, pgd_t *directory,
			const struct pgtable_ops *ops);

/* Sets up the kernel's own; after kmem_cache_init(). */
void vmalloc_init(void);

/*
 * `bytes`, rounded up to pages, or 0: for 0 bytes, without addresses or memory. Cleared with __GFP_ZERO. The second frees it: `address` is what
 * the first returned, or 0.
 */
vaddr_t vmalloc_from(struct vmalloc_space *space, size_t bytes, gfp_t gfp);
void vfree_to(struct vmalloc_space *space, vaddr_t address);

/* Maps `count` frames, in this order, at consecutive addresses. They stay the caller's. 0: no addresses or no memory. */
vaddr_t vmap_to(struct vmalloc_space *space, struct page *const *pages, u32 count, pgprot_t prot);

/* The frame behind an address of an area, or NULL. */
struct page *vmalloc_page(struct vmalloc_space *space, vaddr_t address);

/* The same in the kernel's own space. NULL where the above give 0. The memory may not be used for DMA. */
void *vmalloc(size_t bytes);
void vfree(const void *address);
void *vmap(struct page *const *pages, u32 count, pgprot_t prot);
void vunmap(const void *address);
struct page *vmalloc_to_page(const void *address);

/*
 * Maps [start, start + bytes) of physical memory uncached and returns the address of its first byte, or NULL. For devices and
 * for tables of the firmware: what lies there is not touched and not owned.
 */
void *ioremap(phys_addr_t start, size_t bytes);
void iounmap(const volatile void *address);

/* The area that an address lies in or whose guard page it hits, or NULL. */
struct vm_struct *find_vm_area(struct vmalloc_space *space, vaddr_t address);

/* NULL, or the first violated invariant. */
const char *vmalloc_validate(struct vmalloc_space *space);

#endif
