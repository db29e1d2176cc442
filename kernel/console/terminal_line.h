/* SPDX-License-Identifier: MIT */
/*
 * A serial line for programs only (the option terminal=), so that neither the log nor its
 * indentation gets between the bytes that they write.
 *
 * Any context, as kernel/console/console.h.
 */
#ifndef KERNEL_CONSOLE_TERMINAL_LINE_H
#define KERNEL_CONSOLE_TERMINAL_LINE_H

#include "kernel/devices/console_option.h"

/*
 * Opens the line, a CONSOLE_PORT. Without a UART there it stays closed, after a line in the log.
 */
void terminal_line_open(const struct console_option *option);

/* Is it open? */
bool terminal_line_there(void);

/* Sends bytes as they are. */
void terminal_line_write(const char *text, size_t count);

/* Takes a byte that has arrived. False: there is none. */
bool terminal_line_read(char *c);

#endif
