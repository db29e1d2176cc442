/* SPDX-License-Identifier: MIT */
/*
 * The screen as a terminal: the bytes of a program with a part of the control sequences of ECMA-48
 * and console_codes(4), as line editors, `less` and `vi` need them:
 *
 *   BS TAB LF CR            ESC 7, ESC 8            remember the place, and go there
 *   CSI n A B C D E F G d   moves                   CSI row ; column H (f)   goes there
 *   CSI n J, CSI n K        clear parts             CSI n P, @, X            characters of a row
 *   CSI 6 n                 reports the place       CSI ... m, h, l          without effect
 *
 * Pure, over the cells of kernel/console/screen.h. Other sequences are skipped.
 */
#ifndef KERNEL_CONSOLE_SCREEN_TERMINAL_H
#define KERNEL_CONSOLE_SCREEN_TERMINAL_H

#include "lib/types.h"

/* Starts at the beginning of a new line. `reply` takes the report, as if it were typed. */
void screen_terminal_init(void (*reply)(const char *text, u32 count));

/* Any context. */
void screen_terminal_write(const char *text, u32 count);

#endif
