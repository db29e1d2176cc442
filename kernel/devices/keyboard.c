/* SPDX-License-Identifier: MIT */
/*
 * A PC's keyboard, polled. Source: IBM PC/AT technical reference (keyboard controller 8042). The
 * controller sends codes of set 1: 0x01..0x7f for a key that goes down, the same with bit 7 set
 * for one that goes up.
 *
 * A USB keyboard that the firmware presents as this controller does not work: the loader takes the
 * USB controllers.
 */
#include "kernel/devices/keyboard.h"
#include "kernel/cpu/io.h"

#define KEYBOARD_DATA	0x60
#define KEYBOARD_STATUS 0x64
#define STATUS_FULL	0x01
#define STATUS_MOUSE	0x20
#define NO_CONTROLLER	0xff

bool keyboard_poll(void)
{
	u8 status = inb(KEYBOARD_STATUS), code;

	if (status == NO_CONTROLLER || !(status & STATUS_FULL))
		return false;
	code = inb(KEYBOARD_DATA);
	return !(status & STATUS_MOUSE) && code != 0 && code < 0x80;
}
