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
 *   (2) until ticks come every full line is drawn at once, so that the last line is on the screen wherever the kernel hangs. Scrolling would
 *       draw all other lines again: the ring is shown as it lies, behind the lowest row comes the highest, and a blank row follows the newest;
 *   (3) afterwards text is drawn when it is 100 ms old at most, scrolled. Drawing takes no more than a third of the time: the run comes first;
 *   (4) where scrolling is so slow that text would get older, new lines are drawn where the oldest ones were, as in (2);
 *   (5) at the end, of whatever kind, all is drawn, scrolled;
 *   (6) a machine without a usable framebuffer runs as any other.
 *
 * Any context, interrupts off while it draws.
 */
#ifndef KERNEL_CONSOLE_SCREEN_H
#define KERNEL_CONSOLE_SCREEN_H

#include "lib/types.h"

struct boot_framebuffer;

/* Starts to collect text, and to draw it if the boot page directory maps the framebuffer. `colours`: mark lines by what they say. */
void screen_init(const struct boot_framebuffer *given, bool colours);

/* Maps the framebuffer in the kernel's page tables (framebuffer_map()). Nothing is drawn from here on to screen_start(). */
void screen_leave_boot_map(const struct boot_framebuffer *given);

/* The kernel's page tables are in use. Draws what has come meanwhile, and says what framebuffer there is. */
void screen_start(const struct boot_framebuffer *given);

/* After each tick, interrupts off: screen_start() has it called. */
void screen_tick(void);

/* Text for the screen: printable ASCII and '\n'; '\r' is passed over, anything else is a question mark. */
void screen_write(const char *text, size_t count);

/* Shows a text of up to 32 characters at the right of the lowest line of text, in place of the last one. Not part of the log. */
void screen_note(const char *text);

/* Draws what is not drawn yet. Before the machine stops. */
void screen_refresh(void);

#endif
