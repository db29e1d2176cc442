/* SPDX-License-Identifier: MIT */
/*
 * The framebuffer that the firmware left: where its pixels are, and filling them.
 *
 * Any context; nothing here fails once the pixels are mapped. The memory is only ever written: reading a framebuffer is slow.
 */
#ifndef KERNEL_CONSOLE_FRAMEBUFFER_H
#define KERNEL_CONSOLE_FRAMEBUFFER_H

#include "abi/boot/boot_info.h"
#include "lib/types.h"

struct framebuffer {
	u32 width, height; /* pixels */
	u32 stride;	   /* pixels from one line to the next */
	u32 red_mask, green_mask, blue_mask;
	volatile u32 *pixels; /* NULL: not mapped */
	const char *unused;   /* why it can't be used, or NULL */
};

extern struct framebuffer framebuffer;

/*
 * Takes over the description, and the place where the boot page directory maps the pixels. False: there is none, or it can't be one, which
 * leaves a line in the log where the numbers contradict each other.
 */
bool framebuffer_take(const struct boot_framebuffer *given);

/*
 * Maps the pixels in the kernel's page tables, with write combining where the processor has it. Before these tables are in use and before vmalloc's.
 * Pixels can be written again when they are. False: framebuffer.unused says why.
 */
bool framebuffer_map(const struct boot_framebuffer *given);

/* One line in the log about what framebuffer_map() has found. */
void framebuffer_print(const struct boot_framebuffer *given);

/* The pixel of a colour 0xRRGGBB. */
u32 framebuffer_colour(u32 rgb);

/* Copies `count` pixels to (x, y) and to the `lines` - 1 lines below. All inside the screen. */
void framebuffer_line(u32 x, u32 y, const u32 *pixels, u32 count, u32 lines);

/* Writes `ink` to `count` pixels, at these distances, in pixels, behind (x, y). All inside the screen. */
void framebuffer_dots(u32 x, u32 y, const u16 *dots, u32 count, u32 ink);

#endif
