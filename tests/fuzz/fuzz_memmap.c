/* SPDX-License-Identifier: MIT */
/*
 * The memory map: raw entries of any kind, and a reference that looks up the entries of each
 * page.
 *
 * All boundaries lie in a few windows of WINDOW pages, at special addresses. The pages of the
 * windows, and one after each, are compared. A boundary outside the windows is an error, so no
 * page between them is missed.
 */
#include "abi/linux/errno.h"
#include "mm/frames/memmap.h"
#include "paging/layout.h"
#include "tests/fuzz/fuzz.h"

#define WINDOW	    48u
#define ENTRIES_MAX 200u
#define NOTHING	    (-1)
#define TOP	    (~(phys_addr_t)0 & ~(phys_addr_t)(PAGE_SIZE - 1))

struct raw {
	phys_addr_t start;
	u64 bytes;
	enum mem_type type;
};

static const phys_addr_t windows[] = {
	0, MiB(1), GiB(1), GiB(4) - 20 * PAGE_SIZE, (phys_addr_t)1 << 52, TOP - WINDOW *PAGE_SIZE,
};

static struct memmap map;
static struct raw raws[ENTRIES_MAX];
static u32 raw_count;

/* A place in a window; seldom on a page boundary. */
static phys_addr_t take_place(struct fuzz_input *in)
{
	u32 kind = fuzz_u8(in), page = fuzz_below(in, WINDOW);
	phys_addr_t base = windows[kind % ARRAY_SIZE(windows)];

	return base + page * PAGE_SIZE + (kind >= 192 ? fuzz_below(in, PAGE_SIZE) : 0);
}

static struct raw take_raw(struct fuzz_input *in)
{
	struct raw raw = { .start = take_place(in), .type = fuzz_below(in, NR_MEM_TYPES) };
	u32 kind = fuzz_u8(in);
	phys_addr_t end;

	if (kind < 8) { /* wraps */
		raw.bytes = ~(u64)0 - fuzz_u16(in);
		return raw;
	}
	end = take_place(in);
	raw.bytes = end > raw.start ? end - raw.start : kind < 128 ? 0 : raw.start - end;
	if (end <= raw.start && kind >= 128)
		raw.start = end;
	return raw;
}

/* The sanitiser's rules, from its header: has this page the entry's type? */
static bool covers(const struct raw *raw, phys_addr_t page)
{
	phys_addr_t end = raw->start + raw->bytes, page_end = page + PAGE_SIZE;

	if (!raw->bytes || page >= TOP)
		return false;
	if (end < raw->start || end > TOP)
		end = TOP;
	if (raw->type == MEM_USABLE || raw->type == MEM_LOADER)
		return raw->start <= page && page_end <= end;
	return raw->start < page_end && end > page;
}

static int expected_type(phys_addr_t page, phys_addr_t limit)
{
	int type = NOTHING;

	for (u32 i = 0; i < raw_count; i++)
		if (covers(&raws[i], page))
			type = max(type, (int)raws[i].type);
	return type <= (int)MEM_LOADER && type != NOTHING && page >= limit ? (int)MEM_RESERVED
									   : type;
}

static int type_in_map(phys_addr_t page)
{
	for (u32 i = 0; i < map.count; i++)
		if (map.range[i].start <= page && page < map.range[i].end)
			return (int)map.range[i].type;
	return NOTHING;
}

static bool in_window(phys_addr_t boundary)
{
	for (u32 i = 0; i < ARRAY_SIZE(windows); i++)
		if (boundary >= windows[i] && boundary <= windows[i] + WINDOW * PAGE_SIZE)
			return true;
	return false;
}

static void compare(phys_addr_t limit)
{
	FUZZ_VALID(memmap_validate(&map));
	for (u32 i = 0; i < map.count; i++)
		FUZZ_CHECK(in_window(map.range[i].start) && in_window(map.range[i].end));
	for (u32 w = 0; w < ARRAY_SIZE(windows); w++)
		for (u32 i = 0; i <= WINDOW; i++)
			FUZZ_EQUAL(type_in_map(windows[w] + i * PAGE_SIZE),
				   expected_type(windows[w] + i * PAGE_SIZE, limit));
	memmap_print(&map);
}

/* Sums below a limit, by the boundaries of the map: each page counts for its type. */
static void compare_totals(phys_addr_t limit)
{
	for (u32 type = 0; type < NR_MEM_TYPES; type++) {
		u64 bytes = 0;

		for (u32 i = 0; i < map.count; i++) {
			phys_addr_t start = map.range[i].start, end = map.range[i].end;

			if ((u32)map.range[i].type == type)
				bytes += (end < limit ? end : limit) -
					 (start < limit ? start : limit);
		}
		FUZZ_EQUAL(memmap_total(&map, (enum mem_type)type, limit), bytes);
	}
}

/*
 * The maximum of entries and one more, in pieces, or as small holes in one large range, which
 * give most ranges.
 */
static void overfill(struct fuzz_input *in)
{
	u32 stride = 1 + fuzz_below(in, 3), cut = fuzz_u16(in) % (MEMMAP_RAW_MAX * 3);
	bool holes = stride == 3;

	map.count = 0;
	for (u32 i = 0; i < MEMMAP_RAW_MAX; i++) {
		phys_addr_t start = (phys_addr_t)i * stride * PAGE_SIZE;
		enum mem_type type = (enum mem_type)(i % NR_MEM_TYPES);

		if (holes)
			type = i ? MEM_RESERVED : MEM_USABLE;
		FUZZ_EQUAL(memmap_add(&map, start, holes && !i ? MiB(64) : 2 * PAGE_SIZE, type), 0);
	}
	FUZZ_EQUAL(memmap_add(&map, 0, PAGE_SIZE, MEM_USABLE), -E2BIG);
	memmap_sanitise(&map);
	FUZZ_VALID(memmap_validate(&map));
	if (holes)
		FUZZ_EQUAL(map.count, 2 * MEMMAP_RAW_MAX - 1);
	else
		FUZZ_EQUAL(map.range[map.count - 1].end,
			   ((MEMMAP_RAW_MAX - 1) * stride + 2) * PAGE_SIZE);
	memmap_limit(&map, (phys_addr_t)cut * PAGE_SIZE);
	FUZZ_VALID(memmap_validate(&map));
	FUZZ_EQUAL(memmap_total(&map, MEM_USABLE, ~(phys_addr_t)0),
		   memmap_total(&map, MEM_USABLE, (phys_addr_t)cut * PAGE_SIZE));
}

static void run_map(struct fuzz_input *in)
{
	u32 wanted = 1 + fuzz_below(in, ENTRIES_MAX);
	phys_addr_t limit;

	map.count = raw_count = 0;
	while (raw_count < wanted && fuzz_more(in)) {
		struct raw raw = take_raw(in);

		raws[raw_count++] = raw;
		FUZZ_EQUAL(memmap_add(&map, raw.start, raw.bytes, raw.type), 0);
		fuzz_step();
	}
	memmap_sanitise(&map);
	compare(~(phys_addr_t)0);
	/* A sanitised map stays as it is. */
	memmap_sanitise(&map);
	compare(~(phys_addr_t)0);
	limit = take_place(in);
	compare_totals(limit);
	memmap_limit(&map, limit);
	compare(ALIGN_DOWN(limit, PAGE_SIZE));
}

void fuzz_run(const u8 *data, size_t size)
{
	struct fuzz_input in = { data, data + size };

	if (size && size < 4)
		overfill(&in);
	else
		while (fuzz_more(&in))
			run_map(&in);
}
