/* SPDX-License-Identifier: MIT */
/*
 * Which UART the log goes to, where nobody has said: the one that the firmware's own console uses (ACPI's SPCR), else the first
 * of COM1..COM4, else the first serial card on PCI.
 *
 *  1. What is returned has passed serial_probe().
 *  2. What was mapped for one that has not is unmapped; what was mapped for one that has stays for ever.
 *  3. Nothing is written into memory that the firmware's map names.
 *
 * While the kernel comes up, in one task; false is the only failure, and leaves *uart undefined.
 */
#ifndef KERNEL_DEVICES_UART_FIND_H
#define KERNEL_DEVICES_UART_FIND_H

#include "kernel/devices/acpi.h"
#include "kernel/devices/serial.h"

/* The first of COM1..COM4. Needs no memory. */
bool uart_find_com(struct uart *uart);

/* The one at this physical address. After vmalloc_init(). `stride` and `wide` as in struct uart. */
bool uart_find_memory(struct uart *uart, phys_addr_t address, u8 stride, bool wide);

/* The one of the SPCR. After vmalloc_init(). */
bool uart_find_acpi(const struct acpi_uart *told, struct uart *uart);

/*
 * The first PCI function that says that it is a 16550, switched on. After vmalloc_init(). Cards with another clock than a PC's are
 * driven at a wrong rate. Asks for 8192 devices: about 20 ms on a PC.
 */
bool uart_find_pci(struct uart *uart);

#endif
