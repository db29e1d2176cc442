/* SPDX-License-Identifier: MIT */
/*
 * What the strip below the text shows: a sample of the frames, and of swap, for each pixel.
 *
 *     frame 0 ................................ the last frame | slots of swap: in use, free
 *
 * The space for swap has as many pixels as the frames at most.
 */
#ifndef KERNEL_CONSOLE_STRIP_H
#define KERNEL_CONSOLE_STRIP_H

#include "mm/frames/page.h"

#define STRIP_MAX 4096u /* pixels */

/* After the owners of frames: a slot of swap that is in use. */
#define STRIP_SWAP    NR_PAGE_OWNERS
#define STRIP_COLOURS (NR_PAGE_OWNERS + 1)

/* Nothing was shown yet. */
void strip_init(void);

/* The name and the colour, in the framebuffer's format, of an owner or STRIP_SWAP. */
const char *strip_name(u32 owner);
u32 strip_colour(u32 owner);

/*
 * The colours of the strip now, `width` pixels, STRIP_MAX at most. NULL: there is no mem_map yet;
 * or, unless `all`, no pixel has changed since the last call.
 */
const u32 *strip_line(u32 width, bool all);

/* Writes what swap did. False: there is no news since the last call. */
bool strip_note(char *text, u32 size);

#endif
