/* SPDX-License-Identifier: MIT */
/* Which devices and interrupts quiesce.c stops. Pure. */
#include "efi/options.h"
#include "efi/quiesce/quiesce.h"
#include "kernel/devices/pci.h"

#define CLASS_DISPLAY 0x03u
#define CLASS_BRIDGE  0x06u
#define CLASS_IOMMU   0x0806u /* class and subclass */

#define ENTRY_MASKED   0x10000u
#define ENTRY_MODE     0x700u
#define ENTRY_MODE_SMI 0x200u

/*
 * Bridges stay masters, for the devices below them. A display may read its picture from memory as
 * a master, and shows the log. An IOMMU reads its tables as a master.
 */
bool quiesce_function(u32 class, u32 header, u32 command)
{
	u32 type = header >> 16 & 0x7f;

	if (!(command & PCI_COMMAND_MASTER) || type != 0)
		return false;
	return class >> 24 != CLASS_DISPLAY && class >> 24 != CLASS_BRIDGE &&
	       class >> 16 != CLASS_IOMMU;
}

/* The firmware still needs an entry that raises a system management interrupt. */
u32 quiesce_entry(u32 entry)
{
	return (entry & ENTRY_MODE) == ENTRY_MODE_SMI ? entry : entry | ENTRY_MASKED;
}

u32 quiesce_skips(const char *options)
{
	static const char *const words[] = { "noinit", "nousb", "nopci", "none", "noiommu" };
	u32 skips = 0;

	if (options_list(options, "quiesce", "none"))
		return ~0u;
	for (u32 i = 0; i < ARRAY_SIZE(words); i++)
		skips |= (u32)options_list(options, "quiesce", words[i]) << i;
	return skips;
}
