/* SPDX-License-Identifier: MIT */
/*
 * Stops parts of the machine that may still run after the firmware: other processors, bus masters,
 * I/O APICs, IOMMUs. They could write to memory that is about to be reused, or interrupt the
 * kernel.
 */
#ifndef EFI_QUIESCE_QUIESCE_H
#define EFI_QUIESCE_QUIESCE_H

#include "efi/machine_parts.h"

/*
 * Must the bus mastering of this PCI function be switched off? The arguments are the
 * registers PCI_CLASS, PCI_HEADER and PCI_COMMAND of kernel/devices/pci.h. Pure.
 */
bool quiesce_function(u32 class, u32 header, u32 command);

/* The new value of an I/O APIC's entry (its lower half). Pure. */
u32 quiesce_entry(u32 entry);

/*
 * Sends the other processors to a halt loop in the parking page (NULL: none), and counts those
 * that arrive. The page is reserved, zeroed, and below 640 KiB.
 */
void processors_stop(void *parking_page, struct boot_handover *counts);

/* Takes over the USB controllers from the firmware, and counts them. At most a second. */
void usb_stop(struct boot_handover *counts);

/* Parts that are not stopped, to find on site the one that hangs (`quiesce=`). */
enum quiesce_skip {
	SKIP_INIT = 1,
	SKIP_USB = 2,
	SKIP_PCI = 4,
	SKIP_IO_APICS = 8,
	SKIP_IOMMU = 16,
};

/* From the options: enum quiesce_skip, or'ed. Pure. */
u32 quiesce_skips(const char *options);

/*
 * Stops all parts except `skips`, and counts them. After ExitBootServices; interrupts are off from
 * here on. Cannot fail.
 */
void quiesce(const struct machine_parts *parts, u32 skips, void *parking_page,
	     struct boot_handover *counts);

#endif
