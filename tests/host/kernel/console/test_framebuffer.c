/* SPDX-License-Identifier: MIT */
/*
 * The framebuffer: which descriptions are refused, which memory is never drawn to, colours in
 * every format, and that only the pixels meant are written.
 *
 * sources: kernel/console/framebuffer.c
 */
#include <string.h>

#include "kernel/console/framebuffer.h"
#include "kernel/cpu/cpu.h"
#include "mm/frames/memmap.h"
#include "tests/host/console.h"
#include "tests/host/tap.h"

struct cpu_info cpu;

static u32 pixels[64 * 16];
static struct {
	u64 start, bytes;
	u32 count;
	bool combining, works;
} mapped;

void *kernel_map_device(phys_addr_t start, u64 bytes, bool write_combining)
{
	mapped.start = start;
	mapped.bytes = bytes;
	mapped.combining = write_combining;
	mapped.count++;
	return mapped.works ? pixels : NULL;
}

static const struct boot_framebuffer sound = {
	.base = 0xd0000000,
	.size = 64 * 16 * 4,
	.width = 60,
	.height = 16,
	.stride = 64,
	.red_mask = 0xff0000,
	.green_mask = 0xff00,
	.blue_mask = 0xff,
};

/* Is it taken with this field changed? A refusal is logged, but not that there is none. */
#define TAKES(field, value)                                                        \
	({                                                                         \
		struct boot_framebuffer given = sound;                             \
		bool taken;                                                        \
                                                                                   \
		given.field = value;                                               \
		console_clear();                                                   \
		taken = framebuffer_take(&given);                                  \
		EXPECT_EQ(strstr(console_text(), "screen: error: width=") != NULL, \
			  !taken && given.base);                                   \
		taken;                                                             \
	})

static void descriptions(void)
{
	EXPECT(TAKES(base, 0x1000) && !TAKES(base, 0));
	EXPECT(TAKES(width, 64) && TAKES(width, 1) && !TAKES(width, 65) && !TAKES(width, 0));
	EXPECT(TAKES(height, 1) && !TAKES(height, 17) && !TAKES(height, 0));
	EXPECT(TAKES(stride, 60) && !TAKES(stride, 59) && !TAKES(stride, 65));
	EXPECT(TAKES(size, 64 * 16 * 4) && !TAKES(size, 64 * 16 * 4 - 1));
	EXPECT(!TAKES(red_mask, 0) && !TAKES(green_mask, 0) && !TAKES(blue_mask, 0));
}

static void largest(void)
{
	struct boot_framebuffer given = sound;

	given.size = 1ull << 40;
	given.stride = given.height = 16384;
	EXPECT(framebuffer_take(&given));
	given.stride++;
	EXPECT(!framebuffer_take(&given));
	given.stride--;
	given.height++;
	EXPECT(!framebuffer_take(&given));
	/* A product that would wrap at 32 bits. */
	given.height = 16384;
	given.size = 0x3fffffff;
	EXPECT(!framebuffer_take(&given));
	given.size = 0x40000000;
	EXPECT(framebuffer_take(&given));
	EXPECT(framebuffer.width == 60 && framebuffer.height == 16384);
	EXPECT(framebuffer.stride == 16384 && framebuffer.red_mask == 0xff0000);
	EXPECT(framebuffer.green_mask == 0xff00 && framebuffer.blue_mask == 0xff);
}

static void set_feature(enum cpu_feature feature, bool on)
{
	cpu.words[feature / 32] &= ~(1u << feature % 32);
	cpu.words[feature / 32] |= (u32)on << feature % 32;
}

/* The result of mapping a framebuffer at `base`: NULL, or why it is not used. */
static const char *map_at(u64 base)
{
	struct boot_framebuffer given = sound;
	bool good;

	given.base = base;
	EXPECT(framebuffer_take(&given));
	good = framebuffer_map(&given);
	EXPECT_EQ(good, framebuffer.unused == NULL);
	EXPECT_EQ(framebuffer.pixels != NULL, framebuffer.unused == NULL);
	console_clear();
	framebuffer_print(&given);
	EXPECT_EQ(strstr(console_text(), "unused=") != NULL, framebuffer.unused != NULL);
	EXPECT(strstr(console_text(), "screen: width=60 height=16 stride=64 base=0x"));
	return framebuffer.unused;
}

static void mapping(void)
{
	EXPECT_TEXT(map_at(0xd0000000), "the processor has no 4 MiB pages");
	EXPECT_EQ(mapped.count, 0);
	set_feature(CPU_PSE, true);
	EXPECT_TEXT(map_at(0xd0000000), "it is too large or too far up to be mapped");
	mapped.works = true;
	EXPECT_TEXT(map_at(0xd0000000), NULL);
	EXPECT(mapped.start == 0xd0000000 && mapped.bytes == 4096 && !mapped.combining);
	set_feature(CPU_PAT, true);
	EXPECT_TEXT(map_at(GiB(4) - 4096), NULL);
	EXPECT(mapped.combining);
#ifndef PAGING_PAE
	EXPECT_TEXT(map_at(GiB(4) - 4095), "it lies above 4 GiB and the processor has no PSE-36");
	set_feature(CPU_PSE36, true);
#endif
	EXPECT_TEXT(map_at(GiB(4) - 4095), NULL);
	EXPECT_TEXT(map_at(0x2d0000000), NULL);
}

/* Memory that the kernel uses is never drawn to, not even its first or last byte. */
static void memory(void)
{
	const char *ours = "the firmware's map calls its memory free";

	set_feature(CPU_PSE, true);
	mapped.works = true;
	memmap.count = 2;
	memmap.range[0] = (struct mem_range){ 0xd0001000, 0xd0002000, MEM_USABLE };
	memmap.range[1] = (struct mem_range){ 0xd0002000, 0xd0003000, MEM_RESERVED };
	EXPECT_TEXT(map_at(0xd0000000), NULL);
	EXPECT_TEXT(map_at(0xd0000001), ours);
	EXPECT_TEXT(map_at(0xd0001000), ours);
	EXPECT_TEXT(map_at(0xd0001fff), ours);
	EXPECT_TEXT(map_at(0xd0002000), NULL);
	memmap.range[1].type = MEM_LOADER;
	EXPECT_TEXT(map_at(0xd0002fff), ours);
	EXPECT_TEXT(map_at(0xd0003000), NULL);
}

static void colours(void)
{
	struct boot_framebuffer given = sound;

	EXPECT(framebuffer_take(&given));
	EXPECT_EQ(framebuffer_colour(0x123456), 0x123456);
	given.red_mask = 0xff;
	given.blue_mask = 0xff0000;
	EXPECT(framebuffer_take(&given));
	EXPECT_EQ(framebuffer_colour(0x123456), 0x563412);
	given.red_mask = 0xf800; /* 5, 6 and 5 bits */
	given.green_mask = 0x7e0;
	given.blue_mask = 0x1f;
	EXPECT(framebuffer_take(&given));
	EXPECT_EQ(framebuffer_colour(0xffffff), 0xffff);
	EXPECT_EQ(framebuffer_colour(0x080408), 0x0821);
	given.red_mask = 0x3ff00000; /* 10 bits each */
	given.green_mask = 0xffc00;
	given.blue_mask = 0x3ff;
	EXPECT(framebuffer_take(&given));
	EXPECT_EQ(framebuffer_colour(0x800102), 0x20000000 | 4 << 10 | 8);
	EXPECT_EQ(framebuffer_colour(0xff0000), 0x3fc00000);
}

/* Expects that nothing but these pixels of a line was written; clears them. */
static void expect_written(u32 at, u32 count, u32 first)
{
	for (u32 i = 0; i < ARRAY_SIZE(pixels); i++) {
		bool wanted = i >= at && i < at + count;

		if (wanted)
			EXPECT_EQ(pixels[i], first + i - at);
		if (wanted)
			pixels[i] = 0;
	}
}

static void expect_nothing(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(pixels); i++)
		EXPECT_EQ(pixels[i], 0);
}

static void drawing(void)
{
	static const u32 line[] = { 11, 12, 13, 14 };
	static const u16 dots[] = { 0, 3, 64, 130 };

	set_feature(CPU_PSE, true);
	mapped.works = true;
	map_at(0xd0000000);
	framebuffer_line(5, 2, line, 3, 2);
	expect_written(2 * 64 + 5, 3, 11);
	expect_written(3 * 64 + 5, 3, 11);
	expect_nothing();
	framebuffer_line(5, 2, line, 3, 0);
	framebuffer_line(5, 2, line, 0, 1);
	expect_nothing();
	framebuffer_line(56, 15, line, 4, 1); /* the last pixels */
	expect_written(15 * 64 + 56, 4, 11);
	framebuffer_dots(1, 1, dots, 3, 7);
	EXPECT(pixels[65] == 7 && pixels[68] == 7 && pixels[129] == 7 && !pixels[195]);
	pixels[65] = pixels[68] = pixels[129] = 0;
	expect_nothing();
}

TAP_MAIN({ "descriptions", descriptions }, { "the largest", largest }, { "mapping", mapping },
	 { "memory of the kernel", memory }, { "colours", colours }, { "drawing", drawing })
