/* SPDX-License-Identifier: MIT */
/*
 * Finds the UART for the log if no option names one: the UART of the firmware's console (ACPI's
 * SPCR), else the first of COM1..COM4, else the first serial card on PCI.
 *
 *  (1) A returned UART has passed serial_probe().
 *  (2) A UART that fails the probe is unmapped. One that passes stays mapped for ever.
 *  (3) Nothing is written into memory that the firmware's map names.
 *
 * Called during start-up by one task. False is the only failure; *uart is then undefined.
 */
#ifndef KERNEL_DEVICES_UART_FIND_H
#define KERNEL_DEVICES_UART_FIND_H

#include "kernel/devices/acpi.h"
#include "kernel/devices/serial.h"

/* The first of COM1..COM4. Needs no memory. */
bool uart_find_com(struct uart *uart);

/* The UART at this physical address; `stride`, `wide` as in struct uart. After vmalloc_init(). */
bool uart_find_memory(struct uart *uart, phys_addr_t address, u8 stride, bool wide);

/* The UART of the SPCR. After vmalloc_init(). */
bool uart_find_acpi(const struct acpi_uart *told, struct uart *uart);

/*
 * The first PCI function with the class of a 16550; enables its decoding. A card with another
 * clock than a PC's runs at a wrong rate. Asks 8192 devices: about 20 ms. After vmalloc_init().
 */
bool uart_find_pci(struct uart *uart);

#endif
