/* SPDX-License-Identifier: MIT */
/*
 * Frames of the machine: __get_free_pages() and its relatives, on the real zones.
 */
#include "mm/frames/page_alloc.h"
#include "kernel/harness/suite.h"
#include "lib/string.h"
#include "mm/user_space/mm.h"
#include "tests/kernel/drain.h"

static void all_orders(void)
{
	for (u32 order = 0; order < MAX_ORDER; order++) {
		u32 before = nr_free_pages(), wrong = 0;
		char *block = __get_free_pages(GFP_KERNEL, order);

		EXPECT(block);
		EXPECT_EQ(nr_free_pages(), before - (1u << order));
		EXPECT(IS_ALIGNED(virt_to_phys(block), PAGE_SIZE << order));
		for (u32 i = 0; i < 1u << order; i++)
			wrong += virt_to_page(block + i * PAGE_SIZE)->count != 1;
		EXPECT_EQ(wrong, 0);
		EXPECT_EQ(page_owner(virt_to_page(block)), OWNER_KERNEL);
		memset(block, 0x5a, PAGE_SIZE << order);
		free_pages(block, order);
		EXPECT_EQ(nr_free_pages(), before);
	}
}

static void wrong_orders(void)
{
	EXPECT(!alloc_pages(GFP_KERNEL, MAX_ORDER));
	EXPECT(!alloc_pages(GFP_KERNEL, 32));
	EXPECT(!alloc_pages(GFP_KERNEL | __GFP_DMA, ~0u));
	EXPECT(!__get_free_pages(GFP_KERNEL, MAX_ORDER));
	free_pages(NULL, 0);
}

/*
 * A request for zeroed memory gets it, although the block freed last, which is allocated first,
 * held other data.
 */
static void cleared(void)
{
	for (u32 order = 0; order < 4; order++) {
		char *block = __get_free_pages(GFP_KERNEL, order);
		u32 wrong = 0;

		EXPECT(block);
		memset(block, 0xff, PAGE_SIZE << order);
		free_pages(block, order);
		block = __get_free_pages(GFP_KERNEL | __GFP_ZERO, order);
		EXPECT(block);
		for (u32 i = 0; i < PAGE_SIZE << order; i++)
			wrong += block[i] != 0;
		EXPECT_EQ(wrong, 0);
		free_pages(block, order);
	}
	free_page(get_zeroed_page(GFP_KERNEL));
}

static void owners(void)
{
	static const struct {
		gfp_t gfp;
		enum page_owner owner;
	} kinds[] = {
		{ GFP_KERNEL, OWNER_KERNEL },
		{ GFP_ATOMIC, OWNER_KERNEL },
		{ GFP_PGTABLE, OWNER_PGTABLE },
		{ GFP_OWNED_BY(GFP_KERNEL | __GFP_DMA, OWNER_VMALLOC), OWNER_VMALLOC },
	};

	for (u32 i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct page *page = alloc_page(kinds[i].gfp);

		EXPECT(page);
		EXPECT_EQ(page_owner(page), kinds[i].owner);
		__free_page(page);
		EXPECT_EQ(page_owner(page), OWNER_FREE);
		EXPECT_EQ(page->count, 0);
	}
}

/*
 * A GFP_DMA request gets only frames below the limit of devices, and other requests leave those
 * alone while other zones have frames.
 */
static void zones_by_request(void)
{
	bool normal = zones[ZONE_NORMAL].free_pages > zones[ZONE_NORMAL].present_pages / 2;

	for (u32 order = 0; order < MAX_ORDER; order += 3) {
		struct page *low = alloc_pages(GFP_KERNEL | __GFP_DMA, order);
		struct page *any = alloc_pages(GFP_KERNEL, order);

		EXPECT(low && any);
		EXPECT(page_to_pfn(low) + (1u << order) <= ZONE_DMA_END);
		EXPECT_EQ(page_zone_index(low), ZONE_DMA);
		if (normal)
			EXPECT_EQ(page_zone_index(any), ZONE_NORMAL);
		if (low)
			__free_pages(low, order);
		if (any)
			__free_pages(any, order);
	}
	if (!normal)
		test_skip("no NORMAL zone to prefer");
}

static void lengths_of(const struct zone *zone, u32 lengths[MAX_ORDER])
{
	for (u32 order = 0; order < MAX_ORDER; order++)
		lengths[order] = zone_free_blocks(zone, order);
}

static void expect_lengths(const struct zone *zone, const u32 lengths[MAX_ORDER])
{
	for (u32 order = 0; order < MAX_ORDER; order++)
		EXPECT_EQ(zone_free_blocks(zone, order), lengths[order]);
	EXPECT(zone_validate(zone) == NULL);
}

/* Allocates all that a request can get, the largest blocks first. Returns the number of frames. */
static u32 take_all(gfp_t gfp, struct list_head blocks[MAX_ORDER])
{
	u32 frames = 0;

	for (u32 order = MAX_ORDER; order-- > 0;) {
		struct page *page;

		list_init(&blocks[order]);
		while ((page = alloc_pages(gfp, order))) {
			list_add(&page->lru, &blocks[order]);
			frames += 1u << order;
		}
	}
	return frames;
}

static void give_all(void *what)
{
	struct list_head *blocks = what;

	for (u32 order = 0; order < MAX_ORDER; order++) {
		while (!list_empty(&blocks[order])) {
			struct page *page = list_first_entry(&blocks[order], struct page, lru);

			list_del(&page->lru);
			__free_pages(page, order);
		}
	}
}

static u32 blocks_outside(struct list_head blocks[MAX_ORDER], pfn_t end)
{
	u32 outside = 0;

	for (u32 order = 0; order < MAX_ORDER; order++) {
		struct page *page;

		list_for_each_entry (page, &blocks[order], lru)
			outside += page_to_pfn(page) + (1u << order) > end;
	}
	return outside;
}

/*
 * All of the DMA zone: every block lies below 16 MiB, then there is an error and not another
 * zone's frame. After the release the lists are what they were.
 */
static void exhaust_dma(void)
{
	struct zone *dma = &zones[ZONE_DMA], *normal = &zones[ZONE_NORMAL];
	u32 lengths[MAX_ORDER], before = dma->free_pages, elsewhere = normal->free_pages, frames;
	struct list_head blocks[MAX_ORDER];
	struct test_undo undo;

	drain_settle();
	lengths_of(dma, lengths);
	frames = take_all(GFP_KERNEL | __GFP_DMA, blocks);
	test_undo_push(&undo, give_all, blocks);
	EXPECT_EQ(dma->free_pages, before - frames);
	EXPECT_EQ(normal->free_pages, elsewhere);
	EXPECT(frames > before / 10 * 9);
	EXPECT_EQ(blocks_outside(blocks, ZONE_DMA_END), 0);
	EXPECT(!alloc_page(GFP_KERNEL | __GFP_DMA));
	EXPECT(zone_validate(dma) == NULL);
	test_undo_now(&undo);
	drain_settle();
	expect_lengths(dma, lengths);
}

/*
 * With nothing left in NORMAL a request falls back to DMA; with nothing left there either it
 * fails; nothing is lost.
 */
static void exhaust_all(void)
{
	u32 lengths[NR_ZONES][MAX_ORDER], before = nr_free_pages(), dma_before, frames;
	struct list_head blocks[MAX_ORDER];
	struct test_undo undo;

	drain_settle();
	for (u32 i = 0; i < NR_ZONES; i++)
		lengths_of(&zones[i], lengths[i]);
	dma_before = zones[ZONE_DMA].free_pages;
	frames = take_all(GFP_KERNEL, blocks);
	test_undo_push(&undo, give_all, blocks);
	EXPECT_EQ(nr_free_pages(), before - frames);
	EXPECT(zones[ZONE_DMA].free_pages < dma_before / 10);
	EXPECT(zones[ZONE_NORMAL].free_pages <= zones[ZONE_NORMAL].present_pages / 10);
	for (u32 order = 0; order < MAX_ORDER; order++)
		EXPECT(!alloc_pages(GFP_KERNEL, order));
	EXPECT(!get_zeroed_page(GFP_KERNEL));
	test_undo_now(&undo);
	drain_settle();
	for (u32 i = 0; i < NR_ZONES; i++)
		expect_lengths(&zones[i], lengths[i]);
}

/* No frame at all: even a request that may use the reserves fails. */
static void empty_machine(void)
{
	u32 before = nr_free_pages();
	struct test_undo undo;
	struct drain drain;

	drain_begin(&drain);
	test_undo_push(&undo, drain_end, &drain);
	EXPECT_EQ(nr_free_pages(), 0);
	EXPECT(!alloc_page(GFP_ATOMIC));
	EXPECT(!alloc_page(GFP_USER));
	EXPECT(!alloc_page(GFP_KERNEL | __GFP_DMA));
	test_undo_now(&undo);
	EXPECT_EQ(nr_free_pages(), before);
}

static u32 free_in(const struct zone *zone)
{
	return zone->free_pages;
}

/* Allocates single frames until the request fails. Returns the sum left in DMA and NORMAL. */
static u32 take_singles(gfp_t gfp, struct list_head *pages)
{
	struct page *page;

	while ((page = alloc_page(gfp)))
		list_add(&page->lru, pages);
	return free_in(&zones[ZONE_DMA]) + free_in(&zones[ZONE_NORMAL]);
}

static void give_singles(void *what)
{
	struct list_head *pages = what;

	while (!list_empty(pages)) {
		struct page *page = list_first_entry(pages, struct page, lru);

		list_del(&page->lru);
		__free_page(page);
	}
}

/*
 * All requests are served down to `min`; those that may not wait get three quarters of `min`
 * too. Each zone keeps its own reserve.
 */
static void watermarks(void)
{
	u32 min = zones[ZONE_DMA].pages_min + zones[ZONE_NORMAL].pages_min;
	struct test_undo undo;
	LIST_HEAD(pages);

	for (u32 i = 0; i < NR_ZONES; i++)
		EXPECT(zones[i].pages_min <= zones[i].pages_low &&
		       zones[i].pages_low <= zones[i].pages_high &&
		       (zones[i].pages_min || !zones[i].present_pages));
	test_undo_push(&undo, give_singles, &pages);
	EXPECT_EQ(take_singles(GFP_KERNEL, &pages), min);
	EXPECT_EQ(free_in(&zones[ZONE_DMA]), zones[ZONE_DMA].pages_min);
	EXPECT(!alloc_page(GFP_USER));
	EXPECT_EQ(take_singles(GFP_ATOMIC, &pages),
		  zones[ZONE_DMA].pages_min / 4 + zones[ZONE_NORMAL].pages_min / 4);
	test_undo_now(&undo);
}

static struct page *spare;
static u32 reclaim_calls;

/* A reclaim hook that frees one frame. */
static u32 gives_one(gfp_t gfp, u32 order)
{
	(void)gfp;
	(void)order;
	reclaim_calls++;
	if (!spare)
		return 0;
	__free_page(spare);
	spare = NULL;
	return 1;
}

static void restore_reclaim(void *before)
{
	set_reclaim(*(reclaim_t *)before);
}

/*
 * A request that may wait gets the frames that reclaim frees, or an error when it frees none;
 * one that may not wait does not call reclaim.
 */
static void reclaim(void)
{
	struct test_undo undo, hook;
	struct page *page;
	reclaim_t before;
	LIST_HEAD(pages);

	spare = NULL;
	reclaim_calls = 0;
	test_undo_push(&undo, give_singles, &pages);
	take_singles(GFP_KERNEL, &pages);
	EXPECT(!list_empty(&pages));
	spare = list_first_entry(&pages, struct page, lru);
	list_del(&spare->lru);
	before = set_reclaim(gives_one);
	test_undo_push(&hook, restore_reclaim, &before);
	EXPECT(!alloc_page(GFP_KERNEL & ~__GFP_WAIT));
	EXPECT_EQ(reclaim_calls, 0);
	page = alloc_page(GFP_KERNEL);
	EXPECT_EQ(reclaim_calls, 1);
	EXPECT(page);
	list_add(&page->lru, &pages);
	EXPECT(!alloc_page(GFP_KERNEL));
	EXPECT_EQ(reclaim_calls, 2);
	test_undo_now(&hook);
	test_undo_now(&undo);
}

/* The last reference frees the frame, no other does. */
static void references(void)
{
	u32 before = nr_free_pages(), zero_count = zero_page->count;
	struct page *page = alloc_page(GFP_KERNEL);

	EXPECT(page);
	get_page(page);
	get_page(page);
	EXPECT_EQ(page->count, 3);
	put_page(page);
	put_page(page);
	EXPECT_EQ(page->count, 1);
	EXPECT_EQ(nr_free_pages(), before - 1);
	put_page(page);
	EXPECT_EQ(page->count, 0);
	EXPECT_EQ(nr_free_pages(), before);

	get_page(zero_page);
	put_page(zero_page);
	put_page(zero_page);
	EXPECT_EQ(zero_page->count, zero_count);
}

#define PATTERN_FRAMES 4096u

/* Frames are real and distinct: after all are written, each still has its own contents. */
static void memory_holds(void)
{
	LIST_HEAD(pages);
	u32 wrong = 0;

	for (u32 i = 0; i < PATTERN_FRAMES; i++) {
		struct page *page = alloc_page(GFP_KERNEL);

		EXPECT(page);
		*(u32 *)page_address(page) = page_to_pfn(page);
		*((u32 *)page_address(page) + PAGE_SIZE / 4 - 1) = ~page_to_pfn(page);
		list_add(&page->lru, &pages);
	}
	while (!list_empty(&pages)) {
		struct page *page = list_first_entry(&pages, struct page, lru);

		wrong += *(u32 *)page_address(page) != page_to_pfn(page) ||
			 *((u32 *)page_address(page) + PAGE_SIZE / 4 - 1) != ~page_to_pfn(page);
		list_del(&page->lru);
		__free_page(page);
	}
	EXPECT_EQ(wrong, 0);
}

static void orders_of_sizes(void)
{
	EXPECT_EQ(get_order(1), 0);
	EXPECT_EQ(get_order(PAGE_SIZE), 0);
	EXPECT_EQ(get_order(PAGE_SIZE + 1), 1);
	EXPECT_EQ(get_order(PAGE_SIZE << (MAX_ORDER - 1)), MAX_ORDER - 1);
	EXPECT_EQ(get_order((PAGE_SIZE << (MAX_ORDER - 1)) + 1), MAX_ORDER);
	EXPECT_EQ(get_order(~(size_t)0), MAX_ORDER);
}

static const struct test_case cases[] = {
	{ "all_orders", all_orders },
	{ "wrong_orders", wrong_orders },
	{ "cleared", cleared },
	{ "owners", owners },
	{ "zones_by_request", zones_by_request },
	{ "exhaust_dma", exhaust_dma },
	{ "exhaust_all", exhaust_all },
	{ "empty_machine", empty_machine },
	{ "watermarks", watermarks },
	{ "reclaim", reclaim },
	{ "references", references },
	{ "memory_holds", memory_holds },
	{ "orders_of_sizes", orders_of_sizes },
};

TEST_SUITE(page_alloc, cases);
