/* SPDX-License-Identifier: MIT */
/*
 * The start with one more free frame each time: as long as mem_map and the bitmaps of all zones do
 * not fit there is no start.
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

TAP_MAIN({ "room for mem_map and the bitmaps of the zones", room_for_mem_map })
