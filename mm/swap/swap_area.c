/* SPDX-License-Identifier: MIT */
/*
 * Areas and their slots. Numbers cite mm/swap/swap.h.
 *
 * Pages that are evicted together are often wanted together, and a disk is fast only where it
 * reads or writes in a row. So slots are allocated in clusters: aligned runs of SWAP_CLUSTER
 * slots, all free when the first one is taken. The first slot of each counts those in use, so a
 * search looks at one number for each cluster. Single slots are taken only where no cluster is
 * free.
 *
 *   |header, 1..31: used|  32..63: used  |     64..95      |
 *                                        | taken |  left   |    the cluster that is being filled
 */
#include "abi/linux/errno.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mm/frames/page_alloc.h"
#include "mm/slab/slab.h"
#include "mm/swap/swap_internal.h"

/* Allocations of single slots after a vain search for a cluster, before the next search. */
#define SINGLES 256u

/* The array of chunks has to fit into a kmalloc(). */
#define PAGES_MAX (KMALLOC_MAX / (u32)sizeof(struct swap_slot *) * SWAP_CHUNK)

struct swap_info swap_info[SWAP_TYPES];
struct swap_counters swap_counters;
u32 total_swap_pages, nr_swap_pages;
static u32 nr_types;	    /* all types in use are below it */
static s32 least_prio = -1; /* of the areas that were added without one; Linux begins at -2 */

/* The cluster that is being filled: the last `left` slots of it are free. */
static struct {
	struct swap_info *area;
	u32 first, left;
} cluster;

static void free_chunks(struct swap_info *area)
{
	for (u32 i = 0; area->chunks && i < DIV_ROUND_UP(area->pages, SWAP_CHUNK); i++)
		kfree(area->chunks[i]);
	kfree(area->chunks);
}

static int allocate_chunks(struct swap_info *area)
{
	u32 chunks = DIV_ROUND_UP(area->pages, SWAP_CHUNK);

	area->chunks = kmalloc(chunks * sizeof(void *), GFP_KERNEL);
	if (!area->chunks)
		return -ENOMEM;
	memset(area->chunks, 0, chunks * sizeof(void *));
	for (u32 i = 0; i < chunks; i++) {
		area->chunks[i] = kmalloc(SWAP_CHUNK * sizeof(struct swap_slot), GFP_KERNEL);
		if (!area->chunks[i]) {
			free_chunks(area);
			return -ENOMEM;
		}
		memset(area->chunks[i], 0, SWAP_CHUNK * sizeof(struct swap_slot));
	}
	return 0;
}

/* The slots of a cluster that are in use. */
static inline u32 *cluster_used(const struct swap_info *area, u32 slot)
{
	return &swap_slot(area, slot & ~(SWAP_CLUSTER - 1))->used;
}

/* Marks a slot that must not be used. Returns 1, or 0 if it is marked already. */
static u32 mark_bad(const struct swap_info *area, u32 slot)
{
	if (swap_slot(area, slot)->map == SWAP_MAP_BAD)
		return 0;
	swap_slot(area, slot)->map = SWAP_MAP_BAD;
	++*cluster_used(area, slot);
	return 1;
}

/*
 * Marks the header, the bad slots, and what the last cluster lacks. Returns the number of usable
 * ones.
 */
static u32 mark_all_bad(const struct swap_info *area, const u32 *bad, u32 nr_bad)
{
	u32 slots = area->pages - mark_bad(area, 0);

	for (u32 i = 0; i < nr_bad; i++)
		slots -= mark_bad(area, bad[i]);
	for (u32 slot = area->pages; slot % SWAP_CLUSTER; slot++)
		mark_bad(area, slot);
	return slots;
}

static int free_type(void)
{
	for (u32 type = 0; type < SWAP_TYPES; type++)
		if (!swap_info[type].device)
			return (int)type;
	return -EPERM;
}

int swap_area_add(struct swap_device *device, s32 prio, const u32 *bad, u32 nr_bad)
{
	int type = free_type();
	struct swap_info area = { .device = device, .pages = min(device->pages, PAGES_MAX) };

	if (type < 0)
		return type;
	for (u32 i = 0; i < nr_bad; i++)
		if (!bad[i] || bad[i] >= area.pages)
			return -EINVAL;
	if (area.pages < 2 || nr_bad >= area.pages - 1)
		return -EINVAL;
	if (allocate_chunks(&area))
		return -ENOMEM;
	area.prio = prio < 0 ? --least_prio : prio;
	area.slots = mark_all_bad(&area, bad, nr_bad);
	swap_info[type] = area;
	nr_types = max(nr_types, (u32)type + 1);
	total_swap_pages += area.slots;
	nr_swap_pages += area.slots;
	return type;
}

/* The area gets no new pages. */
static void leave_cluster(const struct swap_info *area)
{
	if (cluster.area == area)
		cluster.left = 0;
}

void swap_area_remove(u32 type)
{
	struct swap_info *area = &swap_info[type];
	struct swap_device *device = area->device;

	BUG_ON(!device || area->inuse);
	total_swap_pages -= area->slots;
	if (!area->leaving && !area->failed)
		nr_swap_pages -= area->slots;
	leave_cluster(area);
	free_chunks(area);
	*area = (struct swap_info){ .device = NULL };
	if (device->release)
		device->release(device);
}

/* New pages can go there. */
static bool usable(const struct swap_info *area)
{
	return area->device && !area->leaving && !area->failed && area->inuse < area->slots;
}

static bool slot_free(const struct swap_info *area, u32 slot)
{
	return !swap_slot(area, slot)->map && !swap_slot(area, slot)->cached;
}

/* Begins a free cluster of the area, if there is one: the next from `next` on, once around. */
static bool begin_cluster(struct swap_info *area)
{
	u32 clusters = DIV_ROUND_UP(area->pages, SWAP_CLUSTER), at = area->next / SWAP_CLUSTER;

	for (u32 i = 0; i < clusters; i++, at++) {
		if (at >= clusters)
			at = 0;
		if (*cluster_used(area, at * SWAP_CLUSTER))
			continue;
		cluster.area = area;
		cluster.first = at * SWAP_CLUSTER;
		cluster.left = SWAP_CLUSTER;
		area->next = cluster.first + SWAP_CLUSTER;
		return true;
	}
	return false;
}

/* Any free slot from `next` on. There is one. */
static u32 find_single(const struct swap_info *area)
{
	u32 pages = area->pages, slot = area->next;

	for (u32 i = 0; i < pages; i++, slot++) {
		if (slot >= pages)
			slot = 0;
		if (slot_free(area, slot))
			return slot;
	}
	panic("swap: %s: no free slot, but %u of %u are in use", area->device->name, area->inuse,
	      area->slots);
}

/* The area that is filled next, or NULL. */
static struct swap_info *best_area(void)
{
	struct swap_info *best = NULL;

	for (u32 type = 0; type < nr_types; type++)
		if (usable(&swap_info[type]) && (!best || swap_info[type].prio > best->prio))
			best = &swap_info[type];
	return best;
}

static inline struct swap_slot *take_slot(struct swap_info *area, u32 number, swp_entry_t *entry)
{
	struct swap_slot *slot = swap_slot(area, number);

	BUG_ON(slot->map); /* (2) */
	++*cluster_used(area, number);
	area->inuse++;
	nr_swap_pages--;
	*entry = swp_entry((u32)(area - swap_info), number);
	return slot;
}

/* A slot outside of clusters. The one that is being filled is not of this area. */
static struct swap_slot *take_single(struct swap_info *area, swp_entry_t *entry)
{
	u32 number = find_single(area);

	area->next = number + 1;
	return take_slot(area, number, entry);
}

/* The first slot of a new cluster, or one between slots in use. */
static noinline struct swap_slot *take_elsewhere(swp_entry_t *entry)
{
	struct swap_info *area = best_area();

	if (!area)
		return NULL;
	if (area->singles)
		area->singles--;
	else if (begin_cluster(area))
		return get_swap_slot(entry);
	else
		area->singles = SINGLES;
	return take_single(area, entry);
}

struct swap_slot *get_swap_slot(swp_entry_t *entry)
{
	if (unlikely(!cluster.left))
		return take_elsewhere(entry);
	return take_slot(cluster.area, cluster.first + SWAP_CLUSTER - cluster.left--, entry);
}

/* Both are areas in use: `area` is filled after `other`. */
static bool filled_after(const struct swap_info *area, const struct swap_info *other)
{
	return area->prio < other->prio || (area->prio == other->prio && area > other);
}

swp_entry_t swap_other_slot(const struct page *page)
{
	const struct swap_info *own = swap_area(page_swap_entry(page));
	struct swap_info *best = NULL;
	swp_entry_t entry = { 0 };

	for (struct swap_info *area = swap_info; area < swap_info + nr_types; area++)
		if (usable(area) && (own->failed || filled_after(area, own)) &&
		    (!best || filled_after(best, area)))
			best = area;
	if (best && cluster.left && cluster.area == best)
		get_swap_slot(&entry);
	else if (best)
		take_single(best, &entry);
	return entry;
}

void free_slot(struct swap_info *area, u32 slot)
{
	BUG_ON(swap_slot(area, slot)->map || !area->inuse);
	swap_slot(area, slot)->cached = 0;
	--*cluster_used(area, slot);
	area->inuse--;
	if (!area->leaving && !area->failed)
		nr_swap_pages++;
	if (area->device->discard)
		area->device->discard(area->device, slot);
}

void swap_area_close(u32 type)
{
	struct swap_info *area = &swap_info[type];

	if (!area->leaving && !area->failed)
		nr_swap_pages -= area->slots - area->inuse;
	leave_cluster(area);
	area->leaving = true;
}

void swap_area_reopen(u32 type)
{
	struct swap_info *area = &swap_info[type];

	area->leaving = false;
	if (!area->failed)
		nr_swap_pages += area->slots - area->inuse;
}

void swap_area_failed(struct swap_info *area)
{
	if (!area->leaving && !area->failed)
		nr_swap_pages -= area->slots - area->inuse;
	leave_cluster(area);
	area->failed = true;
}

void swap_free(swp_entry_t entry)
{
	struct swap_slot *slot = swap_entry_slot(entry);
	struct page *page;

	BUG_ON(!slot->map || slot->map == SWAP_MAP_BAD);
	if (--slot->map)
		return;
	page = lookup_swap_cache(entry);
	if (!page)
		free_slot(swap_area(entry), swp_offset(entry));
	else if (page->count == 1 || page->flags & PG_dirty)
		delete_from_swap_cache(page);
}

bool vm_swap_full(void)
{
	return nr_swap_pages * 2 < total_swap_pages;
}

static bool clusters_counted(const struct swap_info *area)
{
	for (u32 first = 0; first < area->pages; first += SWAP_CLUSTER) {
		u32 used = 0;

		for (u32 slot = first; slot < first + SWAP_CLUSTER; slot++)
			used += !slot_free(area, slot);
		if (used != *cluster_used(area, first))
			return false;
	}
	return true;
}

static const char *validate_area(const struct swap_info *area, u32 *cached)
{
	u32 inuse = 0, slots = 0;

	for (u32 slot = 0; slot < area->pages; slot++) {
		const struct page *page;

		if (swap_slot(area, slot)->map == SWAP_MAP_BAD)
			continue;
		slots++;
		inuse += !slot_free(area, slot);
		if (!swap_slot(area, slot)->cached || swap_slot(area, slot)->cached & SWAP_SHADOW)
			continue;
		++*cached;
		page = pfn_to_page(swap_slot(area, slot)->cached);
		if (!(page->flags & PG_swapcache) || !page->count)
			return "(3) a slot names a frame that is not in the swap cache";
		if (swp_offset(page_swap_entry(page)) != slot ||
		    &swap_info[swp_type(page_swap_entry(page))] != area)
			return "(3) a cached frame names another slot";
	}
	if (slots != area->slots)
		return "the number of usable slots is wrong";
	if (!clusters_counted(area))
		return "the number of slots in use of a cluster is wrong";
	return inuse == area->inuse ? NULL : "(2) inuse is not the number of slots in use";
}

const char *swap_validate(void)
{
	const char *violated = NULL;
	u32 total = 0, free = 0, cached = 0;

	for (u32 type = 0; type < SWAP_TYPES && !violated; type++) {
		const struct swap_info *area = &swap_info[type];

		if (!area->device)
			continue;
		total += area->slots;
		if (!area->leaving && !area->failed)
			free += area->slots - area->inuse;
		violated = validate_area(area, &cached);
	}
	if (!violated &&
	    (total != total_swap_pages || free != nr_swap_pages || cached != nr_swap_cached))
		return "the sums over all areas are wrong";
	return violated;
}
