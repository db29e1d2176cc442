/* SPDX-License-Identifier: MIT */
#include "tests/host/kernel/disks/request_frames.h"

#include <string.h>

#include "mm/frames/page_alloc.h"
#include "tests/host/machine.h"

pfn_t frames[DISK_FRAMES_MAX];
static struct page *pages[DISK_FRAMES_MAX];

void take_frames(void)
{
	for (u32 i = 0; i < DISK_FRAMES_MAX; i++) {
		u32 at = i * 11 % DISK_FRAMES_MAX;

		pages[at] = alloc_page(GFP_KERNEL);
		frames[at] = page_to_pfn(pages[at]);
		memset(memory_of(at), (int)at + 1, PAGE_SIZE);
	}
}

void free_frames(void)
{
	for (u32 i = 0; i < DISK_FRAMES_MAX; i++)
		__free_page(pages[i]);
}

u8 *memory_of(u32 frame)
{
	return machine_ram(pfn_to_phys(frames[frame]));
}

void fill_frames(void)
{
	for (u32 i = 0; i < DISK_FRAMES_MAX; i++)
		memset(memory_of(i), FRAMES_BEFORE, PAGE_SIZE);
}

bool frames_are(const u8 *data, u32 bytes)
{
	u32 at = 0;

	for (; at + PAGE_SIZE <= bytes; at += PAGE_SIZE) {
		if (memcmp(memory_of(at / PAGE_SIZE), data + at, PAGE_SIZE))
			return false;
	}
	return at == bytes || (!memcmp(memory_of(at / PAGE_SIZE), data + at, bytes - at) &&
			       memory_of(at / PAGE_SIZE)[bytes - at] == FRAMES_BEFORE);
}
