/* SPDX-License-Identifier: MIT */
/*
 * Hot frames: how many a refill makes and of which blocks, when they are used and when not, what
 * is freed past them in runs; and how often a request calls for reclaim.
 */
#include "mm/frames/page_alloc.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

#define REFILL_ORDER 5u
#define REFILL	     (1u << REFILL_ORDER)
#define TRIES	     16u
#define FRAMES	     200u

static struct zone *zone;
static struct page *pages[2000];

static void start(void)
{
	machine_boot();
	zone = &zones[ZONE_NORMAL];
	drain_hot_frames();
}

/* Allocates a frame after a refill; returns how many hot frames that has left. */
static u32 left_hot(void)
{
	struct page *page;
	u32 hot;

	drain_hot_frames();
	page = alloc_page(GFP_KERNEL);
	hot = zone->nr_hot;
	EXPECT_EQ(page_zone_index(page), ZONE_NORMAL);
	__free_page(page);
	drain_hot_frames();
	return hot;
}

/* Takes all free blocks below an order. */
static void take_below(u32 end, u32 *count)
{
	for (u32 order = 0; order < end; order++)
		while (zone_free_blocks(zone, order))
			pages[(*count)++] = buddy_alloc(zone, order, OWNER_KERNEL);
}

/* Where at most half of the zone is free, the smallest blocks are used up first. */
static void refill(void)
{
	u32 present, count = 0;

	start();
	present = zone->present_pages;
	take_below(3, &count);
	pages[count++] = alloc_pages(GFP_KERNEL, 3); /* its buddy may be free */
	take_below(3, &count);
	EXPECT(zone_free_blocks(zone, 3) > 0);
	zone->present_pages = 2 * zone->free_pages - 1;
	EXPECT_EQ(left_hot(), REFILL - 1);
	zone->present_pages = 2 * zone->free_pages;
	EXPECT_EQ(left_hot(), (1u << 3) - 1);
	take_below(REFILL_ORDER + 1, &count);
	EXPECT_EQ(left_hot(), REFILL - 1);
	while (count--)
		__free_pages(pages[count], pages[count]->block & BLOCK_ORDER);
	zone->present_pages = present;
}

/* No refill that would reach the watermark, and at it no hot frame is used. */
static void low(void)
{
	struct page *page[3];
	u32 mark;

	start();
	mark = zone->pages_low;
	zone->pages_low = zone->free_pages - REFILL;
	EXPECT_EQ(left_hot(), 0);
	zone->pages_low = zone->free_pages - REFILL - 1;
	EXPECT_EQ(left_hot(), REFILL - 1);
	zone->pages_low = mark;
	page[0] = alloc_page(GFP_KERNEL);
	EXPECT_EQ(zone->nr_hot, REFILL - 1);
	zone->pages_low = zone->free_pages - 1;
	page[1] = alloc_page(GFP_KERNEL);
	EXPECT_EQ(zone->nr_hot, REFILL - 2);
	EXPECT_EQ(zone->pages_low, zone->free_pages);
	page[2] = alloc_page(GFP_KERNEL);
	EXPECT_EQ(zone->nr_hot, REFILL - 2);
	zone->pages_low = mark;
	for (u32 i = 0; i < 3; i++)
		__free_page(page[i]);
}

static void limit(void)
{
	u32 count = zone->hot_max + 10;

	for (u32 i = 0; i < count; i++)
		pages[i] = alloc_page(GFP_KERNEL);
	drain_hot_frames();
	for (u32 i = 0; i < count; i++)
		__free_page(pages[i]);
	EXPECT_EQ(zone->nr_hot, zone->hot_max);
	EXPECT_VALID(zone_validate(zone));
}

static void most_hot_frames(void)
{
	start();
	EXPECT(zone->hot_max > 100);
	limit();
	drain_hot_frames();
	zone->hot_max = 1;
	limit();
	drain_hot_frames();
	zone->hot_max = 0;
	limit();
}

/* Frames of random numbers, in order or not; some have another user, and stay. */
static void runs(void)
{
	struct page *some[FRAMES];

	start();
	zone->hot_max = zones[ZONE_DMA].hot_max = 0;
	for (u32 round = 0; round < tap_scaled(300) && !tap_failed(); round++) {
		u32 count = 1 + random_below(FRAMES), kept = 0, length = 0, free;

		for (u32 i = 0; i < count; i++)
			pages[i] = alloc_page(GFP_KERNEL);
		for (u32 i = 0; i < count; i++) {
			if (random_one_in(30))
				pages[i]->count++, kept++;
			if (!random_one_in(20))
				some[length++] = pages[i];
		}
		if (random_one_in(3))
			for (u32 i = 0; i < length; i++) {
				u32 other = random_below(length);
				struct page *page = some[i];

				some[i] = some[other];
				some[other] = page;
			}
		free = zone->free_pages;
		for (u32 i = 0; i < length; i++)
			free += some[i]->count == 1;
		put_pages(some, length);
		EXPECT_EQ(zone->free_pages, free);
		EXPECT_VALID(zone_validate(zone));
		/* The others, and the second users. */
		for (u32 i = 0; i < count; i++)
			while (pages[i]->count)
				put_page(pages[i]);
	}
}

static u32 wakes, tries;

static void wake(void)
{
	wakes++;
}

static u32 free_elsewhere(gfp_t gfp, u32 order)
{
	(void)gfp, (void)order;
	tries++;
	return 1;
}

/* What reclaim frees may not be what is wanted: then the request fails in the end. */
static void requests_for_reclaim(void)
{
	reclaim_t before;
	struct page *page;

	start();
	before = set_reclaim(free_elsewhere);
	set_wake_reclaim(wake);
	page = alloc_page(GFP_KERNEL);
	EXPECT(page && !wakes && !tries);
	machine_exhaust();
	wakes = tries = 0;
	EXPECT(!alloc_page(GFP_ATOMIC));
	EXPECT_EQ(wakes, 1);
	EXPECT_EQ(tries, 0);
	EXPECT(!alloc_page(GFP_KERNEL));
	EXPECT_EQ(wakes, 2);
	EXPECT_EQ(tries, TRIES);
	set_wake_reclaim(NULL);
	set_reclaim(before);
	machine_relax();
	__free_page(page);
}

TAP_MAIN({ "a refill", refill }, { "near the watermark", low },
	 { "at most so many", most_hot_frames }, { "runs", runs },
	 { "requests for reclaim", requests_for_reclaim })
