/* SPDX-License-Identifier: MIT */
/*
 * The console: printk() and ring 3 write to it.
 *
 * Any context: a message is written with interrupts off, nothing here allocates, sleeps or fails.
 */
#ifndef KERNEL_CONSOLE_CONSOLE_H
#define KERNEL_CONSOLE_CONSOLE_H

#include "lib/types.h"

/* Opens COM1 (0x3f8) at 115200 baud if there is a UART. Before the first printk(). */
void console_init_early(void);

/*
 * Opens the console that the option names, as far as possible before the allocators work;
 * kernel/start/options.h has the grammar. "" takes the first of COM1..COM4 that exists. A
 * malformed option is logged and counts as "". If the line or its rate changes, announces that and
 * repeats the earlier output on the new line.
 */
void console_setup(const char *option);

/*
 * The rest of that, once, after acpi_init(): a UART in memory that the option names; with "" the
 * UART that ACPI names, or without any UART one on a PCI card. Announces and repeats as
 * console_setup() does. From here on no output is kept for that.
 */
void console_setup_late(void);

/* Sends the earlier output to the screen. */
void console_show_early(void);

/*
 * Writes text of a program: its lines are indented by two blanks, and control characters other
 * than '\n' and '\t' become \xNN.
 */
void console_write_program(const char *text, size_t count);

/* Ends the open line, if there is one. */
void console_end_line(void);

#endif
