/* SPDX-License-Identifier: MIT */
/*
 * The console: where printk() and ring 3's output go.
 *
 * Any context: a message is written with interrupts off, and no function here allocates, sleeps or
 * fails.
 */
#ifndef KERNEL_CONSOLE_H
#define KERNEL_CONSOLE_H

#include "lib/types.h"

/* Opens COM1 (0x3f8) at 115200 baud if there is a UART. The first thing that kernel_main() does. */
void console_init_early(void);

/*
 * Opens the console that the option asks for; kernel/options.h has the grammar. "" looks at
 * COM1..COM4 and takes the first that is there. What was written before is repeated there if it is
 * another line than the early one. An option that cannot be read leaves a warning and counts as "".
 */
void console_setup(const char *option);

/* Writes count characters; '\n' becomes CR LF. */
void console_write(const char *text, size_t count);

/* From here on every line that is not empty begins with this many blanks. */
void console_set_indent(unsigned int blanks);

/* Ends a half-written line. */
void console_end_line(void);

#endif
