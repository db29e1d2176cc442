/* SPDX-License-Identifier: MIT */
/*
 * Facts about machines that people own, as their firmware told them: registers, sizes and flags
 * of ACPI tables, and maps of memory. Each was published by an owner, as decoded tables or as
 * the log of a Linux kernel; `source` says where.
 *
 * Only the fields that Pagewright reads are here. The lengths are those of the whole tables: a
 * MADT, DMAR or IVRS made from the entries must have the real length, so a missing entry is
 * seen.
 */
#ifndef TESTS_HOST_RECORDED_MACHINES_H
#define TESTS_HOST_RECORDED_MACHINES_H

#include "lib/types.h"

/* A generic address: space, bits of the register, size of an access, address. */
struct recorded_address {
	u8 space, bits, access;
	u64 address;
};

/*
 * The 32-bit fields, then the generic addresses. The DSDT has the same address in both of its
 * fields, PM1b is nowhere.
 */
struct recorded_fadt {
	u32 length, revision, flags, dsdt, smi_command, acpi_enable, pm1a_control, pm_timer;
	struct recorded_address reset;
	u32 reset_value;
	struct recorded_address x_pm1a_control, x_pm1b_control, x_pm_timer, sleep_control;
};

/* How many entries there are of each kind, and the addresses of the I/O APICs. */
struct recorded_madt {
	u32 length, processors, disabled, x2apics, x2apics_disabled, overrides, nmis, x2apic_nmis;
	u32 io_apic[4];
};

/*
 * An entry of a DMAR or an IVRS; the address is a unit's registers or a region's start, where
 * there is one.
 */
struct recorded_entry {
	u16 type, length;
	u64 address;
};

struct recorded_entries {
	u32 length;
	struct recorded_entry entry[8];
};

struct recorded_spcr {
	u8 revision; /* 0: no table. A size that the source does not tell is 0. */
	struct recorded_address place;
	u8 baud; /* the code in the table */
	u32 clock;
};

/* Where a map has a range. The type is E820's, or UEFI's; `attribute` is UEFI's. */
struct recorded_range {
	u64 start, end;
	u64 attribute;
	u32 type;
};

struct recorded_machine {
	const char *name, *source;
	struct recorded_fadt fadt;
	struct recorded_madt madt;
	struct recorded_entries dmar, ivrs;
	struct recorded_address hpet;
	struct recorded_spcr spcr;
	u8 s5[4]; /* the package \_S5; the first is never 0 where it is known */
	u32 e820_count;
	const struct recorded_range *e820;
	u64 linux_pages; /* of memory that Linux found in the map, the first page not counted */
};

extern const struct recorded_machine recorded_machines[];
extern const u32 recorded_machine_count;

/* A map as UEFI told it, and the ranges that Linux found usable in it. */
extern const struct recorded_range recorded_superdome[], recorded_superdome_usable[];
extern const u32 recorded_superdome_count, recorded_superdome_usable_count;

#endif
