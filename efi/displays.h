/* SPDX-License-Identifier: MIT */
/*
 * The firmware's screens, and the choice of the one that shows the log.
 *
 * A notebook with two graphics processors, or a PC with a monitor that is off, has several
 * outputs. A GUID on the handle marks the outputs of the firmware's console, which a person can
 * see. Without a mark the largest output is chosen.
 *
 * Pure functions; no firmware, so that they run on a host. Source: UEFI 2.10, 12.9;
 * EFI_CONSOLE_OUT_DEVICE_GUID of EDK II.
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
 * Sets displays->chosen: number `wanted` if it is usable, else the largest usable output of the
 * console, else the largest usable one. Returns false if `wanted` is neither DISPLAY_NONE nor
 * usable.
 */
bool displays_choose(struct displays *displays, u32 wanted);

/* Describes display i in `line`. */
void display_line(const struct displays *displays, u32 i, char *line, size_t size);

#endif
