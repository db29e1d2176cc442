/* SPDX-License-Identifier: MIT */
/* The page directory that the kernel starts with. */
#include "efi/handoff.h"

#define PAGE_OFFSET  0xC0000000u
#define ENTRIES	     1024u
#define LARGE_PAGE   0x400000u /* bytes */
#define LARGE_SHIFT  22
#define FLAGS_MEMORY 0x83u /* present, writable, 4 MiB */
#define FLAGS_DEVICE 0x93u /* also uncached, unless the MTRRs have write combining */
#define HIGH_SHIFT   13	   /* bits 32 to 39 of the address */

static void map_framebuffer(u32 *directory, struct boot_framebuffer *framebuffer, u64 limit)
{
	u64 start = framebuffer->base & ~(u64)(LARGE_PAGE - 1);
	u64 bytes = (u64)framebuffer->stride * framebuffer->height * sizeof(u32), end;

	framebuffer->early = 0;
	if (!framebuffer->base || !bytes || bytes > BOOT_FRAMEBUFFER_MAX ||
	    framebuffer->base > limit - bytes)
		return;
	end = framebuffer->base + bytes;
	for (u32 i = BOOT_FRAMEBUFFER >> LARGE_SHIFT; start < end; i++, start += LARGE_PAGE)
		directory[i] = (u32)start | (u32)(start >> 32) << HIGH_SHIFT | FLAGS_DEVICE;
	framebuffer->early = BOOT_FRAMEBUFFER + (u32)(framebuffer->base & (LARGE_PAGE - 1));
}

void boot_directory_fill(u32 *directory, struct boot_framebuffer *framebuffer, bool pse36)
{
	for (u32 i = 0; i < ENTRIES; i++) {
		u32 address = i << LARGE_SHIFT;

		if (address < PAGE_OFFSET)
			directory[i] = address | FLAGS_MEMORY;
		else if (address < BOOT_FRAMEBUFFER)
			directory[i] = (address - PAGE_OFFSET) | FLAGS_MEMORY;
		else
			directory[i] = 0;
	}
	map_framebuffer(directory, framebuffer, pse36 ? (u64)1 << 40 : GiB(4));
}
