/* SPDX-License-Identifier: MIT */
/*
 * A zone of a few frames with its hot frames: allocate and free blocks of all orders, drain.
 *
 *   frames   | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | ...      model: the used blocks
 *
 * The model knows nothing of lists. A request succeeds exactly if an aligned run of free frames
 * of that length exists, because all free buddies are merged when it matters.
 *
 * Which frame is which does not matter, only how blocks lie to each other: swapping the two
 * halves of any block gives a state with the same future. So a state is described as the tree of
 * its blocks, the halves of each in order of their description. A place in a list belongs to it:
 * the lists are taken from one end.
 */
#include "lib/string.h"
#include "mm/frames/page_alloc.h"
#include "tests/explore/explore.h"
#include "tests/host/machine.h"

#define FRAMES_MAX 16u
#define NONE	   0xffu

const struct world world = { "buddy", "frames", 2, FRAMES_MAX, 8, 16, MAX_ORDER + FRAMES_MAX + 1 };

static struct page pages[FRAMES_MAX];
char physmap[FRAMES_MAX * PAGE_SIZE] __aligned(4096); /* nothing reads or writes it */

void *machine_ram(phys_addr_t address)
{
	return physmap + (size_t)address;
}
static u32 bitmaps[64];
static u32 frames, orders;
static u8 used[FRAMES_MAX];    /* by the first frame of a block: its order, else NONE */
static bool taken[FRAMES_MAX]; /* the frame is part of a used block */

void world_start(u32 size)
{
	frames = size;
	while (orders < MAX_ORDER && 1u << orders <= size)
		orders++;
	mem_map = pages;
	max_pfn = max_low_pfn = size;
	EXPLORE_CHECK(zone_bitmap_words(size) <= ARRAY_SIZE(bitmaps));
	zone_init(&zones[ZONE_DMA], ZONE_DMA, "DMA", 0, size, pages, bitmaps);
	zones[ZONE_DMA].hot_max = 2;
	zones_add(0, size);
	zonelists_init();
	memset(used, NONE, sizeof(used));
}

static bool is_free(u32 first, u32 order)
{
	for (u32 i = 0; i < 1u << order; i++)
		if (first + i >= frames || taken[first + i])
			return false;
	return true;
}

static bool fits(u32 order)
{
	for (u32 first = 0; first < frames; first += 1u << order)
		if (is_free(first, order))
			return true;
	return false;
}

static void take(u32 first, u32 order, bool now)
{
	used[first] = now ? (u8)order : NONE;
	memset(taken + first, now, 1u << order);
}

static bool allocate(u32 order)
{
	struct page *page;
	bool expected = fits(order);

	if (order > orders)
		return false;
	page = alloc_pages(GFP_KERNEL, order);
	EXPLORE_EQUAL(!!page, expected);
	if (!page)
		return true;
	EXPLORE_CHECK(page >= pages && page < pages + frames);
	EXPLORE_CHECK(IS_ALIGNED((u32)(page - pages), 1u << order));
	EXPLORE_CHECK(is_free((u32)(page - pages), order));
	for (u32 i = 0; i < 1u << order; i++)
		EXPLORE_EQUAL(page[i].count, 1);
	take((u32)(page - pages), order, true);
	return true;
}

static bool release(u32 frame)
{
	u32 order = frame < frames ? used[frame] : NONE;

	if (order == NONE)
		return false;
	__free_pages(&pages[frame], order);
	take(frame, order, false);
	return true;
}

bool world_apply(u32 operation)
{
	if (operation < MAX_ORDER)
		return allocate(operation);
	if (operation < MAX_ORDER + FRAMES_MAX)
		return release(operation - MAX_ORDER);
	drain_hot_frames();
	EXPLORE_EQUAL(zones[ZONE_DMA].nr_hot, 0);
	return true;
}

void world_text(u32 operation, char *buffer, u32 size)
{
	if (operation < MAX_ORDER)
		scnprintf(buffer, size, "alloc_pages(GFP_KERNEL, %u);", operation);
	else if (operation < MAX_ORDER + FRAMES_MAX)
		scnprintf(buffer, size, "__free_pages(pfn_to_page(%u), %u);", operation - MAX_ORDER,
			  used[operation - MAX_ORDER]);
	else
		scnprintf(buffer, size, "drain_hot_frames();");
}

void world_check(void)
{
	const char *violated = zone_validate(&zones[ZONE_DMA]);
	u32 free_frames = 0;

	if (violated)
		panic("zone_validate: %s", violated);
	for (u32 frame = 0; frame < frames; frame++) {
		EXPLORE_EQUAL(!pages[frame].count, !taken[frame]);
		free_frames += !taken[frame];
		/* Only a block that was allocated, with its order, may be freed. */
		for (u32 order = 0; order < orders; order++)
			EXPLORE_CHECK(used[frame] == order ||
				      !buddy_free(&zones[ZONE_DMA], &pages[frame], order));
	}
	EXPLORE_EQUAL(nr_free_pages(), free_frames);
}

/*
 * --- the description
 * ----------------------------------------------------------------------------
 */

/* The place of each frame in the list of its order, or among the hot frames. */
static u32 places[FRAMES_MAX];

static void find_places(void)
{
	const struct zone *zone = &zones[ZONE_DMA];
	u32 place = 0;

	for (const struct page *page = zone->hot; page; page = (const struct page *)page->lru.next)
		places[page - pages] = place++;
	for (u32 order = 0; order < orders; order++) {
		const struct page *page;

		place = 0;
		list_for_each_entry (page, &zone->free_area[order].free_list, lru)
			places[page - pages] = place++;
	}
}

enum kind { KIND_USED, KIND_FREE, KIND_HOT, KIND_HALVES, KIND_NONE };

/*
 * Appends the description of the frames [first, first + 2^order) to text. Returns its new length.
 */
static u32 describe_block(u32 first, u32 order, u8 *text, u32 length)
{
	u32 half = length + 1, middle, end;
	const struct page *page = &pages[first];
	u8 lower[4 * FRAMES_MAX];

	if (first >= frames) {
		text[length++] = KIND_NONE;
		return length;
	}
	if (page->block && (page->block & BLOCK_ORDER) == order) {
		text[length++] = page->block & BLOCK_HOT    ? KIND_HOT
				 : page->block & BLOCK_FREE ? KIND_FREE
							    : KIND_USED;
		text[length++] = page->block & BLOCK_USED ? 0 : (u8)places[first];
		return length;
	}
	text[length] = KIND_HALVES;
	middle = describe_block(first, order - 1, text, half);
	end = describe_block(first + (1u << (order - 1)), order - 1, text, middle);
	if (end - middle < middle - half ||
	    (end - middle == middle - half &&
	     memcmp(text + middle, text + half, end - middle) < 0)) {
		memcpy(lower, text + half, middle - half);
		memmove(text + half, text + middle, end - middle);
		memcpy(text + half + (end - middle), lower, middle - half);
	}
	return end;
}

void world_describe(void)
{
	u8 text[8 * FRAMES_MAX];
	u32 top = 0, length;

	while (1u << top < frames)
		top++;
	find_places();
	length = describe_block(0, top, text, 0);
	for (u32 i = 0; i < length; i++)
		explore_put(text[i]);
}
