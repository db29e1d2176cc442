/* SPDX-License-Identifier: MIT */
/*
 * Finds, in ACPI's tables, parts of the machine that may still run after the firmware: I/O APICs
 * and IOMMUs.
 *
 * Pure functions; no firmware, so that they run on a host under sanitizers. Sources: ACPI 6.5,
 * 5.2.12 (MADT); Intel Virtualization Technology for Directed I/O 4.1, chapter 8 (DMAR).
 */
#ifndef EFI_MACHINE_PARTS_H
#define EFI_MACHINE_PARTS_H

#include "abi/boot/boot_info.h"
#include "lib/types.h"

#define IO_APICS_MAX	16u
#define IOMMUS_MAX	16u
#define ACPI_TABLES_MAX 128u

struct machine_parts {
	u32 processors; /* usable, this one included; 0: there is no table */
	u32 io_apics, iommus;
	u64 io_apic[IO_APICS_MAX]; /* physical addresses of the registers */
	u64 iommu[IOMMUS_MAX];
	u32 tables;
	struct boot_range table[ACPI_TABLES_MAX]; /* places of ACPI's own tables */
};

/* An ACPI table or an entry of one, of which `bytes` bytes may be read. */
struct acpi_table {
	const u8 *start;
	u32 bytes;
};

/* A number of `width` bytes, 1 to 8; 0 if the table ends before it. */
u64 acpi_u64(const struct acpi_table *table, u32 at, u32 width);

static inline u32 acpi_u32(const struct acpi_table *table, u32 at, u32 width)
{
	return (u32)acpi_u64(table, at, width);
}

/*
 * Calls visit() for each entry of the list at `first`, up to one with a wrong length. The length
 * of an entry is in its `width` bytes at `at`.
 */
void acpi_each_entry(const struct acpi_table *table, u32 first, u32 at, u32 width,
		     void (*visit)(const struct acpi_table *entry, void *context), void *context);

/* Is [table, table + bytes) an ACPI table with this signature, a good length and checksum? */
bool table_is_sound(const void *table, u32 bytes, const char *signature);

/* Both read a sound table with any contents and add its parts, as many as fit. */
void machine_parts_madt(const void *table, struct machine_parts *parts);
void machine_parts_dmar(const void *table, struct machine_parts *parts);

/* Stores the place of a table; ignores empty ones, and those that are too many. */
void machine_parts_table(u64 start, u32 bytes, struct machine_parts *parts);

/* The addresses of DSDT and FACS in a FADT, in 32 and in 64 bits; 0 for a missing one. */
void machine_parts_fadt(const void *table, u64 addresses[4]);

#endif
