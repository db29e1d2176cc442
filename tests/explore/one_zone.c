/* SPDX-License-Identifier: MIT */
#include "tests/explore/one_zone.h"
#include "mm/frames/buddy.h"
#include "mm/frames/page_alloc.h"
#include "mm/slab/slab.h"
#include "tests/explore/explore.h"

static u32 bitmaps[1024];

void one_zone_start(struct page *pages, u32 frames)
{
	mem_map = pages;
	max_pfn = max_low_pfn = frames;
	EXPLORE_CHECK(zone_bitmap_words(frames) <= ARRAY_SIZE(bitmaps));
	zone_init(&zones[ZONE_DMA], ZONE_DMA, "DMA", 0, frames, pages, bitmaps);
	zones_add(0, frames);
	zonelists_init();
	kmem_cache_init(0);
}
