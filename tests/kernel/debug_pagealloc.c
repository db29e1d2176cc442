/* SPDX-License-Identifier: MIT */
/*
 * debug_pagealloc=on: a free frame is not in the direct map (mm/frames/debug_pagealloc.h). Without
 * the option the cases are skipped.
 */
#include "mm/frames/debug_pagealloc.h"
#include "mm/frames/page_alloc.h"
#include "mm/slab/slab.h"
#include "tests/kernel/probe.h"

/* False: the case is skipped. */
static bool option_on(void)
{
	if (!debug_pagealloc_on)
		test_skip("needs debug_pagealloc=on");
	return debug_pagealloc_on;
}

static u32 address_of(const void *pointer)
{
	return (u32)(uintptr_t)pointer;
}

/* The access faults, where it was good before; the next owner can use the frame again. */
static void single_frame(void)
{
	char *frame;

	if (!option_on())
		return;
	frame = get_zeroed_page(GFP_KERNEL);
	EXPECT(frame);
	EXPECT(probe_accessible(address_of(frame)));
	free_page(frame);
	expect_unmapped(address_of(frame));
	expect_unmapped(address_of(frame) + PAGE_SIZE - 4);
	EXPECT(__get_free_pages(GFP_KERNEL, 0) == frame);
	EXPECT(probe_accessible(address_of(frame)));
	free_page(frame);
}

static void blocks(void)
{
	if (!option_on())
		return;
	for (u32 order = 0; order < MAX_ORDER; order++) {
		char *block = __get_free_pages(GFP_KERNEL, order);
		u32 last = address_of(block) + (PAGE_SIZE << order) - 4;

		EXPECT(block);
		EXPECT(probe_accessible(address_of(block)));
		EXPECT(probe_accessible(last));
		free_pages(block, order);
		expect_unmapped(address_of(block));
		expect_unmapped(last);
	}
}

/* An object of a slab whose frame was freed. */
static void slab_object(void)
{
	struct kmem_cache *cache;
	char *object;

	if (!option_on())
		return;
	cache = kmem_cache_create("test_freed", 64, 0, 0, NULL, NULL);
	EXPECT(cache);
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	EXPECT(object);
	kmem_cache_free(cache, object);
	EXPECT(probe_accessible(address_of(object)));
	EXPECT(kmem_cache_shrink(cache));
	expect_unmapped(address_of(object));
	kmem_cache_destroy(cache);
}

/* Frames that several owners had are freed in one call. */
static void many_at_once(void)
{
	struct page *pages[8];

	if (!option_on())
		return;
	for (u32 i = 0; i < ARRAY_SIZE(pages); i++) {
		pages[i] = alloc_page(GFP_KERNEL);
		EXPECT(pages[i]);
	}
	put_pages(pages, ARRAY_SIZE(pages));
	for (u32 i = 0; i < ARRAY_SIZE(pages); i++)
		expect_unmapped(address_of(page_address(pages[i])));
}

static const struct test_case cases[] = {
	{ "single_frame", single_frame },
	{ "blocks", blocks },
	{ "slab_object", slab_object },
	{ "many_at_once", many_at_once },
};

TEST_SUITE(debug_pagealloc, cases);
