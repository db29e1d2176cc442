/* SPDX-License-Identifier: MIT */
/*
 * Parses the option console=, which names a serial line. Pure functions.
 *
 * Source: Linux Documentation/admin-guide/kernel-parameters.rst, console= and earlycon=.
 */
#ifndef KERNEL_DEVICES_CONSOLE_OPTION_H
#define KERNEL_DEVICES_CONSOLE_OPTION_H

#include "lib/types.h"

#define SERIAL_PORTS	 4u
#define CONSOLE_BAUD	 115200u
#define CONSOLE_BAUD_MIN 300u /* serial.c waits long enough for that */

enum console_kind { CONSOLE_ANY, CONSOLE_NONE, CONSOLE_PORT, CONSOLE_MEMORY };

struct console_option {
	enum console_kind kind;
	u16 port;
	u32 address; /* CONSOLE_MEMORY: physical */
	bool wide;   /* CONSOLE_MEMORY: registers of 32 bits */
	u32 baud;
};

/* The I/O port of ttyS0..ttyS3: COM1..COM4. */
u16 serial_port(unsigned int index);

/* Parses the value of console=. False: malformed, and *to is undefined. "" is CONSOLE_ANY. */
bool console_option_parse(const char *text, struct console_option *to);

#endif
