/* SPDX-License-Identifier: MIT */
/* The pool of large pages: it takes aligned runs of free frames, and frees all of them. */
#include "mm/census.h"
#include "mm/frames/huge_pool.h"
#include "mm/frames/page_alloc.h"
#include "tests/host/machine.h"
#include "tests/host/space.h"
#include "tests/host/tap.h"

static void at_boot(void)
{
	struct census census;
	const struct page *page;

	machine_boot();
	huge_pool_init(3);
	EXPECT_EQ(huge_pool.total, 3);
	expect_large(3, 0);
	list_for_each_entry (page, &huge_pool.list, lru) {
		EXPECT(IS_ALIGNED(page_to_pfn(page), HUGE_FRAMES));
		EXPECT_EQ(page_owner(page), OWNER_HUGE);
	}
	EXPECT(mm_census(&census));
	EXPECT_EQ(census.frames[OWNER_HUGE], 3 * HUGE_FRAMES);
	EXPECT_EQ(huge_pool_resize(0), 0);
}

/* More than there is: the kernel keeps its share. */
static void too_many(void)
{
	const u32 *free = &zones[ZONE_NORMAL].free_pages;

	machine_boot();
	EXPECT(huge_pool_resize(65535) < MACHINE_RAM / LARGE_PAGE_SIZE);
	EXPECT(huge_pool.total && *free >= HUGE_POOL_SPARE / PAGE_SIZE);
	EXPECT(*free < (HUGE_POOL_SPARE + 3 * LARGE_PAGE_SIZE) / PAGE_SIZE);
	EXPECT_EQ(huge_pool_resize(0), 0);
}

/* High memory first: it is of no other use to the kernel. */
static void high_memory(void)
{
	const struct page *page;

	machine_boot_highmem(MiB(16));
	EXPECT_EQ(huge_pool_resize(2), 2);
	list_for_each_entry (page, &huge_pool.list, lru)
		EXPECT(page_highmem(page));
	EXPECT_EQ(huge_pool_resize(0), 0);
}

static void resizing(void)
{
	u32 free, most;

	machine_boot();
	free = nr_free_pages();
	EXPECT_EQ(huge_pool_resize(2), 2);
	EXPECT_EQ(nr_free_pages(), free - 2 * HUGE_FRAMES);
	most = huge_pool_resize(1000);
	EXPECT(most > 2 && most < 1000);
	machine_check();
	EXPECT_EQ(huge_pool_resize(1000), most);
	EXPECT_EQ(huge_pool_resize(1), 1);
	EXPECT_EQ(huge_pool_resize(0), 0);
	EXPECT_EQ(nr_free_pages(), free);
}

/* What is in use stays; what nothing has filled yet counts as reserved. */
static void in_use(void)
{
	struct page *page;

	machine_boot();
	huge_pool_resize(2);
	page = huge_page_alloc();
	EXPECT(page && page->count == 2);
	expect_large(2, 1);
	page->flags |= PG_uptodate;
	expect_large(1, 0);
	EXPECT_EQ(huge_pool_resize(0), 1);
	EXPECT(!huge_page_alloc());
	get_page(page);
	put_page(page);
	EXPECT_EQ(huge_pool_resize(0), 1);
	put_page(page);
	expect_large(1, 0);
	EXPECT(huge_page_alloc() == page && !(page->flags & PG_uptodate));
	put_page(page);
	EXPECT_EQ(huge_pool_resize(0), 0);
}

/* Every second block of 2 MiB is in use: much is free, but no run. Then one block is freed. */
static void fragmented_by(u32 parity)
{
	struct page *blocks[MACHINE_RAM / LARGE_PAGE_SIZE * 2], *second = NULL;
	u32 count = 0;

	machine_boot();
	while ((blocks[count] = alloc_pages(GFP_KERNEL, MAX_ORDER - 1)))
		count++;
	for (u32 i = 0; i < count; i++) {
		if (page_to_pfn(blocks[i]) / MAX_ORDER_PAGES % 2 == parity)
			__free_pages(blocks[i], MAX_ORDER - 1);
		else if (page_zone_index(blocks[i]) == ZONE_NORMAL)
			second = blocks[i];
	}
	EXPECT_EQ(huge_pool_resize(2), HUGE_FRAMES > MAX_ORDER_PAGES ? 0 : 2);
	if (second)
		__free_pages(second, MAX_ORDER - 1);
	EXPECT_EQ(huge_pool_resize(2), HUGE_FRAMES > MAX_ORDER_PAGES ? 1 : 2);
	EXPECT_EQ(huge_pool_resize(0), 0);
	for (u32 i = 0; i < count; i++)
		if (page_to_pfn(blocks[i]) / MAX_ORDER_PAGES % 2 != parity && blocks[i] != second)
			__free_pages(blocks[i], MAX_ORDER - 1);
}

/* The first or the second half of each large page is free. */
static void fragmented(void)
{
	fragmented_by(1);
}

static void fragmented_behind(void)
{
	fragmented_by(0);
}

TAP_MAIN({ "at boot", at_boot }, { "too many", too_many }, { "high memory first", high_memory },
	 { "resizing", resizing }, { "in use", in_use }, { "fragmented memory", fragmented },
	 { "fragmented behind the first block", fragmented_behind })
