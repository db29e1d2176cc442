/* SPDX-License-Identifier: MIT */
/* A PC's keyboard (IBM PC/AT technical reference), polled: only whether a key is pressed. */
#ifndef KERNEL_DEVICES_KEYBOARD_H
#define KERNEL_DEVICES_KEYBOARD_H

#include "lib/types.h"

/* Reads one byte of the controller, if any. True: a key goes down. Any context. */
bool keyboard_poll(void);

#endif
