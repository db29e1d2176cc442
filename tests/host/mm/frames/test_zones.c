/* SPDX-License-Identifier: MIT */
/*
 * The start with one more free frame each time: as long as mem_map and the bitmaps of all zones do
 * not fit there is no start. And what zones keep free, by their size.
 */
#include <string.h>

#include "abi/linux/errno.h"
#include "mm/frames/page_alloc.h"
#include "tests/host/console.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

#define RAM MiB(32)

/* Starts with so many frames that the kernel leaves free. Is there no room for mem_map? */
static bool without_room(u32 frames)
{
	static const struct mem_range ram = { 0, RAM, MEM_USABLE };
	struct boot_layout layout = machine_layout();

	layout.high_bytes = MiB(12);
	layout.kernel.end = RAM - MiB(12) - frames * PAGE_SIZE;
	console_clear();
	EXPECT_EQ(machine_boot_map(&ram, 1, &layout), -ENOMEM);
	return strstr(console_text(), "memory: error: no room for mem_map\n");
}

static void room_for_mem_map(void)
{
	const u32 mem_map_frames = DIV_ROUND_UP(RAM / PAGE_SIZE * sizeof(struct page), PAGE_SIZE);
	u32 frames = 0;

	while (!without_room(frames) && frames < 100)
		frames++; /* the kernel's page tables come first */
	/* Each zone has a frame for its bitmaps. */
	for (u32 more = 1; more < mem_map_frames + NR_ZONES && !tap_failed(); more++)
		EXPECT(without_room(frames + more));
}

static void expect_marks(const struct zone *zone, u32 min)
{
	EXPECT_EQ(zone->pages_min, min);
	EXPECT_EQ(zone->pages_low, 2 * min);
	EXPECT_EQ(zone->pages_high, 3 * min);
}

static void watermarks(void)
{
	static const struct {
		u32 present, min, hot;
	} cases[] = {
		{ 0, 0, 32 },
		{ 1, 20, 32 },
		{ 32 * 64, 20, 32 },
		{ 33 * 64, 20, 33 },
		{ 21 * 128 - 1, 20, 41 },
		{ 21 * 128, 21, 42 },
		{ 254 * 128, 254, 508 },
		{ 255 * 128, 255, 510 },
		{ 256 * 128, 255, 512 },
		{ 1024 * 64 - 1, 255, 1023 },
		{ 1024 * 64, 255, 1024 },
		{ 1025 * 64, 255, 1024 },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		for (u32 zone = 0; zone < NR_ZONES; zone++)
			zones[zone].present_pages = zone == i % NR_ZONES ? cases[i].present : 0;
		zones_set_watermarks();
		expect_marks(&zones[i % NR_ZONES], cases[i].min);
		EXPECT_EQ(zones[i % NR_ZONES].hot_max, cases[i].hot);
		expect_marks(&zones[(i + 1) % NR_ZONES], 0);
	}
}

/* vm.min_free_kbytes: shared out by size among the zones of the direct map, a quarter at most. */
static void least_free(void)
{
	zones[ZONE_DMA].present_pages = 1000;
	zones[ZONE_NORMAL].present_pages = 3000;
	zones[ZONE_HIGHMEM].present_pages = 8000;
	zones_set_watermarks();
	EXPECT_EQ(zones_min_free(), 20 + 3000 / 128);
	EXPECT_EQ(zones_set_min_free(1001), -EINVAL);
	EXPECT_EQ(zones_min_free(), 20 + 3000 / 128);
	EXPECT_EQ(zones_set_min_free(1000), 0);
	expect_marks(&zones[ZONE_DMA], 250);
	expect_marks(&zones[ZONE_NORMAL], 750);
	expect_marks(&zones[ZONE_HIGHMEM], 8000 / 128);
	EXPECT_EQ(zones_set_min_free(0), 0);
	EXPECT_EQ(zones_min_free(), 0);
	expect_marks(&zones[ZONE_NORMAL], 0);
}

TAP_MAIN({ "room for mem_map and the bitmaps of the zones", room_for_mem_map },
	 { "watermarks", watermarks }, { "the least free memory", least_free })
