/* SPDX-License-Identifier: MIT */
/* Finding a UART. Each candidate must pass serial_probe(). */
#include "kernel/devices/uart_find.h"
#include "kernel/devices/console_option.h"
#include "kernel/devices/pci.h"
#include "mm/frames/memmap.h"
#include "mm/kernel_space/vmalloc.h"

#define UART_REGISTERS 8u

/* Class 7, subclass 0 (serial), interface 0..6: 8250 to 16950. PCI Code and ID Assignment 1.8. */
#define CLASS_SERIAL  0x0700u
#define INTERFACE_MAX 6u

bool uart_find_com(struct uart *uart)
{
	for (unsigned int i = 0; i < SERIAL_PORTS; i++) {
		*uart = uart_at_port(serial_port(i));
		if (serial_probe(uart))
			return true;
	}
	return false;
}

bool uart_find_memory(struct uart *uart, phys_addr_t address, u8 stride, bool wide)
{
	u32 bytes = UART_REGISTERS * stride;

	*uart = (struct uart){
		.memory = address, .stride = stride, .wide = wide, .base_baud = UART_BASE_BAUD
	};
	/* Probing writes, so it must not touch memory. */
	if (memmap_has_ram(&memmap, address, address + bytes))
		return false;
	uart->registers = ioremap(address, bytes);
	if (uart->registers && serial_probe(uart))
		return true;
	iounmap(uart->registers);
	return false;
}

bool uart_find_acpi(const struct acpi_uart *told, struct uart *uart)
{
	bool found;

	if (told->space == ACPI_IO) {
		*uart = uart_at_port((u16)told->address);
		found = serial_probe(uart);
	} else {
		found = uart_find_memory(uart, told->address, told->stride, told->wide);
	}
	if (told->clock >= 16)
		uart->base_baud = told->clock / 16;
	return found;
}

/* Probes the UART at the first base address of a function, if the firmware has set one. */
static bool probe_bar(struct pci_device device, struct uart *uart)
{
	u32 bar = pci_read(device, PCI_BAR);

	if (bar & PCI_BAR_IO) {
		*uart = uart_at_port((u16)(bar & ~3u));
		return bar < 0x10000 && serial_probe(uart);
	}
	/* An address above 4 GiB is out of reach. */
	if ((bar & PCI_BAR_TYPE) == PCI_BAR_64BIT && pci_read(device, PCI_BAR + 4))
		return false;
	return uart_find_memory(uart, bar & ~0xfu, 1, false);
}

static bool is_uart(struct pci_device device, void *uart)
{
	u32 class = pci_read(device, PCI_CLASS), command, bar;

	if (class >> 16 != CLASS_SERIAL || (class >> 8 & 0xff) > INTERFACE_MAX)
		return false;
	bar = pci_read(device, PCI_BAR);
	if (!(bar & (bar & PCI_BAR_IO ? ~3u : ~0xfu)))
		return false;
	command =
		pci_set_command(device, bar & PCI_BAR_IO ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY, 0);
	if (probe_bar(device, uart))
		return true;
	pci_write(device, PCI_COMMAND, command);
	return false;
}

bool uart_find_pci(struct uart *uart)
{
	return pci_find(is_uart, uart);
}
