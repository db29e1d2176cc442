/* SPDX-License-Identifier: MIT */
/* Set-up of the machine's zones and their watermarks. */
#include "lib/assert.h"
#include "abi/linux/errno.h"
#include "lib/math64.h"
#include "mm/frames/early.h"
#include "mm/frames/page_alloc.h"
#include "mm/frames/trace_events.h"

/* Limit of hot frames: a 64th of the zone, within bounds. It covers what a small process frees. */
#define HOT_RATIO 64u
#define HOT_FLOOR 32u
#define HOT_TOP	  1024u

/* `min` is a 128th of the zone, within bounds; `low` is 2 * min, `high` 3 * min (Linux 2.4). */
#define WATERMARK_RATIO 128u
#define WATERMARK_FLOOR 20u
#define WATERMARK_TOP	255u

struct page *mem_map;
pfn_t max_pfn, max_low_pfn;

int zones_init(pfn_t low_end, pfn_t end)
{
	static const char *const names[] = {
		[ZONE_DMA] = "DMA", [ZONE_NORMAL] = "Normal", [ZONE_HIGHMEM] = "HighMem"
	};
	pfn_t bounds[NR_ZONES + 1] = { 0, min(low_end, ZONE_DMA_END), low_end, end };
	phys_addr_t map = early_alloc(&early, (u64)end * sizeof(struct page), PAGE_SIZE);

	BUG_ON(low_end > end);
	if (!map)
		return -ENOMEM;
	mem_map = phys_to_virt(map);
	max_low_pfn = low_end;
	max_pfn = end;
	for (u32 i = 0; i < NR_ZONES; i++) {
		u32 words = zone_bitmap_words(bounds[i + 1] - bounds[i]);
		phys_addr_t bitmaps = early_alloc(&early, (u64)words * 4 + 4, PAGE_SIZE);

		if (!bitmaps)
			return -ENOMEM;
		zone_init(&zones[i], i, names[i], bounds[i], bounds[i + 1], mem_map + bounds[i],
			  phys_to_virt(bitmaps));
		trace_state(zone_create, &zones[i]);
	}
	zone_set_highmem(&zones[ZONE_HIGHMEM]);
	return 0;
}

void zones_add(pfn_t first, pfn_t end)
{
	for (u32 i = 0; i < NR_ZONES; i++) {
		pfn_t from = max(first, zones[i].start), to = min(end, zones[i].end);

		if (from < to)
			zone_add(&zones[i], from, to);
	}
}

static void set_marks(struct zone *zone, u32 min)
{
	zone->pages_min = min;
	zone->pages_low = 2 * min;
	zone->pages_high = 3 * min;
}

void zones_set_watermarks(void)
{
	for (u32 i = 0; i < NR_ZONES; i++) {
		struct zone *zone = &zones[i];
		u32 mark = zone->present_pages / WATERMARK_RATIO;

		if (zone->present_pages)
			mark = min(max(mark, WATERMARK_FLOOR), WATERMARK_TOP);
		set_marks(zone, mark);
		zone->hot_max = min(max(zone->present_pages / HOT_RATIO, HOT_FLOOR), HOT_TOP);
	}
}

u32 zones_min_free(void)
{
	return zones[ZONE_DMA].pages_min + zones[ZONE_NORMAL].pages_min;
}

int zones_set_min_free(u32 pages)
{
	u32 low = zones[ZONE_DMA].present_pages + zones[ZONE_NORMAL].present_pages;

	if (pages > low / 4)
		return -EINVAL;
	for (u32 i = ZONE_DMA; i <= ZONE_NORMAL; i++)
		set_marks(&zones[i], (u32)div_u64((u64)pages * zones[i].present_pages, low));
	return 0;
}

struct page *zero_page;

void zero_page_init(void)
{
	zero_page = alloc_page(GFP_KERNEL | __GFP_ZERO | __GFP_NOFAIL);
	zero_page->flags |= PG_reserved;
	trace(mm_page_reserve, zero_page);
}
