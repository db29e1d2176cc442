/* SPDX-License-Identifier: MIT */
/*
 * What eviction makes of a page, by its users, its slot, and the entries of the slot: freed
 * without a write, written and freed, or kept. No page table names the pages here.
 */
#include "mm/frames/page_alloc.h"
#include "mm/reclaim/reclaim.h"
#include "mm/swap/swap_internal.h"
#include "tests/host/machine.h"
#include "tests/host/mm/swap/swap_disk.h"
#include "tests/host/tap.h"

static struct swap_disk disks[2];

struct row {
	u32 users; /* beside the swap cache */
	bool dirty;
	u32 entries;
	bool leaving; /* the area of its slot */
	u32 freed, writes, clean, busy, unwritten;
	bool cached; /* afterwards */
};

static const struct row rows[] = {
	/* Nothing needs it. */
	{ 0, false, 0, false, 1, 0, 0, 0, 0, false },
	{ 0, true, 0, false, 1, 0, 0, 0, 0, false },
	{ 0, true, 0, true, 1, 0, 0, 0, 0, false },
	/* Only entries need it: it is in its slot, or is written there. */
	{ 0, false, 1, false, 1, 0, 1, 0, 0, false },
	{ 0, false, 2, false, 1, 0, 1, 0, 0, false },
	{ 0, true, 1, false, 1, 1, 0, 0, 0, false },
	/* Something else has it too. A slot that nothing needs is given up. */
	{ 1, false, 0, false, 0, 0, 0, 1, 0, false },
	{ 1, true, 0, false, 0, 0, 0, 1, 0, false },
	{ 1, false, 1, false, 0, 0, 0, 1, 0, true },
	{ 1, true, 1, false, 0, 0, 0, 1, 0, true },
	/* swapoff brings them in: they stay, or get a slot elsewhere. */
	{ 0, false, 1, true, 0, 0, 0, 0, 1, true },
	{ 0, true, 1, true, 0, 0, 0, 0, 1, true },
	{ 1, true, 0, true, 0, 0, 0, 1, 0, false },
};

static struct page *page_of(const struct row *row)
{
	struct page *page = alloc_page(GFP_HIGHUSER);

	page->mapping = NULL;
	EXPECT_EQ(add_to_swap(page), 0);
	for (u32 i = 0; i < row->entries; i++)
		EXPECT_EQ(swap_duplicate(page_swap_entry(page)), 0);
	if (!row->dirty)
		page->flags &= ~(u32)PG_dirty;
	if (!row->users)
		put_page(page);
	return page;
}

static void evict(const struct row *row)
{
	const struct reclaim_counters before = reclaim_counters;
	const u32 clean = swap_counters.clean, writes = disks[0].writes + disks[1].writes;
	struct page *page = page_of(row);
	const swp_entry_t entry = page_swap_entry(page);

	if (row->leaving)
		swap_area_close(0);
	EXPECT_EQ(reclaim_these_pages(&page, 1), row->freed);
	EXPECT_EQ(reclaim_counters.freed - before.freed, row->freed);
	EXPECT_EQ(reclaim_counters.kept_busy - before.kept_busy, row->busy);
	EXPECT_EQ(reclaim_counters.kept_unwritten - before.kept_unwritten, row->unwritten);
	EXPECT_EQ(swap_counters.clean - clean, row->clean);
	EXPECT_EQ(disks[0].writes + disks[1].writes - writes, row->writes);
	EXPECT_EQ(lookup_swap_cache(entry) != NULL, row->cached);
	EXPECT_EQ(swap_count(entry), row->entries);
	EXPECT_EQ(swap_info[0].inuse, row->cached || row->entries);
	EXPECT_EQ(swap_info[1].inuse, 0);
	EXPECT_VALID(swap_validate());
	if (row->leaving)
		swap_area_reopen(0);
	if (row->cached) {
		page->flags &= ~(u32)PG_dirty;
		delete_from_swap_cache(page);
	}
	if (row->users)
		put_page(page);
	for (u32 i = 0; i < row->entries; i++)
		swap_free(entry);
	EXPECT_EQ(swap_info[0].inuse, 0);
}

static void one_page(void)
{
	machine_boot();
	EXPECT_EQ(swap_disk_add(&disks[0], 100, 2), 0);
	EXPECT_EQ(swap_disk_add(&disks[1], 100, 1), 1);
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		evict(&rows[i]);
		if (tap_failed())
			tap_note("row %u", i);
	}
	swap_disk_remove(0);
	swap_disk_remove(1);
}

TAP_MAIN({ "one page", one_page })
