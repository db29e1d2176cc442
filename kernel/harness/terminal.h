/* SPDX-License-Identifier: MIT */
/*
 * What ioctl() tells of the console as a terminal, so that a C library finds one and writes whole lines (ioctl_tty(2)).
 *
 * The settings are kept and told; nothing is read from the console, so none of them has an effect.
 */
#ifndef KERNEL_HARNESS_TERMINAL_H
#define KERNEL_HARNESS_TERMINAL_H

#include "fs/file.h"

/* TCGETS, TCSETS and their kin, TIOCGWINSZ, TIOCSWINSZ, FIONREAD. 0, -EFAULT, or -ENOTTY for another command. */
s32 terminal_ioctl(struct file *file, u32 command, vaddr_t argument);

#endif
