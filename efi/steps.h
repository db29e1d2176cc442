/* SPDX-License-Identifier: MIT */
/* The loader's steps after it has left the firmware: abi/boot/boot_step.h. */
#ifndef EFI_STEPS_H
#define EFI_STEPS_H

#include "abi/boot/boot_step.h"

/* From here on steps are told. `options`: crash=step-NAME stops there, screen=off leaves the screen alone. Call it before the firmware is left. */
void steps_begin(const char *options, const struct boot_info *info);

/* After ExitBootServices, interrupts off. */
void step_tell(enum boot_step step);

#endif
