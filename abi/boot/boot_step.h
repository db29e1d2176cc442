/* SPDX-License-Identifier: MIT */
/*
 * Progress marks between the firmware's last call and the kernel's log.
 *
 * An unknown machine hangs there, where nothing can be printed. So each step leaves a mark.
 *
 *     loader: 1 .. 8   ┐ squares in the top row of the screen: one for each step, in seven colours
 *     kernel: 9, 10    ┘ and the log's header (log_region.h) for the next loader
 *     kernel: 11 ..      a line `boot: step=N name=NAME` of the log
 *     all of them        the number at port 0x80, where some boards have a display
 *
 *  (1) A step is marked when it begins: the last mark names the step that hangs.
 *
 * For the loader and the kernel; pure except for the pixels.
 */
#ifndef ABI_BOOT_BOOT_STEP_H
#define ABI_BOOT_BOOT_STEP_H

#include "abi/boot/boot_info.h"

#define BOOT_STEP_PORT 0x80

enum boot_step {
	STEP_LEFT = 1,	 /* ExitBootServices has returned */
	STEP_PROCESSORS, /* efi/quiesce/quiesce.c */
	STEP_USB,
	STEP_PCI,
	STEP_IO_APICS,
	STEP_IOMMUS,
	STEP_SCREEN,  /* made black */
	STEP_JUMP,    /* relocation, the trampoline, descriptor tables */
	STEP_ENTERED, /* the kernel has read struct boot_info */
	STEP_CONSOLE,
	STEP_CPU,
	STEP_MEMORY,
	STEP_ACPI,
	STEP_INTERRUPTS,
	STEP_TIME,
	STEP_TASKS,
	STEP_FILES,
	STEP_DISKS, /* not with disk=off */
	STEP_INIT,
	NR_BOOT_STEPS
};

/* The name of a step; "?" for an unknown number. */
static inline const char *boot_step_name(uint32_t step)
{
	static const char *const names[NR_BOOT_STEPS] = {
		"?",	      "left", "processors", "usb",     "pci",	"ioapics", "iommus",
		"screen",     "jump", "entered",    "console", "cpu",	"memory",  "acpi",
		"interrupts", "time", "tasks",	    "files",   "disks", "init",
	};

	return names[step < NR_BOOT_STEPS ? step : 0];
}

/* The edge of a square, in pixels; 64 of them fill a line. */
static inline uint32_t boot_step_edge(const struct boot_framebuffer *framebuffer)
{
	return framebuffer->width / 64;
}

static inline void boot_step_fill(volatile uint32_t *pixels,
				  const struct boot_framebuffer *framebuffer, uint32_t left,
				  uint32_t width, uint32_t colour)
{
	for (uint32_t y = 0; y < boot_step_edge(framebuffer) && y < framebuffer->height; y++)
		for (uint32_t x = left; x < left + width && x < framebuffer->width; x++)
			pixels[y * framebuffer->stride + x] = colour;
}

/*
 * Draws the squares of steps 1 to `step` in a black row; 0: only the row. One and a half edges for
 * each. The bits of a colour are red, green, blue.
 */
static inline void boot_step_draw(volatile uint32_t *pixels,
				  const struct boot_framebuffer *framebuffer, uint32_t step)
{
	uint32_t edge = boot_step_edge(framebuffer);

	/* Only at the first step: pixels are slow. */
	if (step <= STEP_LEFT)
		boot_step_fill(pixels, framebuffer, 0, framebuffer->width, 0);
	for (uint32_t i = 0; i < step; i++) {
		uint32_t bits = i % 7 + 1;
		uint32_t colour = (bits & 1 ? framebuffer->red_mask : 0) |
				  (bits & 2 ? framebuffer->green_mask : 0) |
				  (bits & 4 ? framebuffer->blue_mask : 0);

		boot_step_fill(pixels, framebuffer, i * (edge + edge / 2), edge, colour);
	}
}

#endif
