/* SPDX-License-Identifier: MIT */
/*
 * vmalloc: memory with contiguous virtual addresses. vmap, ioremap: mappings of other frames.
 *
 * Large contiguous blocks become rare as physical memory fragments. vmalloc() maps single frames
 * side by side in a window of the kernel half. vmap() maps frames that the caller owns there, and
 * ioremap() maps device memory.
 *
 *   start |area 1      |guard|  gap  |area 2|guard| ... end
 *
 *   (1) areas are sorted by address, disjoint, and lie in [start, end) of their space;
 *   (2) a guard page, never mapped, follows each area, so that an access beyond its end faults;
 *   (3) each page of an area maps a frame that the area owns (vmalloc) or borrows (vmap, ioremap);
 *   (4) frames and addresses of an area are reused only after its TLB entries were flushed;
 *   (5) the gap of an area's node is the number of free pages between the guard of the previous
 *       area and its own start. A new area goes into the lowest gap that is large enough.
 *
 * Allocation may fail; freeing an address that is not an area's start panics. Nothing here
 * sleeps. Not from interrupt handlers.
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
	struct list_head frames; /* owned frames, by page->lru; empty for vmap and ioremap */
};

struct vmalloc_space {
	vaddr_t start, end;
	pgd_t *directory;
	const struct pgtable_ops *ops;
	struct gap_tree areas;
	u32 count, pages; /* areas, mapped pages */
};

/* The kernel's own space, between the direct map and vmalloc_end. */
extern struct vmalloc_space vmalloc_space;

/* Makes an empty space of addresses [start, end), page aligned, mapped by `directory`. */
void vmalloc_space_init(struct vmalloc_space *space, vaddr_t start, vaddr_t end, pgd_t *directory,
			const struct pgtable_ops *ops);

/* Sets up the kernel's own space. After kmem_cache_init(). */
void vmalloc_init(void);

/*
 * Allocates and maps `bytes`, rounded up to pages; cleared with __GFP_ZERO. Returns the address,
 * or 0 for 0 bytes or without addresses or memory. vfree_to() frees it; 0 does nothing.
 */
vaddr_t vmalloc_from(struct vmalloc_space *space, size_t bytes, gfp_t gfp);
void vfree_to(struct vmalloc_space *space, vaddr_t address);

/* Maps `count` frames in this order. The caller still owns them. 0: no addresses or memory. */
vaddr_t vmap_to(struct vmalloc_space *space, struct page *const *pages, u32 count, pgprot_t prot);

/* The frame that is mapped at an address of an area, or NULL. */
struct page *vmalloc_page(struct vmalloc_space *space, vaddr_t address);

/* The same in the kernel's own space; NULL instead of 0. Not for DMA: frames are scattered. */
void *vmalloc(size_t bytes);
void vfree(const void *address);
void *vmap(struct page *const *pages, u32 count, pgprot_t prot);
void vunmap(const void *address);
struct page *vmalloc_to_page(const void *address);

/* Memory of any size: small from kmalloc(), which is quicker, else from vmalloc(). NULL: none. */
void *kvmalloc(size_t bytes);
void kvfree(const void *address);

/*
 * Maps [start, start + bytes) of physical memory below 4 GiB, uncached. Returns the address of its
 * first byte, or NULL. For devices and tables of the firmware.
 */
void *ioremap(phys_addr_t start, size_t bytes);
void iounmap(const volatile void *address);

/* The area that contains an address, its guard page included, or NULL. */
struct vm_struct *find_vm_area(struct vmalloc_space *space, vaddr_t address);

/* NULL, or the first violated invariant. */
const char *vmalloc_validate(struct vmalloc_space *space);

#endif
