/* SPDX-License-Identifier: MIT */
/* Marks how far the start of the kernel has come: abi/boot/boot_step.h. */
#ifndef KERNEL_START_PROGRESS_H
#define KERNEL_START_PROGRESS_H

#include "abi/boot/boot_step.h"

/*
 * Marks the beginning of a step. Up to STEP_CONSOLE by squares on the framebuffer, as the boot
 * page directory maps it, and in the log's header; after that by a line of the log. With
 * `crash=step-NAME` it stops here for ever, interrupts off.
 */
void progress_mark(enum boot_step step, const struct boot_info *info);

/* Blackens the row of the squares, for text. Before the kernel's page tables are in use. */
void progress_end_squares(const struct boot_info *info);

#endif
