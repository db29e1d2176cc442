/* SPDX-License-Identifier: MIT */
/* A PC's keyboard, polled: just whether a key is pressed. */
#ifndef KERNEL_DEVICES_KEYBOARD_H
#define KERNEL_DEVICES_KEYBOARD_H

#include "lib/types.h"

/* Takes one byte from the keyboard controller, if it has one. Returns whether that is a key going down. Any context. */
bool keyboard_poll(void);

#endif
