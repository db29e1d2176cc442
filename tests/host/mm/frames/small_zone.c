/* SPDX-License-Identifier: MIT */
/* A zone of a test's own. */
#include <stdlib.h>
#include <string.h>

#include "tests/host/mm/frames/small_zone.h"
#include "tests/host/tap.h"

struct zone zone;

void make_zone(pfn_t start, u32 frames)
{
	struct page *pages = malloc(frames * sizeof(*pages));
	u32 words = zone_bitmap_words(frames);
	u32 *bitmaps = malloc(words * sizeof(*bitmaps));

	memset(pages, 0xa5, frames * sizeof(*pages));
	memset(bitmaps, 0xa5, words * sizeof(*bitmaps));
	zone_init(&zone, 1, "test", start, start + frames, pages, bitmaps);
	EXPECT_VALID(zone_validate(&zone));
}

void make_full_zone(pfn_t start, u32 frames)
{
	make_zone(start, frames);
	zone_add(&zone, start, start + frames);
	EXPECT_VALID(zone_validate(&zone));
	EXPECT_EQ(zone.free_pages, frames);
	EXPECT_EQ(zone.present_pages, frames);
}

void drop_zone(void)
{
	free(zone.pages);
	free(zone.free_area[0].map);
}
