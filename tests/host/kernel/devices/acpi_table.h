/* SPDX-License-Identifier: MIT */
/* Fields and checksums of an ACPI table (ACPI 6.5, 5.2.6). */
#ifndef TESTS_HOST_KERNEL_DEVICES_ACPI_TABLE_H
#define TESTS_HOST_KERNEL_DEVICES_ACPI_TABLE_H

#include <string.h>

#include "lib/types.h"

static inline void put32(u8 *table, u32 at, u32 value)
{
	memcpy(table + at, &value, sizeof(value));
}

static inline u32 get32(const u8 *table, u32 at)
{
	u32 value;

	memcpy(&value, table + at, sizeof(value));
	return value;
}

/* The byte that, added to these, gives 0. */
static inline u8 negated_sum(const u8 *bytes, u32 count)
{
	u8 sum = 0;

	while (count--)
		sum = (u8)(sum + *bytes++);
	return (u8)-sum;
}

/* Sets the checksum of a table. */
static inline void seal(u8 *table)
{
	table[9] = 0;
	table[9] = negated_sum(table, get32(table, 4));
}

#endif
