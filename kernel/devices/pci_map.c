/* SPDX-License-Identifier: MIT */
/* Mapping the registers of a PCI function. Not in pci.c, which the loader has too. */
#include "kernel/devices/pci.h"
#include "mm/frames/memmap.h"
#include "mm/kernel_space/vmalloc.h"

void *pci_map(struct pci_device device, u32 index, u32 bytes)
{
	u8 place = (u8)(PCI_BAR + 4 * index);
	u32 bar = pci_read(device, place);
	phys_addr_t start = bar & ~(u32)PCI_BAR_FLAGS;

	if (bar & PCI_BAR_IO || !start || start + bytes > GiB(4))
		return NULL;
	if ((bar & PCI_BAR_TYPE) == PCI_BAR_64BIT && pci_read(device, (u8)(place + 4)))
		return NULL;
	if (memmap_has_ram(&memmap, start, start + bytes))
		return NULL;
	return ioremap(start, bytes);
}
