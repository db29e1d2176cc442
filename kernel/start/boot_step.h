/* SPDX-License-Identifier: MIT */
/* Where the start of the kernel stands: abi/boot/boot_step.h. */
#ifndef KERNEL_START_BOOT_STEP_H
#define KERNEL_START_BOOT_STEP_H

#include "abi/boot/boot_step.h"

/*
 * Tells that the step begins. Up to STEP_CONSOLE by squares, which the boot page directory's framebuffer gets, and in the log's header;
 * then by a line. `crash=step-NAME` stops here for ever, interrupts off.
 */
void boot_step(enum boot_step step, const struct boot_info *info);

/* Makes the row of the squares black, for text. Before the kernel's page tables are in use. */
void boot_step_end_squares(const struct boot_info *info);

#endif
