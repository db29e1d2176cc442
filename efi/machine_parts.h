/* SPDX-License-Identifier: MIT */
/*
 * Where ACPI says that parts of the machine are which may still be running when the firmware has left: I/O APICs, and units
 * that translate what devices send to memory.
 *
 * Pure functions; no firmware, so that they run on a host under sanitizers. Sources: ACPI 6.5, 5.2.12 (MADT); Intel
 * Virtualization Technology for Directed I/O 4.1, chapter 8 (DMAR).
 */
#ifndef EFI_MACHINE_PARTS_H
#define EFI_MACHINE_PARTS_H

#include "lib/types.h"

#define IO_APICS_MAX 16u
#define IOMMUS_MAX   16u

struct machine_parts {
	u32 processors; /* that can be used, this one too; 0: there is no table */
	u32 io_apics, iommus;
	u64 io_apic[IO_APICS_MAX]; /* physical addresses of the registers */
	u64 iommu[IOMMUS_MAX];
};

/* Is [table, table + bytes) an ACPI table with this signature, a length that fits, and a right sum? */
bool table_is_sound(const void *table, u32 bytes, const char *signature);

/* Both read a sound table, whatever is in it, and add what it says; what is too much is left out. */
void machine_parts_madt(const void *table, struct machine_parts *parts);
void machine_parts_dmar(const void *table, struct machine_parts *parts);

#endif
