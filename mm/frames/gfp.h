/* SPDX-License-Identifier: MIT */
/*
 * Flags of a memory request: which frames are suitable, what the allocator may do to get them,
 * and the owner to record. Names as in Linux.
 *
 *   31..28 free | 27..24 owner (enum page_owner) | 7..0 flags
 */
#ifndef MM_FRAMES_GFP_H
#define MM_FRAMES_GFP_H

#include "mm/frames/page.h"

#define __GFP_DMA     0x01u /* below 16 MiB only */
#define __GFP_HIGHMEM 0x02u /* frames outside the direct map are allowed, and preferred */
#define __GFP_WAIT    0x04u /* may reclaim memory */
#define __GFP_HIGH    0x08u /* may use the reserve below the watermark `min` */
#define __GFP_ZERO    0x10u /* cleared */
/*
 * Must not fail: may use the last frame, and panics when there is none. For start-up only: no
 * request on behalf of a program may have it.
 */
#define __GFP_NOFAIL 0x20u

#define GFP_ZONE_MASK (__GFP_DMA | __GFP_HIGHMEM)

#define GFP_OWNER(owner)	 ((gfp_t)(owner) << PAGE_OWNER_SHIFT)
#define GFP_OWNED_BY(gfp, owner) (((gfp) & ~PAGE_OWNER_MASK) | GFP_OWNER(owner))

/* For callers that must not reclaim, as reclaim itself. */
#define GFP_ATOMIC (__GFP_HIGH | GFP_OWNER(OWNER_KERNEL))
/* For the kernel. */
#define GFP_KERNEL (__GFP_WAIT | GFP_OWNER(OWNER_KERNEL))
/* For pages of programs, in the direct map or anywhere. */
#define GFP_USER     (__GFP_WAIT | GFP_OWNER(OWNER_ANON))
#define GFP_HIGHUSER (GFP_USER | __GFP_HIGHMEM)
/* For pages of files; the page cache reaches them by kmap_atomic(). */
#define GFP_PAGECACHE (__GFP_WAIT | __GFP_HIGHMEM | GFP_OWNER(OWNER_PAGECACHE))
/* For devices: add it to one of the above. */
#define GFP_DMA __GFP_DMA
/* For page tables: in the direct map, and cleared. */
#define GFP_PGTABLE (__GFP_WAIT | __GFP_ZERO | GFP_OWNER(OWNER_PGTABLE))

#endif
