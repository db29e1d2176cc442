/* SPDX-License-Identifier: MIT */
/* The log, and panic. kernel/ defines these for the machine, tests/host/ for the host. */
#ifndef LIB_PRINTK_H
#define LIB_PRINTK_H

#include "lib/types.h"

/*
 * Writes to the log, with the formats of lib/printf.h. Never sleeps, allocates or fails: without
 * a console the text is dropped. Any context, interrupts on or off.
 */
void printk(const char *format, ...) __printf(1, 2);

/* Shows all text at once, also on a screen that draws with a delay. Before a stop. Any context. */
void printk_flush(void);

/*
 * Reports a broken invariant of the kernel and never returns. Wrong input from users, files or
 * firmware must not lead here.
 */
void panic(const char *format, ...) __printf(1, 2) __noreturn;

#endif
