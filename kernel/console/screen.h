/* SPDX-License-Identifier: MIT */
/*
 * The screen: the last lines of the log, and a strip that shows the owner of all memory.
 *
 * A PC often has no serial line: if the kernel hangs, the screen must show the log's last line.
 *
 *   +--------------------------------+
 *   | text: the newest line is the   |    cells: a ring of rows in RAM; scrolling moves its start
 *   | lowest                         |    shown: the pixels; only changed cells are drawn
 *   +--------------------------------+
 *   | free  kernel  slab  anon  ...  |    the colours of the strip; with swap, what it did
 *   | ########  ### #####     |##    |    frame 0 is at the left, a sample for each pixel; behind
 *                                         the frames the space for swap, and what of it is in use
 *   +--------------------------------+
 *
 *  (1) Pixels are written, never read.
 *  (2) Before the first tick every full line is drawn at once, so that the last line is visible
 *      wherever the kernel hangs. Scrolling would redraw all other lines. So the rows are shown in
 *      the order of the ring: the top row follows the lowest one, and a blank row follows the
 *      newest.
 *  (3) After that, text is drawn, scrolled, within 100 ms. Drawing takes a third of the time at
 *      most.
 *  (4) If scrolling is too slow for that, new lines replace the oldest ones in place, as in (2).
 *  (5) At every kind of end all is drawn, scrolled.
 *  (6) A machine without a usable framebuffer runs as any other.
 *
 * Any context, interrupts off while it draws.
 */
#ifndef KERNEL_CONSOLE_SCREEN_H
#define KERNEL_CONSOLE_SCREEN_H

#include "lib/types.h"

struct boot_framebuffer;

/*
 * Starts to collect text, and to draw it if the boot page directory maps the framebuffer.
 * `colours`: choose a row's colour by its text.
 */
void screen_init(const struct boot_framebuffer *given, bool colours);

/* Maps the framebuffer for the kernel. Nothing is drawn until screen_start(). */
void screen_leave_boot_map(const struct boot_framebuffer *given);

/* The kernel's page tables are in use: draws the collected text and logs the framebuffer. */
void screen_start(const struct boot_framebuffer *given);

/* Called after each tick, interrupts off; screen_start() registers it. */
void screen_tick(void);

/* Writes text: printable ASCII and '\n'. '\r' is ignored, another character becomes a '?'. */
void screen_write(const char *text, size_t count);

/*
 * For kernel/console/screen_terminal.c, interrupts off: the text as cells, row 0 the highest, and
 * the cell where the next character goes. The log's lines go there too.
 */
struct screen_place {
	u32 row, column;
};

/* The size, as the place behind the last cell; 0, 0: there is no screen. */
struct screen_place screen_size(void);
struct screen_place screen_place(void);

/* Goes to a cell; its row and column are limited to the last ones. Shows it from now on. */
void screen_go(struct screen_place place);

/* Writes a character, on the next row if this one is full. */
void screen_put(char c);

/* Goes one row down in the same column; below the last row all rows move up. */
void screen_line_feed(void);

/* Clears the cells of a row from one column to before another. */
void screen_clear(u32 row, u32 from, u32 end);

/* Moves `count` cells of a row; the two parts may overlap. */
void screen_move(u32 row, u32 from, u32 to, u32 count);

/* Shows up to 32 characters at the right of the legend's row, until the next. Not in the log. */
void screen_note(const char *text);

/* Draws all text that is not drawn yet. Before the machine stops. */
void screen_refresh(void);

#endif
