/* SPDX-License-Identifier: MIT */
/*
 * mapping_read_ahead(): which pages of a range come in, and where it ends early. It is advice, so
 * nothing tells of an error.
 */
#include "abi/linux/errno.h"
#include "mm/frames/highmem.h"
#include "mm/page_cache/filemap.h"
#include "mm/reclaim/reclaim.h"
#include "mm/user_space/shmem.h"
#include "tests/host/machine.h"
#include "tests/host/mapping_write.h"
#include "tests/host/mm/swap/swap_disk.h"
#include "tests/host/resched.h"
#include "tests/host/tap.h"

#define PAGES 8u

static struct address_space *object;
static struct address_space_operations operations;
static u32 fails_at; /* the index that cannot be read */

static int fill(struct address_space *mapping, struct page *page)
{
	(void)mapping;
	clear_highpage(page);
	return page->index == fails_at ? -EIO : 0;
}

static void start(bool filled, bool sparse)
{
	machine_boot();
	object = shmem_object(PAGES * PAGE_SIZE, "ahead");
	operations = *object->a_ops;
	operations.readpage = filled ? fill : NULL;
	operations.sparse = sparse;
	object->a_ops = &operations;
	fails_at = PAGES;
}

/* A letter for each page: 'p' is in memory, 's' is not there but has an item, '.' has none. */
static void expect_pages(const char *expected)
{
	char got[PAGES + 1] = "";

	for (u32 i = 0; i < PAGES; i++)
		got[i] = find_page(object, i)			? 'p'
			 : radix_tree_lookup(&object->pages, i) ? 's'
								: '.';
	EXPECT_TEXT(got, expected);
	EXPECT_VALID(mapping_validate(object));
}

static void ranges(void)
{
	start(true, false);
	mapping_read_ahead(object, 3, 3);
	expect_pages("........");
	mapping_read_ahead(object, 2, 5);
	expect_pages("..ppp...");
	mapping_read_ahead(object, 4, 6);
	expect_pages("..pppp..");
	mapping_read_ahead(object, 7, UINT32_MAX);
	expect_pages("..pppp.p");
	mapping_put(object);
}

static void ended_early(void)
{
	start(true, false);
	host_killed = true;
	mapping_read_ahead(object, 0, PAGES);
	host_killed = false;
	expect_pages("........");
	fails_at = 3;
	mapping_read_ahead(object, 0, PAGES);
	expect_pages("ppp.....");
	mapping_put(object);
}

/* A page that was never written needs none. */
static void holes(void)
{
	start(true, true);
	mapping_read_ahead(object, 0, PAGES);
	expect_pages("........");
	mapping_put(object);
	start(false, false);
	mapping_read_ahead(object, 0, PAGES);
	expect_pages("........");
	mapping_put(object);
}

/* What is in swap, in the range and not behind it. */
static void from_swap(void)
{
	static const char text[PAGES * PAGE_SIZE];
	struct swap_disk disk;
	u32 type;

	start(false, false);
	type = swap_disk_add(&disk, 100, -1);
	EXPECT_EQ(mapping_write(object, text, sizeof(text), 0), sizeof(text));
	for (u32 i = 2; i < PAGES; i += 3) {
		struct page *page = find_page(object, i);

		EXPECT_EQ(reclaim_these_pages(&page, 1), 1);
	}
	mapping_punch_hole(object, 3, 5);
	expect_pages("pps..spp");
	mapping_read_ahead(object, 3, 5);
	expect_pages("pps..spp");
	mapping_read_ahead(object, 0, 5);
	expect_pages("ppp..spp");
	mapping_read_ahead(object, 3, 6);
	expect_pages("ppp..ppp");
	mapping_put(object);
	swap_disk_remove(type);
}

TAP_MAIN({ "ranges", ranges }, { "ended early", ended_early }, { "holes", holes },
	 { "from swap", from_swap })
