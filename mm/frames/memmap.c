/* SPDX-License-Identifier: MIT */
/*
 * Sanitising the memory map.
 *
 * Each raw entry becomes two events, its start and its end, which are sorted by address. One
 * sweep counts how many entries of each type cover the current address. The highest type with a
 * count above 0 wins there.
 *
 *      usable      |-----------------|
 *      reserved           |----|
 *      result      |usable|rsvd|usable|
 */
#include "mm/frames/memmap.h"
#include "abi/linux/errno.h"
#include "lib/assert.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "paging/layout.h"

#define MEMMAP_TOP (~(phys_addr_t)0 & ~(phys_addr_t)(PAGE_SIZE - 1))

struct event {
	phys_addr_t address;
	u16 type;
	s16 change; /* +1: an entry begins, -1: one ends */
};

struct memmap memmap;
static struct event events[2 * MEMMAP_RAW_MAX];

int memmap_add(struct memmap *map, phys_addr_t start, u64 bytes, enum mem_type type)
{
	phys_addr_t end = bytes > MEMMAP_TOP - start ? MEMMAP_TOP : start + bytes;

	if (type == MEM_USABLE || type == MEM_LOADER) {
		start = start > MEMMAP_TOP ? MEMMAP_TOP : ALIGN_UP(start, PAGE_SIZE);
		end = ALIGN_DOWN(end, PAGE_SIZE);
	} else {
		start = ALIGN_DOWN(start, PAGE_SIZE);
		end = end > MEMMAP_TOP ? MEMMAP_TOP : ALIGN_UP(end, PAGE_SIZE);
	}
	if (!bytes || start >= end)
		return 0;
	if (map->count == MEMMAP_RAW_MAX)
		return -E2BIG;
	map->range[map->count++] = (struct mem_range){ start, end, type };
	return 0;
}

/* Sifts events[i] down in the heap of `count` events, the highest address at the top. */
static void sift_down(u32 i, u32 count)
{
	struct event moving = events[i];

	for (u32 child; (child = 2 * i + 1) < count; i = child) {
		if (child + 1 < count && events[child + 1].address > events[child].address)
			child++;
		if (events[child].address <= moving.address)
			break;
		events[i] = events[child];
	}
	events[i] = moving;
}

static void sort_events(u32 count)
{
	for (u32 i = count / 2; i-- > 0;)
		sift_down(i, count);
	while (count-- > 1) {
		struct event last = events[count];

		events[count] = events[0];
		events[0] = last;
		sift_down(0, count);
	}
}

/* Appends a range, or extends the last one if that has the same type and touches it. */
static void append(struct memmap *map, phys_addr_t start, phys_addr_t end, int type)
{
	struct mem_range *last = map->count ? &map->range[map->count - 1] : NULL;

	if (type < 0 || start == end)
		return;
	if (last && last->end == start && (int)last->type == type)
		last->end = end;
	else
		map->range[map->count++] = (struct mem_range){ start, end, (enum mem_type)type };
}

void memmap_sanitise(struct memmap *map)
{
	u32 covering[NR_MEM_TYPES] = { 0 };
	u32 count = 0;
	phys_addr_t start = 0;
	int ruling = -1;

	for (u32 i = 0; i < map->count; i++) {
		const struct mem_range *range = &map->range[i];

		events[count++] = (struct event){ range->start, (u16)range->type, +1 };
		events[count++] = (struct event){ range->end, (u16)range->type, -1 };
	}
	sort_events(count);

	/* 2n events open at most 2n - 1 ranges: the result fits. */
	map->count = 0;
	for (u32 i = 0; i < count; i++) {
		append(map, start, events[i].address, ruling);
		start = events[i].address;
		/* An entry ends at a higher address than it begins. */
		BUG_ON(events[i].change < 0 && !covering[events[i].type]);
		covering[events[i].type] += (u32)events[i].change;
		ruling = NR_MEM_TYPES - 1;
		while (ruling >= 0 && !covering[ruling])
			ruling--;
	}
}

/* Splits the range that contains the limit, if there is one. */
static void split_at(struct memmap *map, phys_addr_t limit)
{
	for (u32 i = 0; i < map->count && map->count < MEMMAP_RANGE_MAX; i++) {
		struct mem_range *range = &map->range[i];

		if (range->start >= limit || range->end <= limit)
			continue;
		memmove(range + 1, range, (map->count - i) * sizeof(*range));
		map->count++;
		range[0].end = range[1].start = limit;
		return;
	}
}

void memmap_limit(struct memmap *map, phys_addr_t limit)
{
	u32 count;

	limit = ALIGN_DOWN(limit, PAGE_SIZE);
	split_at(map, limit);
	count = map->count;
	map->count = 0;
	for (u32 i = 0; i < count; i++) {
		struct mem_range range = map->range[i];

		if (range.start >= limit && range.type <= MEM_LOADER)
			range.type = MEM_RESERVED;
		append(map, range.start, range.end, range.type);
	}
}

u64 memmap_total(const struct memmap *map, enum mem_type type, phys_addr_t limit)
{
	u64 bytes = 0;

	for (u32 i = 0; i < map->count; i++) {
		const struct mem_range *range = &map->range[i];

		if (range->type == type && range->start < limit)
			bytes += min(range->end, limit) - range->start;
	}
	return bytes;
}

bool memmap_has_ram(const struct memmap *map, phys_addr_t start, phys_addr_t end)
{
	for (u32 i = 0; i < map->count; i++) {
		const struct mem_range *range = &map->range[i];

		if (range->type < MEM_RESERVED && range->start < end && start < range->end)
			return true;
	}
	return false;
}

const char *memmap_validate(const struct memmap *map)
{
	for (u32 i = 0; i < map->count; i++) {
		const struct mem_range *range = &map->range[i], *before = range - 1;

		if (range->start >= range->end)
			return "(1) a range is empty";
		if (i && before->end > range->start)
			return "(1) ranges overlap or are not sorted";
		if (i && before->end == range->start && before->type == range->type)
			return "(2) neighbours of one type are not merged";
		if (!IS_ALIGNED(range->start | range->end, PAGE_SIZE))
			return "(4) a range is not page aligned";
	}
	return NULL;
}

const char *mem_type_name(enum mem_type type)
{
	static const char *const names[] = {
		[MEM_USABLE] = "usable",
		[MEM_LOADER] = "loader",
		[MEM_ACPI_RECLAIM] = "acpi-reclaim",
		[MEM_ACPI_NVS] = "acpi-nvs",
		[MEM_RUNTIME] = "runtime",
		[MEM_RESERVED] = "reserved",
		[MEM_UNUSABLE] = "unusable",
	};

	return names[type];
}

void memmap_print(const struct memmap *map)
{
	for (u32 i = 0; i < map->count; i++)
		printk("memmap: start=%#012llx end=%#012llx type=%s\n", map->range[i].start,
		       map->range[i].end, mem_type_name(map->range[i].type));
}
