/* SPDX-License-Identifier: MIT */
/*
 * The part of ACPI that switches a PC off, resets it and names its console. The tables are enough
 * for that: no interpreter for AML.
 *
 * Source: ACPI 6.5: 5.2.5 (RSDP), 5.2.7 RSDT, 5.2.8 XSDT, 5.2.9 FADT, 7.4.2 (\_S5), 4.8.3.
 */
#ifndef KERNEL_DEVICES_ACPI_H
#define KERNEL_DEVICES_ACPI_H

#include "lib/types.h"

#define ACPI_PM_TIMER_HZ 3579545u

/* A generic address: an address space, and an address in it. */
enum acpi_space { ACPI_MEMORY = 0, ACPI_IO = 1, ACPI_PCI = 2 };

struct acpi_address {
	u64 address;	     /* PCI: device << 32 | function << 16 | offset, on bus 0 */
	u8 space;	     /* enum acpi_space, or an unknown one */
	volatile u8 *memory; /* mapped, if it is in memory */
};

/* The UART of the firmware's console, from the table SPCR. */
struct acpi_uart {
	u64 address;
	u8 space;  /* ACPI_MEMORY or ACPI_IO */
	u8 stride; /* bytes from one register to the next */
	bool wide; /* 32-bit accesses */
	u32 baud;  /* 0: as the firmware left it */
	u32 clock; /* Hz; 0: unknown */
};

/* The contents of the tables. All 0: there are no valid tables. */
struct acpi {
	u16 pm1a_control, pm1b_control; /* I/O ports; 0: not there */
	struct acpi_address pm_timer;	/* address 0: not there */
	u16 smi_command; /* I/O port that switches to ACPI mode; 0: always in ACPI mode */
	u8 acpi_enable;	 /* the value to write there */

	bool has_s5;
	u8 s5_type_a, s5_type_b;	   /* sleep types of "off" */
	struct acpi_address sleep_control; /* of hardware-reduced ACPI; address 0: not there */

	bool has_reset;
	u8 reset_value;
	struct acpi_address reset;

	u64 hpet_address;   /* of its registers, physical; 0: not there */
	volatile u32 *hpet; /* mapped; NULL: not there */

	bool has_uart;
	struct acpi_uart uart;
};

extern struct acpi acpi;

/*
 * Reads the tables into acpi, from the physical address of the root pointer (0: there is none).
 * Prints one line `acpi: ...`, and one for each damaged table. After vmalloc_init().
 */
void acpi_init(phys_addr_t rsdp);

/* The following only parse bytes. They accept any contents. */

/*
 * Has the table this signature, a length from `minimum` to `available` bytes, and a valid
 * checksum?
 */
bool acpi_table_valid(const void *table, size_t available, const char *signature, size_t minimum);

/* Reads a valid FADT into *to. Returns the physical address of the DSDT, 0 if there is none. */
phys_addr_t acpi_parse_fadt(const void *fadt, struct acpi *to);

/* Reads a valid HPET table: the registers' physical address, or 0. IA-PC HPET 1.0a, 3.2.4. */
u64 acpi_parse_hpet(const void *hpet);

/*
 * Reads a valid SPCR. False: its UART is not compatible with a 16550. Source: Microsoft's "Serial
 * Port Console Redirection Table", revision 4.
 */
bool acpi_parse_spcr(const void *spcr, struct acpi_uart *to);

/* Looks for the package \_S5 in AML code. True: found, and the two sleep types (0..7) are set. */
bool acpi_find_s5(const u8 *aml, size_t length, u8 *type_a, u8 *type_b);

#endif
