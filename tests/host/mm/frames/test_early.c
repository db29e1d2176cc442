/* SPDX-License-Identifier: MIT */
/*
 * The early allocator: placement, reservations, hand-over; random requests against a model of
 * pages.
 */
#include <string.h>

#include "mm/frames/early.h"
#include "paging/layout.h"
#include "tests/host/tap.h"

#define WINDOW 128u /* pages of the model */
#define FLOOR  8u   /* pages */

static struct memmap map;
static struct early state;

/* The pages that early_for_each_free() reported as free. */
static bool free_page[WINDOW];
static pfn_t last_end;

static void note_free(pfn_t first, pfn_t end)
{
	EXPECT(first < end && end <= WINDOW);
	/* Ascending, and runs are maximal within a range of the map. */
	EXPECT(first >= last_end);
	last_end = end;
	for (pfn_t pfn = first; pfn < end && pfn < WINDOW; pfn++) {
		EXPECT(!free_page[pfn]);
		free_page[pfn] = true;
	}
}

static void collect_free(void)
{
	memset(free_page, 0, sizeof(free_page));
	last_end = 0;
	early_for_each_free(&state, state.limit, note_free);
}

static void add(u32 first, u32 end, enum mem_type type)
{
	memmap_add(&map, (phys_addr_t)first * PAGE_SIZE, (u64)(end - first) * PAGE_SIZE, type);
}

static void start(u32 limit)
{
	memmap_sanitise(&map);
	early_init(&state, &map, FLOOR * PAGE_SIZE, (phys_addr_t)limit * PAGE_SIZE);
}

/* (1) of mm/frames/early.h */
static void check_reservations(void)
{
	for (u32 i = 0; i < state.count; i++) {
		const struct mem_range *range = &state.reserved[i];

		EXPECT(range->start < range->end);
		EXPECT(IS_ALIGNED(range->start | range->end, PAGE_SIZE));
		EXPECT(!i || range[-1].end < range->start);
	}
}

static void placement(void)
{
	add(0, 64, MEM_USABLE);
	add(70, 80, MEM_USABLE);
	add(80, 90, MEM_LOADER);
	start(100);
	EXPECT_EQ(early_alloc(&state, 0, PAGE_SIZE), 0);
	EXPECT_EQ(early_alloc(&state, PAGE_SIZE, PAGE_SIZE), 79 * PAGE_SIZE);
	EXPECT_EQ(early_alloc(&state, 1, PAGE_SIZE), 78 * PAGE_SIZE);
	EXPECT_EQ(early_alloc(&state, 9 * PAGE_SIZE, PAGE_SIZE), 55 * PAGE_SIZE);
	EXPECT_EQ(early_alloc(&state, PAGE_SIZE, 16 * PAGE_SIZE), 48 * PAGE_SIZE);
	EXPECT_EQ(early_alloc(&state, 100 * PAGE_SIZE, PAGE_SIZE), 0);
	state.loader_too = true;
	EXPECT_EQ(early_alloc(&state, 10 * PAGE_SIZE, PAGE_SIZE), 80 * PAGE_SIZE);
	check_reservations();
	EXPECT_EQ(early_taken_pages(&state), 1 + 1 + 9 + 1 + 10);
}

static void floor_and_limit(void)
{
	add(0, 64, MEM_USABLE);
	start(32);
	EXPECT_EQ(early_alloc(&state, PAGE_SIZE, PAGE_SIZE), 31 * PAGE_SIZE);
	EXPECT_EQ(early_alloc(&state, 24 * PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(early_alloc(&state, 23 * PAGE_SIZE, PAGE_SIZE), FLOOR * PAGE_SIZE);
	EXPECT_EQ(early_alloc(&state, PAGE_SIZE, PAGE_SIZE), 0);
	collect_free();
	for (u32 i = 0; i < WINDOW; i++)
		EXPECT_EQ(free_page[i], i < FLOOR);
}

/* A range that begins at 0 is allocated only above the floor: 0 means "none". */
static void no_memory_at_all(void)
{
	start(32);
	EXPECT_EQ(early_alloc(&state, PAGE_SIZE, PAGE_SIZE), 0);
	collect_free();
	EXPECT_EQ(early_taken_pages(&state), 0);
}

static void ranges_beyond_the_limit(void)
{
	memmap_add(&map, 0xfffffffff0000000, ~0ull, MEM_USABLE);
	memmap_add(&map, GiB(4), GiB(4), MEM_USABLE);
	add(16, 20, MEM_USABLE);
	start(32);
	EXPECT_EQ(early_alloc(&state, PAGE_SIZE, PAGE_SIZE), 19 * PAGE_SIZE);
	EXPECT_EQ(early_alloc(&state, GiB(1), PAGE_SIZE), 0);
	EXPECT_EQ(early_alloc(&state, ~0ull - PAGE_SIZE, PAGE_SIZE), 0);
	collect_free();
	EXPECT(free_page[16] && free_page[18] && !free_page[19] && !free_page[20]);
}

static void reservations_merge(void)
{
	add(0, 64, MEM_USABLE);
	start(64);
	early_reserve(&state, 10 * PAGE_SIZE, PAGE_SIZE);
	early_reserve(&state, 12 * PAGE_SIZE, PAGE_SIZE);
	early_reserve(&state, 14 * PAGE_SIZE + 1, 1);
	EXPECT_EQ(state.count, 3);
	early_reserve(&state, 11 * PAGE_SIZE + 5, PAGE_SIZE - 5);
	EXPECT_EQ(state.count, 2);
	early_reserve(&state, 9 * PAGE_SIZE, 20 * PAGE_SIZE);
	EXPECT_EQ(state.count, 1);
	early_reserve(&state, 15 * PAGE_SIZE, 0);
	early_reserve(&state, 28 * PAGE_SIZE + 4095, 2);
	EXPECT_EQ(state.count, 1);
	EXPECT_EQ(state.reserved[0].start, 9 * PAGE_SIZE);
	EXPECT_EQ(state.reserved[0].end, 30 * PAGE_SIZE);
	check_reservations();
}

/* Each second page is reserved. */
static void array_full(void)
{
	add(0, WINDOW, MEM_USABLE);
	start(WINDOW);
	for (u32 i = 0; i < EARLY_RESERVED_MAX; i++)
		early_reserve(&state, (phys_addr_t)i * 2 * PAGE_SIZE, PAGE_SIZE);
	early_reserve(&state, 0, PAGE_SIZE); /* merges: there is room */
	EXPECT_EQ(state.count, EARLY_RESERVED_MAX);
	EXPECT_PANIC("more than 64 reservations", (early_reserve(&state, GiB(1), PAGE_SIZE), true));
	check_reservations();
	collect_free();
	for (u32 i = 0; i < WINDOW; i++)
		EXPECT_EQ(free_page[i], i % 2);
	EXPECT_EQ(early_taken_pages(&state), EARLY_RESERVED_MAX);
	EXPECT_EQ(early_alloc(&state, PAGE_SIZE, PAGE_SIZE), (WINDOW - 1) * PAGE_SIZE);
	EXPECT_EQ(early_alloc(&state, 2 * PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(early_taken_pages(&state), EARLY_RESERVED_MAX + 1);
}

/* The model: what each page is, and whether it is reserved. */
static bool usable[WINDOW], reserved[WINDOW];

/* The highest aligned place for `pages`, or 0. */
static u32 model_place(u32 pages, u32 align, u32 limit)
{
	for (u32 place = WINDOW; place-- > FLOOR;) {
		bool fits = place % align == 0 && place + pages <= limit;

		for (u32 i = place; fits && i < place + pages; i++)
			fits = usable[i] && !reserved[i];
		if (fits)
			return place;
	}
	return 0;
}

static void reserve_in_model(u32 first, u32 pages)
{
	for (u32 i = first; i < first + pages; i++)
		reserved[i] = true;
}

static void random_round(void)
{
	u32 limit = FLOOR + random_below(WINDOW - FLOOR + 1), taken = 0;

	map.count = 0;
	memset(usable, 0, sizeof(usable));
	memset(reserved, 0, sizeof(reserved));
	for (u32 page = random_below(10); page < WINDOW; page += 1 + random_below(12)) {
		u32 end = min(page + 1 + random_below(30), WINDOW);

		add(page, end, MEM_USABLE);
		for (; page < end; page++)
			usable[page] = true;
	}
	start(limit);
	for (u32 i = random_below(20); i-- > 0;) {
		u32 pages = 1 + random_below(random_one_in(4) ? 12 : 3);

		if (random_one_in(3)) {
			u32 first = random_below(WINDOW - pages);

			early_reserve(&state, (phys_addr_t)first * PAGE_SIZE, pages * PAGE_SIZE);
			reserve_in_model(first, pages);
		} else {
			u32 align = 1u << random_below(4), place = model_place(pages, align, limit);

			EXPECT_EQ(early_alloc(&state, pages * PAGE_SIZE - random_below(PAGE_SIZE),
					      align * PAGE_SIZE),
				  place * PAGE_SIZE);
			if (place)
				reserve_in_model(place, pages);
		}
		check_reservations();
	}
	collect_free();
	for (u32 i = 0; i < WINDOW; i++) {
		EXPECT_EQ(free_page[i], usable[i] && !reserved[i] && i < limit);
		taken += usable[i] && reserved[i];
	}
	EXPECT_EQ(early_taken_pages(&state), taken);
}

static void random_rounds(void)
{
	for (u32 step = 0; step < tap_scaled(20000) && !tap_failed(); step++)
		random_round();
}

TAP_MAIN({ "from the highest place that fits", placement },
	 { "nothing below the floor nor above the limit", floor_and_limit },
	 { "an empty map", no_memory_at_all },
	 { "ranges beyond the limit, up to 2^64", ranges_beyond_the_limit },
	 { "reservations that touch are one", reservations_merge },
	 { "the array of reservations is full", array_full },
	 { "random requests against a model of pages", random_rounds })
