/* SPDX-License-Identifier: MIT */
#include "tests/host/kernel/console/screen_rig.h"

#include <stdlib.h>
#include <string.h>

#include "kernel/console/framebuffer.h"
#include "kernel/console/screen.h"
#include "kernel/devices/time.h"
#include "tests/host/tap.h"

struct framebuffer framebuffer;
volatile u32 jiffies;

u64 tsc;
u32 *pixels;
u8 font_glyphs['~' - ' ' + 1][16];

void time_call_after_tick(void (*function)(void))
{
	EXPECT(function == screen_tick);
}

u64 read_tsc(void)
{
	return tsc;
}

u32 lines_drawn;
u32 line_cost = 10; /* of a line of pixels, in counts of the TSC */
bool mappable;
bool said;

bool framebuffer_take(const struct boot_framebuffer *given)
{
	framebuffer.width = given->width;
	framebuffer.height = given->height;
	framebuffer.stride = given->stride;
	framebuffer.pixels = given->early ? pixels : NULL;
	return given->base;
}

bool framebuffer_map(const struct boot_framebuffer *given)
{
	(void)given;
	framebuffer.unused = mappable ? NULL : "it can't be mapped";
	return mappable;
}

void framebuffer_print(const struct boot_framebuffer *given)
{
	(void)given;
	said = true;
}

u32 framebuffer_colour(u32 rgb)
{
	return rgb;
}

void framebuffer_line(u32 x, u32 y, const u32 *from, u32 count, u32 lines)
{
	if (!EXPECT(mappable) ||
	    !EXPECT(x + count <= framebuffer.width && y + lines <= framebuffer.height))
		abort();
	for (; lines; lines--, y++, lines_drawn++, tsc += line_cost)
		memcpy(pixels + y * framebuffer.width + x, from, count * sizeof(u32));
}

void framebuffer_dots(u32 x, u32 y, const u16 *dots, u32 count, u32 ink)
{
	if (!EXPECT(mappable) ||
	    !EXPECT(x + 8 <= framebuffer.width && y + 16 <= framebuffer.height))
		abort();
	lines_drawn += 16;
	for (u32 i = 0; i < count; i++) {
		EXPECT(dots[i] % framebuffer.width < 8 && dots[i] / framebuffer.width < 16);
		pixels[y * framebuffer.width + x + dots[i]] = ink;
	}
}

void screen_begin(u32 width, u32 height, bool colours)
{
	struct boot_framebuffer given = {
		.base = 1, .width = width, .height = height, .stride = width
	};

	for (u32 c = ' '; c <= '~'; c++)
		font_glyphs[c - ' '][0] = (u8)c;
	pixels = malloc(sizeof(u32) * width * height);
	memset(pixels, 0x55, sizeof(u32) * width * height);
	mappable = true;
	screen_init(&given, colours);
	screen_leave_boot_map(&given);
	screen_start(&given);
	EXPECT(said);
}

char read_back(u32 column, u32 row, u32 scale, u32 *ink)
{
	const u32 *line = pixels + row * 16 * scale * framebuffer.width + column * 8 * scale;
	u32 c = 0;

	for (u32 bit = 0; bit < 8; bit++) {
		u32 pixel = line[bit * scale];

		c = c << 1 | !!pixel;
		if (pixel)
			*ink = pixel;
	}
	return c ? (char)c : ' ';
}

bool row_is(u32 row, u32 scale, const char *text)
{
	u32 ink = 0;

	for (u32 column = 0; text[column]; column++)
		if (read_back(column, row, scale, &ink) != text[column])
			return false;
	return true;
}

void say(const char *text)
{
	screen_write(text, strlen(text));
}
