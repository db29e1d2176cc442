/* SPDX-License-Identifier: MIT */
/* A PC's keyboard (IBM PC/AT technical reference), polled; its keys as a terminal sends them. */
#ifndef KERNEL_DEVICES_KEYBOARD_H
#define KERNEL_DEVICES_KEYBOARD_H

#include "lib/types.h"

/* Reads one byte of the controller, if any. True: a key goes down. Any context. */
bool keyboard_poll(void);

/* The most bytes that one key sends. */
#define KEYBOARD_TEXT 5u

/* The keys that are down, and the lock. */
struct keyboard {
	bool shift, control, alt, caps;
	bool extended; /* the last code was 0xe0 */
	u8 skip;       /* codes of the Pause key that follow */
};

/*
 * Takes the next code of set 1, with the layout of the United States. Writes what the key sends to
 * `text` and returns its length, 0 for none: arrows and so on as `ESC [ A`, with Alt an ESC first.
 */
u32 keyboard_translate(struct keyboard *keyboard, u8 code, char text[KEYBOARD_TEXT]);

/* Reads a byte of the controller, if any, and translates it. Any context. */
u32 keyboard_read(struct keyboard *keyboard, char text[KEYBOARD_TEXT]);

#endif
