/* SPDX-License-Identifier: MIT */
/*
 * Characters as pixels of the framebuffer: printable ASCII of a font of 8 by 16 pixels. Places are
 * in characters, column and row; an ink is a colour as framebuffer_colour() returns it.
 *
 * Any context, interrupts off.
 */
#ifndef KERNEL_CONSOLE_GLYPHS_H
#define KERNEL_CONSOLE_GLYPHS_H

#include "lib/types.h"

#define GLYPH_WIDTH  8u
#define GLYPH_HEIGHT 16u
#define COLUMNS_MAX  240u /* characters of a row */
#define SCALE_MAX    8u

/*
 * Draws `count` characters of a row from `column` on, each pixel of the font as a square of
 * `scale`, with their background.
 */
void glyphs_draw(u32 scale, u32 column, u32 row, const char *text, u32 count, u32 ink);

/* Draws the lit pixels of one character, unscaled, and no background. */
void glyph_draw_lit(u32 column, u32 row, char c, u32 ink);

#endif
