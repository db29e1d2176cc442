/* SPDX-License-Identifier: MIT */
/*
 * The screens that the firmware knows, and which of them the log is shown on.
 *
 * A notebook with two graphics processors, or a PC with a monitor that is off, has several outputs. The firmware marks those
 * that its console goes to, by a GUID on the handle: there a person sees something. Without a mark the largest one counts.
 *
 * Pure functions; no firmware, so that they run on a host. Source: UEFI 2.10, 12.9; EFI_CONSOLE_OUT_DEVICE_GUID of EDK II.
 */
#ifndef EFI_DISPLAYS_H
#define EFI_DISPLAYS_H

#include "abi/boot/boot_info.h"
#include "lib/types.h"

#define DISPLAYS_MAX	  8u
#define DISPLAY_NONE	  ~0u
#define DISPLAY_LINE_SIZE 100u

struct display {
	struct boot_framebuffer framebuffer; /* colours only of a usable one */
	u32 format;			     /* EFI_GRAPHICS_PIXEL_FORMAT */
	bool console, usable;
};

struct displays {
	u32 count, chosen; /* DISPLAY_NONE: no usable one */
	struct display display[DISPLAYS_MAX];
};

/*
 * Sets displays->chosen: the one of number `wanted` (DISPLAY_NONE: none is), else the largest usable one that the console goes
 * to, else the largest usable one. Returns false if `wanted` is a number but not of a usable one.
 */
bool displays_choose(struct displays *displays, u32 wanted);

/* Writes what a person has to know of display i to `line`. */
void display_line(const struct displays *displays, u32 i, char *line, size_t size);

#endif
