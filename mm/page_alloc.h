/* SPDX-License-Identifier: MIT */
/*
 * Frames for everybody: the zones of the machine and the calls that the rest of the kernel makes.
 *
 * ZONE_DMA holds the frames below 16 MiB, which old devices can reach; ZONE_NORMAL the rest of the direct map. A request is
 * served by ZONE_NORMAL first and falls back to ZONE_DMA; one with __GFP_DMA has ZONE_DMA alone.
 *
 * All calls here may be made in any context, also from interrupt handlers, and never sleep.
 */
#ifndef MM_PAGE_ALLOC_H
#define MM_PAGE_ALLOC_H

#include "mm/buddy.h"

enum zone_index { ZONE_DMA, ZONE_NORMAL, NR_ZONES };

#define ZONE_DMA_END 0x1000u /* frames: 16 MiB */

extern struct zone zones[NR_ZONES];

/* How memory is asked for: where from and how. The upper bits say who will own it. */
#define __GFP_DMA  0x01u
#define __GFP_HIGH 0x02u /* may use the last reserves */
#define __GFP_WAIT 0x04u /* may wait for memory to become free */
#define __GFP_ZERO 0x08u /* cleared */

#define GFP_OWNER(owner)     ((gfp_t)(owner) << PAGE_OWNER_SHIFT)
#define GFP_OWNED_BY(gfp, owner) (((gfp) & ~PAGE_OWNER_MASK) | GFP_OWNER(owner))

#define GFP_DMA	    __GFP_DMA
#define GFP_ATOMIC  (__GFP_HIGH | GFP_OWNER(OWNER_KERNEL))
#define GFP_KERNEL  (__GFP_WAIT | GFP_OWNER(OWNER_KERNEL))
#define GFP_USER    (__GFP_WAIT | GFP_OWNER(OWNER_ANON))
#define GFP_PGTABLE (__GFP_WAIT | __GFP_ZERO | GFP_OWNER(OWNER_PGTABLE))

/*
 * Makes mem_map and the zones for frames [0, low_end), all reserved. mem_map and the bitmaps come from the early allocator.
 * Returns 0 or -ENOMEM.
 */
int zones_init(pfn_t low_end);

/* Gives frames [first, end) to their zones. */
void zones_add(pfn_t first, pfn_t end);

/* 2^order frames (order < MAX_ORDER), the first one's struct page; each frame has count 1. NULL: no memory. */
struct page *alloc_pages(gfp_t gfp, u32 order);

/* Gives back what alloc_pages() gave. Each frame must have count 1. */
void __free_pages(struct page *page, u32 order);

/* The same by the block's address in the direct map. free_pages(NULL, n) does nothing. */
void *__get_free_pages(gfp_t gfp, u32 order);
void *get_zeroed_page(gfp_t gfp);
void free_pages(void *address, u32 order);

static inline struct page *alloc_page(gfp_t gfp)
{
	return alloc_pages(gfp, 0);
}

static inline void __free_page(struct page *page)
{
	__free_pages(page, 0);
}

static inline void free_page(void *address)
{
	free_pages(address, 0);
}

/* One more reference to a frame that has at least one. */
void get_page(struct page *page);

/* One reference less; the last one frees the frame. Reserved frames are not counted. */
void put_page(struct page *page);

/* Free frames of all zones, and frames that the zones were given. */
u32 nr_free_pages(void);
u32 nr_present_pages(void);

/* The smallest order whose blocks hold `bytes`; MAX_ORDER if none does. */
u32 get_order(size_t bytes);

#endif
