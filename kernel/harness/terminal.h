/* SPDX-License-Identifier: MIT */
/*
 * The console as a terminal for ioctl(), so that a C library finds one and buffers whole lines.
 * Source: ioctl_tty(2).
 *
 * The settings are kept and reported but have no effect: nothing is read from the console.
 */
#ifndef KERNEL_HARNESS_TERMINAL_H
#define KERNEL_HARNESS_TERMINAL_H

#include "fs/file.h"

/* TCGETS, TCSETS and so on, TIOCGWINSZ, TIOCSWINSZ, FIONREAD. 0, -EFAULT; -ENOTTY: another. */
s32 terminal_ioctl(struct file *file, u32 command, vaddr_t argument);

#endif
