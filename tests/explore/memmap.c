/* SPDX-License-Identifier: MIT */
/*
 * The map of physical memory from a few raw entries, which begin and end at or between pages and
 * overlap in every way, of four types.
 *
 *   entries    |-usable-----|                model: the type of each page, by the rules of
 *                     |-reserved--|                 mm/frames/memmap.h
 *
 * In each state a copy of the raw map is sanitised.
 */
#include "mm/frames/memmap.h"
#include "paging/layout.h"
#include "tests/explore/explore.h"

#define PAGES	    3u
#define PLACES	    (2 * PAGES + 1) /* half pages */
#define TYPES	    4u
#define ENTRIES_MAX 3u

enum { OPERATIONS = PLACES * PLACES * TYPES };

const struct world world = { "memmap", "entries", 1, ENTRIES_MAX, 2, 3, OPERATIONS };

static const enum mem_type types[TYPES] = { MEM_USABLE, MEM_LOADER, MEM_RESERVED, MEM_UNUSABLE };
static struct memmap raw, sound;
static u32 most, count;
static u32 entries[ENTRIES_MAX]; /* the operations, ascending: the order does not count */

void world_start(u32 size)
{
	most = size;
}

bool world_apply(u32 operation)
{
	u32 start = operation % PLACES, end = operation / PLACES % PLACES;
	u32 type = operation / (PLACES * PLACES);

	if (count == most || start >= end || (count && entries[count - 1] > operation))
		return false;
	EXPLORE_EQUAL(
		memmap_add(&raw, start * PAGE_SIZE / 2, (end - start) * PAGE_SIZE / 2, types[type]),
		0);
	entries[count++] = operation;
	return true;
}

void world_text(u32 operation, char *buffer, u32 size)
{
	u32 start = operation % PLACES, end = operation / PLACES % PLACES;

	scnprintf(buffer, size, "memmap_add(&map, %#x, %#x, %u);", start * PAGE_SIZE / 2,
		  (end - start) * PAGE_SIZE / 2, types[operation / (PLACES * PLACES)]);
}

/* The type of a page; -1: none. */
static int type_of_page(u32 page)
{
	int found = -1;

	for (u32 i = 0; i < count; i++) {
		u32 start = entries[i] % PLACES, end = entries[i] / PLACES % PLACES;
		enum mem_type type = types[entries[i] / (PLACES * PLACES)];
		bool whole = start <= 2 * page && end >= 2 * page + 2;
		bool part = start < 2 * page + 2 && end > 2 * page;

		if (type >= MEM_RESERVED ? part : whole)
			found = max(found, (int)type);
	}
	return found;
}

void world_check(void)
{
	const char *violated;

	sound = raw;
	memmap_sanitise(&sound);
	violated = memmap_validate(&sound);
	if (violated)
		panic("memmap_validate: %s", violated);
	for (u32 page = 0; page < PAGES; page++) {
		int type = -1;

		for (u32 i = 0; i < sound.count; i++)
			if (sound.range[i].start <= page * PAGE_SIZE &&
			    sound.range[i].end >= (page + 1) * PAGE_SIZE)
				type = (int)sound.range[i].type;
		EXPLORE_EQUAL(type, type_of_page(page));
	}
	for (u32 i = 0; i < sound.count; i++)
		EXPLORE_CHECK(sound.range[i].end <= PAGES * PAGE_SIZE);
}

void world_describe(void)
{
	explore_put(count);
	for (u32 i = 0; i < count; i++)
		explore_put(entries[i]);
}
