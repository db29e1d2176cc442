/* SPDX-License-Identifier: MIT */
/*
 * Frames outside the direct map: the zone that has them, and the windows that map them. Without
 * such frames the same calls return addresses in the direct map.
 */
#include "mm/frames/highmem.h"
#include "lib/assert.h"
#include "mm/frames/page_alloc.h"
#include "tests/kernel/drain.h"
#include "tests/kernel/probe.h"

#define FRAMES 40u

static struct page *pages[PKMAP_PAGES + 1];

/* Allocates `count` frames from HighMem. Returns how many there were. */
static u32 take_high(u32 count)
{
	u32 taken = 0;

	while (taken < count) {
		pages[taken] = alloc_page(GFP_KERNEL | __GFP_HIGHMEM);
		if (!pages[taken])
			break;
		if (!page_highmem(pages[taken])) {
			__free_page(pages[taken]);
			break;
		}
		taken++;
	}
	return taken;
}

static void give_back(u32 count)
{
	while (count-- > 0)
		__free_page(pages[count]);
}

static bool no_highmem(void)
{
	if (zones[ZONE_HIGHMEM].present_pages > 2 * PKMAP_PAGES)
		return false;
	test_skip("too little memory above the direct map");
	return true;
}

/* A request with __GFP_HIGHMEM gets them first; another one never does. */
static void zone_order(void)
{
	struct zone *high = &zones[ZONE_HIGHMEM];
	u32 before = high->free_pages;
	struct page *any, *low;

	if (no_highmem())
		return;
	any = alloc_page(GFP_HIGHUSER);
	low = alloc_page(GFP_KERNEL);
	EXPECT(any && low);
	EXPECT_EQ(page_zone_index(any), ZONE_HIGHMEM);
	EXPECT(page_highmem(any) && page_to_pfn(any) >= max_low_pfn);
	EXPECT(!page_highmem(low) && page_to_pfn(low) < max_low_pfn);
	EXPECT_EQ(high->free_pages, before - 1);
	if (any)
		__free_page(any);
	if (low)
		__free_page(low);
}

static void give_high(void *taken)
{
	struct page *page, *next;

	list_for_each_entry_safe (page, next, (struct list_head *)taken, lru)
		BUG_ON(!buddy_free(&zones[ZONE_HIGHMEM], page, 0));
}

/* If none is left, the request gets a frame of the direct map. */
static void fallback(void)
{
	struct zone *high = &zones[ZONE_HIGHMEM];
	struct page *page, *last = NULL;
	struct test_undo undo;
	LIST_HEAD(taken);
	u32 count = 0;

	if (no_highmem())
		return;
	drain_settle();
	test_undo_push(&undo, give_high, &taken);
	while ((page = buddy_alloc(high, 0, OWNER_KERNEL))) {
		list_add(&page->lru, &taken);
		count++;
	}
	EXPECT_EQ(high->free_pages, 0);
	last = alloc_page(GFP_HIGHUSER);
	EXPECT(last);
	EXPECT(!page_highmem(last));
	__free_page(last);
	test_undo_now(&undo);
	EXPECT_EQ(high->free_pages, count);
}

/*
 * Bytes written through one window are read through another, and no two frames share memory.
 */
static void windows(void)
{
	u32 count = 0, wrong = 0;

	for (; count < FRAMES; count++) {
		u32 *place;

		pages[count] = alloc_page(GFP_KERNEL | __GFP_HIGHMEM | __GFP_ZERO);
		EXPECT(pages[count]);
		place = kmap(pages[count]);
		EXPECT(!place[0] && !place[1023]);
		place[0] = place[1023] = count;
		kunmap(pages[count]);
	}
	for (u32 i = 0; i < count; i++) {
		u32 *place = kmap_atomic(pages[i]);

		wrong += place[0] != i || place[1023] != i;
		kunmap_atomic(pages[i]);
	}
	EXPECT_EQ(wrong, 0);
	EXPECT_EQ(kmap_users(), 0);
	EXPECT(highmem_validate() == NULL);
	give_back(count);
}

/* A frame of the direct map keeps its direct-map address. */
static void low_frames(void)
{
	struct page *page = alloc_page(GFP_KERNEL);

	EXPECT(page);
	EXPECT(kmap(page) == page_address(page));
	EXPECT(kmap_atomic(page) == page_address(page));
	EXPECT_EQ(kmap_users(), 0);
	kunmap_atomic(page);
	kunmap(page);
	__free_page(page);
}

/* A frame keeps one window as long as it is in use. */
static void counted(void)
{
	void *first, *second;

	if (no_highmem())
		return;
	EXPECT_EQ(take_high(1), 1);
	first = kmap(pages[0]);
	second = kmap(pages[0]);
	EXPECT(first && first == second);
	EXPECT_EQ(kmap_users(), 2);
	EXPECT(highmem_validate() == NULL);
	kunmap(pages[0]);
	EXPECT(probe_accessible((u32)(uintptr_t)first));
	kunmap(pages[0]);
	EXPECT_EQ(kmap_users(), 0);
	give_back(1);
}

/* Atomic windows are a stack; a popped one is not mapped any more. */
static void atomic(void)
{
	u32 address[KMAP_ATOMIC_SLOTS], count, wrong = 0;

	if (no_highmem())
		return;
	count = take_high(KMAP_ATOMIC_SLOTS);
	for (u32 i = 0; i < count; i++) {
		address[i] = (u32)(uintptr_t)kmap_atomic(pages[i]);
		*(volatile u32 *)(uintptr_t)address[i] = i;
	}
	for (u32 i = count; i-- > 0;) {
		wrong += *(volatile u32 *)(uintptr_t)address[i] != i;
		kunmap_atomic(pages[i]);
		wrong += !probe_read(address[i]).faulted;
	}
	EXPECT_EQ(wrong, 0);
	EXPECT_EQ(kmap_users(), 0);
	EXPECT(highmem_validate() == NULL);
	give_back(count);
}

/*
 * 1024 windows; the next kmap fails. After one is released it can map another frame, and shows
 * that one.
 */
static void all_places(void)
{
	u32 count, mapped = 0;
	u32 *place;

	if (no_highmem())
		return;
	count = take_high(PKMAP_PAGES + 1);
	EXPECT_EQ(count, PKMAP_PAGES + 1);
	for (; mapped < count; mapped++) {
		place = kmap(pages[mapped]);
		if (!place)
			break;
		*place = mapped;
	}
	EXPECT_EQ(mapped, PKMAP_PAGES);
	EXPECT(highmem_validate() == NULL);
	if (mapped == PKMAP_PAGES) {
		kunmap(pages[17]);
		place = kmap(pages[PKMAP_PAGES]);
		EXPECT(place);
		*place = 0x4e;
		kunmap(pages[PKMAP_PAGES]);
		place = kmap(pages[17]);
		EXPECT(place && *place == 17);
	}
	for (u32 i = 0; i < mapped; i++)
		kunmap(pages[i]);
	EXPECT_EQ(kmap_users(), 0);
	EXPECT(highmem_validate() == NULL);
	give_back(count);
}

/* Copies a page from one frame to another, in any zones. */
static void copies(void)
{
	static const gfp_t kinds[] = { GFP_KERNEL, GFP_KERNEL | __GFP_HIGHMEM };

	for (u32 i = 0; i < 4; i++) {
		struct page *from = alloc_page(kinds[i & 1]), *to = alloc_page(kinds[i >> 1]);
		u32 *place;
		bool copied;

		EXPECT(from && to);
		place = kmap_atomic(from);
		for (u32 word = 0; word < 1024; word++)
			place[word] = word * 7 + i;
		kunmap_atomic(from);
		copy_highpage(to, from);
		place = kmap_atomic(to);
		copied = place[0] == i && place[1023] == 1023 * 7 + i;
		kunmap_atomic(to);
		EXPECT(copied);
		__free_page(from);
		__free_page(to);
	}
}

static const struct test_case cases[] = {
	{ "zone_order", zone_order }, { "fallback", fallback }, { "windows", windows },
	{ "low_frames", low_frames }, { "counted", counted },	{ "atomic", atomic },
	{ "all_places", all_places }, { "copies", copies },
};

TEST_SUITE(highmem, cases);
