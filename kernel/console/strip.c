/* SPDX-License-Identifier: MIT */
#include "kernel/console/strip.h"
#include "kernel/console/framebuffer.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/frames/buddy.h"
#include "mm/reclaim/reclaim.h"
#include "mm/swap/swap.h"

static const u32 owner_rgb[STRIP_COLOURS] = {
	[OWNER_FREE] = 0x3d5266,    [OWNER_RESERVED] = 0x6b6b6b,  [OWNER_KERNEL] = 0xd9822b,
	[OWNER_PGTABLE] = 0xe5c83c, [OWNER_SLAB] = 0xb05fd0,	  [OWNER_VMALLOC] = 0x4bb8c9,
	[OWNER_ANON] = 0x5fbf5a,    [OWNER_PAGECACHE] = 0x4f7fe0, [OWNER_HUGE] = 0x8fd14f,
	[STRIP_SWAP] = 0xd9577a,
};

static u8 shown[STRIP_MAX]; /* the owner that each pixel shows */
static u32 events_shown;    /* pages that came from swap or went there, in the note */

void strip_init(void)
{
	memset(shown, 0, sizeof(shown));
	events_shown = 0;
}

const char *strip_name(u32 owner)
{
	return owner == STRIP_SWAP ? "swap" : page_owner_name(owner);
}

u32 strip_colour(u32 owner)
{
	return framebuffer_colour(owner_rgb[owner]);
}

/*
 * The owner of pixel x of `width`. Steps of 16 frames, and fewer slots, let all products fit in 32
 * bits. The space for swap has as much as the frames at most; slots in use are shown first.
 */
static u32 strip_at(u32 x, u32 width)
{
	u32 frames = max_pfn / 16, slots = total_swap_pages, used = slots - nr_swap_pages;
	u32 pixels = min(slots / 16, frames), at = x * (frames + pixels) / width;

	if (at < frames)
		return frame_owner(at * 16);
	for (; slots > 0xffff; slots >>= 1)
		used >>= 1;
	return at - frames < used * pixels / slots ? STRIP_SWAP : OWNER_FREE;
}

const u32 *strip_line(u32 width, bool all)
{
	static u32 line[STRIP_MAX];
	bool changed = all;

	if (!mem_map)
		return NULL;
	for (u32 x = 0; x < width; x++) {
		u8 owner = (u8)strip_at(x, width);

		changed |= owner != shown[x];
		shown[x] = owner;
		line[x] = strip_colour(owner);
	}
	return changed ? line : NULL;
}

bool strip_note(char *text, u32 size)
{
	u32 events = swap_counters.pswpin + swap_counters.pswpout + reclaim_counters.oom_kills;

	if (events == events_shown)
		return false;
	events_shown = events;
	scnprintf(text, size, "out %u in %u oom %u", swap_counters.pswpout, swap_counters.pswpin,
		  reclaim_counters.oom_kills);
	return true;
}
