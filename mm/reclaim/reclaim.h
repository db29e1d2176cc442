/* SPDX-License-Identifier: MIT */
/*
 * Reclaim: takes frames back from programs and from the page cache when memory runs short.
 *
 *   free frames
 *     high  ------------------------------- the background task stops here
 *     low   ------------------------------- it is woken here (mm/frames/page_alloc.h)
 *     min   ------------------------------- below, requests reclaim for themselves, and wait
 *
 * One page goes through these steps; each may find that it has to stay:
 *
 *   policy: victim()          the page to evict next (mm/reclaim/policy.h); before, those that
 *                             programs named by madvise(MADV_COLD)
 *   is it locked?             mlock(): it stays, on a list of its own until an area is unlocked;
 *                             or the kernel uses it: it stays
 *   given up by MADV_FREE?    and no entry is dirty: dropped, without the steps below
 *   a slot in swap            for a page of a program, or of an object that is nowhere else
 *   unmap                     all entries, by reverse mapping (mm/reclaim/rmap.h)
 *   flush, write              up to SWAP_CLUSTER pages at once; none whose slot is still good
 *   free                      no task ran meanwhile, so no fault brought it back
 *
 *   (1) a page is freed only if its contents are in its slot, can be filled in again, or were
 *       given up by MADV_FREE and not written since;
 *   (2) no entry in the TLB maps a frame when it is written or freed;
 *   (3) locked pages (VM_LOCKED) are never unmapped;
 *   (4) reclaim allocates nothing, except what a device may take from the reserve below `min`, and
 *       never calls itself;
 *   (5) reclaim changes page-table entries and items of objects' trees, and nothing else: areas,
 *       page tables and trees keep their shape. So a function may allocate if it looks at the
 *       entry again afterwards.
 *
 * Nothing sleeps: devices are polled. Not from interrupt handlers.
 */
#ifndef MM_RECLAIM_RECLAIM_H
#define MM_RECLAIM_RECLAIM_H

#include "mm/frames/gfp.h"
#include "mm/reclaim/policy.h"

/* Events since boot, in pages. */
struct reclaim_counters {
	u32 scanned, freed;	/* victims of the policy; of these, freed */
	u32 kept_locked;	/* mlock() */
	u32 kept_busy;		/* the kernel uses it, or an entry was not found */
	u32 kept_unwritten;	/* no slot, or the write failed */
	u32 dropped;		/* freed without swap: pages of files that can be filled again */
	u32 lazyfreed;		/* freed without swap: MADV_FREE */
	u32 direct, background; /* requests that reclaimed; turns of the background task */
	u32 oom_kills;
};

extern struct reclaim_counters reclaim_counters;

/* Makes reclaim the hook of the page allocator. After shrinkers_init() and swap_init(). */
void reclaim_init(void);

/* Chooses a policy. Pages on lists move to the new one. False: there is none of this name. */
bool reclaim_set_policy(const char *name);

/*
 * Frees up to `target` frames that suit the request, or as many as it can. Returns their number.
 */
u32 shrink_pages(u32 target, gfp_t gfp);

/*
 * One turn of the background task: up to SWAP_CLUSTER frames for the zones below `high`. Returns
 * false if all zones are at `high`, or no frame can be freed.
 */
bool reclaim_balance(void);

/* Evicts these pages, as far as it can. Returns the number of frames freed. For MADV_PAGEOUT. */
u32 reclaim_these_pages(struct page *const *pages, u32 count);

/* NULL, or the first frame's violation of (1) and (2) of mm/frames/lru.h. */
const char *reclaim_validate(void);

/*
 * What happens when nothing can be reclaimed: kernel/ supplies it. Ends a process and frees its
 * memory. Returns the number of frames that came free; 0: the request fails. NULL: it fails.
 * Blocks above OOM_ORDER_MAX are not worth a process (Linux's PAGE_ALLOC_COSTLY_ORDER). Returns
 * the previous function.
 */
#define OOM_ORDER_MAX 3
typedef u32 (*out_of_memory_t)(gfp_t gfp, u32 order);
out_of_memory_t set_out_of_memory(out_of_memory_t function);

#endif
