/* SPDX-License-Identifier: MIT */
/* Mapping the registers of a PCI function. Not in pci.c, which the loader has too. */
#include "kernel/devices/pci.h"
#include "mm/frames/memmap.h"
#include "mm/kernel_space/vmalloc.h"

phys_addr_t pci_address(struct pci_device device, u32 index)
{
	u8 place = (u8)(PCI_BAR + 4 * index);
	u32 bar = pci_read(device, place);
	phys_addr_t high = 0;

	if (bar & PCI_BAR_IO)
		return 0;
	if ((bar & PCI_BAR_TYPE) == PCI_BAR_64BIT)
		high = pci_read(device, (u8)(place + 4));
	return high << 32 | (bar & ~(u32)PCI_BAR_FLAGS);
}

void *pci_map(struct pci_device device, u32 index, u32 bytes)
{
	phys_addr_t start = pci_address(device, index);

	if (!start || start + bytes > GiB(4) || memmap_has_ram(&memmap, start, start + bytes))
		return NULL;
	return ioremap(start, bytes);
}
