/* SPDX-License-Identifier: MIT */
/*
 * What is read together with a wanted page: its neighbours of an aligned window that are only in
 * swap; and how long ago a page was evicted.
 */
#include "abi/linux/errno.h"
#include "mm/frames/page_alloc.h"
#include "mm/swap/swap_internal.h"
#include "tests/host/machine.h"
#include "tests/host/mm/swap/swap_disk.h"
#include "tests/host/tap.h"

#define PAGES 69u /* with the header */

static struct swap_disk disk;

static void start(void)
{
	machine_boot();
	EXPECT_EQ(swap_disk_add(&disk, PAGES, 0), 0);
}

/* All slots but `without` are in use, and only in swap. */
static void fill(u32 without)
{
	for (u32 slot = 1; slot < PAGES; slot++) {
		swp_entry_t entry;

		EXPECT(get_swap_slot(&entry));
		swap_entry_slot(entry)->map = 1;
		disk.written[swp_offset(entry)] = true;
	}
	if (without)
		swap_free(swp_entry(0, without));
}

/* Frees all slots and pages. */
static void clear(void)
{
	for (u32 slot = 1; slot < PAGES; slot++) {
		struct page *page = lookup_swap_cache(swp_entry(0, slot));

		if (page)
			delete_from_swap_cache(page);
		if (swap_slot(&swap_info[0], slot)->map)
			swap_free(swp_entry(0, slot));
	}
	EXPECT_EQ(swap_info[0].inuse, 0);
	EXPECT_EQ(nr_swap_cached, 0);
}

static void stop(void)
{
	swap_disk_remove(0);
}

static bool cached(u32 slot)
{
	return slot && slot < PAGES && lookup_swap_cache(swp_entry(0, slot));
}

/* Reads a slot: those that come in are [first, end), and only the wanted one is no guess. */
static void expect_window(u32 wanted, u32 first, u32 end)
{
	const u32 count = end - first, in = swap_counters.pswpin, ahead = swap_counters.readahead,
		  reads = disk.reads;
	struct page *page = NULL;
	u32 distance = 1;

	EXPECT_EQ(swap_read(swp_entry(0, wanted), &page, &distance), 0);
	EXPECT(page && page == lookup_swap_cache(swp_entry(0, wanted)));
	EXPECT_EQ(distance, 0);
	EXPECT_EQ(swap_counters.pswpin - in, count);
	EXPECT_EQ(swap_counters.readahead - ahead, count - 1);
	EXPECT_EQ(disk.reads - reads, count);
	for (u32 slot = 1; slot < PAGES; slot++) {
		bool in_window = slot >= first && slot < end;

		if (!EXPECT(cached(slot) == in_window))
			tap_note("slot %u", slot);
		if (cached(slot))
			EXPECT_EQ(!!(lookup_swap_cache(swp_entry(0, slot))->flags & PG_readahead),
				  slot != wanted);
	}
	EXPECT_EQ(nr_swap_cached, count);
	EXPECT_VALID(swap_validate());
	if (tap_failed())
		tap_note("wanted %u: [%u, %u)", wanted, first, end);
}

/* The window is aligned, without the header, and ends where the area does. */
static void sizes(void)
{
	static const struct {
		u32 cluster, wanted, first, end;
	} rows[] = {
		{ 3, 40, 40, 48 }, { 3, 47, 40, 48 }, { 3, 43, 40, 48 }, { 3, 1, 1, 8 },
		{ 3, 7, 1, 8 },	   { 3, 64, 64, 69 }, { 3, 68, 64, 69 }, { 2, 43, 40, 44 },
		{ 1, 43, 42, 44 }, { 0, 43, 43, 44 }, { 5, 31, 1, 32 },	 { 5, 32, 32, 64 },
	};

	start();
	for (u32 i = 0; i < ARRAY_SIZE(rows) && !tap_failed(); i++) {
		page_cluster = rows[i].cluster;
		fill(0);
		expect_window(rows[i].wanted, rows[i].first, rows[i].end);
		clear();
	}
	page_cluster = 3;
	/* A device that transfers single pages anyway. */
	disk.device.single = true;
	fill(0);
	expect_window(43, 43, 44);
	clear();
	stop();
}

/* It ends at a slot that is free, or has its page in memory; not at one that remembers a page. */
static void neighbours(void)
{
	static const struct {
		u32 without, wanted, first, end;
	} rows[] = {
		{ 41, 43, 42, 48 }, { 42, 43, 43, 48 }, { 44, 43, 40, 44 },
		{ 45, 43, 40, 45 }, { 40, 43, 41, 48 }, { 47, 43, 40, 47 },
	};
	struct page *page, *there;
	u32 distance;

	start();
	for (u32 i = 0; i < ARRAY_SIZE(rows) && !tap_failed(); i++) {
		fill(rows[i].without);
		expect_window(rows[i].wanted, rows[i].first, rows[i].end);
		clear();
	}
	fill(0);
	swap_slot(&swap_info[0], 42)->cached = SWAP_SHADOW | 7;
	expect_window(43, 40, 48);
	clear();
	/* A page that is there already. */
	fill(0);
	page_cluster = 0;
	expect_window(45, 45, 46);
	page_cluster = 3;
	there = lookup_swap_cache(swp_entry(0, 45));
	EXPECT_EQ(swap_read(swp_entry(0, 43), &page, &distance), 0);
	EXPECT_EQ(nr_swap_cached, 6);
	EXPECT(cached(40) && cached(44) && !cached(46));
	EXPECT(lookup_swap_cache(swp_entry(0, 45)) == there);
	clear();
	stop();
}

/* No frames for the neighbours, or one of them cannot be read: only the wanted page comes in. */
static void alone(void)
{
	struct page *page;
	u32 distance, free;

	start();
	fill(0);
	disk.fail_read = 1;
	free = nr_free_pages();
	EXPECT_EQ(swap_read(swp_entry(0, 43), &page, &distance), 0);
	EXPECT_EQ(nr_swap_cached, 1);
	EXPECT(!(page->flags & PG_readahead));
	EXPECT_EQ(nr_free_pages(), free - 1);
	EXPECT_EQ(swap_counters.read_errors, 0);
	clear();
	fill(0);
	disk.fail_read = 1;
	disk.stays = true;
	EXPECT_EQ(swap_read(swp_entry(0, 43), &page, &distance), -EIO);
	EXPECT_EQ(swap_counters.read_errors, 1);
	EXPECT_EQ(nr_swap_cached, 0);
	EXPECT_EQ(nr_free_pages(), free);
	disk.fail_read = 0;
	machine_exhaust();
	EXPECT_EQ(swap_read(swp_entry(0, 43), &page, &distance), -ENOMEM);
	for (u32 frames = 1; frames < 8; frames++) {
		machine_relax_by(frames);
		EXPECT_EQ(swap_read(swp_entry(0, 43), &page, &distance), 0);
		EXPECT_EQ(nr_swap_cached, 1);
		delete_from_swap_cache(page);
		machine_exhaust();
	}
	machine_relax();
	clear();
	stop();
}

/* Evictions since the page was evicted; the clock may wrap. 0: not known. */
static void distances(void)
{
	static const struct {
		u32 cached, evictions, distance;
	} rows[] = {
		{ 0, 9, 0 },
		{ SWAP_SHADOW | 5, 9, 4 },
		{ SWAP_SHADOW | 9, 9, 0 },
		{ SWAP_SHADOW | 0x7fffffff, 3, 4 },
		{ SWAP_SHADOW | 0x7fffffff, SWAP_SHADOW | 3, 4 },
		{ SWAP_SHADOW | 1, SWAP_SHADOW | 3, 2 },
	};
	struct page *page;
	u32 distance;

	start();
	page_cluster = 0;
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		fill(0);
		swap_slot(&swap_info[0], 43)->cached = rows[i].cached;
		swap_counters.evictions = rows[i].evictions;
		EXPECT_EQ(swap_read(swp_entry(0, 43), &page, &distance), 0);
		EXPECT_EQ(distance, rows[i].distance);
		/* What drops it counts as the next eviction. */
		swap_drop(page);
		EXPECT_EQ(swap_counters.evictions, rows[i].evictions + 1);
		EXPECT_EQ(swap_read(swp_entry(0, 43), &page, &distance), 0);
		EXPECT_EQ(distance, 0);
		swap_drop(page);
		swap_counters.evictions += 6;
		EXPECT_EQ(swap_read(swp_entry(0, 43), &page, &distance), 0);
		EXPECT_EQ(distance, 6);
		clear();
		if (tap_failed())
			tap_note("row %u", i);
	}
	page_cluster = 3;
	stop();
}

TAP_MAIN({ "the window", sizes }, { "neighbours", neighbours }, { "the wanted page alone", alone },
	 { "distances", distances })
