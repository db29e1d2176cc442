/* SPDX-License-Identifier: MIT */
/* Finds the USB controllers of this machine and their registers. After ExitBootServices. */
#include "efi/quiesce/clock.h"
#include "efi/quiesce/quiesce.h"
#include "efi/quiesce/usb_handoff.h"
#include "kernel/devices/pci.h"

#define PATIENCE_US 1000000u /* for all of them together */

#define BAR_IO	    1u
#define BAR_64	    4u
#define PRESENT	    1ull
#define LARGE	    0x80ull
#define ADDRESS	    0x000ffffffffff000ull
#define CR4_5LEVELS (1u << 12)

struct usb_controller {
	struct pci_device device;
	u64 base; /* of its registers in memory; 0: unreachable */
	u64 end;  /* of the wait */
};

/* Do the firmware's page tables map it? Always below 4 GiB; above, the 64-bit loader checks. */
static bool is_mapped(u64 address)
{
#ifdef __x86_64__
	u64 cr3, cr4, entry;
	u32 level;

	if (address < GiB(4))
		return true;
	__asm__ volatile("mov %%cr3, %0" : "=r"(cr3));
	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	entry = (cr3 & ADDRESS) | PRESENT;
	for (level = cr4 & CR4_5LEVELS ? 5 : 4; level != 0; level--) {
		entry = ((const u64 *)(entry & ADDRESS))[address >> (3 + 9 * level) & 511];
		if (!(entry & PRESENT))
			return false;
		if (entry & LARGE && level < 4)
			break;
	}
	return true;
#else
	return address < GiB(4);
#endif
}

static volatile u32 *register_at(const struct usb_controller *controller, u32 at)
{
	u64 address = controller->base + (at & ~3u);

	return controller->base && is_mapped(address) ? (volatile u32 *)(uintptr_t)address : NULL;
}

u32 usb_read(struct usb_controller *controller, u32 at)
{
	volatile u32 *place = register_at(controller, at);

	return place ? *place : ~0u;
}

void usb_write(struct usb_controller *controller, u32 at, u32 value)
{
	volatile u32 *place = register_at(controller, at);

	if (place)
		*place = value;
}

u32 usb_read_config(struct usb_controller *controller, u8 at)
{
	return pci_read(controller->device, at);
}

void usb_write_config(struct usb_controller *controller, u8 at, u32 value)
{
	pci_write(controller->device, at, value);
}

bool usb_patience(struct usb_controller *controller)
{
	return !clock_reached(controller->end);
}

static u64 base_of(struct pci_device device)
{
	u32 low = pci_read(device, PCI_BAR);
	u64 base = low & ~15u;

	if (low & BAR_IO || !(pci_read(device, PCI_COMMAND) & PCI_COMMAND_MEMORY))
		return 0;
	if (low & BAR_64)
		base |= (u64)pci_read(device, PCI_BAR + 4) << 32;
	return base;
}

struct search {
	struct boot_handover *counts;
	u64 end;
};

static bool take(struct pci_device device, void *context)
{
	struct search *search = context;
	struct usb_controller controller = { device, 0, search->end };
	u32 class = pci_read(device, PCI_CLASS);
	enum usb_owner owner;

	if (class >> 16 != USB_CLASS)
		return false;
	controller.base = base_of(device);
	owner = usb_take(class >> 8 & 0xff, &controller);
	search->counts->usb++;
	search->counts->usb_owned += owner != USB_FREE;
	search->counts->usb_forced += owner == USB_FORCED;
	return false;
}

void usb_stop(struct boot_handover *counts)
{
	struct search search = { counts, clock_after_us(PATIENCE_US) };

	pci_find(take, &search);
}
