/* SPDX-License-Identifier: MIT */
/* Hidden cases of the exercise buddy: what a first solution may forget. */
#include "tests/host/mm/frames/small_zone.h"
#include "tests/host/tap.h"

#define FRAMES 768u /* one block of 512 and one of 256 */

/* Blocks come aligned, disjoint, and as whole as they were. */
static void every_order_aligned(void)
{
	make_full_zone(0, FRAMES);
	for (u32 order = 0; order < MAX_ORDER; order++) {
		struct page *block = buddy_alloc(&zone, order, OWNER_KERNEL);

		EXPECT(block);
		EXPECT_EQ((u32)(block - zone.pages) % (1u << order), 0);
		EXPECT_VALID(zone_validate(&zone));
		EXPECT(buddy_free(&zone, block, order));
		EXPECT_VALID(zone_validate(&zone));
	}
	EXPECT_EQ(zone_free_blocks(&zone, 9), 1);
	EXPECT_EQ(zone_free_blocks(&zone, 8), 1);
	drop_zone();
}

/* All frames one by one; freed from the middle outward they are large blocks again. */
static void from_the_middle(void)
{
	static struct page *frame[FRAMES];

	make_full_zone(0, FRAMES);
	for (u32 i = 0; i < FRAMES; i++)
		frame[i] = buddy_alloc(&zone, 0, OWNER_KERNEL);
	EXPECT(!buddy_alloc(&zone, 0, OWNER_KERNEL));
	for (u32 i = 0; i < FRAMES / 2; i++) {
		EXPECT(buddy_free(&zone, frame[FRAMES / 2 - 1 - i], 0));
		EXPECT(buddy_free(&zone, frame[FRAMES / 2 + i], 0));
	}
	EXPECT_VALID(zone_validate(&zone));
	EXPECT_EQ(zone_free_blocks(&zone, 9), 1);
	EXPECT_EQ(zone_free_blocks(&zone, 8), 1);
	drop_zone();
}

/* A zone with a part of a pair at its end: the other half does not exist. */
static void half_a_pair(void)
{
	struct page *frame;

	make_full_zone(512, 7);
	frame = buddy_alloc(&zone, 0, OWNER_KERNEL);
	EXPECT(frame);
	EXPECT_VALID(zone_validate(&zone));
	EXPECT(buddy_free(&zone, frame, 0));
	EXPECT_EQ(zone_free_blocks(&zone, 2), 1);
	EXPECT_EQ(zone_free_blocks(&zone, 1), 1);
	EXPECT_EQ(zone_free_blocks(&zone, 0), 1);
	EXPECT_VALID(zone_validate(&zone));
	drop_zone();
}

TAP_MAIN({ "every order, aligned", every_order_aligned }, { "from the middle", from_the_middle },
	 { "half a pair", half_a_pair })
