/* SPDX-License-Identifier: MIT */
/*
 * What lib/ and everything above it may say, and how it gives up. kernel/ defines these for the machine,
 * tests/host/ for the host.
 */
#ifndef LIB_PRINTK_H
#define LIB_PRINTK_H

#include "lib/types.h"

/*
 * Writes to the log. Formats are those of lib/printf.h. Any context, interrupts on or off; never sleeps, never
 * allocates, never fails: without a console the text is dropped.
 */
void printk(const char *format, ...) __printf(1, 2);

/* What was written is to be seen now, also where it is drawn with a delay: before the machine stops. Any context. */
void printk_flush(void);

/*
 * The kernel's own invariant is broken: reports and never returns. For what a user, a file or a firmware did wrong
 * this is the wrong call.
 */
void panic(const char *format, ...) __printf(1, 2) __noreturn;

#endif
