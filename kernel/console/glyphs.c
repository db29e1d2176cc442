/* SPDX-License-Identifier: MIT */
/* Drawing characters: from the bits of the font to pixels. */
#include "kernel/console/glyphs.h"
#include "kernel/console/framebuffer.h"

/* kernel/console/font.S: GLYPH_HEIGHT bytes for each character from ' ' to '~' */
extern const u8 font_glyphs[][GLYPH_HEIGHT];

/* The pixels of each half of a glyph's line. Computed for one ink at a time. */
static u32 nibbles[16][4];
static u32 nibble_ink;

static void take_ink(u32 ink)
{
	if (ink == nibble_ink)
		return;
	for (u32 bits = 0; bits < 16; bits++)
		for (u32 i = 0; i < 4; i++)
			nibbles[bits][i] = bits & 8u >> i ? ink : framebuffer_colour(0);
	nibble_ink = ink;
}

/* Appends eight pixels of a glyph, each `scale` wide. */
static u32 *expand(u32 *to, u8 bits, u32 scale)
{
	const u32 *high = nibbles[bits >> 4], *low = nibbles[bits & 15];

	if (scale == 1) {
		for (u32 i = 0; i < 4; i++) {
			to[i] = high[i];
			to[i + 4] = low[i];
		}
		return to + 8;
	}
	for (u32 i = 0; i < 8 * scale; i++)
		*to++ = i < 4 * scale ? high[i / scale] : low[i / scale - 4];
	return to;
}

#define LINE_PIXELS 2048u /* as wide as a row of COLUMNS_MAX characters of scale 1, and more */

/* Line by line: each line is one write. */
static void draw_together(u32 scale, u32 column, u32 row, const char *text, u32 count)
{
	static u32 line[LINE_PIXELS];
	u32 width = GLYPH_WIDTH * scale;

	for (u32 y = 0; y < GLYPH_HEIGHT; y++) {
		u32 *pixel = line;

		for (u32 i = 0; i < count; i++)
			pixel = expand(pixel, font_glyphs[text[i] - ' '][y], scale);
		framebuffer_line(column * width, (row * GLYPH_HEIGHT + y) * scale, line,
				 count * width, scale);
	}
}

void glyphs_draw(u32 scale, u32 column, u32 row, const char *text, u32 count, u32 ink)
{
	u32 together = LINE_PIXELS / (GLYPH_WIDTH * scale);

	take_ink(ink);
	for (u32 i = 0; i < count; i += together)
		draw_together(scale, column + i, row, text + i, min(count - i, together));
}

/* The lit pixels of a glyph, as distances from its first one. Computed when it is first drawn. */
struct lit {
	u8 count;
	u16 at[GLYPH_WIDTH * GLYPH_HEIGHT];
};

static const struct lit *lit_pixels(char c)
{
	static struct lit glyphs['~' - ' ' + 1];
	struct lit *lit = &glyphs[c - ' '];

	if (lit->count)
		return lit;
	for (u32 y = 0; y < GLYPH_HEIGHT; y++)
		for (u32 x = 0; x < GLYPH_WIDTH; x++)
			if (font_glyphs[c - ' '][y] & 0x80 >> x)
				lit->at[lit->count++] = (u16)(y * framebuffer.stride + x);
	return lit;
}

void glyph_draw_lit(u32 column, u32 row, char c, u32 ink)
{
	const struct lit *lit = lit_pixels(c);

	framebuffer_dots(column * GLYPH_WIDTH, row * GLYPH_HEIGHT, lit->at, lit->count, ink);
}
