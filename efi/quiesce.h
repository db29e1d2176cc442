/* SPDX-License-Identifier: MIT */
/*
 * What may still run when the firmware has left, and would write to memory that is about to be used for something else, or
 * interrupt us: other processors, devices that are bus masters, I/O APICs, units that translate.
 */
#ifndef EFI_QUIESCE_H
#define EFI_QUIESCE_H

#include "abi/boot/boot_info.h"
#include "efi/machine_parts.h"

/*
 * Is this a PCI function whose bus mastering is to be switched off? The arguments are the registers PCI_CLASS, PCI_HEADER
 * and PCI_COMMAND of kernel/devices/pci.h. Pure.
 */
bool quiesce_function(u32 class, u32 header, u32 command);

/* What an I/O APIC's entry (its lower half) becomes. Pure. */
u32 quiesce_entry(u32 entry);

/* Writes the loop that the other processors will halt in. The page is reserved, all zero, and below 640 KiB. */
void processors_prepare(void *parking_page);

/* Takes the other processors into the parking page (NULL: there is none), and counts those that have arrived. */
void processors_stop(void *parking_page, struct boot_handover *counts);

/* Takes the USB controllers from the firmware, and counts. At most a second. */
void usb_stop(struct boot_handover *counts);

/* What is not to be stopped, to find out on site what hangs (`quiesce=`). */
enum quiesce_skip {
	SKIP_INIT = 1,
	SKIP_USB = 2,
	SKIP_PCI = 4,
	SKIP_IO_APICS = 8,
	SKIP_IOMMU = 16,
};

/* Of the options: enum quiesce_skip, or'ed. Pure. */
u32 quiesce_skips(const char *options);

/* Stops all of it but `skips` and counts what was stopped. After ExitBootServices; interrupts are off from here on. Cannot fail. */
void quiesce(const struct machine_parts *parts, u32 skips, void *parking_page,
	     struct boot_handover *counts);

#endif
