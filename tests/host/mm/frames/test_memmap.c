/* SPDX-License-Identifier: MIT */
/*
 * The sanitiser of the memory map: one case for each known firmware defect, and random maps
 * against a model that paints page by page.
 */
#include <string.h>

#include "abi/linux/errno.h"
#include "mm/frames/memmap.h"
#include "paging/layout.h"
#include "tests/host/tap.h"

#define TOP (~(phys_addr_t)0 - 4095) /* the last page begins here */

static struct memmap map;

struct raw {
	phys_addr_t start;
	u64 bytes;
	enum mem_type type;
};

static void add(phys_addr_t start, u64 bytes, enum mem_type type)
{
	EXPECT_EQ(memmap_add(&map, start, bytes, type), 0);
}

/* The map is exactly these ranges. */
static void expect_map(const struct mem_range *expected, u32 count, int line)
{
	EXPECT_VALID(memmap_validate(&map));
	tap_check(map.count == count, __FILE__, line, "%u ranges, expected %u", map.count, count);
	for (u32 i = 0; i < min(count, map.count); i++) {
		const struct mem_range *got = &map.range[i], *want = &expected[i];

		tap_check(got->start == want->start && got->end == want->end &&
				  got->type == want->type,
			  __FILE__, line, "range %u is [%#llx, %#llx) %s", i, got->start, got->end,
			  mem_type_name(got->type));
	}
}

#define EXPECT_MAP(...)                                            \
	do {                                                       \
		const struct mem_range ranges[] = { __VA_ARGS__ }; \
                                                                   \
		expect_map(ranges, ARRAY_SIZE(ranges), __LINE__);  \
	} while (0)

static void empty(void)
{
	memmap_sanitise(&map);
	EXPECT_EQ(map.count, 0);
	EXPECT_VALID(memmap_validate(&map));
	EXPECT_EQ(memmap_total(&map, MEM_USABLE, ~0ull), 0);
	memmap_limit(&map, 0);
	EXPECT_EQ(map.count, 0);
	add(0x1000, 0, MEM_USABLE);
	add(0x1fff, 0, MEM_RESERVED);
	memmap_sanitise(&map);
	EXPECT_EQ(map.count, 0);
}

static void unsorted(void)
{
	add(0x9000, 0x1000, MEM_USABLE);
	add(0x1000, 0x1000, MEM_USABLE);
	add(0x5000, 0x1000, MEM_RESERVED);
	memmap_sanitise(&map);
	EXPECT_MAP({ 0x1000, 0x2000, MEM_USABLE }, { 0x5000, 0x6000, MEM_RESERVED },
		   { 0x9000, 0xa000, MEM_USABLE });
}

static void touching(void)
{
	add(0x3000, 0x1000, MEM_USABLE);
	add(0x1000, 0x2000, MEM_USABLE);
	add(0x4000, 0x1000, MEM_LOADER);
	add(0x5000, 0x1000, MEM_USABLE);
	memmap_sanitise(&map);
	EXPECT_MAP({ 0x1000, 0x4000, MEM_USABLE }, { 0x4000, 0x5000, MEM_LOADER },
		   { 0x5000, 0x6000, MEM_USABLE });
}

/* In an overlap the safer type wins, in any order of the entries. */
static void overlapping(void)
{
	add(0x0000, 0x10000, MEM_USABLE);
	add(0x4000, 0x2000, MEM_RESERVED);
	add(0x5000, 0x3000, MEM_ACPI_NVS);
	add(0x0000, 0x1000, MEM_UNUSABLE);
	add(0xf000, 0x4000, MEM_RUNTIME);
	memmap_sanitise(&map);
	EXPECT_MAP({ 0, 0x1000, MEM_UNUSABLE }, { 0x1000, 0x4000, MEM_USABLE },
		   { 0x4000, 0x6000, MEM_RESERVED }, { 0x6000, 0x8000, MEM_ACPI_NVS },
		   { 0x8000, 0xf000, MEM_USABLE }, { 0xf000, 0x13000, MEM_RUNTIME });
	EXPECT(memmap_has_ram(&map, 0xe000, 0x10000));
	EXPECT(!memmap_has_ram(&map, 0x5000, 0x6000));
	EXPECT(!memmap_has_ram(&map, 0x13000, 0x20000));
}

static void every_pair_of_types(void)
{
	for (int a = 0; a < NR_MEM_TYPES; a++) {
		for (int b = 0; b < NR_MEM_TYPES; b++) {
			enum mem_type safer = (enum mem_type)max(a, b);

			map.count = 0;
			add(0x1000, 0x1000, (enum mem_type)a);
			add(0x1000, 0x1000, (enum mem_type)b);
			memmap_sanitise(&map);
			EXPECT_MAP({ 0x1000, 0x2000, safer });
		}
	}
}

/* Free memory is cut inward to whole pages, all else is widened. */
static void misaligned(void)
{
	add(0x1001, 0x2fff, MEM_USABLE);
	add(0x10fff, 0x1002, MEM_LOADER);
	add(0x20800, 0x100, MEM_USABLE);
	add(0x30fff, 2, MEM_RESERVED);
	add(0x40001, 1, MEM_ACPI_RECLAIM);
	memmap_sanitise(&map);
	EXPECT_MAP({ 0x2000, 0x4000, MEM_USABLE }, { 0x11000, 0x12000, MEM_LOADER },
		   { 0x30000, 0x32000, MEM_RESERVED }, { 0x40000, 0x41000, MEM_ACPI_RECLAIM });
}

static void wraps(void)
{
	add(0x100000, ~0ull, MEM_USABLE);
	add(0xfffff000fffff000, ~0ull - 4095, MEM_RESERVED);
	memmap_sanitise(&map);
	EXPECT_MAP({ 0x100000, 0xfffff000fffff000, MEM_USABLE },
		   { 0xfffff000fffff000, TOP, MEM_RESERVED });
	map.count = 0;
	add(TOP, 0x1000, MEM_USABLE);
	add(TOP + 1, 0x1000, MEM_RESERVED);
	add(TOP - 0x1000, ~0ull, MEM_RESERVED);
	add(~0ull, 1, MEM_USABLE);
	add(~0ull, ~0ull, MEM_RESERVED);
	memmap_sanitise(&map);
	EXPECT_MAP({ TOP - 0x1000, TOP, MEM_RESERVED });
}

static void too_many(void)
{
	for (u32 i = 0; i < MEMMAP_RAW_MAX; i++)
		add((phys_addr_t)i * 0x2000, 0x1000, MEM_USABLE);
	EXPECT_EQ(memmap_add(&map, GiB(5), 0x1000, MEM_RESERVED), -E2BIG);
	EXPECT_EQ(memmap_add(&map, GiB(5), 0, MEM_RESERVED), 0);
	EXPECT_EQ(map.count, MEMMAP_RAW_MAX);
	memmap_sanitise(&map);
	EXPECT_EQ(map.count, MEMMAP_RAW_MAX);
	EXPECT_VALID(memmap_validate(&map));
	EXPECT_EQ(memmap_total(&map, MEM_USABLE, ~0ull), (u64)MEMMAP_RAW_MAX * 0x1000);
	EXPECT_EQ(memmap_total(&map, MEM_USABLE, 0x2800), 0x1800);
}

/* 600 entries and more are in the field; nested like this n of them open 2n - 1 ranges. */
static void nested(void)
{
	const u32 count = MEMMAP_RAW_MAX;

	for (u32 i = 0; i < count; i++)
		add((phys_addr_t)i * 0x1000, (u64)(2 * count - 2 * i) * 0x1000,
		    i % 2 ? MEM_RESERVED : MEM_USABLE);
	memmap_sanitise(&map);
	EXPECT_VALID(memmap_validate(&map));
	map.count = 0;
	for (u32 i = 0; i < count / 2; i++) {
		add((phys_addr_t)i * 0x4000, 0x3000, MEM_USABLE);
		add((phys_addr_t)i * 0x4000 + 0x1000, 0x1000, MEM_RESERVED);
	}
	memmap_sanitise(&map);
	EXPECT_EQ(map.count, count / 2 * 3);
	EXPECT_VALID(memmap_validate(&map));
}

static void limit(void)
{
	add(0, 0x9f000, MEM_USABLE);
	add(0x100000, 0x100000, MEM_USABLE);
	add(0x180000, 0x10000, MEM_ACPI_NVS);
	add(0x200000, 0x10000, MEM_LOADER);
	memmap_sanitise(&map);
	memmap_limit(&map, 0x140fff);
	EXPECT_MAP({ 0, 0x9f000, MEM_USABLE }, { 0x100000, 0x140000, MEM_USABLE },
		   { 0x140000, 0x180000, MEM_RESERVED }, { 0x180000, 0x190000, MEM_ACPI_NVS },
		   { 0x190000, 0x210000, MEM_RESERVED });
	memmap_limit(&map, GiB(64));
	EXPECT_EQ(map.count, 5);
	memmap_limit(&map, 0);
	EXPECT_EQ(memmap_total(&map, MEM_USABLE, ~0ull), 0);
}

/* mem= on the largest map that there can be: as many ranges as sanitising may open. */
static void limit_of_a_large_map(void)
{
	const phys_addr_t end = (phys_addr_t)MEMMAP_RAW_MAX / 2 * 0x4000;

	for (u32 i = 0; i < MEMMAP_RAW_MAX / 2; i++) {
		add((phys_addr_t)i * 0x4000, 0x3000, MEM_USABLE);
		add((phys_addr_t)i * 0x4000 + 0x1000, 0x1000, MEM_RESERVED);
	}
	memmap_sanitise(&map);
	memmap_limit(&map, end / 2);
	EXPECT_VALID(memmap_validate(&map));
	EXPECT_EQ(memmap_total(&map, MEM_USABLE, ~0ull), end / 2 / 0x4000 * 0x2000);
	EXPECT_EQ(memmap_total(&map, MEM_USABLE, end / 2), end / 2 / 0x4000 * 0x2000);
}

/* The model: the type of each page of a small window, -1 where no entry covers it. */
#define WINDOW 96u

static void paint(s8 *page, const struct raw *raw)
{
	bool inward = raw->type == MEM_USABLE || raw->type == MEM_LOADER;
	phys_addr_t end = raw->start + raw->bytes;

	for (u32 i = 0; raw->bytes && i < WINDOW; i++) {
		phys_addr_t first = (phys_addr_t)i * PAGE_SIZE, last = first + PAGE_SIZE;
		bool covers = inward ? raw->start <= first && last <= end
				     : raw->start < last && first < end;

		if (covers)
			page[i] = (s8)max((int)page[i], (int)raw->type);
	}
}

static void compare(const s8 *page)
{
	u64 totals[NR_MEM_TYPES] = { 0 };

	for (u32 i = 0; i < WINDOW; i++) {
		phys_addr_t place = (phys_addr_t)i * PAGE_SIZE;
		int type = -1;

		for (u32 r = 0; r < map.count; r++)
			if (map.range[r].start <= place && place < map.range[r].end)
				type = (int)map.range[r].type;
		tap_check(type == page[i], __FILE__, __LINE__, "page %u: type %d, expected %d", i,
			  type, page[i]);
		if (page[i] >= 0)
			totals[page[i]] += PAGE_SIZE;
	}
	for (u32 type = 0; type < NR_MEM_TYPES; type++)
		EXPECT_EQ(memmap_total(&map, (enum mem_type)type, ~0ull), totals[type]);
}

static void random_map(u32 entries)
{
	s8 page[WINDOW];

	memset(page, -1, sizeof(page));
	map.count = 0;
	for (u32 i = 0; i < entries; i++) {
		struct raw raw = { .type = (enum mem_type)random_below(NR_MEM_TYPES) };

		raw.start = random_below(WINDOW * PAGE_SIZE);
		raw.bytes = random_below(random_one_in(8) ? 40 * PAGE_SIZE : 3 * PAGE_SIZE);
		if (random_one_in(2))
			raw.start = ALIGN_DOWN(raw.start, PAGE_SIZE);
		if (random_one_in(2))
			raw.bytes = ALIGN_DOWN(raw.bytes, PAGE_SIZE);
		raw.bytes = min(raw.bytes, WINDOW * PAGE_SIZE - raw.start);
		add(raw.start, raw.bytes, raw.type);
		paint(page, &raw);
	}
	memmap_sanitise(&map);
	EXPECT_VALID(memmap_validate(&map));
	compare(page);
	if (random_one_in(2)) {
		u32 limit = random_below(WINDOW + 8);

		memmap_limit(&map, (phys_addr_t)limit * PAGE_SIZE + random_below(PAGE_SIZE));
		for (u32 i = limit; i < WINDOW; i++)
			if (page[i] == MEM_USABLE || page[i] == MEM_LOADER)
				page[i] = MEM_RESERVED;
		EXPECT_VALID(memmap_validate(&map));
		compare(page);
	}
}

static void random_maps(void)
{
	for (u32 step = 0; step < tap_scaled(15000) && !tap_failed(); step++)
		random_map(random_below(random_one_in(10) ? 60 : 12));
}

/* Large maps: only the result is checked. */
static void random_large_maps(void)
{
	for (u32 step = 0; step < tap_scaled(40) && !tap_failed(); step++) {
		u32 entries = 600 + random_below(MEMMAP_RAW_MAX - 600);

		map.count = 0;
		for (u32 i = 0; i < entries; i++)
			memmap_add(&map, (u64)random_u32() << random_below(33),
				   (u64)random_u32() << random_below(33),
				   (enum mem_type)random_below(NR_MEM_TYPES));
		memmap_sanitise(&map);
		EXPECT_VALID(memmap_validate(&map));
		memmap_limit(&map, (u64)random_u32() << random_below(33));
		EXPECT_VALID(memmap_validate(&map));
	}
}

/* memmap_validate() finds each violation. */
static void planted(void)
{
	static const struct {
		struct mem_range range[2];
		const char *violated;
	} cases[] = {
		{ { { 0x1000, 0x2000, MEM_USABLE }, { 0x2000, 0x3000, MEM_RESERVED } }, NULL },
		{ { { 0x1000, 0x1000, MEM_USABLE }, { 0x2000, 0x3000, MEM_RESERVED } },
		  "(1) a range is empty" },
		{ { { 0x1000, 0x2000, MEM_USABLE }, { 0x3000, 0x2000, MEM_RESERVED } },
		  "(1) a range is empty" },
		{ { { 0x1000, 0x3000, MEM_USABLE }, { 0x2000, 0x4000, MEM_RESERVED } },
		  "(1) ranges overlap or are not sorted" },
		{ { { 0x4000, 0x5000, MEM_USABLE }, { 0x2000, 0x3000, MEM_RESERVED } },
		  "(1) ranges overlap or are not sorted" },
		{ { { 0x1000, 0x2000, MEM_USABLE }, { 0x2000, 0x3000, MEM_USABLE } },
		  "(2) neighbours of one type are not merged" },
		{ { { 0x1000, 0x2000, MEM_USABLE }, { 0x2001, 0x3000, MEM_USABLE } },
		  "(4) a range is not page aligned" },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		map.count = 2;
		memcpy(map.range, cases[i].range, sizeof(cases[i].range));
		EXPECT_TEXT(memmap_validate(&map), cases[i].violated);
	}
}

TAP_MAIN({ "an empty map", empty }, { "unsorted entries", unsorted },
	 { "touching entries", touching }, { "overlaps: the safer type rules", overlapping },
	 { "every pair of types in one place", every_pair_of_types },
	 { "misaligned entries", misaligned }, { "entries that wrap at 2^64", wraps },
	 { "more than 1024 entries", too_many }, { "1024 nested entries", nested },
	 { "mem= cuts", limit }, { "mem= cuts a map of 1536 ranges", limit_of_a_large_map },
	 { "random maps against the painted model", random_maps },
	 { "random maps of 600..1023 entries", random_large_maps },
	 { "planted violations are named", planted })
