/* SPDX-License-Identifier: MIT */
/*
 * The machine's zones: which zone serves a request, references, and wrong releases, which must
 * panic at the call.
 */
#include <string.h>

#include "mm/frames/page_alloc.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

static void without_watermarks(void)
{
	for (u32 i = 0; i < NR_ZONES; i++)
		zones[i].pages_min = zones[i].pages_low = zones[i].pages_high = 0;
}

/*
 * Allocates all that a request can get of one zone; give_back() frees it. Returns the number of
 * frames.
 */
static u32 drain(struct zone *zone, gfp_t gfp, struct list_head *taken)
{
	struct page *page;
	u32 frames = 0;

	while ((page = alloc_page(gfp)) && page_zone_index(page) == zone->index) {
		list_add(&page->lru, taken);
		frames++;
	}
	if (page)
		__free_page(page);
	return frames;
}

static void give_back(struct list_head *taken)
{
	while (!list_empty(taken)) {
		struct page *page = list_first_entry(taken, struct page, lru);

		list_del(&page->lru);
		__free_page(page);
	}
}

static void zones_and_fallback(void)
{
	LIST_HEAD(normal);
	LIST_HEAD(dma);
	struct page *page;

	machine_boot();
	page = alloc_page(GFP_KERNEL);
	EXPECT_EQ(page_zone_index(page), ZONE_NORMAL);
	EXPECT_EQ(page_owner(page), OWNER_KERNEL);
	__free_page(page);
	page = alloc_page(GFP_DMA | GFP_KERNEL);
	EXPECT(page_to_pfn(page) < ZONE_DMA_END);
	__free_page(page);

	without_watermarks();
	drain(&zones[ZONE_NORMAL], GFP_KERNEL, &normal);
	EXPECT_EQ(zones[ZONE_NORMAL].free_pages, 0);
	page = alloc_page(GFP_KERNEL);
	EXPECT(page && page_to_pfn(page) < ZONE_DMA_END);
	__free_page(page);
	drain(&zones[ZONE_DMA], GFP_DMA | GFP_KERNEL, &dma);
	EXPECT_EQ(zones[ZONE_DMA].free_pages, 0);
	EXPECT(!alloc_page(GFP_KERNEL) && !alloc_page(GFP_DMA) && !alloc_page(GFP_ATOMIC));
	machine_check();
	give_back(&normal);
	EXPECT(!alloc_page(GFP_DMA | GFP_KERNEL));
	give_back(&dma);
}

/* A request for a program gets high memory first, one for the kernel never. */
static void high_memory(void)
{
	LIST_HEAD(high);
	LIST_HEAD(rest);
	struct page *page;

	machine_boot_highmem(MiB(32));
	without_watermarks();
	EXPECT_EQ(memory_account.beyond, 0);
	EXPECT_EQ(zones[ZONE_HIGHMEM].start, max_low_pfn);
	EXPECT_EQ(zones[ZONE_HIGHMEM].end, max_pfn);
	EXPECT_EQ(drain(&zones[ZONE_HIGHMEM], GFP_HIGHUSER, &high), MiB(32) / PAGE_SIZE);
	page = alloc_page(GFP_HIGHUSER);
	EXPECT(page && !page_highmem(page));
	__free_page(page);
	give_back(&high);
	drain(&zones[ZONE_NORMAL], GFP_KERNEL, &rest);
	drain(&zones[ZONE_DMA], GFP_KERNEL, &rest);
	EXPECT(!alloc_page(GFP_KERNEL) && !alloc_page(GFP_HIGHUSER | GFP_DMA));
	page = alloc_page(GFP_HIGHUSER | __GFP_ZERO);
	EXPECT(page && page_highmem(page));
	EXPECT_EQ(*(u32 *)machine_ram(pfn_to_phys(page_to_pfn(page))), 0);
	__free_page(page);
	give_back(&rest);
	EXPECT_PANIC("BUG", __get_free_pages(GFP_HIGHUSER, 0));
}

/*
 * The reserves: requests that may not wait go below `min`; the rest is for those that must not
 * fail.
 */
static void watermarks(void)
{
	LIST_HEAD(taken);
	LIST_HEAD(reserve);
	u32 normal, dma;

	machine_boot();
	normal = zones[ZONE_NORMAL].pages_min;
	dma = zones[ZONE_DMA].pages_min;
	for (u32 i = 0; i < 2; i++)
		EXPECT(zones[i].pages_min && zones[i].pages_low == 2 * zones[i].pages_min &&
		       zones[i].pages_high == 3 * zones[i].pages_min);
	/* Above `low` first, from all zones, then down to `min`. */
	EXPECT(drain(&zones[ZONE_NORMAL], GFP_KERNEL, &taken) > 1000);
	EXPECT_EQ(zones[ZONE_NORMAL].free_pages, zones[ZONE_NORMAL].pages_low);
	drain(&zones[ZONE_DMA], GFP_KERNEL, &taken);
	EXPECT_EQ(zones[ZONE_DMA].free_pages, zones[ZONE_DMA].pages_low);
	drain(&zones[ZONE_NORMAL], GFP_KERNEL, &taken);
	drain(&zones[ZONE_DMA], GFP_KERNEL, &taken);
	EXPECT(!alloc_page(GFP_KERNEL) && !alloc_page(GFP_USER));
	EXPECT_EQ(nr_free_pages(), normal + dma);
	drain(&zones[ZONE_NORMAL], GFP_ATOMIC, &reserve);
	drain(&zones[ZONE_DMA], GFP_ATOMIC, &reserve);
	EXPECT(!alloc_page(GFP_ATOMIC));
	EXPECT_EQ(nr_free_pages(), normal / 4 + dma / 4);
	EXPECT_EQ(drain(&zones[ZONE_NORMAL], GFP_KERNEL | __GFP_NOFAIL, &reserve), normal / 4);
	for (u32 i = 0; i < dma / 4; i++) {
		struct page *page = alloc_page(GFP_KERNEL | __GFP_NOFAIL);

		list_add(&page->lru, &reserve);
	}
	EXPECT_EQ(nr_free_pages(), 0);
	EXPECT_PANIC("must not fail", alloc_page(GFP_KERNEL | __GFP_NOFAIL));
	machine_check();
	give_back(&reserve);
	EXPECT(!alloc_page(GFP_KERNEL));
	give_back(&taken);
}

static LIST_HEAD(reclaimable);
static u32 reclaim_calls;

static u32 reclaim_some(gfp_t gfp, u32 order)
{
	u32 frames = 0;

	EXPECT(gfp & __GFP_WAIT && !order);
	reclaim_calls++;
	for (; frames < 8 && !list_empty(&reclaimable); frames++) {
		struct page *page = list_first_entry(&reclaimable, struct page, lru);

		list_del(&page->lru);
		__free_page(page);
	}
	return frames;
}

/* A request that may wait reclaims as long as that frees something; another one does not. */
static void reclaim(void)
{
	struct page *page[16];

	machine_boot();
	while ((page[0] = alloc_page(GFP_KERNEL)))
		list_add(&page[0]->lru, &reclaimable);
	set_reclaim(reclaim_some);
	EXPECT(alloc_page(GFP_ATOMIC & ~__GFP_HIGH) == NULL);
	EXPECT_EQ(reclaim_calls, 0);
	for (u32 i = 0; i < 16; i++) {
		page[i] = alloc_page(GFP_KERNEL);
		EXPECT(page[i] != NULL);
	}
	EXPECT_EQ(reclaim_calls, 2);
	set_reclaim(NULL);
	give_back(&reclaimable);
	set_reclaim(reclaim_some);
	for (u32 i = 0; i < 16; i++)
		__free_page(page[i]);
	/* Reclaim frees nothing: the request fails. */
	machine_exhaust();
	reclaim_calls = 0;
	EXPECT(!alloc_page(GFP_KERNEL));
	EXPECT_EQ(reclaim_calls, 1);
	machine_relax();
}

static void orders(void)
{
	machine_boot();
	for (u32 order = 0; order < MAX_ORDER; order++) {
		struct page *page = alloc_pages(GFP_USER, order);

		if (!EXPECT(page != NULL))
			continue;
		EXPECT(IS_ALIGNED(page_to_pfn(page), 1u << order));
		EXPECT_EQ(page_owner(page), OWNER_ANON);
		__free_pages(page, order);
		machine_check();
	}
	EXPECT(!alloc_pages(GFP_KERNEL, MAX_ORDER));
	EXPECT(!alloc_pages(GFP_KERNEL, 31));
	EXPECT(!alloc_pages(GFP_KERNEL, 32));
	EXPECT(!alloc_pages(GFP_KERNEL, ~0u));
}

/* How many of the largest blocks can be allocated. */
static u32 count_large_blocks(void)
{
	LIST_HEAD(taken);
	struct page *page;
	u32 count = 0;

	while ((page = alloc_pages(GFP_KERNEL, MAX_ORDER - 1))) {
		list_add(&page->lru, &taken);
		count++;
	}
	while (!list_empty(&taken)) {
		page = list_first_entry(&taken, struct page, lru);
		list_del(&page->lru);
		__free_pages(page, MAX_ORDER - 1);
	}
	return count;
}

/* Allocates and frees all frames one by one: they merge to large blocks again. */
static void large_blocks_come_back(void)
{
	u32 blocks, frames;

	machine_boot();
	blocks = count_large_blocks();
	EXPECT(blocks > 20);
	for (u32 round = 0; round < 2; round++) {
		frames = machine_exhaust();
		EXPECT(!alloc_pages(GFP_KERNEL, MAX_ORDER - 1) && !alloc_page(GFP_KERNEL));
		machine_relax();
		EXPECT_EQ(nr_free_pages(), frames);
		EXPECT_EQ(count_large_blocks(), blocks);
		machine_check();
	}
}

static void order_of_sizes(void)
{
	EXPECT_EQ(get_order(0), 0);
	EXPECT_EQ(get_order(1), 0);
	EXPECT_EQ(get_order(4096), 0);
	EXPECT_EQ(get_order(4097), 1);
	EXPECT_EQ(get_order(131072), 5);
	EXPECT_EQ(get_order(MiB(2)), 9);
	EXPECT_EQ(get_order(MiB(2) + 1), MAX_ORDER);
	EXPECT_EQ(get_order((size_t)-1), MAX_ORDER);
}

static void zeroed(void)
{
	u8 *block;

	machine_boot();
	for (u32 round = 0; round < 3; round++) {
		block = __get_free_pages(GFP_KERNEL | __GFP_ZERO, 2);
		for (u32 i = 0; i < 4 * PAGE_SIZE; i++)
			if (!EXPECT_EQ(block[i], 0))
				break;
		memset(block, 0xff, 4 * PAGE_SIZE);
		free_pages(block, 2);
	}
	/* Also a frame that was just freed and would be the next to be allocated. */
	block = __get_free_pages(GFP_KERNEL, 0);
	memset(block, 0xff, PAGE_SIZE);
	free_page(block);
	EXPECT(get_zeroed_page(GFP_KERNEL) == (void *)block);
	EXPECT(!block[0] && !memcmp(block, block + 1, PAGE_SIZE - 1));
	free_page(block);
	free_pages(NULL, 3);
}

static void references(void)
{
	struct page *page;
	u32 free;

	machine_boot();
	page = alloc_page(GFP_KERNEL);
	free = nr_free_pages();
	get_page(page);
	EXPECT_EQ(page->count, 2);
	put_page(page);
	EXPECT_EQ(nr_free_pages(), free);
	put_page(page);
	EXPECT_EQ(nr_free_pages(), free + 1);
	EXPECT_PANIC("", (put_page(page), true));
	EXPECT_PANIC("", (get_page(page), true));
	/* Reserved frames are not counted. */
	get_page(pfn_to_page(0));
	put_page(pfn_to_page(0));
	put_page(pfn_to_page(0));
	EXPECT_EQ(pfn_to_page(0)->count, 1);
}

/* CVE-2019-11487: a count that overflows frees the frame under its users. */
static void count_overflow(void)
{
	struct page *page;

	machine_boot();
	page = alloc_page(GFP_KERNEL);
	page->count = UINT32_MAX;
	EXPECT_PANIC("", (get_page(page), true));
	page->count = 1;
	__free_page(page);
}

/* A reserved frame is found by the address where it begins. */
static void reserved_frames(void)
{
	struct page *page;

	machine_boot();
	page = alloc_page(GFP_KERNEL);
	EXPECT(reserved_page_at(physmap) == pfn_to_page(0));
	EXPECT(reserved_page_at(physmap + MACHINE_KERNEL_START) ==
	       pfn_to_page(phys_to_pfn(MACHINE_KERNEL_START)));
	EXPECT(!reserved_page_at(physmap + 1));
	EXPECT(!reserved_page_at(page_address(page)));
	EXPECT(!reserved_page_at(physmap + MACHINE_RAM));
	EXPECT(!reserved_page_at(physmap - PAGE_SIZE));
	__free_page(page);
}

static void free_at(struct page *page, u32 order)
{
	__free_pages(page, order);
}

static void wrong_frees(void)
{
	struct page *page, *block;

	machine_boot();
	page = alloc_page(GFP_KERNEL);
	block = alloc_pages(GFP_KERNEL, 3);
	EXPECT_PANIC("", (free_at(page, 0), free_at(page, 0), true));
	EXPECT_PANIC("", (free_at(pfn_to_page(0x100), 0), true)); /* the kernel's image */
	EXPECT_PANIC("", (free_at(block + 1, 1), true));
	EXPECT_PANIC("", (free_at(block, 0), free_at(block, 3), true));
	EXPECT_PANIC("", (free_at(block + 4, 2), free_at(block, 3), true));
	EXPECT_PANIC("", (free_at(block, MAX_ORDER), true));
	EXPECT_PANIC("", (free_at(block, 32), true));
	EXPECT_PANIC("", (get_page(page), free_at(page, 0), true));
	EXPECT_PANIC("", (page->flags |= PG_slab, free_at(page, 0), true));
	EXPECT_PANIC("", (free_pages((char *)page_address(page) + 1, 0), true));
	EXPECT_PANIC("", (free_pages(physmap + MACHINE_RAM, 0), true));
	EXPECT_PANIC("", (free_pages(physmap + MACHINE_RAM - PAGE_SIZE, 1), true));
	__free_page(page);
	__free_pages(block, 3);
}

/* Requests of all kinds against the sum; the census at intervals. */
static void random_requests(void)
{
	static struct {
		struct page *page;
		u32 order;
	} blocks[512];
	u32 count = 0, taken = 0, free;

	machine_boot();
	free = nr_free_pages();
	for (u32 step = 0; step < tap_scaled(100000) && !tap_failed(); step++) {
		if (count == ARRAY_SIZE(blocks) || (count && random_one_in(2))) {
			u32 pick = random_below(count);

			taken -= 1u << blocks[pick].order;
			__free_pages(blocks[pick].page, blocks[pick].order);
			blocks[pick] = blocks[--count];
		} else {
			u32 order = random_below(random_one_in(4) ? MAX_ORDER : 3);
			struct page *page =
				alloc_pages(random_one_in(4) ? GFP_DMA : GFP_KERNEL, order);

			if (!page)
				continue;
			blocks[count].page = page;
			blocks[count++].order = order;
			taken += 1u << order;
		}
		EXPECT_EQ(nr_free_pages() + taken, free);
		if (random_one_in(tap_scaled(2000)))
			EXPECT_VALID(zone_validate(&zones[random_below(NR_ZONES)]));
	}
	while (count--)
		__free_pages(blocks[count].page, blocks[count].order);
}

TAP_MAIN({ "zones and fallback", zones_and_fallback }, { "high memory", high_memory },
	 { "watermarks", watermarks }, { "reclaim", reclaim }, { "every order", orders },
	 { "large blocks come back", large_blocks_come_back }, { "get_order", order_of_sizes },
	 { "cleared blocks", zeroed }, { "references", references },
	 { "a count does not overflow (CVE-2019-11487)", count_overflow },
	 { "wrong releases panic", wrong_frees }, { "reserved frames", reserved_frames },
	 { "random requests", random_requests })
