/* SPDX-License-Identifier: MIT */
/*
 * The page directory that the kernel starts with, walked as the processor does: memory, and
 * framebuffers of all sizes and places.
 *
 * sources: efi/handoff/boot_directory.c
 */
#include <string.h>

#include "efi/handoff/boot_directory.h"
#include "tests/host/tap.h"

static u32 directory[1024];

/* The translation of an address, with PSE-36; ~0: none. */
static u64 translated(u32 address)
{
	u32 entry = directory[address >> 22];

	if (!(entry & 1))
		return ~0ull;
	EXPECT((entry & 0x82) == 0x82 && !(entry & 0x1fe000 & ~(0xffu << 13)));
	return (entry & 0xffc00000u) | (u64)(entry >> 13 & 0xff) << 32 | (address & 0x3fffff);
}

static void memory(void)
{
	struct boot_framebuffer none = { 0 };

	memset(directory, 0x55, sizeof(directory));
	none.early = 1;
	boot_directory_fill(directory, &none, true);
	EXPECT_EQ(none.early, 0);
	for (u64 address = 0; address < GiB(4); address += 0x10000) {
		u64 found = translated((u32)address);

		if (address < 0xc0000000u)
			EXPECT(found == address);
		else if (address < 0xf8000000u)
			EXPECT(found == address - 0xc0000000u);
		else
			EXPECT(found == ~0ull);
	}
}

static void framebuffers(void)
{
	static const struct {
		u64 base;
		u32 stride, height;
		bool pse36, mapped;
	} cases[] = {
		{ 0xc0000000, 1280, 800, false, true }, /* QEMU's q35 */
		{ 0x80000000, 1024, 768, false, true }, /* its pc */
		{ 0xe0000000, 1920, 1080, false, true },
		{ 0x4000000000, 2560, 1600, true, true }, /* Tiger Lake and later: 256 GiB */
		{ 0x4000000000, 2560, 1600, false, false },
		{ 0x6000350000, 3840, 2160, true, true }, /* not at the start of 4 MiB */
		{ 0xfff00000, 1280, 800, false, false },  /* over 4 GiB */
		{ 0xfff00000, 1280, 800, true, true },
		{ 0xffffc00000, 1024, 1024, true, true }, /* the last 4 MiB below 2^40 */
		{ 0xffffc00000, 1024, 1025, true, false },
		{ 0x10000000000, 1024, 768, true, false }, /* 2^40 */
		{ ~0ull - 4095, 1024, 768, true, false },
		{ 0x800ffffc, 4096, 3072, true, true }, /* the largest, over 13 entries */
		{ 0x80000000, 4096, 3073, true, false },
		{ 0x80000000, 0, 0, true, false },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		struct boot_framebuffer f = { .base = cases[i].base,
					      .stride = cases[i].stride,
					      .height = cases[i].height };
		u32 bytes = f.stride * f.height * 4;

		boot_directory_fill(directory, &f, cases[i].pse36);
		tap_check((f.early != 0) == cases[i].mapped, __FILE__, __LINE__, "case %u", i);
		if (!f.early) {
			EXPECT(translated(BOOT_FRAMEBUFFER) == ~0ull);
			continue;
		}
		EXPECT(f.early >= BOOT_FRAMEBUFFER);
		EXPECT(translated(f.early) == f.base);
		EXPECT(translated(f.early + bytes - 1) == f.base + bytes - 1);
		/* Nothing after it is mapped, and it is uncached. */
		EXPECT(translated((f.early + bytes - 1) / 0x400000 * 0x400000 + 0x400000) == ~0ull);
		EXPECT(directory[BOOT_FRAMEBUFFER >> 22] & 0x10);
	}
}

TAP_MAIN({ "memory", memory }, { "framebuffers", framebuffers })
