/* SPDX-License-Identifier: MIT */
/*
 * Frames for everybody: the zones of the machine and the calls that the rest of the kernel makes.
 *
 *   DMA      below 16 MiB: what old devices can reach
 *   Normal   the rest of the direct map
 *   HighMem  from there up to 4 GiB: reached by mm/frames/highmem.h only
 *
 * A request has a list of zones, the best first: HighMem, Normal, DMA; Normal, DMA; or DMA alone. Each zone has three
 * watermarks, from its size. While a zone has more than `low` free frames it serves everybody. When all zones of the list
 * are below, they serve down to `min`; a request with __GFP_HIGH also takes three quarters of what lies below. One with __GFP_WAIT
 * then has memory reclaimed, if somebody has told how (set_reclaim()), and tries again as long as that yields something.
 *
 * One processor, a kernel that is not preempted, and interrupt handlers that do not allocate: so nothing here masks interrupts or takes a
 * lock. The calls do not sleep themselves; not from interrupt handlers (kernel/cpu/irq.c checks that).
 */
#ifndef MM_FRAMES_PAGE_ALLOC_H
#define MM_FRAMES_PAGE_ALLOC_H

#include "lib/assert.h"
#include "mm/frames/buddy.h"
#include "mm/frames/gfp.h"

enum zone_index { ZONE_DMA, ZONE_NORMAL, ZONE_HIGHMEM, NR_ZONES };

#define ZONE_DMA_END 0x1000u /* frames: 16 MiB */

extern struct zone zones[NR_ZONES];

/*
 * Makes mem_map and the zones for frames [0, end), all reserved; [0, low_end) is the direct map. The memory for that comes
 * from the early allocator. Returns 0 or -ENOMEM.
 */
int zones_init(pfn_t low_end, pfn_t end);

/* Gives frames [first, end) to their zones. */
void zones_add(pfn_t first, pfn_t end);

/* Sets the watermarks from what each zone was given. */
void zones_set_watermarks(void);

/* Makes the lists of zones for each kind of request, without zones that have nothing. After zones_add(). */
void zonelists_init(void);

/* 2^order frames (order < MAX_ORDER), the first one's struct page; each frame has count 1. NULL: no memory. */
struct page *alloc_pages(gfp_t gfp, u32 order);

/*
 * Gives back what alloc_pages() gave; each frame must have count 1. A wrong release is a bug: the panic names the frame, what is wrong
 * and the caller.
 */
void __free_pages(struct page *page, u32 order);

/* The same by the block's address in the direct map (no __GFP_HIGHMEM). free_pages(NULL, n) does nothing. */
void *__get_free_pages(gfp_t gfp, u32 order);
void *get_zeroed_page(gfp_t gfp);
void free_pages(void *address, u32 order);

/* The same for a single frame. */
struct page *alloc_page(gfp_t gfp);
void __free_page(struct page *page);

static inline void free_page(void *address)
{
	free_pages(address, 0);
}

/* One more reference to a frame that has at least one. Reserved frames are not counted. */
static inline void get_page(struct page *page)
{
	if (unlikely(page->flags & PG_reserved))
		return;
	/* Neither 0, which is free, nor a count that would wrap (CVE-2019-11487). */
	BUG_ON(page->count - 1 >= UINT32_MAX - 1);
	page->count++;
}

/* put_page() of a frame that is reserved or has no other reference. */
void put_last_page(struct page *page);

/* One reference less; the last one frees the frame. */
static inline void put_page(struct page *page)
{
	if (likely(page->count > 1 && !(page->flags & PG_reserved)))
		page->count--;
	else
		put_last_page(page);
}

/*
 * Who can get memory back from others. reclaim() is called with the request that failed and returns how many frames it freed, 0 to
 * give up. NULL: nobody can. Returns who was asked before.
 */
typedef u32 (*reclaim_t)(gfp_t gfp, u32 order);
reclaim_t set_reclaim(reclaim_t reclaim);

/* Gives the hot frames of all zones back to their buddy systems, where they can merge. */
void drain_hot_frames(void);

/* Free frames of all zones, and frames that the zones were given. */
u32 nr_free_pages(void);
u32 nr_present_pages(void);

/* The smallest order whose blocks hold `bytes`; MAX_ORDER if none does. */
u32 get_order(size_t bytes);

/* What a page that was only read shows, and a hole of a file: a frame of zeros, reserved. */
extern struct page *zero_page;

/* Allocates it. After zones_add(). */
void zero_page_init(void);

#endif
