/* SPDX-License-Identifier: MIT */
/* Evicting pages. Numbers cite mm/reclaim/reclaim.h. */
#include "mm/reclaim/reclaim.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mm/frames/lru.h"
#include "mm/frames/page_alloc.h"
#include "mm/frames/shrinker.h"
#include "mm/page_cache/filemap.h"
#include "mm/reclaim/rmap.h"
#include "mm/reclaim/trace_events.h"
#include "mm/swap/swap.h"
#include "mm/user_space/anon.h"
#include "paging/tlb.h"

/* Victims for each frame that is wanted, or is on a list if these are fewer, before giving up. */
#define SCAN_FACTOR 8
struct reclaim_counters reclaim_counters;
static const struct reclaim_policy *policy;
static out_of_memory_t out_of_memory;
static bool active;	/* (4) */
static u32 nr_listed;	/* pages on the policy's lists and on `cold` */
static LIST_HEAD(cold); /* by MADV_COLD: evicted before the policy is asked; PG_cold */
/*
 * Found in locked areas: out of the policy's way, or it would meet them again and again, and take
 * them for pages that are in use. PG_unevictable.
 */
static LIST_HEAD(unevictable);
static u32 nr_unevictable, nr_recheck; /* pages on the list; of these, to be looked at again */

/* --- The lists are the policy's; PG_lru says that a frame is on one --- */

static void list_page(struct page *page)
{
	BUG_ON(page->flags & PG_lru);
	page->flags |= PG_lru;
	nr_listed++;
	policy->insert(page);
}

static void lru_add(struct page *page)
{
	set_page_age(page, 0);
	page->flags &= ~(u32)(PG_active | PG_referenced);
	list_page(page);
}

static void lru_remove(struct page *page)
{
	BUG_ON(!(page->flags & PG_lru));
	if (page->flags & (PG_cold | PG_unevictable))
		list_del(&page->lru);
	else
		policy->remove(page);
	if (page->flags & PG_unevictable)
		nr_unevictable--;
	else
		nr_listed--;
	page->flags &= ~(u32)(PG_lru | PG_cold | PG_unevictable);
}

static void lru_refault(struct page *page, u32 distance)
{
	if (page->flags & PG_lru && !(page->flags & (PG_cold | PG_unevictable)) && policy->refault)
		policy->refault(page, distance);
}

static void lru_cold(struct page *page)
{
	lru_remove(page);
	page->flags |= PG_lru | PG_cold;
	nr_listed++;
	list_add_tail(&page->lru, &cold);
}

static const struct lru_ops lru_ops = { lru_add, lru_remove, lru_refault, lru_cold };

static void set_unevictable(struct page *page)
{
	page->flags |= PG_lru | PG_unevictable;
	list_add_tail(&page->lru, &unevictable);
	nr_unevictable++;
}

/*
 * An area was unlocked since the last call: the pages become the policy's again, `count` at most
 * in one call. Those that are still locked return when they are victims.
 */
static void recheck_unevictable(u32 count)
{
	if (lru_unlocked)
		nr_recheck = nr_unevictable;
	lru_unlocked = false;
	for (; count-- && nr_recheck && nr_unevictable; nr_recheck--) {
		struct page *page = list_first_entry(&unevictable, struct page, lru);

		lru_remove(page);
		list_page(page);
	}
}

/* A cold page that was not used since, or the policy's victim. It is on no list any more. */
static struct page *next_victim(void)
{
	struct page *victim;

	while (!list_empty(&cold)) {
		struct page *page = list_first_entry(&cold, struct page, lru);

		lru_remove(page);
		if (!page_referenced(page))
			return page;
		list_page(page);
	}
	victim = policy->victim();
	if (victim) {
		victim->flags &= ~(u32)PG_lru;
		nr_listed--;
	}
	return victim;
}

static void start_lists(void)
{
	if (!lru) {
		policy->init();
		lru_start(&lru_ops);
	}
}

bool reclaim_set_policy(const char *name)
{
	for (u32 i = 0; policies[i]; i++) {
		bool had_lists = lru;

		if (strcmp(policies[i]->name, name))
			continue;
		lru_stop();
		policy = policies[i];
		if (had_lists)
			start_lists();
		return true;
	}
	return false;
}

/* --- One page --- */

/*
 * Unmapped pages. They wait here so that one flush of the TLB, and one transfer, serves many: by
 * the flush of each page reclaim would cost a tenth more.
 */
struct batch {
	struct page *dirty[SWAP_CLUSTER]; /* to be written to their slots, then freed */
	struct page *clean[SWAP_CLUSTER]; /* to be freed */
	u32 nr_dirty, nr_clean;
	u32 freed;  /* pages of earlier batches */
	bool stale; /* entries were replaced, and the TLB may still have them: (2) */
};

/* The page stays. It goes back to the policy, unless it is locked. */
static void keep(struct page *page, u32 *counter)
{
	++*counter;
	if (lru && counter == &reclaim_counters.kept_locked)
		set_unevictable(page);
	else if (lru)
		list_page(page);
}

static void flush(struct batch *batch)
{
	if (batch->stale)
		tlb_flush_all();
	batch->stale = false;
}

static bool is_object_page(const struct page *page)
{
	return page->mapping && !page_is_anon(page);
}

/*
 * Frees a page of the batch. One of an object leaves it now, for its slot or to be filled again.
 */
static void drop(struct page *page, struct batch *batch)
{
	bool in_swap = page->flags & PG_swapcache;

	if (is_object_page(page)) {
		reclaim_counters.dropped += !in_swap;
		mapping_evict(page); /* frees it, if it is not in swap */
	}
	if (in_swap)
		swap_drop(page);
	batch->freed++;
}

static void drop_clean(struct batch *batch)
{
	flush(batch);
	for (u32 i = 0; i < batch->nr_clean; i++)
		drop(batch->clean[i], batch);
	batch->nr_clean = 0;
}

/*
 * The device of its slot did not take the page: (6) of swap.h. Moves it and its entries to a slot
 * of another area. False, and nothing is changed: there is none, or an entry was not found.
 */
static bool move_to_other_area(struct page *page)
{
	u32 entries = swap_count(page_swap_entry(page));
	swp_entry_t to;

	/* An object's page that left it is not found in the tree. */
	if (entries && (!page_is_anon(page) || swap_entries_of(page, NULL) != entries))
		return false;
	to = swap_other_slot(page);
	if (!to.value)
		return false;
	if (entries)
		swap_entries_of(page, &to);
	swap_move(page, to);
	return true;
}

/*
 * No device takes the page. One of an object stays there, without a slot; but what would be
 * refused again leaves the object for its slot, which remembers that.
 */
static void keep_unwritten(struct page *page)
{
	if (is_object_page(page) && page->flags & PG_refused)
		mapping_evict(page);
	else if (is_object_page(page))
		delete_from_swap_cache(page);
	keep(page, &reclaim_counters.kept_unwritten);
}

/* Writes the pages. What a device does not take is tried on another one. */
static void write_dirty(struct batch *batch)
{
	flush(batch);
	while (batch->nr_dirty) {
		u32 count = batch->nr_dirty;

		swap_write(batch->dirty, count);
		batch->nr_dirty = 0;
		for (u32 i = 0; i < count; i++) {
			struct page *page = batch->dirty[i];

			if (!(page->flags & PG_dirty))
				drop(page, batch);
			else if (move_to_other_area(page))
				batch->dirty[batch->nr_dirty++] = page;
			else
				keep_unwritten(page);
		}
	}
}

/* Frees what is in the batch. */
static void finish(struct batch *batch)
{
	write_dirty(batch);
	drop_clean(batch);
	reclaim_counters.freed += batch->freed;
}

/* An unmapped page is freed with the batch; before, it is written if its slot is not good. */
static void add_to_batch(struct batch *batch, struct page *page)
{
	if (page->flags & PG_dirty) {
		batch->dirty[batch->nr_dirty++] = page;
		if (batch->nr_dirty == SWAP_CLUSTER)
			write_dirty(batch);
	} else {
		batch->clean[batch->nr_clean++] = page;
		if (batch->nr_clean == SWAP_CLUSTER)
			drop_clean(batch);
	}
}

/* False: the page could not be unmapped. Then a new slot that nothing names yet is freed. */
static bool unmap(struct page *page, struct batch *batch)
{
	enum unmap_result result = try_to_unmap(page);

	batch->stale = true;
	if (likely(result == UNMAPPED))
		return true;
	if (page->flags & PG_swapcache && !swap_count(page_swap_entry(page)))
		delete_from_swap_cache(page);
	keep(page,
	     result == UNMAP_LOCKED ? &reclaim_counters.kept_locked : &reclaim_counters.kept_busy);
	return false;
}

/* A page of an object is unmapped first: its entries become empty. */
static void evict_object_page(struct page *page, struct batch *batch)
{
	bool refills = mapping_refills(page->mapping);

	if (!unmap(page, batch))
		return;
	if (!refills && add_to_swap(page))
		keep(page, &reclaim_counters.kept_unwritten);
	else
		add_to_batch(batch, page);
}

/* The device of its slot does not take the page. */
static bool is_stuck(const struct page *page)
{
	return page->flags & PG_refused ||
	       (page->flags & PG_dirty && swap_area(page_swap_entry(page))->failed);
}

/* The entries of a program's page become the slot's. */
static void evict_anon_page(struct page *page, struct batch *batch)
{
	bool in_swap = page->flags & PG_swapcache;

	/* swapoff brings pages in: they must not go back where they came from. */
	if (in_swap && swap_area(page_swap_entry(page))->leaving) {
		if (swap_count(page_swap_entry(page))) {
			keep(page, &reclaim_counters.kept_unwritten);
			return;
		}
		delete_from_swap_cache(page);
		in_swap = false;
	}
	if (in_swap ? is_stuck(page) && !move_to_other_area(page) : add_to_swap(page)) {
		keep(page, &reclaim_counters.kept_unwritten);
		return;
	}
	if (!unmap(page, batch))
		return;
	swap_counters.clean += !(page->flags & PG_dirty);
	add_to_batch(batch, page);
}

/* Evicts a page that is on no list: frees it, adds it to the batch, or keeps it. */
static void evict(struct page *page, struct batch *batch)
{
	bool in_swap = page->flags & PG_swapcache;

	BUG_ON(page->flags & PG_lru || !page->count);
	if (!page->mapping && !in_swap) {
		keep(page, &reclaim_counters.kept_busy); /* not in use yet */
	} else if (in_swap && page->count == 1 && !swap_count(page_swap_entry(page))) {
		/* Nothing needs it: it was read ahead, or all its entries are gone. */
		delete_from_swap_cache(page);
		batch->freed++;
	} else if (page->flags & PG_lazyfree && try_to_drop(page)) {
		reclaim_counters.lazyfreed++;
		batch->freed++;
	} else if (!page->mapping || page_is_anon(page)) {
		evict_anon_page(page, batch);
	} else {
		evict_object_page(page, batch);
	}
}

static bool suits(const struct page *page, gfp_t gfp)
{
	u32 zone = page_zone_index(page);

	if (gfp & __GFP_DMA)
		return zone == ZONE_DMA;
	return gfp & __GFP_HIGHMEM || zone != ZONE_HIGHMEM;
}

u32 shrink_pages(u32 target, gfp_t gfp)
{
	struct batch batch = { .freed = 0 };
	u32 scan, scanned = reclaim_counters.scanned;

	if (active)
		return 0;
	active = true;
	start_lists();
	recheck_unevictable(target);
	scan = min(target, nr_listed) * SCAN_FACTOR;
	/* Slots that only save a write are worth less than a page in memory. */
	if (!nr_swap_pages && total_swap_pages)
		batch.freed = free_swap_cache();
	while (batch.freed + batch.nr_dirty + batch.nr_clean < target && scan--) {
		struct page *page = next_victim();

		if (!page)
			break;
		reclaim_counters.scanned++;
		if (suits(page, gfp))
			evict(page, &batch);
		else
			list_page(page);
	}
	finish(&batch);
	active = false;
	trace(mm_vmscan_lru_shrink_inactive, reclaim_counters.scanned - scanned, batch.freed);
	return batch.freed;
}

u32 reclaim_these_pages(struct page *const *pages, u32 count)
{
	struct batch batch = { .freed = 0 };

	if (active)
		return 0;
	active = true;
	for (u32 i = 0; i < count; i++) {
		if (pages[i]->flags & PG_lru)
			lru_remove(pages[i]);
		evict(pages[i], &batch);
	}
	finish(&batch);
	active = false;
	return batch.freed;
}

/* --- When --- */

static u32 reclaim(gfp_t gfp, u32 order)
{
	u32 freed;

	if (active)
		return 0;
	reclaim_counters.direct++;
	trace(mm_vmscan_direct_reclaim_begin, order, gfp);
	freed = shrink_idle_caches();
	if (!freed)
		freed = shrink_pages(max(SWAP_CLUSTER, 1u << order), gfp);
	/* No process ends while pages that may have been unlocked wait behind locked ones. */
	for (bool more = true; !freed && more; more = nr_recheck && nr_unevictable)
		freed = shrink_pages(nr_present_pages() / SCAN_FACTOR + 1, gfp);
	if (!freed && out_of_memory && order <= OOM_ORDER_MAX)
		freed = out_of_memory(gfp, order);
	trace(mm_vmscan_direct_reclaim_end, freed);
	return freed;
}

static bool zone_is_low(const struct zone *zone)
{
	return zone->present_pages && zone->free_pages < zone->pages_high;
}

bool reclaim_balance(void)
{
	gfp_t gfp = __GFP_HIGHMEM;

	if (!zone_is_low(&zones[ZONE_NORMAL]) && !zone_is_low(&zones[ZONE_HIGHMEM]))
		return false;
	if (!zone_is_low(&zones[ZONE_HIGHMEM]))
		gfp = 0;
	reclaim_counters.background++;
	return shrink_idle_caches() + shrink_pages(SWAP_CLUSTER, gfp);
}

const char *reclaim_validate(void)
{
	u32 listed = 0;

	for (pfn_t pfn = 0; pfn < max_pfn; pfn++) {
		const struct page *page = pfn_to_page(pfn);
		enum page_owner owner = page_owner(page);
		bool belongs = lru && page->block == BLOCK_USED &&
			       (owner == OWNER_ANON || owner == OWNER_PAGECACHE);

		if (belongs != !!(page->flags & PG_lru))
			return "a frame is on a list of reclaim and does not belong there, or is "
			       "not";
		listed += belongs;
	}
	return listed == nr_listed + nr_unevictable ? NULL
						    : "the count of frames on the lists is wrong";
}

out_of_memory_t set_out_of_memory(out_of_memory_t function)
{
	out_of_memory_t before = out_of_memory;

	out_of_memory = function;
	return before;
}

void reclaim_init(void)
{
	policy = policies[0];
	lru_stop();
	set_reclaim(reclaim);
	evict_pages = reclaim_these_pages;
}
