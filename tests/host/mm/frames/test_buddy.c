/* SPDX-License-Identifier: MIT */
/*
 * The buddy system of one zone: odd and tiny zones, splitting and merging, exhaustion, wrong
 * releases, random requests against a model. After every step the zone is valid.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/bitmap.h"
#include "mm/frames/buddy.h"
#include "tests/host/console.h"
#include "tests/host/mm/frames/small_zone.h"
#include "tests/host/tap.h"

static u32 offset_of(const struct page *page)
{
	return (u32)(page - zone.pages);
}

/*
 * The lists follow the binary digits of `frames`, as in a free zone without a hole.
 */
static void expect_all_free(u32 frames)
{
	EXPECT_VALID(zone_validate(&zone));
	EXPECT_EQ(zone.free_pages, frames);
	for (u32 order = 0; order < MAX_ORDER - 1; order++)
		EXPECT_EQ(zone_free_blocks(&zone, order), frames >> order & 1);
	EXPECT_EQ(zone_free_blocks(&zone, MAX_ORDER - 1), frames / MAX_ORDER_PAGES);
}

/* Allocates all frames one by one, then frees them in a random order. */
static void drain_and_refill(u32 frames)
{
	struct page **taken = malloc((frames + 1) * sizeof(struct page *));

	for (u32 i = 0; i < frames && !tap_failed(); i++) {
		taken[i] = buddy_alloc(&zone, 0, OWNER_KERNEL);
		EXPECT(taken[i] != NULL);
		EXPECT_VALID(zone_validate(&zone));
	}
	EXPECT_EQ(zone.free_pages, 0);
	EXPECT(!buddy_alloc(&zone, 0, OWNER_KERNEL));
	for (u32 i = frames; i > 0 && !tap_failed(); i--) {
		u32 pick = random_below(i);

		buddy_free(&zone, taken[pick], 0);
		taken[pick] = taken[i - 1];
		EXPECT_VALID(zone_validate(&zone));
	}
	free(taken);
}

static void odd_sizes(void)
{
	static const u32 sizes[] = { 0,	 1,  2,	 3,   4,   5,	7,   8,	   9,	 31,  32,
				     33, 63, 65, 100, 511, 512, 513, 1023, 1025, 1536 };

	for (u32 i = 0; i < ARRAY_SIZE(sizes) && !tap_failed(); i++) {
		make_full_zone(i % 2 * 3 * MAX_ORDER_PAGES, sizes[i]);
		expect_all_free(sizes[i]);
		drain_and_refill(sizes[i]);
		expect_all_free(sizes[i]);
		drop_zone();
	}
}

/* |........|  allocate one:  |x|.|..|....|  free it:  |........| */
static void split_and_merge(void)
{
	struct page *page;

	for (u32 order = 0; order < MAX_ORDER; order++) {
		make_full_zone(0, MAX_ORDER_PAGES);
		page = buddy_alloc(&zone, order, OWNER_ANON);
		EXPECT_EQ(offset_of(page), 0);
		EXPECT_VALID(zone_validate(&zone));
		for (u32 i = 0; i < MAX_ORDER; i++) {
			bool halved = i >= order && i < MAX_ORDER - 1;

			EXPECT_EQ(zone_free_blocks(&zone, i), halved);
			EXPECT_EQ(bitmap_test(zone.free_area[i].map, 0), halved);
		}
		EXPECT_EQ(page_owner(page), OWNER_ANON);
		for (u32 i = 0; i < 1u << order; i++) {
			EXPECT_EQ(page[i].count, 1);
			EXPECT_EQ(page_zone_index(&page[i]), 1);
		}
		buddy_free(&zone, page, order);
		expect_all_free(MAX_ORDER_PAGES);
		drop_zone();
	}
}

/* Two free neighbours that are no buddies stay apart: |x|a|b|x| with a, b free. */
static void neighbours_are_not_buddies(void)
{
	struct page *page[4];

	make_full_zone(0, 4);
	for (u32 i = 0; i < 4; i++) {
		page[i] = buddy_alloc(&zone, 0, OWNER_KERNEL);
		EXPECT_EQ(offset_of(page[i]), i);
	}
	buddy_free(&zone, page[1], 0);
	buddy_free(&zone, page[2], 0);
	EXPECT_VALID(zone_validate(&zone));
	EXPECT_EQ(zone_free_blocks(&zone, 0), 2);
	EXPECT(!buddy_alloc(&zone, 1, OWNER_KERNEL));
	EXPECT_VALID(zone_validate(&zone));
	buddy_free(&zone, page[3], 0);
	EXPECT_EQ(zone_free_blocks(&zone, 1), 1);
	buddy_free(&zone, page[0], 0);
	expect_all_free(4);
	drop_zone();
}

/* Blocks of the top order stay as they are: a pair of them is never one block. */
static void top_order(void)
{
	struct page *page[4];

	make_full_zone(MAX_ORDER_PAGES, 4 * MAX_ORDER_PAGES);
	expect_all_free(4 * MAX_ORDER_PAGES);
	for (u32 i = 0; i < 4; i++) {
		page[i] = buddy_alloc(&zone, MAX_ORDER - 1, OWNER_KERNEL);
		EXPECT(page[i] != NULL);
		EXPECT_VALID(zone_validate(&zone));
	}
	EXPECT(!buddy_alloc(&zone, 0, OWNER_KERNEL));
	for (u32 i = 0; i < 4; i++) {
		buddy_free(&zone, page[i], MAX_ORDER - 1);
		EXPECT_VALID(zone_validate(&zone));
	}
	expect_all_free(4 * MAX_ORDER_PAGES);
	drop_zone();
}

/* Frames that come in pieces are merged across the seams; a hole is never crossed. */
static void given_in_pieces(void)
{
	make_zone(0, 1000);
	zone_add(&zone, 3, 17);
	EXPECT_VALID(zone_validate(&zone));
	zone_add(&zone, 17, 700);
	zone_add(&zone, 0, 3);
	EXPECT_VALID(zone_validate(&zone));
	expect_all_free(700);
	zone_add(&zone, 701, 1000);
	EXPECT_VALID(zone_validate(&zone));
	EXPECT_EQ(zone.free_pages, 999);
	while (zone.free_pages) {
		struct page *page = buddy_alloc(&zone, 0, OWNER_KERNEL);

		if (!EXPECT(page && offset_of(page) != 700))
			break;
	}
	EXPECT_EQ(zone.pages[700].flags & PG_reserved, PG_reserved);
	EXPECT_PANIC("BUG", (zone_add(&zone, 0, 1001), true));
	drop_zone();
}

static void exhaustion(void)
{
	struct page *first;

	make_full_zone(0, 96);
	EXPECT(!buddy_alloc(&zone, 7, OWNER_KERNEL));
	expect_all_free(96);
	EXPECT(buddy_alloc(&zone, 6, OWNER_KERNEL) != NULL);
	EXPECT(!buddy_alloc(&zone, 6, OWNER_KERNEL));
	first = buddy_alloc(&zone, 5, OWNER_KERNEL);
	EXPECT_EQ(zone.free_pages, 0);
	for (u32 order = 0; order < MAX_ORDER; order++)
		EXPECT(!buddy_alloc(&zone, order, OWNER_KERNEL));
	EXPECT_VALID(zone_validate(&zone));
	buddy_free(&zone, first, 5);
	EXPECT_EQ(zone.free_pages, 32);
	EXPECT_VALID(zone_validate(&zone));
	drop_zone();
}

/*
 * The model: which frames are allocated. A request must succeed exactly where an aligned block of
 * that size is wholly free, because free blocks are always merged.
 */
struct model {
	u32 frames, free;
	bool *taken;
	struct {
		u32 offset, order;
	} * blocks;
	u32 count;
};

static bool model_has_block(const struct model *model, u32 order)
{
	for (u32 at = 0; at + (1u << order) <= model->frames; at += 1u << order) {
		u32 i = 0;

		while (i < 1u << order && !model->taken[at + i])
			i++;
		if (i == 1u << order)
			return true;
	}
	return false;
}

static void model_alloc(struct model *model)
{
	u32 order = random_one_in(3) ? random_below(MAX_ORDER) : random_below(3), offset;
	struct page *page = buddy_alloc(&zone, order, OWNER_SLAB);

	if (!page) {
		EXPECT(!model_has_block(model, order));
		return;
	}
	offset = offset_of(page);
	if (!EXPECT(offset + (1u << order) <= model->frames && IS_ALIGNED(offset, 1u << order)))
		return;
	for (u32 i = 0; i < 1u << order; i++) {
		EXPECT(!model->taken[offset + i]);
		EXPECT_EQ(page[i].count, 1);
		model->taken[offset + i] = true;
	}
	model->blocks[model->count].offset = offset;
	model->blocks[model->count++].order = order;
	model->free -= 1u << order;
}

static void model_free(struct model *model, u32 pick)
{
	u32 offset = model->blocks[pick].offset, order = model->blocks[pick].order;

	memset(model->taken + offset, 0, 1u << order);
	model->free += 1u << order;
	model->blocks[pick] = model->blocks[--model->count];
	buddy_free(&zone, zone.pages + offset, order);
}

/* Fills and empties the zone in turns, so that both extremes are reached. */
static void random_requests(u32 frames, u32 steps)
{
	struct model model = { .frames = frames, .free = frames };
	bool filling = true;

	model.taken = calloc(frames, sizeof(bool));
	model.blocks = calloc(frames, sizeof(*model.blocks));
	make_full_zone(MAX_ORDER_PAGES, frames);
	for (u32 step = 0; step < steps && !tap_failed(); step++) {
		if (random_one_in(frames))
			filling = !filling;
		if (model.count && (random_below(8) < (filling ? 2 : 6)))
			model_free(&model, random_below(model.count));
		else
			model_alloc(&model);
		EXPECT_EQ(zone.free_pages, model.free);
		EXPECT_VALID(zone_validate(&zone));
		if (tap_failed())
			tap_note("in step %u", step);
	}
	while (model.count)
		model_free(&model, model.count - 1);
	expect_all_free(frames);
	drop_zone();
	free(model.taken);
	free(model.blocks);
}

static void random_tiny(void)
{
	for (u32 frames = 1; frames <= 40; frames++)
		random_requests(frames, tap_scaled(3000));
}

static void random_odd(void)
{
	random_requests(531, tap_scaled(25000));
	random_requests(64, tap_scaled(100000));
}

static void random_large(void)
{
	random_requests(1536, tap_scaled(10000));
}

/* buddy_free() refuses, changes nothing, and buddy_check_free() says why. */
static void expect_refusal(const struct page *page, u32 order, const char *reason, int line)
{
	const char *wrong = buddy_check_free(&zone, page, order);
	u32 free = zone.free_pages;

	tap_check(wrong && strstr(wrong, reason), __FILE__, line, "\"%s\", expected \"%s\"",
		  wrong ? wrong : "nothing", reason);
	tap_check(!buddy_free(&zone, (struct page *)(uintptr_t)page, order), __FILE__, line,
		  "a wrong release was taken");
	EXPECT_EQ(zone.free_pages, free);
	EXPECT_VALID(zone_validate(&zone));
}

#define EXPECT_REFUSAL(page, order, reason) expect_refusal(page, order, reason, __LINE__)

static void wrong_frees(void)
{
	struct page *block, *single;

	make_zone(0, 600);
	zone_add(&zone, 0, 500);
	block = buddy_alloc(&zone, 3, OWNER_KERNEL);
	single = buddy_alloc(&zone, 0, OWNER_KERNEL);
	EXPECT_REFUSAL(block, 2, "no block of that order");
	EXPECT_REFUSAL(block, 4, "no block of that order");
	EXPECT_REFUSAL(block + 1, 0, "no block of that order");
	EXPECT_REFUSAL(block + 4, 2, "no block of that order");
	EXPECT_REFUSAL(zone.pages + 550, 0, "reserved");
	EXPECT_REFUSAL(single + 1, 0, "free already");
	EXPECT_REFUSAL(zone.pages + 600 - 1, 1, "not in the zone");
	EXPECT(buddy_check_free(&zone, block, MAX_ORDER) != NULL);
	single->count = 2;
	EXPECT_REFUSAL(single, 0, "other users");
	single->count = 1;
	block[5].count = 2;
	EXPECT_REFUSAL(block, 3, "other users");
	block[5].count = 1;
	single->flags |= PG_slab;
	EXPECT_REFUSAL(single, 0, "used by the kernel");
	single->flags &= ~(u32)PG_slab;
	EXPECT(buddy_free(&zone, single, 0));
	EXPECT_REFUSAL(single, 0, "free already");
	EXPECT_VALID(buddy_check_free(&zone, block, 3));
	EXPECT(buddy_free(&zone, block, 3));
	EXPECT_REFUSAL(block, 3, "free already");
	EXPECT_EQ(zone.free_pages, 500);
	drop_zone();
}

static void fragmentation(void)
{
	struct page *page[8];

	make_full_zone(0, 8);
	for (u32 order = 0; order <= 3; order++)
		EXPECT_EQ(zone_fragmentation(&zone, order), 0);
	EXPECT_EQ(zone_fragmentation(&zone, 4), 1000);
	for (u32 i = 0; i < 8; i++)
		page[i] = buddy_alloc(&zone, 0, OWNER_KERNEL);
	EXPECT_EQ(zone_fragmentation(&zone, 1), 0); /* nothing is free */
	buddy_free(&zone, page[0], 0);
	buddy_free(&zone, page[2], 0);
	buddy_free(&zone, page[4], 0);
	buddy_free(&zone, page[5], 0);
	EXPECT_EQ(zone_fragmentation(&zone, 0), 0);
	EXPECT_EQ(zone_fragmentation(&zone, 1), 500);
	EXPECT_EQ(zone_fragmentation(&zone, 2), 1000);
	drop_zone();
}

/* The lines of a zone: its numbers, and for each order the blocks and what is too small for it. */
static void printed(void)
{
	make_full_zone(0x1000, 6 + MAX_ORDER_PAGES);
	zone.pages_min = 3;
	zone.pages_low = 5;
	zone.pages_high = 7;
	console_clear();
	zone_print(&zone);
	EXPECT_TEXT(console_text(), "zone: name=test start=0x1000 end=0x1206 present=518 free=518 "
				    "min=3 low=5 high=7\n"
				    "buddy: zone=test order=0 blocks=0 unusable=0\n"
				    "buddy: zone=test order=1 blocks=1 unusable=0\n"
				    "buddy: zone=test order=2 blocks=1 unusable=3\n"
				    "buddy: zone=test order=3 blocks=0 unusable=11\n"
				    "buddy: zone=test order=4 blocks=0 unusable=11\n"
				    "buddy: zone=test order=5 blocks=0 unusable=11\n"
				    "buddy: zone=test order=6 blocks=0 unusable=11\n"
				    "buddy: zone=test order=7 blocks=0 unusable=11\n"
				    "buddy: zone=test order=8 blocks=0 unusable=11\n"
				    "buddy: zone=test order=9 blocks=1 unusable=11\n");
	zone.nr_hot = 259; /* hot frames are of no use to larger requests */
	EXPECT_EQ(zone_fragmentation(&zone, 0), 0);
	EXPECT_EQ(zone_fragmentation(&zone, 1), 500);
	zone.nr_hot = 0;
	drop_zone();
}

TAP_MAIN({ "zones of odd and tiny sizes", odd_sizes }, { "split and merge", split_and_merge },
	 { "neighbours that are no buddies", neighbours_are_not_buddies },
	 { "the top order is not merged", top_order }, { "a zone in pieces", given_in_pieces },
	 { "exhaustion", exhaustion }, { "random: zones of 1..40 frames", random_tiny },
	 { "random: odd zones", random_odd }, { "random: a large zone", random_large },
	 { "wrong releases are refused", wrong_frees }, { "fragmentation", fragmentation },
	 { "the lines of a zone", printed })
