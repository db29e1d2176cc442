/* SPDX-License-Identifier: MIT */
/* The early allocator (mm/frames/early.h). */
#include "mm/frames/early.h"
#include "lib/assert.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "paging/layout.h"

struct early early;

void early_init(struct early *early, const struct memmap *map, phys_addr_t floor, phys_addr_t limit)
{
	*early = (struct early){ .map = map, .floor = floor, .limit = limit };
}

void early_reserve(struct early *early, phys_addr_t start, u64 bytes)
{
	phys_addr_t end = ALIGN_UP(start + bytes, PAGE_SIZE);
	struct mem_range *reserved = early->reserved;
	u32 first = 0, last;

	start = ALIGN_DOWN(start, PAGE_SIZE);
	if (!bytes)
		return;
	while (first < early->count && reserved[first].end < start)
		first++;
	for (last = first; last < early->count && reserved[last].start <= end; last++) {
		start = min(start, reserved[last].start);
		end = max(end, reserved[last].end);
	}
	/* The reservations [first, last) touch the new one and become part of it. */
	if (early->count - (last - first) + 1 > EARLY_RESERVED_MAX)
		panic("early allocator: more than %u reservations", EARLY_RESERVED_MAX);
	memmove(&reserved[first + 1], &reserved[last], (early->count - last) * sizeof(reserved[0]));
	early->count = early->count - (last - first) + 1;
	reserved[first] = (struct mem_range){ start, end, MEM_RESERVED };
}

static bool early_usable(const struct early *early, const struct mem_range *range)
{
	return range->type == MEM_USABLE || (early->loader_too && range->type == MEM_LOADER);
}

/* The highest aligned address for `bytes` in [start, end) clear of reservations, or 0. */
static phys_addr_t place_below(const struct early *early, phys_addr_t start, phys_addr_t end,
			       u64 bytes, u32 align)
{
	u32 i = early->count;

	while (end >= start && end - start >= bytes) {
		phys_addr_t place = ALIGN_DOWN(end - bytes, align);

		while (i && early->reserved[i - 1].start >= place + bytes)
			i--;
		if (place < start)
			return 0;
		if (!i || early->reserved[i - 1].end <= place)
			return place;
		end = early->reserved[i - 1].start;
	}
	return 0;
}

phys_addr_t early_alloc(struct early *early, u64 bytes, u32 align)
{
	BUG_ON(!align || align & (align - 1));
	bytes = ALIGN_UP(bytes, PAGE_SIZE);
	if (!bytes)
		return 0;
	for (u32 i = early->map->count; i-- > 0;) {
		const struct mem_range *range = &early->map->range[i];
		phys_addr_t place;

		if (!early_usable(early, range))
			continue;
		place = place_below(early, max(range->start, early->floor),
				    min(range->end, early->limit), bytes, align);
		if (place) {
			BUG_ON(place < early->floor || place + bytes > early->limit);
			early_reserve(early, place, bytes);
			return place;
		}
	}
	return 0;
}

void early_for_each_free(const struct early *early, phys_addr_t limit,
			 void (*free_range)(pfn_t first, pfn_t end))
{
	for (u32 i = 0; i < early->map->count; i++) {
		const struct mem_range *range = &early->map->range[i];
		phys_addr_t start = range->start, end = min(range->end, limit);

		if (!early_usable(early, range))
			continue;
		for (u32 r = 0; r < early->count && start < end; r++) {
			const struct mem_range *reserved = &early->reserved[r];

			if (reserved->end <= start || reserved->start >= end)
				continue;
			if (reserved->start > start)
				free_range(phys_to_pfn(start), phys_to_pfn(reserved->start));
			start = reserved->end;
		}
		if (start < end)
			free_range(phys_to_pfn(start), phys_to_pfn(end));
	}
}

u32 early_taken_pages(const struct early *early)
{
	u64 bytes = 0;

	for (u32 i = 0; i < early->map->count; i++) {
		const struct mem_range *range = &early->map->range[i];

		if (!early_usable(early, range))
			continue;
		for (u32 r = 0; r < early->count; r++) {
			phys_addr_t start = max(range->start, early->reserved[r].start);
			phys_addr_t end = min(range->end, early->reserved[r].end);

			if (start < end)
				bytes += end - start;
		}
	}
	return (u32)phys_to_pfn(bytes);
}
