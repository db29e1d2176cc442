/* SPDX-License-Identifier: MIT */
/*
 * Pages of objects that are not in memory, in swap or dropped: what each call says of them, how
 * they come back, and what stays when that fails.
 */
#include "abi/linux/errno.h"
#include "mm/frames/highmem.h"
#include "mm/frames/lru.h"
#include "mm/frames/page_alloc.h"
#include "mm/page_cache/filemap.h"
#include "mm/reclaim/reclaim.h"
#include "mm/user_space/shmem.h"
#include "mm/user_space/truncate.h"
#include "tests/host/machine.h"
#include "tests/host/mapping_write.h"
#include "tests/host/mm/swap/swap_disk.h"
#include "tests/host/tap.h"

#define PAGES 8u

static struct swap_disk disks[2];
static struct address_space *object;
static const struct address_space_operations *all;
static struct address_space_operations operations;
static u32 fills, fails; /* calls of readpage(); so many of them fail */

static int fill(struct address_space *mapping, struct page *page)
{
	EXPECT(page->mapping == mapping);
	fills++;
	if (fails && fails--)
		return -EIO;
	*(u8 *)kmap_atomic(page) = (u8)(page->index + 1);
	kunmap_atomic(page);
	return 0;
}

/* An object with all its pages in memory, each with its number + 1. */
static void start(bool filled)
{
	machine_boot();
	for (u32 i = 0; i < 2; i++)
		swap_disk_add(&disks[i], 100, 9 - (s32)i);
	page_cluster = 0;
	object = shmem_object(PAGES * PAGE_SIZE, "absent");
	all = object->a_ops;
	operations = *all;
	operations.readpage = filled ? fill : NULL;
	object->a_ops = &operations;
	for (u32 i = 0; i < PAGES && !filled; i++) {
		u8 byte = (u8)(i + 1);

		EXPECT_EQ(mapping_write(object, &byte, 1, i * PAGE_SIZE), 1);
	}
	if (filled)
		mapping_read_ahead(object, 0, PAGES);
	EXPECT_EQ(object->nrpages, PAGES);
}

static void stop(void)
{
	EXPECT_VALID(mapping_validate(object));
	object->a_ops = all;
	mapping_put(object);
	for (u32 i = 0; i < 2; i++) {
		EXPECT_EQ(swap_info[i].inuse, 0);
		swap_disk_remove(i);
	}
}

static void evict(u32 index)
{
	struct page *page = find_page(object, index);

	EXPECT_EQ(reclaim_these_pages(&page, 1), 1);
	EXPECT(!find_page(object, index));
}

/* Pages in memory, and others that have an item. */
static void expect_counts(u32 present, u32 absent)
{
	EXPECT_EQ(object->nrpages, present);
	EXPECT_EQ(object->nrabsent, absent);
	EXPECT_VALID(mapping_validate(object));
	EXPECT_VALID(swap_validate());
}

static int bring_in(u32 index)
{
	struct page *page = NULL;
	int err = get_cache_page(object, index, &page);

	if (!err && EXPECT(page && page == find_page(object, index))) {
		EXPECT_EQ(*(u8 *)kmap_atomic(page), index + 1);
		kunmap_atomic(page);
		EXPECT_EQ(page->count, 1);
		EXPECT_EQ(page->index, index);
		EXPECT_EQ(page_owner(page), OWNER_PAGECACHE);
		EXPECT(!(page->flags & PG_swapcache));
	}
	return err;
}

/* A disk that fails, or no frame: the page stays in swap, and comes back later. */
static void from_swap(void)
{
	start(false);
	evict(3);
	evict(5);
	expect_counts(PAGES - 2, 2);
	EXPECT_EQ(swap_info[0].inuse, 2);
	disks[0].fail_read = 1;
	EXPECT_EQ(bring_in(3), -EIO);
	expect_counts(PAGES - 2, 2);
	set_reclaim(NULL);
	machine_exhaust();
	EXPECT_EQ(bring_in(3), -ENOMEM);
	machine_relax();
	expect_counts(PAGES - 2, 2);
	EXPECT_EQ(bring_in(3), 0);
	expect_counts(PAGES - 1, 1);
	EXPECT_EQ(swap_info[0].inuse, 1);
	EXPECT_EQ(bring_in(3), 0);
	mapping_punch_hole(object, 5, 6);
	expect_counts(PAGES - 1, 0);
	EXPECT_EQ(swap_info[0].inuse, 0);
	stop();
}

/* The same of pages that were dropped, because they can be filled again. */
static void filled_again(void)
{
	start(true);
	evict(0);
	evict(7);
	expect_counts(PAGES - 2, 2);
	EXPECT_EQ(swap_info[0].inuse, 0);
	fills = 0;
	fails = 1;
	EXPECT_EQ(bring_in(7), -EIO);
	EXPECT_EQ(fills, 1);
	expect_counts(PAGES - 2, 2);
	set_reclaim(NULL);
	machine_exhaust();
	EXPECT_EQ(bring_in(7), -ENOMEM);
	machine_relax();
	expect_counts(PAGES - 2, 2);
	EXPECT_EQ(bring_in(7), 0);
	EXPECT_EQ(fills, 2);
	expect_counts(PAGES - 1, 1);
	mapping_punch_hole(object, 0, 1);
	expect_counts(PAGES - 1, 0);
	stop();
}

/* A page in the swap cache too is in memory; so is none that was dropped, or never there. */
static void resident(void)
{
	start(true);
	evict(2);
	EXPECT(mapping_resident(object, 1));
	EXPECT(!mapping_resident(object, 2));
	EXPECT(!mapping_resident(object, PAGES));
	EXPECT_EQ(mapping_count_in_swap(object, 0, PAGES), 0);
	stop();
	start(false);
	evict(1);
	evict(2);
	evict(5);
	mapping_punch_hole(object, 6, 7);
	EXPECT(mapping_resident(object, 0));
	EXPECT(!mapping_resident(object, 1));
	EXPECT(!mapping_resident(object, 6));
	page_cluster = 3;
	EXPECT_EQ(bring_in(1), 0); /* its neighbours of the device come with it */
	EXPECT(mapping_resident(object, 2) && !find_page(object, 2));
	EXPECT_EQ(mapping_count_in_swap(object, 0, PAGES), 2);
	EXPECT_EQ(mapping_count_in_swap(object, 0, 2), 0);
	EXPECT_EQ(mapping_count_in_swap(object, 0, 3), 1);
	EXPECT_EQ(mapping_count_in_swap(object, 2, 5), 1);
	EXPECT_EQ(mapping_count_in_swap(object, 3, 5), 0);
	EXPECT_EQ(mapping_count_in_swap(object, 3, UINT32_MAX), 1);
	EXPECT_EQ(mapping_count_in_swap(object, 6, UINT32_MAX), 0);
	EXPECT_EQ(bring_in(2), 0);
	EXPECT_EQ(swap_counters.ra_hits, 1);
	EXPECT(!(find_page(object, 2)->flags & PG_readahead));
	stop();
}

/* For swapoff: pages of one area come in, a few at a time. */
static void unused(void)
{
	u32 from = 0, pages = 9;

	start(false);
	evict(1);
	evict(3);
	evict(6);
	swap_area_close(0);
	evict(4);
	swap_area_reopen(0);
	EXPECT_EQ(swap_info[0].inuse, 3);
	EXPECT_EQ(swap_info[1].inuse, 1);
	EXPECT_EQ(mapping_unuse(object, 2, &from, 10, &pages), 0);
	EXPECT_EQ(pages, 0);
	from = 0;
	EXPECT_EQ(mapping_unuse(object, 0, &from, 2, &pages), 0);
	EXPECT_EQ(pages, 2);
	EXPECT_EQ(from, 4);
	EXPECT(find_page(object, 1) && find_page(object, 3));
	disks[0].fail_read = 1;
	EXPECT_EQ(mapping_unuse(object, 0, &from, 2, &pages), -EIO);
	EXPECT_EQ(pages, 0);
	from = 4;
	EXPECT_EQ(mapping_unuse(object, 0, &from, 2, &pages), 0);
	EXPECT_EQ(pages, 1);
	EXPECT(find_page(object, 6) && !find_page(object, 4));
	from = 0;
	EXPECT_EQ(mapping_unuse(object, 1, &from, 2, &pages), 0);
	EXPECT_EQ(pages, 1);
	expect_counts(PAGES, 0);
	stop();
}

static u32 refaults, last_distance;

static void note_refault(struct page *page, u32 distance)
{
	EXPECT(page->mapping == object);
	refaults++;
	last_distance = distance;
}

static void ignore(struct page *page)
{
	page->flags &= ~(u32)PG_lru;
}

/* The lists hear how many others were evicted since, of both kinds; where they want that. */
static void refaults_are_told(void)
{
	static const struct lru_ops telling = { .add = ignore,
						.remove = ignore,
						.refault = note_refault },
				    silent = { .add = ignore, .remove = ignore };

	for (u32 kind = 0; kind < 2; kind++) {
		start(kind);
		evict(0);
		evict(1);
		evict(2);
		refaults = 0;
		EXPECT_EQ(bring_in(2), 0); /* no lists */
		lru_start(&silent);
		EXPECT_EQ(bring_in(1), 0);
		EXPECT_EQ(refaults, 0);
		lru_stop();
		evict(1);
		evict(2);
		evict(3);
		lru_start(&telling);
		EXPECT_EQ(bring_in(1), 0);
		EXPECT_EQ(refaults, 1);
		EXPECT_EQ(last_distance, 2);
		EXPECT_EQ(bring_in(0), 0);
		EXPECT_EQ(refaults, 2);
		EXPECT_EQ(last_distance, 5);
		lru_stop();
		stop();
	}
}

/* Pages that have their contents nowhere else. */
static void memory_only(void)
{
	machine_boot();
	EXPECT_EQ(nr_memory_only_pages(), 0);
	start(false);
	EXPECT_EQ(nr_memory_only_pages(), PAGES);
	evict(0);
	EXPECT_EQ(nr_memory_only_pages(), PAGES - 1);
	object->huge = true;
	EXPECT_EQ(nr_memory_only_pages(), 0);
	object->huge = false;
	stop();
	start(true);
	EXPECT_EQ(nr_memory_only_pages(), 0);
	object->written = true;
	EXPECT_EQ(nr_memory_only_pages(), PAGES);
	stop();
}

TAP_MAIN({ "pages in swap", from_swap }, { "pages that are filled again", filled_again },
	 { "what is in memory", resident }, { "swapoff", unused },
	 { "refaults", refaults_are_told }, { "pages without other contents", memory_only })
