/* SPDX-License-Identifier: MIT */
/*
 * USB controllers that the firmware serves in system management mode, for its keyboards and
 * sticks. Its handler reads their descriptor rings in memory. When bus mastering is off, or the
 * memory is reused, it may wait for ever and hang the machine. So they are taken over as the
 * specifications require: request, wait, switch the firmware's interrupts off.
 *
 * Runs on a host too, against registers that emulate a firmware.
 *
 *  (1) Every list is bounded, and every wait ends when usb_patience() returns false: then the
 *      controller is taken by force.
 *
 * Sources: xHCI 1.2, 7.1.1 and 4.22.1; EHCI 1.0, 2.1.7, 2.1.8 and 5.1; UHCI 1.1, 5.2.1; OHCI 1.0a,
 * 5.1.1.3.3 and 7.1.
 */
#ifndef EFI_QUIESCE_USB_HANDOFF_H
#define EFI_QUIESCE_USB_HANDOFF_H

#include "lib/types.h"

struct usb_controller;

/*
 * Registers in memory (`at`: bytes) and in PCI's configuration space. Missing ones read as all
 * ones. efi/quiesce/usb.c defines these for the machine, tests/host/ for the host.
 */
u32 usb_read(struct usb_controller *controller, u32 at);
void usb_write(struct usb_controller *controller, u32 at, u32 value);
u32 usb_read_config(struct usb_controller *controller, u8 at);
void usb_write_config(struct usb_controller *controller, u8 at, u32 value);
bool usb_patience(struct usb_controller *controller); /* false: stop waiting */

enum usb_owner {
	USB_FREE,   /* the firmware did not have it */
	USB_TAKEN,  /* it had, and released it */
	USB_FORCED, /* it had, did not answer, and lost it */
};

#define USB_CLASS 0x0c03u /* class and subclass */

/*
 * `interface`: the lowest byte of PCI's class code: 0x00 UHCI, 0x10 OHCI, 0x20 EHCI, 0x30 xHCI;
 * others are not touched (USB_FREE).
 */
enum usb_owner usb_take(u32 interface, struct usb_controller *controller);

#endif
