/* SPDX-License-Identifier: MIT */
/*
 * The console: where printk() and ring 3's output go.
 *
 * Any context: a message is written with interrupts off, and no function here allocates, sleeps or
 * fails.
 */
#ifndef KERNEL_CONSOLE_CONSOLE_H
#define KERNEL_CONSOLE_CONSOLE_H

#include "lib/types.h"

/* Opens COM1 (0x3f8) at 115200 baud if there is a UART. Before anything is said. */
void console_init_early(void);

/*
 * Opens the console that the option asks for, as far as that can be done before memory is there; kernel/start/options.h has the
 * grammar. "" takes the first of COM1..COM4 that is there. An option that cannot be read leaves a warning and counts as "".
 * Says where the log goes on, and repeats there what was written before, if it went elsewhere or at another rate.
 */
void console_setup(const char *option);

/*
 * The rest of it, once, after acpi_init(): a UART in memory that the option names; with "" the UART that ACPI names, or where there is none at all one
 * on a PCI card. Says and repeats as console_setup() does; from here on nothing is kept for that.
 */
void console_setup_late(void);

/* Gives the screen what was said before it was there. */
void console_show_early(void);

/* Writes count characters of the kernel's; '\n' becomes CR LF. */
void console_write(const char *text, size_t count);

/* Writes text of a program: its lines are indented by two blanks, and control characters other than '\n' and '\t' become \xNN. */
void console_write_program(const char *text, size_t count);

/* Ends a half-written line. */
void console_end_line(void);

#endif
