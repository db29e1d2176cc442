/* SPDX-License-Identifier: MIT */
/* The loader's steps after it has left the firmware: abi/boot/boot_step.h. */
#ifndef EFI_HANDOFF_STEPS_H
#define EFI_HANDOFF_STEPS_H

#include "abi/boot/boot_step.h"

/*
 * Begins to show the steps. `options`: crash=step-NAME stops there, screen=off draws nothing. Call
 * it before ExitBootServices.
 */
void steps_begin(const char *options, const struct boot_info *info);

/* After ExitBootServices, interrupts off. */
void step_tell(enum boot_step step);

#endif
