/* SPDX-License-Identifier: MIT */
/*
 * How memory is asked for: which frames will do, what may be done to get them, and who will own them.
 *
 *   31..28 free | 27..24 owner (enum page_owner) | 7..0 flags
 */
#ifndef MM_FRAMES_GFP_H
#define MM_FRAMES_GFP_H

#include "mm/frames/page.h"

#define __GFP_DMA     0x01u /* below 16 MiB only */
#define __GFP_HIGHMEM 0x02u /* frames outside the direct map will do, and are preferred */
#define __GFP_WAIT    0x04u /* may reclaim memory from others */
#define __GFP_HIGH    0x08u /* may use the reserve below the watermark `min` */
#define __GFP_ZERO    0x10u /* cleared */
/*
 * Must not fail: may use the last frame, and panics when there is none. For what the machine can't come up without; nothing
 * that a program asks for may carry it.
 */
#define __GFP_NOFAIL 0x20u

#define GFP_ZONE_MASK (__GFP_DMA | __GFP_HIGHMEM)

#define GFP_OWNER(owner)	 ((gfp_t)(owner) << PAGE_OWNER_SHIFT)
#define GFP_OWNED_BY(gfp, owner) (((gfp) & ~PAGE_OWNER_MASK) | GFP_OWNER(owner))

/* Where nothing may be reclaimed, as in reclaim itself. */
#define GFP_ATOMIC (__GFP_HIGH | GFP_OWNER(OWNER_KERNEL))
/* For the kernel. */
#define GFP_KERNEL (__GFP_WAIT | GFP_OWNER(OWNER_KERNEL))
/* For pages of programs, in the direct map or anywhere. */
#define GFP_USER     (__GFP_WAIT | GFP_OWNER(OWNER_ANON))
#define GFP_HIGHUSER (GFP_USER | __GFP_HIGHMEM)
/* For pages of files: what the page cache reaches by kmap_atomic(). */
#define GFP_PAGECACHE (__GFP_WAIT | __GFP_HIGHMEM | GFP_OWNER(OWNER_PAGECACHE))
/* For devices: add it to one of the above. */
#define GFP_DMA __GFP_DMA
/* For page tables, which must be in the direct map and empty. */
#define GFP_PGTABLE (__GFP_WAIT | __GFP_ZERO | GFP_OWNER(OWNER_PGTABLE))

#endif
