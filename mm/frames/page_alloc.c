/* SPDX-License-Identifier: MIT */
/*
 * The choice among the zones, and the calls on frames.
 *
 * Single frames are allocated and freed most often. So each zone keeps some recently freed ones,
 * the hot frames, outside its buddy system (Linux since 2.5: per-cpu pages). The last one freed
 * is the first one allocated: it is still in the processor's cache. When a request cannot be
 * served otherwise, the hot frames are freed to the buddy system and merged.
 */
#include "mm/frames/page_alloc.h"
#include "lib/symbol.h"
#include "mm/frames/debug_pagealloc.h"
#include "mm/frames/fail_alloc.h"
#include "mm/frames/highmem.h"
#include "mm/frames/lru.h"
#include "mm/frames/page_owner.h"
#include "mm/frames/trace_events.h"

struct zone zones[NR_ZONES];
static reclaim_t reclaim;
static void (*wake_reclaim)(void);
static u32 watched; /* enum alloc_watch */
bool alloc_finish;

/* Calls of the reclaim hook for one request: frames that it frees may not be what is wanted. */
#define RECLAIM_TRIES 16

/* By GFP_ZONE_MASK: the suitable zones, the best first, ended by NULL. */
static struct zone *zonelists[GFP_ZONE_MASK + 1][NR_ZONES + 1];

/* The best zone for a request. __GFP_DMA is stricter than __GFP_HIGHMEM. */
static enum zone_index best_zone(gfp_t gfp)
{
	if (gfp & __GFP_DMA)
		return ZONE_DMA;
	return gfp & __GFP_HIGHMEM ? ZONE_HIGHMEM : ZONE_NORMAL;
}

void zonelists_init(void)
{
	for (gfp_t gfp = 0; gfp <= GFP_ZONE_MASK; gfp++) {
		struct zone **list = zonelists[gfp];

		for (int i = best_zone(gfp); i >= 0; i--)
			if (zones[i].present_pages || i == ZONE_DMA)
				*list++ = &zones[i];
		*list = NULL;
	}
	if (trace_on(TRACE_mm_page_alloc))
		alloc_watch(ALLOC_WATCH_TRACE, true);
}

static inline enum page_owner gfp_owner(gfp_t gfp)
{
	return (enum page_owner)((gfp & PAGE_OWNER_MASK) >> PAGE_OWNER_SHIFT);
}

/* The frames that a request leaves free, in quarters of the zone's watermark `min`. */
enum { LEAVE_NONE = 0, LEAVE_QUARTER = 1, LEAVE_MIN = 4, LEAVE_LOW = 8 };

/* Allocates from the first zone that still has so many free frames afterwards. */
static struct page *alloc_above(gfp_t gfp, u32 order, u32 quarters)
{
	for (struct zone *const *zone = zonelists[gfp & GFP_ZONE_MASK]; *zone; zone++) {
		struct page *page;

		if ((*zone)->free_pages < (*zone)->pages_min * quarters / 4 + (1u << order))
			continue;
		page = buddy_alloc(*zone, order, gfp_owner(gfp));
		if (page)
			return page;
	}
	return NULL;
}

/* Allocates the frame that became hot last. There must be one. */
static inline struct page *take_hot(struct zone *zone)
{
	struct page *page = zone->hot;

	zone->hot = (struct page *)page->lru.next;
	zone->nr_hot--;
	zone->free_pages--;
	page->count = 1;
	page->block = BLOCK_USED;
	return page;
}

/* The same for a request. */
static inline struct page *alloc_hot(struct zone *zone, gfp_t gfp)
{
	struct page *page = take_hot(zone);

	page->flags = zone->page_flags | (gfp & PAGE_OWNER_MASK);
	return page;
}

static inline void make_hot(struct zone *zone, struct page *page)
{
	page->count = 0;
	page->block = BLOCK_HOT;
	page->lru.next = (struct list_head *)zone->hot;
	zone->hot = page;
	zone->nr_hot++;
	zone->free_pages++;
}

/*
 * Makes the frames of a block hot: one split then serves many requests, which get the frames in
 * order of address. So frames that are freed together often follow each other (free_run()). Where
 * less than half of the zone is free, smaller blocks are used up first, to keep the large ones.
 */
#define REFILL_ORDER 5u

static void refill_hot(struct zone *zone)
{
	struct page *block;
	u32 order = zone->free_pages > zone->present_pages / 2 ? REFILL_ORDER : 0;

	if (debug_pagealloc_on)
		return;
	while (order < REFILL_ORDER && list_empty(&zone->free_area[order].free_list))
		order++;
	block = buddy_alloc(zone, order, OWNER_KERNEL);
	if (!block)
		return;
	for (struct page *page = block + (1u << order); page-- != block;)
		make_hot(zone, page);
	trace(hot_refill, block, order);
}

void drain_hot_frames(void)
{
	for (u32 i = 0; i < NR_ZONES; i++)
		while (zones[i].hot)
			buddy_free(&zones[i], take_hot(&zones[i]), 0);
}

static struct page *alloc_slow(gfp_t gfp, u32 order)
{
	struct page *page = alloc_above(gfp, order, LEAVE_LOW);

	if (!page) {
		if (wake_reclaim)
			wake_reclaim();
		drain_hot_frames();
		page = alloc_above(gfp, order, gfp & __GFP_HIGH ? LEAVE_QUARTER : LEAVE_MIN);
	}
	for (u32 tries = 0; !page && tries < RECLAIM_TRIES && gfp & __GFP_WAIT && reclaim;
	     tries++) {
		if (!reclaim(gfp, order))
			break;
		drain_hot_frames();
		page = alloc_above(gfp, order, LEAVE_MIN);
	}
	if (!page && gfp & __GFP_NOFAIL) {
		page = alloc_above(gfp, order, LEAVE_NONE);
		if (!page)
			panic("page_alloc: no memory for a request that must not fail (order %u)",
			      order);
	}
	return page;
}

static void clear_pages(struct page *page, u32 order)
{
	for (u32 i = 0; i < 1u << order; i++)
		clear_highpage(page + i);
}

/* The frame belongs on the lists of reclaim. */
static bool reclaimable(gfp_t gfp, u32 order)
{
	return !order && (gfp_owner(gfp) == OWNER_ANON || gfp_owner(gfp) == OWNER_PAGECACHE);
}

/*
 * Maps the block, records the caller, clears the block, and puts it on a list of reclaim, as far
 * as that is wanted. Returns the block.
 */
static struct page *finish_alloc(struct page *page, gfp_t gfp, u32 order, const void *caller)
{
	debug_map_block(page, order);
	if (page_owner_on)
		page_owner_set(page, order, caller);
	if (lru && reclaimable(gfp, order)) {
		page->mapping = NULL; /* of its last owner */
		lru->add(page);
	}
	if (gfp & __GFP_ZERO)
		clear_pages(page, order);
	return page;
}

/* Allocates with all that may be needed: failure injection, other zones, reclaim, clearing. */
static inline __attribute__((always_inline)) struct page *take_block(gfp_t gfp, u32 order,
								     const void *caller)
{
	struct zone *zone = zonelists[gfp & GFP_ZONE_MASK][0];
	struct page *page = NULL;

	if (unlikely(order >= MAX_ORDER ||
		     (watched & ALLOC_WATCH_FAIL && fail_alloc(FAIL_PAGE, gfp))))
		return NULL;
	if (!order && !zone->hot && zone->free_pages > zone->pages_low + (1u << REFILL_ORDER))
		refill_hot(zone);
	if (zone->free_pages >= zone->pages_low + (1u << order))
		page = !order && zone->hot ? alloc_hot(zone, gfp)
					   : buddy_alloc(zone, order, gfp_owner(gfp));
	if (unlikely(!page)) {
		page = alloc_slow(gfp, order);
		if (!page)
			return NULL;
	}
	if (unlikely(alloc_finish || lru) || gfp & __GFP_ZERO)
		return finish_alloc(page, gfp, order, caller);
	return page;
}

static TRACED struct page *alloc_block(gfp_t gfp, u32 order, const void *caller)
{
	return take_block(gfp, order, caller);
}

static TRACED struct page *alloc_block_traced(gfp_t gfp, u32 order, const void *caller)
{
	struct page *page = take_block(gfp, order, caller);

	if (page)
		trace_mm_page_alloc(page, gfp, caller);
	return page;
}
TRACE_REPLACE(mm_page_alloc, alloc_block, alloc_block_traced);

struct page *alloc_pages(gfp_t gfp, u32 order)
{
	return order ? alloc_block(gfp, order, __builtin_return_address(0)) : alloc_page(gfp);
}

struct page *alloc_page(gfp_t gfp)
{
	struct zone *zone = zonelists[gfp & GFP_ZONE_MASK][0];
	struct page *page;

	if (unlikely(!zone->hot || zone->free_pages <= zone->pages_low || watched))
		return alloc_block(gfp, 0, __builtin_return_address(0));
	page = alloc_hot(zone, gfp);
	if (unlikely(alloc_finish) || gfp & __GFP_ZERO)
		return finish_alloc(page, gfp, 0, __builtin_return_address(0));
	return page;
}

static __noreturn void wrong_free(const struct page *page, u32 order, const void *caller)
{
	const char *wrong = "frame 0 .. max_pfn do not hold it";
	char name[SYMBOL_SIZE];

	if (pfn_valid(page_to_pfn(page)))
		wrong = buddy_check_free(&zones[page_zone_index(page)], page, order);
	panic("page_alloc: %s: frame %#x, order %u, released by %s", wrong, page_to_pfn(page),
	      order, symbol_text(caller, name));
}

static inline struct zone *page_zone(const struct page *page)
{
	return &zones[page_zone_index(page)];
}

/* A frame that is to be unmapped when it is free. */
static noinline bool release_guarded(struct page *page, u32 order)
{
	if (!(page->flags & PG_guarded))
		return false;
	page->flags &= ~(u32)PG_guarded;
	if (!buddy_free(page_zone(page), page, order)) {
		page->flags |= PG_guarded;
		return false;
	}
	debug_unmap_block(page, order);
	return true;
}

static inline bool release_block(struct page *page, u32 order)
{
	return pfn_valid(page_to_pfn(page)) &&
	       (likely(buddy_free(page_zone(page), page, order)) || release_guarded(page, order));
}

void alloc_watch(enum alloc_watch reason, bool on)
{
	watched = on ? watched | reason : watched & ~(u32)reason;
}

/* Frames that are freed together: at most 2^RUN_ORDER as one block. */
#define RUN_ORDER 5u

/* A frame that is freed leaves the list of reclaim; only one with another user stays there. */
static bool release_listed(struct page *page)
{
	if (lru && page->flags & PG_lru && page->count == 1)
		lru->remove(page);
	return release_block(page, 0);
}

/* A frame that cannot become hot is freed to the buddy system, which refuses a wrong release. */
static inline void release_frame(struct page *page, const void *caller)
{
	struct zone *zone = page_zone(page);

	if (likely(zone->nr_hot < zone->hot_max && page->block == BLOCK_USED && page->count == 1 &&
		   !(page->flags & PAGE_NOT_FREEABLE)))
		make_hot(zone, page);
	else if (!release_listed(page))
		wrong_free(page, 0, caller);
}

static inline void release(struct page *page, u32 order, const void *caller)
{
	if (!order)
		release_frame(page, caller);
	else if (unlikely(!release_block(page, order)))
		wrong_free(page, order, caller);
}

/* Nothing else uses the single frame. */
static inline bool is_freeable(const struct page *page)
{
	return page->block == BLOCK_USED && page->count == 1 && !(page->flags & PAGE_NOT_FREEABLE);
}

/*
 * Frees pages[0] and those that follow it as the frames of one block: one merge for all. Returns
 * their number. 0: not even two.
 */
static u32 free_run(struct page **pages, u32 count)
{
	struct page *first = pages[0];
	struct zone *zone = page_zone(first);
	u32 offset = (u32)(first - zone->pages) | 1u << RUN_ORDER, run = 0, order;

	count = min(count, offset & -offset); /* a block begins at a multiple of its size */
	while (run < count && pages[run] == first + run && is_freeable(first + run))
		first[run++].block = 0;
	if (run < 2) {
		first->block = run ? BLOCK_USED : first->block;
		return 0;
	}
	order = 31u - (u32)__builtin_clz(run);
	while (run > 1u << order)
		first[--run].block = BLOCK_USED;
	first->block = BLOCK_USED + order;
	BUG_ON(!buddy_free(zone, first, order));
	return run;
}

TRACED void put_pages(struct page **pages, u32 count)
{
	for (u32 i = 0, freed; i < count; i += freed) {
		struct page *page = pages[i];
		struct zone *zone = page_zone(page);

		freed = 1;
		if (unlikely(!is_freeable(page))) {
			put_page(page);
		} else if (likely(zone->nr_hot < zone->hot_max)) {
			make_hot(zone, page);
		} else {
			freed = max(free_run(pages + i, count - i), 1u);
			if (is_freeable(page))
				put_page(page);
		}
	}
}

static TRACED void put_pages_traced(struct page **pages, u32 count)
{
	for (u32 i = 0; i < count; i++)
		put_page(pages[i]);
}
TRACE_REPLACE(mm_page_free, put_pages, put_pages_traced);

TRACED void __free_page(struct page *page)
{
	release_frame(page, __builtin_return_address(0));
}

static TRACED void free_page_traced(struct page *page)
{
	trace_mm_page_free(page, 0);
	release_frame(page, __builtin_return_address(0));
}
TRACE_REPLACE(mm_page_free, __free_page, free_page_traced);

TRACED void __free_pages(struct page *page, u32 order)
{
	release(page, order, __builtin_return_address(0));
}

static TRACED void free_pages_traced(struct page *page, u32 order)
{
	trace_mm_page_free(page, order);
	release(page, order, __builtin_return_address(0));
}
TRACE_REPLACE(mm_page_free, __free_pages, free_pages_traced);

void *__get_free_pages(gfp_t gfp, u32 order)
{
	struct page *page;

	BUG_ON(gfp & __GFP_HIGHMEM);
	page = alloc_pages(gfp, order);
	return page ? page_address(page) : NULL;
}

void *get_zeroed_page(gfp_t gfp)
{
	return __get_free_pages(gfp | __GFP_ZERO, 0);
}

void free_pages(void *address, u32 order)
{
	const void *caller = __builtin_return_address(0);
	char name[SYMBOL_SIZE];

	if (!address)
		return;
	if (!IS_ALIGNED(virt_to_phys(address), PAGE_SIZE) || virt_to_pfn(address) >= max_low_pfn)
		panic("page_alloc: %p is no address of a frame, released by %s", address,
		      symbol_text(caller, name));
	trace(mm_page_free, virt_to_page(address), order);
	release(virt_to_page(address), order, caller);
}

TRACED void put_last_page(struct page *page)
{
	if (!(page->flags & PG_reserved))
		release_frame(page, __builtin_return_address(0));
}

static TRACED void put_last_page_traced(struct page *page)
{
	if (page->flags & PG_reserved)
		return; /* not reached: a reserved frame keeps its first reference */
	trace_mm_page_free(page, 0);
	release_frame(page, __builtin_return_address(0));
}
TRACE_REPLACE(mm_page_free, put_last_page, put_last_page_traced);

reclaim_t set_reclaim(reclaim_t function)
{
	reclaim_t before = reclaim;

	reclaim = function;
	return before;
}

void set_wake_reclaim(void (*wake)(void))
{
	wake_reclaim = wake;
}

u32 nr_free_pages(void)
{
	u32 frames = 0;

	for (u32 i = 0; i < NR_ZONES; i++)
		frames += zones[i].free_pages;
	return frames;
}

u32 nr_present_pages(void)
{
	u32 frames = 0;

	for (u32 i = 0; i < NR_ZONES; i++)
		frames += zones[i].present_pages;
	return frames;
}

u32 get_order(size_t bytes)
{
	u32 order = 0;

	while (order < MAX_ORDER && (size_t)PAGE_SIZE << order < bytes)
		order++;
	return order;
}
