/* SPDX-License-Identifier: MIT */
/*
 * The early allocator in a few pages, one of which is not usable: reservations of each place and
 * length, allocations of each length and alignment.
 *
 *   page   | 1 | 2 | 3 | 4 (not usable) | 5 | 6 | ...      model: the reserved pages
 */
#include "mm/frames/early.h"
#include "paging/layout.h"
#include "tests/explore/explore.h"

#define FIRST	  1u
#define HOLE	  4u
#define PAGES_MAX 12u
#define LENGTHS	  3u
#define ALIGNS	  2u

/* reserve: the first byte, in half pages, and the length in half pages; allocate */
enum { RESERVE = 2 * PAGES_MAX * 2 * LENGTHS, OPERATIONS = RESERVE + LENGTHS * ALIGNS };

const struct world world = { "early", "pages", 6, PAGES_MAX, 8, 11, OPERATIONS };

static struct memmap map;
static struct early state;
static u32 end;
static bool reserved[PAGES_MAX + 1], free_page[PAGES_MAX + 1];

void world_start(u32 size)
{
	end = FIRST + size - 1;
	EXPLORE_EQUAL(memmap_add(&map, FIRST * PAGE_SIZE, (end - FIRST) * PAGE_SIZE, MEM_USABLE),
		      0);
	EXPLORE_EQUAL(memmap_add(&map, HOLE * PAGE_SIZE, PAGE_SIZE, MEM_RESERVED), 0);
	memmap_sanitise(&map);
	early_init(&state, &map, FIRST * PAGE_SIZE, end * PAGE_SIZE);
}

static bool usable(u32 page)
{
	return page >= FIRST && page < end && page != HOLE && !reserved[page];
}

static void reserve(u32 start, u32 length)
{
	early_reserve(&state, start * PAGE_SIZE / 2, length * PAGE_SIZE / 2);
	for (u32 page = start / 2; page < DIV_ROUND_UP(start + length, 2); page++)
		reserved[page] = true;
}

static void allocate(u32 pages, u32 align)
{
	phys_addr_t got = early_alloc(&state, pages * PAGE_SIZE, align * PAGE_SIZE), wanted = 0;

	for (u32 place = FIRST; place + pages <= end; place++) {
		u32 run = 0;

		while (run < pages && usable(place + run))
			run++;
		if (run == pages && place % align == 0)
			wanted = place * PAGE_SIZE;
	}
	EXPLORE_EQUAL(got, wanted);
	for (u32 page = 0; got && page < pages; page++)
		reserved[got / PAGE_SIZE + page] = true;
}

bool world_apply(u32 operation)
{
	u32 start = operation % (2 * PAGES_MAX), length = operation / (2 * PAGES_MAX) + 1;

	if (operation >= RESERVE) {
		allocate((operation - RESERVE) % LENGTHS + 1, 1 + (operation - RESERVE) / LENGTHS);
		return true;
	}
	if (start < 2 * FIRST || start + length > 2 * end)
		return false;
	reserve(start, length);
	return true;
}

void world_text(u32 operation, char *buffer, u32 size)
{
	u32 start = operation % (2 * PAGES_MAX), length = operation / (2 * PAGES_MAX) + 1;

	if (operation >= RESERVE)
		scnprintf(buffer, size, "early_alloc(&early, %u * PAGE_SIZE, %u * PAGE_SIZE);",
			  (operation - RESERVE) % LENGTHS + 1, 1 + (operation - RESERVE) / LENGTHS);
	else
		scnprintf(buffer, size, "early_reserve(&early, %#x, %#x);", start * PAGE_SIZE / 2,
			  length * PAGE_SIZE / 2);
}

static void note_free(pfn_t first, pfn_t last)
{
	EXPLORE_CHECK(first < last && last <= end);
	for (; first < last; first++)
		free_page[first] = true;
}

void world_check(void)
{
	u32 page = 0;

	/* (1), and the reservations are those of the model. */
	for (u32 i = 0; i < state.count; i++) {
		const struct mem_range *range = &state.reserved[i];

		EXPLORE_CHECK(IS_ALIGNED(range->start | range->end, PAGE_SIZE));
		EXPLORE_CHECK(range->start < range->end);
		EXPLORE_CHECK(!i || range[-1].end < range->start);
		for (; page < range->start / PAGE_SIZE; page++)
			EXPLORE_CHECK(!reserved[page]);
		for (; page < range->end / PAGE_SIZE; page++)
			EXPLORE_CHECK(reserved[page]);
	}
	for (; page < end; page++)
		EXPLORE_CHECK(!reserved[page]);
	for (page = 0; page < end; page++)
		free_page[page] = false;
	early_for_each_free(&state, end * PAGE_SIZE, note_free);
	for (page = 0; page < end; page++)
		EXPLORE_EQUAL(free_page[page], usable(page));
}

void world_describe(void)
{
	for (u32 page = 0; page < end; page++)
		explore_put(reserved[page]);
}
