/* SPDX-License-Identifier: MIT */
#include "kernel/devices/pci.h"
#include "kernel/cpu/io.h"

#define ADDRESS_PORT 0xcf8
#define DATA_PORT    0xcfc
#define ENABLE	     (1u << 31)

#define BUSES	  256u
#define DEVICES	  32u
#define FUNCTIONS 8u

#define HEADER_MULTIFUNCTION (1u << 23)

static void choose(struct pci_device device, u8 place)
{
	outl(ADDRESS_PORT, ENABLE | (u32)device.bus << 16 | (u32)device.device << 11 |
				   (u32)device.function << 8 | (place & ~3u));
}

u32 pci_read(struct pci_device device, u8 place)
{
	choose(device, place);
	return inl(DATA_PORT);
}

void pci_write(struct pci_device device, u8 place, u32 value)
{
	choose(device, place);
	outl(DATA_PORT, value);
}

void pci_write_byte(struct pci_device device, u8 place, u8 value)
{
	choose(device, place);
	outb((u16)(DATA_PORT + (place & 3)), value);
}

u32 pci_set_command(struct pci_device device, u32 set, u32 clear)
{
	/* Writing a one clears a bit of the status in the upper half: write zeros there. */
	u32 command = pci_read(device, PCI_COMMAND) & 0xffff;

	pci_write(device, PCI_COMMAND, (command | set) & ~clear);
	return command;
}

/* Visits a device's functions. One with a single function may answer for all eight: bit 23. */
static bool find_function(struct pci_device device, bool (*visit)(struct pci_device, void *),
			  void *context)
{
	u32 functions = 1;

	for (u32 function = 0; function < functions; function++) {
		device.function = (u8)function;
		if ((pci_read(device, PCI_VENDOR) & 0xffff) == 0xffff)
			continue;
		if (!function && pci_read(device, PCI_HEADER) & HEADER_MULTIFUNCTION)
			functions = FUNCTIONS;
		if (visit(device, context))
			return true;
	}
	return false;
}

bool pci_find(bool (*visit)(struct pci_device device, void *context), void *context)
{
	/* Without a host bridge of this mechanism the port does not keep the value. */
	outl(ADDRESS_PORT, ENABLE);
	if (inl(ADDRESS_PORT) != ENABLE)
		return false;
	for (u32 bus = 0; bus < BUSES; bus++)
		for (u32 device = 0; device < DEVICES; device++)
			if (find_function((struct pci_device){ (u8)bus, (u8)device, 0 }, visit,
					  context))
				return true;
	return false;
}
