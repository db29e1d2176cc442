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

/* Bits of a base address register; PCI Local Bus 3.0, 6.2.5.1. */
enum pci_bar { PCI_BAR_IO = 1, PCI_BAR_TYPE = 6, PCI_BAR_64BIT = 4, PCI_BAR_FLAGS = 15 };

enum pci_command {
	PCI_COMMAND_IO = 1,
	PCI_COMMAND_MEMORY = 2,
	PCI_COMMAND_MASTER = 4,
	PCI_COMMAND_NO_INTX = 1 << 10, /* the function's interrupt line stays quiet */
};

struct pci_device {
	u8 bus, device, function;
};

/* `place` is the offset of the register, for 32 bits a multiple of 4. */
u32 pci_read(struct pci_device device, u8 place);
void pci_write(struct pci_device device, u8 place, u32 value);
void pci_write_byte(struct pci_device device, u8 place, u8 value);

/*
 * Sets the bits `set` of the command register (enum pci_command), and clears `clear`. Returns the
 * register's value before.
 */
u32 pci_set_command(struct pci_device device, u32 set, u32 clear);

/* The memory that base address register `index` names; 0: none, or I/O ports. */
phys_addr_t pci_address(struct pci_device device, u32 index);

/*
 * Maps `bytes` of the registers behind base address register `index`, uncached. Returns NULL if it
 * is not set, names I/O ports or RAM, or lies above 4 GiB.
 */
void *pci_map(struct pci_device device, u32 index, u32 bytes);

/* Calls visit() for each function, bus by bus, until it returns true. Returns whether it did. */
bool pci_find(bool (*visit)(struct pci_device device, void *context), void *context);

#endif
