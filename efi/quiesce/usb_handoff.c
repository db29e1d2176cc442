/* SPDX-License-Identifier: MIT */
/* See the header. */
#include "efi/quiesce/usb_handoff.h"

#define UHCI 0x00u
#define OHCI 0x10u
#define EHCI 0x20u
#define XHCI 0x30u

#define ABSENT		 0xffffffffu
#define CAPABILITIES_MAX 64u

/* The legacy capability of both: the low byte is its number, the next byte links the next one. */
#define LEGACY_ID      1u
#define OWNED_FIRMWARE (1u << 16)
#define OWNED_SYSTEM   (1u << 24)
#define LEGACY_CONTROL 4u /* after it: the sources of SMIs */

#define XHCI_PARAMETERS	  0x10u
#define XHCI_SMI_RESERVED 0x000e1feeu /* bits to preserve */
#define XHCI_SMI_EVENTS	  0xe0000000u /* cleared by ones */
#define EHCI_PARAMETERS	  0x08u
#define EHCI_SMI_EVENTS	  0xe0000000u
#define CONFIG_FIRST	  0x40u /* capabilities follow PCI's header */

#define UHCI_LEGACY	   0xc0u
#define UHCI_LEGACY_TRAPS  0x00bfu /* enabled traps */
#define UHCI_LEGACY_EVENTS 0x8f00u /* cleared by ones */

#define OHCI_CONTROL	       4u
#define OHCI_COMMAND	       8u
#define OHCI_INTERRUPT_ENABLE  0x10u
#define OHCI_INTERRUPT_DISABLE 0x14u
#define OHCI_OWNED_FIRMWARE    (1u << 8)  /* of the control register: its interrupts are SMIs */
#define OHCI_WAKEUP_CONNECTED  (1u << 9)  /* of it: preserved */
#define OHCI_CHANGE_OWNER      (1u << 3)  /* of the command register */
#define OHCI_OWNERSHIP_CHANGE  (1u << 30) /* an interrupt: the request to the firmware */

/* A way to one register: memory for xHCI and OHCI, configuration space for EHCI. */
struct place {
	struct usb_controller *controller;
	u32 at;
	bool config;
};

static u32 get(struct place place, u32 offset)
{
	return place.config ? usb_read_config(place.controller, (u8)(place.at + offset))
			    : usb_read(place.controller, place.at + offset);
}

static void put(struct place place, u32 offset, u32 value)
{
	if (place.config)
		usb_write_config(place.controller, (u8)(place.at + offset), value);
	else
		usb_write(place.controller, place.at + offset, value);
}

/* Waits until the firmware clears its bit of a register, while usb_patience() allows. */
static bool is_given_up(struct place place, u32 offset, u32 owned_firmware)
{
	while (get(place, offset) & owned_firmware)
		if (!usb_patience(place.controller))
			return false;
	return true;
}

/* Takes the controller over by the capability. */
static enum usb_owner take(struct place place)
{
	u32 value = get(place, 0);

	put(place, 0, value | OWNED_SYSTEM);
	if (!(value & OWNED_FIRMWARE))
		return USB_FREE;
	if (is_given_up(place, 0, OWNED_FIRMWARE))
		return USB_TAKEN;
	put(place, 0, (value | OWNED_SYSTEM) & ~OWNED_FIRMWARE);
	return USB_FORCED;
}

/* Searches the list that begins there; `scale`: bytes of one step. */
static enum usb_owner take_listed(struct place place, u32 scale, bool relative)
{
	enum usb_owner owner;

	for (u32 i = 0; i < CAPABILITIES_MAX; i++) {
		u32 value = get(place, 0), next = (value >> 8 & 0xff) * scale;

		if (value == ABSENT)
			break;
		if ((value & 0xff) == LEGACY_ID) {
			owner = take(place);
			value = get(place, LEGACY_CONTROL);
			put(place, LEGACY_CONTROL,
			    place.config ? EHCI_SMI_EVENTS
					 : (value & XHCI_SMI_RESERVED) | XHCI_SMI_EVENTS);
			return owner;
		}
		if (!next || (place.config && next < CONFIG_FIRST))
			break;
		place.at = relative ? place.at + next : next;
	}
	return USB_FREE;
}

static enum usb_owner take_xhci(struct usb_controller *controller)
{
	u32 parameters = usb_read(controller, XHCI_PARAMETERS);
	struct place place = { controller, parameters >> 16 << 2, false };

	return parameters == ABSENT || !place.at ? USB_FREE : take_listed(place, 4, true);
}

static enum usb_owner take_ehci(struct usb_controller *controller)
{
	u32 parameters = usb_read(controller, EHCI_PARAMETERS);
	struct place place = { controller, parameters >> 8 & 0xff, true };

	return parameters == ABSENT || place.at < CONFIG_FIRST ? USB_FREE
							       : take_listed(place, 1, false);
}

/*
 * The firmware's bit routes interrupts to it; it clears the bit when ownership-change is raised.
 */
static enum usb_owner take_ohci(struct usb_controller *controller)
{
	struct place place = { controller, 0, false };
	u32 control = get(place, OHCI_CONTROL);
	enum usb_owner owner = USB_FREE;

	if (control == ABSENT)
		return USB_FREE;
	if (control & OHCI_OWNED_FIRMWARE) {
		put(place, OHCI_INTERRUPT_ENABLE, OHCI_OWNERSHIP_CHANGE);
		put(place, OHCI_COMMAND, OHCI_CHANGE_OWNER);
		owner = USB_TAKEN;
		if (!is_given_up(place, OHCI_CONTROL, OHCI_OWNED_FIRMWARE)) {
			put(place, OHCI_CONTROL, control & OHCI_WAKEUP_CONNECTED);
			owner = USB_FORCED;
		}
	}
	put(place, OHCI_INTERRUPT_DISABLE, ~0u);
	return owner;
}

/* UHCI has no request: the firmware owns it if it traps the keyboard's ports. */
static enum usb_owner take_uhci(struct usb_controller *controller)
{
	u32 value = usb_read_config(controller, UHCI_LEGACY);
	bool owned = value != ABSENT && value & UHCI_LEGACY_TRAPS;

	if (value != ABSENT)
		usb_write_config(controller, UHCI_LEGACY,
				 (value & 0xffff0000) | UHCI_LEGACY_EVENTS);
	return owned ? USB_TAKEN : USB_FREE;
}

enum usb_owner usb_take(u32 interface, struct usb_controller *controller)
{
	switch (interface) {
	case UHCI:
		return take_uhci(controller);
	case OHCI:
		return take_ohci(controller);
	case EHCI:
		return take_ehci(controller);
	case XHCI:
		return take_xhci(controller);
	default:
		return USB_FREE;
	}
}
