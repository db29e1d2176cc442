/* SPDX-License-Identifier: MIT */
/* A PC's keyboard, polled: only whether a key is pressed. */
#ifndef KERNEL_DEVICES_KEYBOARD_H
#define KERNEL_DEVICES_KEYBOARD_H

#include "lib/types.h"

/*
 * Reads one byte from the keyboard controller, if there is one. True: it is a key that goes down.
 * Any context.
 */
bool keyboard_poll(void);

#endif
