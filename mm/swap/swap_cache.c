/* SPDX-License-Identifier: MIT */
/* The swap cache, and the transfers. Numbers cite mm/swap/swap.h. */
#include "abi/linux/errno.h"
#include "lib/assert.h"
#include "lib/printk.h"
#include "mm/frames/page_alloc.h"
#include "mm/frames/shrinker.h"
#include "mm/swap/swap_internal.h"
#include "mm/swap/trace_events.h"

u32 page_cluster = 3, nr_swap_cached;

static struct shrinker cache_shrinker = { .name = "swap cache",
					  .shrink = free_swap_cache,
					  .saves_work = true };

void swap_init(void)
{
	register_shrinker(&cache_shrinker);
}

/* `slot` is that of the entry. */
static inline void add_to_swap_cache(struct page *page, struct swap_slot *slot, swp_entry_t entry)
{
	BUG_ON(page->flags & PG_swapcache || (slot->cached && !(slot->cached & SWAP_SHADOW)));
	get_page(page);
	slot->place = page->index;
	slot->cached = page_to_pfn(page);
	page->index = entry.value;
	page->flags |= PG_swapcache;
	nr_swap_cached++;
}

int add_to_swap(struct page *page)
{
	swp_entry_t entry;
	struct swap_slot *slot = get_swap_slot(&entry);

	if (!slot)
		return -ENOSPC;
	add_to_swap_cache(page, slot, entry);
	page->flags |= PG_dirty;
	return 0;
}

/* Ends the bond of frame and slot; the reference stays with the caller. */
static inline void forget(struct page *page, u32 instead)
{
	swp_entry_t entry = page_swap_entry(page);
	struct swap_slot *slot = swap_entry_slot(entry);

	BUG_ON(!(page->flags & PG_swapcache) || slot->cached != page_to_pfn(page)); /* (3) */
	page->index = slot->place;
	page->flags &= ~(u32)(PG_swapcache | PG_dirty | PG_readahead | PG_refused);
	slot->cached = instead;
	nr_swap_cached--;
	if (!slot->map)
		free_slot(swap_area(entry), swp_offset(entry));
}

void swap_move(struct page *page, swp_entry_t to)
{
	swp_entry_t from = page_swap_entry(page);
	struct swap_slot *old = swap_entry_slot(from), *slot = swap_entry_slot(to);

	BUG_ON(!(page->flags & PG_dirty) || old->cached != page_to_pfn(page)); /* (3) */
	slot->map = old->map;
	slot->cached = old->cached;
	slot->place = old->place;
	page->index = to.value;
	page->flags &= ~(u32)PG_refused;
	old->map = 0;
	free_slot(swap_area(from), swp_offset(from));
}

void delete_from_swap_cache(struct page *page)
{
	BUG_ON(page->flags & PG_dirty && swap_count(page_swap_entry(page))); /* (5) */
	forget(page, 0);
	put_page(page);
}

void swap_drop(struct page *page)
{
	BUG_ON(page->count != 1 || page->flags & PG_dirty);
	forget(page, SWAP_SHADOW | (++swap_counters.evictions & ~SWAP_SHADOW));
	__free_page(page);
}

u32 free_swap_cache(void)
{
	u32 frames = 0;

	for (u32 type = 0; type < SWAP_TYPES; type++) {
		const struct swap_info *area = &swap_info[type];

		for (u32 slot = 1; area->device && slot < area->pages; slot++) {
			struct page *page;

			if (swap_slot(area, slot)->map == SWAP_MAP_BAD ||
			    !swap_slot(area, slot)->cached)
				continue;
			page = lookup_swap_cache(swp_entry(type, slot));
			if (!page)
				continue;
			/* Nothing else uses the frame, or nothing else uses the slot. */
			if (page->count == 1 &&
			    !(page->flags & PG_dirty && swap_slot(area, slot)->map)) {
				delete_from_swap_cache(page);
				frames++;
			} else if (!swap_slot(area, slot)->map) {
				delete_from_swap_cache(page);
			}
		}
	}
	return frames;
}

void swap_area_forget(u32 type)
{
	for (u32 slot = 1; slot < swap_info[type].pages; slot++) {
		struct page *page = lookup_swap_cache(swp_entry(type, slot));

		if (page && !swap_slot(&swap_info[type], slot)->map)
			delete_from_swap_cache(page);
	}
}

/* --- Transfers --- */

static u32 refault_distance(u32 cached)
{
	return cached & SWAP_SHADOW ? (swap_counters.evictions - cached) & ~SWAP_SHADOW : 0;
}

/* The slot is in use, and its page is not in memory. */
static bool only_in_swap(const struct swap_info *area, u32 slot)
{
	u32 map = swap_slot(area, slot)->map, cached = swap_slot(area, slot)->cached;

	return map && map != SWAP_MAP_BAD && (!cached || cached & SWAP_SHADOW);
}

/*
 * Slots to read with the wanted one: those next to it in an aligned window that are only in swap.
 * The first, and their number.
 */
static u32 window(const struct swap_info *area, u32 wanted, u32 *first)
{
	u32 ahead = area->device->single ? 0 : page_cluster;
	u32 start = wanted >> ahead << ahead;
	u32 end = min(start + (1u << ahead), area->pages), slot;

	for (*first = wanted; *first > start && only_in_swap(area, *first - 1); --*first)
		;
	for (slot = wanted + 1; slot < end && only_in_swap(area, slot); slot++)
		;
	return slot - *first;
}

/* Frames for the neighbours, without reclaim: all, or none. */
static bool neighbour_frames(struct page **pages, u32 count, u32 wanted)
{
	for (u32 i = 0; i < count; i++) {
		if (i == wanted)
			continue;
		pages[i] = alloc_page(GFP_HIGHUSER & ~(gfp_t)__GFP_WAIT);
		if (pages[i])
			continue;
		while (i--)
			if (i != wanted)
				put_page(pages[i]);
		return false;
	}
	return true;
}

/* Reads the neighbours too, if all goes well: their number, with the wanted one; or 0. */
static u32 read_window(swp_entry_t entry, struct page *page)
{
	struct swap_info *area = swap_area(entry);
	struct page *pages[1u << PAGE_CLUSTER_MAX];
	u32 first, wanted = swp_offset(entry), count = window(area, wanted, &first),
		   at = wanted - first;
	bool read;

	if (count < 2 || !neighbour_frames(pages, count, at))
		return 0;
	pages[at] = page;
	read = !area->device->read(area->device, first, pages, count);
	for (u32 i = 0; i < count; i++) {
		if (i == at)
			continue;
		if (read) {
			add_to_swap_cache(pages[i], swap_slot(area, first + i),
					  swp_entry(swp_type(entry), first + i));
			pages[i]->flags |= PG_readahead; /* not yet wanted */
			trace(swap_in, pages[i], swp_entry(swp_type(entry), first + i).value);
		}
		put_page(pages[i]); /* the cache's reference is left */
	}
	return read ? count : 0;
}

int swap_read(swp_entry_t entry, struct page **page, u32 *distance)
{
	struct swap_info *area = swap_area(entry);
	struct swap_slot *slot = swap_entry_slot(entry);
	u32 count;

	*page = alloc_page(GFP_HIGHUSER);
	if (!*page)
		return -ENOMEM;
	count = read_window(entry, *page);
	if (!count) {
		/* The neighbours are not there, or it is one of them that cannot be read. */
		count = 1;
		if (area->device->read(area->device, swp_offset(entry), page, 1)) {
			swap_counters.read_errors++;
			put_page(*page);
			return -EIO;
		}
	}
	*distance = refault_distance(slot->cached);
	add_to_swap_cache(*page, slot, entry);
	trace(swap_in, *page, entry.value);
	put_page(*page);
	swap_counters.pswpin += count;
	swap_counters.readahead += count - 1;
	return 0;
}

/* The number of pages from `at` on that lie in a row on one device. */
static u32 run_length(const struct swap_info *area, struct page *const *pages, u32 at, u32 count)
{
	u32 length = 1, most = area->device->single ? 1 : SWAP_CLUSTER;

	while (at + length < count && length < most &&
	       pages[at + length]->index == pages[at]->index + (length << 8))
		length++;
	return length;
}

static void write_failed(struct swap_info *area, struct page *page, int err)
{
	if (err == -ENOSPC || err == -ENOMEM) { /* (6) */
		swap_counters.refused++;
		if (err == -ENOSPC)
			page->flags |= PG_refused;
		return;
	}
	if (!area->failed)
		printk("swap: error: %s: a write failed: the area gets no more pages; what is in "
		       "it stays\n",
		       area->device->name);
	swap_area_failed(area);
	swap_counters.write_errors++;
}

u32 swap_write(struct page *const *pages, u32 count)
{
	u32 written = 0;

	for (u32 i = 0, length; i < count; i += length) {
		swp_entry_t entry = page_swap_entry(pages[i]);
		struct swap_info *area = swap_area(entry);
		int err = -EIO;

		length = run_length(area, pages, i, count);
		if (!area->failed)
			err = area->device->write(area->device, swp_offset(entry), pages + i,
						  length);
		if (err) {
			write_failed(area, pages[i], err);
			continue;
		}
		for (u32 j = i; j < i + length; j++) {
			pages[j]->flags &= ~(u32)PG_dirty;
			trace(swap_out, pages[j], page_swap_entry(pages[j]).value);
		}
		written += length;
	}
	swap_counters.pswpout += written;
	return written;
}
