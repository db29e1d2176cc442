/* SPDX-License-Identifier: MIT */
/*
 * The swap cache, page by page: when frame and slot part, what moves to another slot, and in which
 * transfers pages are written.
 */
#include <string.h>

#include "abi/linux/errno.h"
#include "mm/frames/page_alloc.h"
#include "mm/swap/swap_internal.h"
#include "tests/host/machine.h"
#include "tests/host/mm/swap/swap_disk.h"
#include "tests/host/record.h"
#include "tests/host/tap.h"

#define MARKS (PG_swapcache | PG_dirty | PG_readahead | PG_refused)

static struct swap_disk disks[2];

static void start(void)
{
	machine_boot();
	EXPECT_EQ(swap_disk_add(&disks[0], 200, 5), 0);
	EXPECT_EQ(swap_disk_add(&disks[1], 200, 1), 1);
}

static void stop(void)
{
	EXPECT_EQ(nr_swap_cached, 0);
	EXPECT_EQ(nr_swap_pages, total_swap_pages);
	swap_disk_remove(0);
	swap_disk_remove(1);
}

/* A page of the swap cache, with an index of its own. The caller has a reference. */
static struct page *cached_page(u32 index)
{
	struct page *page = alloc_page(GFP_HIGHUSER);

	page->index = index;
	EXPECT_EQ(add_to_swap(page), 0);
	return page;
}

static swp_entry_t entry_of(const struct page *page)
{
	return page_swap_entry(page);
}

/* A page comes in dirty, has its slot as index, and gets its own index back. */
static void one_page(void)
{
	struct page *page;
	swp_entry_t entry;

	start();
	page = cached_page(77);
	entry = entry_of(page);
	EXPECT_EQ(page->flags & MARKS, PG_swapcache | PG_dirty);
	EXPECT_EQ(page->count, 2);
	EXPECT_EQ(page_swap_place(page), 77);
	EXPECT(lookup_swap_cache(entry) == page);
	EXPECT_EQ(nr_swap_cached, 1);
	EXPECT_EQ(swap_info[0].inuse, 1);
	set_page_swap_place(page, 78);
	page->flags |= PG_readahead | PG_refused;
	EXPECT_VALID(swap_validate());
	delete_from_swap_cache(page);
	EXPECT_EQ(page->flags & MARKS, 0);
	EXPECT_EQ(page->count, 1);
	EXPECT_EQ(page->index, 78);
	EXPECT(!lookup_swap_cache(entry));
	EXPECT_EQ(swap_info[0].inuse, 0);
	put_page(page);
	stop();
}

/* Without a slot a page stays as it is. */
static void without_slot(void)
{
	struct page *page;

	start();
	swap_area_close(0);
	swap_area_close(1);
	page = alloc_page(GFP_HIGHUSER);
	page->index = 5;
	EXPECT_EQ(add_to_swap(page), -ENOSPC);
	EXPECT_EQ(page->flags & MARKS, 0);
	EXPECT_EQ(page->index, 5);
	put_page(page);
	swap_area_reopen(0);
	swap_area_reopen(1);
	stop();
}

/* Which pages a call takes out of the cache, by their users, and by the entries of their slots. */
struct state {
	bool used, dirty;
	u32 entries;
	u32 freed; /* by free_swap_cache() */
	bool stays;
	bool stays_after_entry; /* after swap_free() of the last entry; without one: - */
};

static const struct state states[] = {
	{ false, false, 0, 1, false, false }, { false, true, 0, 1, false, false },
	{ false, false, 1, 1, false, false }, { false, true, 1, 0, true, false },
	{ true, false, 0, 0, false, false },  { true, true, 0, 0, false, false },
	{ true, false, 1, 0, true, true },    { true, true, 1, 0, true, false },
};

static struct page *page_in(const struct state *state)
{
	struct page *page = cached_page(0);

	for (u32 i = 0; i < state->entries; i++)
		EXPECT_EQ(swap_duplicate(entry_of(page)), 0);
	if (!state->dirty)
		page->flags &= ~(u32)PG_dirty;
	if (!state->used)
		put_page(page);
	return page;
}

/* Frees what is left of a page and its slot. */
static void end_page(const struct state *state, struct page *page, swp_entry_t entry)
{
	if (lookup_swap_cache(entry)) {
		page->flags &= ~(u32)PG_dirty;
		delete_from_swap_cache(page);
	}
	if (state->used)
		put_page(page);
}

static void given_up(void)
{
	start();
	for (u32 i = 0; i < ARRAY_SIZE(states); i++) {
		const struct state *state = &states[i];
		struct page *page = page_in(state);
		swp_entry_t entry = entry_of(page);

		EXPECT_EQ(free_swap_cache(), state->freed);
		EXPECT_EQ(lookup_swap_cache(entry) != NULL, state->stays);
		EXPECT_EQ(swap_count(entry), state->entries);
		EXPECT_EQ(swap_info[0].inuse, state->stays || state->entries);
		EXPECT_VALID(swap_validate());
		end_page(state, page, entry);
		if (state->entries)
			swap_free(entry);
		EXPECT_EQ(swap_info[0].inuse, 0);
		if (tap_failed())
			tap_note("state %u", i);
	}
	stop();
}

static void last_entry(void)
{
	start();
	for (u32 i = 0; i < ARRAY_SIZE(states); i++) {
		const struct state *state = &states[i];
		struct page *page;
		swp_entry_t entry;

		if (!state->entries)
			continue;
		page = page_in(state);
		entry = entry_of(page);
		EXPECT_EQ(swap_duplicate(entry), 0);
		swap_free(entry); /* not the last */
		EXPECT(lookup_swap_cache(entry) == page);
		swap_free(entry);
		EXPECT_EQ(lookup_swap_cache(entry) != NULL, state->stays_after_entry);
		EXPECT_EQ(swap_info[0].inuse, state->stays_after_entry);
		EXPECT_VALID(swap_validate());
		end_page(state, page, entry);
		if (tap_failed())
			tap_note("state %u", i);
	}
	stop();
}

/* For swapoff: of this area the slots without an entry. */
static void forgotten(void)
{
	struct page *pages[3];

	start();
	pages[0] = cached_page(1);
	pages[1] = cached_page(2);
	swap_area_close(0);
	pages[2] = cached_page(3);
	swap_area_reopen(0);
	EXPECT_EQ(swp_type(entry_of(pages[2])), 1);
	EXPECT_EQ(swap_duplicate(entry_of(pages[0])), 0);
	swap_area_forget(0);
	EXPECT(pages[0]->flags & PG_swapcache && pages[2]->flags & PG_swapcache);
	EXPECT(!(pages[1]->flags & PG_swapcache));
	EXPECT_EQ(pages[1]->index, 2);
	swap_free(entry_of(pages[0]));
	swap_area_forget(1);
	EXPECT_EQ(nr_swap_cached, 0);
	for (u32 i = 0; i < 3; i++)
		put_page(pages[i]);
	stop();
}

/* Entries, frame and place move to another slot; the old one is free. */
static void moved(void)
{
	struct page *page;
	swp_entry_t from, to;

	start();
	page = cached_page(99);
	from = entry_of(page);
	for (u32 i = 0; i < 3; i++)
		EXPECT_EQ(swap_duplicate(from), 0);
	page->flags |= PG_refused;
	to = swap_other_slot(page);
	EXPECT_EQ(swp_type(to), 1);
	swap_move(page, to);
	EXPECT(lookup_swap_cache(to) == page && !lookup_swap_cache(from));
	EXPECT_EQ(swap_count(to), 3);
	EXPECT_EQ(swap_count(from), 0);
	EXPECT_EQ(page_swap_place(page), 99);
	EXPECT_EQ(page->flags & MARKS, PG_swapcache | PG_dirty);
	EXPECT_EQ(swap_info[0].inuse, 0);
	EXPECT_EQ(swap_info[1].inuse, 1);
	EXPECT_VALID(swap_validate());
	/* There is no area behind the last one, unless its own failed. */
	EXPECT_EQ(swap_other_slot(page).value, 0);
	for (u32 i = 0; i < 3; i++)
		swap_free(to);
	EXPECT(!(page->flags & PG_swapcache));
	put_page(page);
	stop();
}

/*
 * Where a page goes that its own device does not take: to the next area, so that moving ends; from
 * one that failed to the best area.
 */
static void other_areas(void)
{
	static const s32 prios[] = { 7, 5, 5, 5, 3 };
	static const struct {
		u32 own;
		bool failed;
		u32 closed; /* areas that take nothing, as bits */
		s32 to;	    /* -1: nowhere */
	} rows[] = {
		{ 0, false, 0, 1 },   { 1, false, 0, 2 },     { 2, false, 0, 3 },
		{ 3, false, 0, 4 },   { 4, false, 0, -1 },    { 1, false, 0x4, 3 },
		{ 1, false, 0xc, 4 }, { 1, false, 0x1c, -1 }, { 2, false, 0x18, -1 },
		{ 4, true, 0, 0 },    { 0, true, 0, 1 },      { 2, true, 0x1, 1 },
		{ 2, true, 0x3, 3 },  { 1, true, 0x1d, -1 },
	};
	static struct swap_disk areas[ARRAY_SIZE(prios)];

	machine_boot();
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		struct page *page;
		swp_entry_t entry;

		for (u32 type = 0; type < ARRAY_SIZE(prios); type++)
			EXPECT_EQ(swap_disk_add(&areas[type], 100, prios[type]), type);
		for (u32 type = 0; type < ARRAY_SIZE(prios); type++)
			if (type != rows[i].own)
				swap_area_close(type);
		page = cached_page(0);
		EXPECT_EQ(swp_type(entry_of(page)), rows[i].own);
		for (u32 type = 0; type < ARRAY_SIZE(prios); type++)
			if (type != rows[i].own && !(rows[i].closed >> type & 1))
				swap_area_reopen(type);
		if (rows[i].failed)
			swap_area_failed(&swap_info[rows[i].own]);
		entry = swap_other_slot(page);
		EXPECT_EQ(entry.value ? (s32)swp_type(entry) : -1, rows[i].to);
		if (entry.value)
			free_slot(swap_area(entry), swp_offset(entry));
		delete_from_swap_cache(page);
		put_page(page);
		for (u32 type = 0; type < ARRAY_SIZE(prios); type++)
			swap_disk_remove(type);
		if (tap_failed())
			tap_note("row %u", i);
	}
}

static int write_result;

static int note_write(struct swap_device *device, u32 slot, struct page *const *pages, u32 count)
{
	(void)pages;
	note("%c%u+%u ", device == &disks[0].device ? 'a' : 'b', slot, count);
	return write_result;
}

/* The transfers since the last call. */
static const char *recorded(void)
{
	static char text[sizeof(did)];

	strcpy(text, did);
	did[0] = '\0';
	return text;
}

#define COUNT 40u

/* Pages in a row of one device are one transfer, SWAP_CLUSTER at most. */
static void transfers(void)
{
	struct page *pages[COUNT], *order[4];

	start();
	disks[0].device.write = disks[1].device.write = note_write;
	for (u32 i = 0; i < COUNT; i++) {
		if (i == 36)
			swap_area_close(0);
		pages[i] = cached_page(i);
	}
	swap_area_reopen(0);
	EXPECT_EQ(swap_write(pages, COUNT), COUNT);
	EXPECT_TEXT(recorded(), "a32+32 a64+4 b32+4 ");
	EXPECT_EQ(swap_counters.pswpout, COUNT);
	for (u32 i = 0; i < COUNT; i++)
		EXPECT_EQ(pages[i]->flags & MARKS, PG_swapcache);
	order[0] = pages[3], order[1] = pages[4], order[2] = pages[2], order[3] = pages[6];
	EXPECT_EQ(swap_write(order, 4), 4);
	EXPECT_TEXT(recorded(), "a35+2 a34+1 a38+1 ");
	disks[0].device.single = true;
	EXPECT_EQ(swap_write(order, 2), 2);
	EXPECT_TEXT(recorded(), "a35+1 a36+1 ");
	EXPECT_EQ(swap_write(order, 0), 0);
	EXPECT_TEXT(recorded(), "");
	for (u32 i = 0; i < COUNT; i++) {
		delete_from_swap_cache(pages[i]);
		put_page(pages[i]);
	}
	stop();
}

/* What a failed transfer leaves: marks, counters, the state of the area. */
static void failures(void)
{
	static const struct {
		int result;
		u32 marks, refused, errors;
		bool failed;
	} rows[] = {
		{ -ENOSPC, PG_refused, 1, 0, false },
		{ -ENOMEM, 0, 1, 0, false },
		{ -EIO, 0, 0, 1, true },
		{ -EIO, 0, 0, 1, true }, /* not tried any more */
	};
	struct page *page;

	start();
	disks[0].device.write = note_write;
	page = cached_page(0);
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		u32 refused = swap_counters.refused, errors = swap_counters.write_errors;

		page->flags &= ~(u32)PG_refused;
		write_result = rows[i].result;
		EXPECT_EQ(swap_write(&page, 1), 0);
		EXPECT_EQ(page->flags & MARKS, PG_swapcache | PG_dirty | rows[i].marks);
		EXPECT_EQ(swap_counters.refused - refused, rows[i].refused);
		EXPECT_EQ(swap_counters.write_errors - errors, rows[i].errors);
		EXPECT_EQ(swap_info[0].failed, rows[i].failed);
		EXPECT_TEXT(recorded(), i < 3 ? "a32+1 " : "");
		if (tap_failed())
			tap_note("row %u", i);
	}
	EXPECT_EQ(swap_counters.pswpout, 0);
	delete_from_swap_cache(page);
	put_page(page);
	EXPECT_EQ(nr_swap_pages, 199);
	swap_disk_remove(0);
	swap_disk_remove(1);
}

TAP_MAIN({ "one page", one_page }, { "without a slot", without_slot },
	 { "what is given up", given_up }, { "the last entry", last_entry },
	 { "forgotten for swapoff", forgotten }, { "moved to another area", moved },
	 { "other areas", other_areas }, { "transfers", transfers },
	 { "failed transfers", failures })
