/* SPDX-License-Identifier: MIT */
/*
 * A screen with an array for its pixels. The font's first line is the character's number, so that
 * text can be read back from the pixels. A pixel outside the framebuffer ends the case.
 */
#ifndef TESTS_HOST_KERNEL_CONSOLE_SCREEN_RIG_H
#define TESTS_HOST_KERNEL_CONSOLE_SCREEN_RIG_H

#include "lib/types.h"

#define STEP (HZ / 100) /* ticks in 10 ms: ten steps from one redraw to the next */

extern u64 tsc;
extern u32 *pixels;
extern u32 lines_drawn;
extern u32 line_cost; /* of a line of pixels, in counts of the TSC */
extern bool mappable, said;

/* A screen of that size, each in a process of its own (tap.c), because the state is static. */
void screen_begin(u32 width, u32 height, bool colours);

/* The character at a place, and its colour, by its glyph's first line. */
char read_back(u32 column, u32 row, u32 scale, u32 *ink);

bool row_is(u32 row, u32 scale, const char *text);
void say(const char *text);

#endif
