/* SPDX-License-Identifier: MIT */
/*
 * The screen: the log's last lines, and a strip that shows whom the memory belongs to.
 *
 *   +--------------------------------+
 *   | text: the newest line is the   |    cells: a ring of rows in RAM; scrolling moves its start
 *   | lowest                         |    shown: what the pixels show; only cells that differ are drawn
 *   +--------------------------------+
 *   | free  kernel  slab  anon  ...  |    the colours of the strip
 *   | ########  ### #####            |    frame 0 at the left, the last one at the right; a sample for each pixel
 *   +--------------------------------+
 *
 *   (1) pixels are written, never read;
 *   (2) text is drawn at most ten times a second while it comes, and drawing takes a thirtieth of the time at most; at the end all is drawn;
 *   (3) a machine without a usable framebuffer runs as any other.
 *
 * Any context, interrupts off while it draws.
 */
#ifndef KERNEL_SCREEN_H
#define KERNEL_SCREEN_H

#include "lib/types.h"

struct boot_framebuffer;

/* Starts to collect text for a framebuffer that is not mapped yet. `colours`: mark lines by what they say. */
void screen_init(const struct boot_framebuffer *given, bool colours);

/* Maps it; see framebuffer_map(). */
void screen_start(const struct boot_framebuffer *given);

/* Text for the screen: printable ASCII and '\n'; '\r' is passed over, anything else is a question mark. */
void screen_write(const char *text, size_t count);

/* Draws what is not drawn yet. Before the machine stops. */
void screen_refresh(void);

#endif
