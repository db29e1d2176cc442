/* SPDX-License-Identifier: MIT */
/* Hidden cases of the exercise areas: what a first solution may forget. */
#include "tests/ring3/runtime/maps.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/tap.h"

#define READ_WRITE (PROT_READ | PROT_WRITE)
#define PAGES	   64u

static u8 *const place = (u8 *)FIXED_PLACE;

static void map(u32 page, u32 pages, int protection)
{
	EXPECT(memory_map_at(FIXED_PLACE + page * PAGE_SIZE, pages, protection) ==
	       place + page * PAGE_SIZE);
}

/* Page by page, every second one first: the others close the holes. */
static void holes_are_closed(void)
{
	for (u32 i = 0; i < PAGES; i += 2)
		map(i, 1, READ_WRITE);
	EXPECT_EQ(maps_count(place, PAGES), PAGES / 2);
	for (u32 i = 1; i < PAGES; i += 2)
		map(i, 1, READ_WRITE);
	EXPECT_EQ(maps_count(place, PAGES), 1);
	memory_unmap(place, PAGES);
}

/* From high to low: the area before which the new one lies begins earlier. */
static void downward(void)
{
	for (u32 i = PAGES; i--;)
		map(i, 1, READ_WRITE);
	EXPECT_EQ(maps_count(place, PAGES), 1);
	memory_fill(place, PAGES, 5);
	EXPECT(memory_check(place, PAGES, 5));
	memory_unmap(place, PAGES);
}

/* Other rights do not merge; made equal, they do. */
static void other_rights(void)
{
	for (u32 i = 0; i < PAGES; i++)
		map(i, 1, i % 2 ? READ_WRITE : PROT_READ);
	EXPECT_EQ(maps_count(place, PAGES), PAGES);
	EXPECT_EQ(sys_mprotect(FIXED_PLACE, PAGES * PAGE_SIZE, READ_WRITE), 0);
	EXPECT_EQ(maps_count(place, PAGES), 1);
	memory_unmap(place, PAGES);
}

static const struct tap_case cases[] = {
	{ "holes are closed", holes_are_closed },
	{ "downward", downward },
	{ "other rights", other_rights },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
