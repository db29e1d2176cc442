/* SPDX-License-Identifier: MIT */
/* What the loader found running when the firmware had left. */
#ifndef KERNEL_START_HANDOVER_H
#define KERNEL_START_HANDOVER_H

#include "abi/boot/boot_info.h"

/* Prints the line `handover: ...`. */
void handover_print(const struct boot_handover *handover);

#endif
