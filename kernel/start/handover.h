/* SPDX-License-Identifier: MIT */
/* Devices that were running when the firmware ended, as the loader found them. */
#ifndef KERNEL_START_HANDOVER_H
#define KERNEL_START_HANDOVER_H

#include "abi/boot/boot_info.h"

/* Prints the lines `handover: ...`. */
void handover_print(const struct boot_handover *handover);

#endif
