/* SPDX-License-Identifier: MIT */
/*
 * The page allocator: the machine's zones, and the calls by which the kernel gets frames.
 *
 * Not every frame suits every request. Old devices reach only the lowest 16 MiB, and the kernel
 * reaches only the direct map without a temporary mapping. So memory is divided into zones:
 *
 *   DMA      below 16 MiB
 *   Normal   the rest of the direct map
 *   HighMem  from there up to 4 GiB, with PAE 64 GiB: reached by mm/frames/highmem.h only
 *
 * A request has a list of zones, the best first: HighMem, Normal, DMA; or Normal, DMA; or DMA
 * alone. Each zone has watermarks, set from its size. They decide how far a zone serves a request:
 *
 *   free > low   any request
 *   free > min   any request, if all zones of its list are below `low`
 *   below        __GFP_HIGH: down to a quarter of `min`; __GFP_NOFAIL: down to 0
 *
 * Below `low` the task that reclaims in the background is woken (set_wake_reclaim()). Without a
 * frame above the reserve, a request with __GFP_WAIT calls the reclaim hook (set_reclaim()) and
 * tries again as long as the hook frees frames, RECLAIM_TRIES times at most.
 *
 * Nothing here takes a lock or masks interrupts: there is one processor, the kernel is not
 * preempted, and interrupt handlers do not allocate (kernel/cpu/irq.c checks that). The calls do
 * not sleep. Not from interrupt handlers.
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
 * Makes mem_map and the zones for frames [0, end), all reserved; [0, low_end) is the direct map.
 * Uses memory of the early allocator. Returns 0 or -ENOMEM.
 */
int zones_init(pfn_t low_end, pfn_t end);

/* Frees the reserved frames [first, end) into their zones. */
void zones_add(pfn_t first, pfn_t end);

/* Sets the watermarks of each zone from its present_pages. */
void zones_set_watermarks(void);

/*
 * vm.min_free_kbytes in frames: the sum of `min` of the two zones that the kernel reaches. A new
 * sum is divided among them by their sizes. 0, or -EINVAL: more than a quarter of these zones.
 */
u32 zones_min_free(void);
int zones_set_min_free(u32 pages);

/* Makes the lists of zones for each kind of request, without empty zones. After zones_add(). */
void zonelists_init(void);

/*
 * Allocates 2^order frames (order < MAX_ORDER), each with count 1. Returns the first one's struct
 * page, or NULL without memory. The caller owns them until __free_pages().
 */
struct page *alloc_pages(gfp_t gfp, u32 order);

/*
 * Frees a block of alloc_pages(); each frame must have count 1. A wrong release is a bug: the
 * panic names the frame, the reason and the caller.
 */
void __free_pages(struct page *page, u32 order);

/*
 * The same by the block's address in the direct map (no __GFP_HIGHMEM). free_pages(NULL, n) does
 * nothing.
 */
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

/* Takes a reference to a frame that has at least one. Reserved frames are not counted. */
static inline void get_page(struct page *page)
{
	if (unlikely(page->flags & PG_reserved))
		return;
	/* Neither 0, which is free, nor a count that would wrap (CVE-2019-11487). */
	BUG_ON(page->count - 1 >= UINT32_MAX - 1);
	page->count++;
}

/* put_page() for a frame that has only this reference, or is reserved. */
void put_last_page(struct page *page);

/* Drops a reference; the last one frees the frame. */
static inline void put_page(struct page *page)
{
	if (unlikely(page->flags & PG_reserved))
		return;
	if (likely(page->count > 1))
		page->count--;
	else
		put_last_page(page);
}

/* put_page() for each of these. Frames that follow each other are freed together. */
void put_pages(struct page **pages, u32 count);

/*
 * Reasons why each allocation of a single frame has to be looked at: failure injection is armed,
 * reclaim has lists, or a trace records them. One test then serves them all.
 */
enum alloc_watch { ALLOC_WATCH_FAIL = 1, ALLOC_WATCH_LRU = 2, ALLOC_WATCH_TRACE = 4 };
void alloc_watch(enum alloc_watch reason, bool on);

/* Set where each allocation ends with more work: page_owner=, debug_pagealloc=. */
extern bool alloc_finish;

/*
 * The reclaim hook. reclaim() gets the request that failed. It returns the number of frames it
 * freed; 0 makes the request fail. NULL: no reclaim. Returns the previous hook.
 */
typedef u32 (*reclaim_t)(gfp_t gfp, u32 order);
reclaim_t set_reclaim(reclaim_t reclaim);

/*
 * The hook that is called when all zones of a request are below `low`: it wakes the task that
 * reclaims in the background, and returns at once. NULL: there is none.
 */
void set_wake_reclaim(void (*wake)(void));

/* Frees the hot frames of all zones to their buddy systems, where they can merge. */
void drain_hot_frames(void);

/* Free frames of all zones; all frames of all zones, free or not. */
u32 nr_free_pages(void);
u32 nr_present_pages(void);

/* The smallest order with blocks of at least `bytes`; MAX_ORDER if there is none. */
u32 get_order(size_t bytes);

/* The zero page: a reserved frame of zeros, mapped for pages only read and for holes of files. */
extern struct page *zero_page;

/* Allocates the zero page. After zones_add(). */
void zero_page_init(void);

#endif
