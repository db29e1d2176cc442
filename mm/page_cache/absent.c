/* SPDX-License-Identifier: MIT */
/*
 * Pages of objects that are not in memory: in swap, or dropped because they can be filled again.
 * Their items in the tree (filemap.h) say where they are.
 */
#include "mm/page_cache/filemap_internal.h"
#include "mm/page_cache/trace_events.h"
#include "lib/assert.h"
#include "mm/frames/lru.h"
#include "mm/swap/swap.h"

#define ITEM_DROPPED 0x80u

static void *item_for_swap(swp_entry_t entry)
{
	return (void *)(uintptr_t)(entry.value | 1);
}

static swp_entry_t item_to_swap(const void *item)
{
	return (swp_entry_t){ (u32)(uintptr_t)item & ~1u };
}

static bool item_in_swap(const void *item)
{
	return item_is_absent(item) && !((uintptr_t)item & ITEM_DROPPED);
}

static void *item_for_dropped(void)
{
	return (void *)(uintptr_t)(++swap_counters.evictions << 8 | ITEM_DROPPED | 1);
}

/* Evictions since the page was dropped. */
static u32 item_distance(const void *item)
{
	return (swap_counters.evictions - ((u32)(uintptr_t)item >> 8)) & 0xffffff;
}

void mapping_remove_absent(struct address_space *mapping, u32 index, void *item)
{
	radix_tree_delete(&mapping->pages, index);
	mapping->nrabsent--;
	if (item_in_swap(item))
		swap_free(item_to_swap(item));
}

void mapping_evict(struct page *page)
{
	struct address_space *mapping = page->mapping;
	bool in_swap = page->flags & PG_swapcache;
	u32 index = in_swap ? page_swap_place(page) : page->index;
	void *item = in_swap ? item_for_swap(page_swap_entry(page)) : item_for_dropped();

	BUG_ON(!in_swap && !mapping_refills(mapping));
	if (in_swap)
		BUG_ON(swap_duplicate(page_swap_entry(page))); /* a new slot */
	trace(mm_filemap_delete_from_page_cache, mapping, index, page);
	radix_tree_replace(&mapping->pages, index, item);
	mapping->nrpages--;
	mapping->nrabsent++;
	page->mapping = NULL;
	put_page(page);
}

/* Replaces the item by a page. The cache takes over the caller's reference. */
static void restore_page(struct address_space *mapping, u32 index, struct page *page)
{
	page->mapping = mapping;
	page->index = index;
	radix_tree_replace(&mapping->pages, index, page);
	mapping->nrabsent--;
	mapping->nrpages++;
	trace(mm_filemap_add_to_page_cache, mapping, index, page);
}

/* Reads a page from swap; the slot is freed. Returns 0, -ENOMEM or -EIO. */
static int swap_in(struct address_space *mapping, u32 index, swp_entry_t entry,
		   struct page **restored)
{
	struct page *page = lookup_swap_cache(entry);
	u32 distance = 0;
	int err = page ? 0 : swap_read(entry, &page, &distance);

	if (err)
		return err;
	if (page->flags & PG_readahead)
		swap_counters.ra_hits++;
	page->flags &= ~(u32)PG_readahead;
	get_page(page);
	swap_free(entry);
	if (page->flags & PG_swapcache)
		delete_from_swap_cache(page);
	change_page_owner(page, OWNER_PAGECACHE);
	restore_page(mapping, index, page);
	if (lru && lru->refault && distance)
		lru->refault(page, distance);
	*restored = page;
	return 0;
}

int mapping_unuse(struct address_space *mapping, u32 type, u32 *from, u32 most, u32 *pages)
{
	struct page *page;
	void *item;
	int err = 0;

	for (*pages = 0; !err && *pages < most && mapping->nrabsent; ++*from) {
		item = radix_tree_next(&mapping->pages, from);
		if (!item)
			break;
		if (!item_in_swap(item) || swp_type(item_to_swap(item)) != type)
			continue;
		err = swap_in(mapping, *from, item_to_swap(item), &page);
		*pages += !err;
	}
	return err;
}

int return_page(struct address_space *mapping, u32 index, const void *item, struct page **returned)
{
	int err;

	if (item_in_swap(item))
		return swap_in(mapping, index, item_to_swap(item), returned);
	err = make_page(mapping, index, returned);
	if (err)
		return err;
	restore_page(mapping, index, *returned);
	if (lru && lru->refault)
		lru->refault(*returned, item_distance(item));
	return 0;
}

bool mapping_resident(const struct address_space *mapping, u32 index)
{
	void *item = radix_tree_lookup(&mapping->pages, index);

	return item_in_swap(item) ? lookup_swap_cache(item_to_swap(item)) != NULL
				  : item && !item_is_absent(item);
}

u32 mapping_count_in_swap(const struct address_space *mapping, u32 first, u32 end)
{
	u32 count = 0;
	void *item;

	for (; first < end && mapping->nrabsent; first++) {
		item = radix_tree_next(&mapping->pages, &first);
		if (!item || first >= end)
			break;
		count += item_in_swap(item);
		cond_resched();
	}
	return count;
}
