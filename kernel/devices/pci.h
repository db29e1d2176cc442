/* SPDX-License-Identifier: MIT */
/*
 * PCI configuration space by mechanism #1: I/O ports 0xcf8 and 0xcfc (PCI 3.0, 3.2.2.3.2).
 *
 * Any context with interrupts off, or one task at a time. An absent device reads as all ones.
 */
#ifndef KERNEL_DEVICES_PCI_H
#define KERNEL_DEVICES_PCI_H

#include "lib/types.h"

enum pci_register {
	PCI_VENDOR = 0x00, /* vendor | device << 16 */
	PCI_COMMAND = 0x04,
	PCI_CLASS = 0x08,  /* revision | interface << 8 | subclass << 16 | class << 24 */
	PCI_HEADER = 0x0c, /* header type in bits 22..16, bit 23: multi-function */
	PCI_BAR = 0x10,
};

enum pci_command { PCI_COMMAND_IO = 1, PCI_COMMAND_MEMORY = 2, PCI_COMMAND_MASTER = 4 };

struct pci_device {
	u8 bus, device, function;
};

/* `place` is the offset of the register, for 32 bits a multiple of 4. */
u32 pci_read(struct pci_device device, u8 place);
void pci_write(struct pci_device device, u8 place, u32 value);
void pci_write_byte(struct pci_device device, u8 place, u8 value);

/* Calls visit() for each function, bus by bus, until it returns true. Returns whether it did. */
bool pci_find(bool (*visit)(struct pci_device device, void *context), void *context);

#endif
