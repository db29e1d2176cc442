/* SPDX-License-Identifier: MIT */
/* The firmware's driver of an AHCI controller lets go of it. For kernel/disks. */
#ifndef KERNEL_DISKS_AHCI_HANDOFF_H
#define KERNEL_DISKS_AHCI_HANDOFF_H

#include "lib/types.h"

/* Generic host control: indices of 32-bit registers. */
enum { HBA_CAP, HBA_GHC, HBA_IS, HBA_PI, HBA_CAP2 = 9, HBA_BOHC };

/*
 * Asks the firmware's system management code for the controller, where there is such code, and
 * waits until it has let go: 25 ms, or 2 s if it says that it is busy. After that the controller
 * is taken. Source: AHCI 1.3.1, 10.6.3.
 */
void ahci_take_from_firmware(volatile u32 *hba);

#endif
