/* SPDX-License-Identifier: MIT */
/*
 * The framebuffer that the firmware set up: where its pixels are, and how to fill them.
 *
 * Any context; nothing here fails once the pixels are mapped. They are only written: reading is
 * slow.
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
	const char *unused;   /* why it cannot be used, or NULL */
};

extern struct framebuffer framebuffer;

/*
 * Copies the description, and the address at which the boot page directory maps the pixels. False:
 * there is no framebuffer, or its numbers contradict each other, which is logged.
 */
bool framebuffer_take(const struct boot_framebuffer *given);

/*
 * Maps the pixels in the kernel's page tables, with write combining if the processor has it. Call
 * it before these tables are in use and before vmalloc's. Pixels can be written again once the
 * tables are in use. False: framebuffer.unused says why.
 */
bool framebuffer_map(const struct boot_framebuffer *given);

/* Logs one line with the result of framebuffer_map(). */
void framebuffer_print(const struct boot_framebuffer *given);

/* Converts a colour 0xRRGGBB to a pixel. */
u32 framebuffer_colour(u32 rgb);

/* Copies `count` pixels to (x, y) and to `lines` - 1 lines below. All must be on the screen. */
void framebuffer_line(u32 x, u32 y, const u32 *pixels, u32 count, u32 lines);

/*
 * Writes `ink` to `count` pixels. dots[i] is the distance of one from (x, y), in pixels of the
 * framebuffer: rows * stride + columns. All must be on the screen.
 */
void framebuffer_dots(u32 x, u32 y, const u16 *dots, u32 count, u32 ink);

#endif
