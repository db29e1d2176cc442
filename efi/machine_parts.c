/* SPDX-License-Identifier: MIT */
/* Reads the tables MADT and DMAR. Each is a header and a list of entries with their lengths. */
#include "efi/machine_parts.h"
#include "kernel/devices/acpi_tables.h"
#include "lib/string.h"

#define MADT_ENTRIES   44u
#define MADT_PROCESSOR 0u /* entry types: a local APIC, an I/O APIC, a local x2APIC */
#define MADT_IO_APIC   1u
#define MADT_X2APIC    9u
#define MADT_USABLE    3u /* enabled, or can be */

#define DMAR_ENTRIES 48u
#define DMAR_UNIT    0u /* entry type: a remapping unit */

u64 acpi_u64(const struct acpi_table *table, u32 at, u32 width)
{
	u64 value = 0;

	if (at > table->bytes || width > table->bytes - at)
		return 0;
	for (u32 i = width; i-- > 0;)
		value = value << 8 | table->start[at + i];
	return value;
}

void acpi_each_entry(const struct acpi_table *table, u32 first, u32 at, u32 width,
		     void (*visit)(const struct acpi_table *entry, void *context), void *context)
{
	struct acpi_table entry;

	for (; table->bytes > first && table->bytes - first >= at + width; first += entry.bytes) {
		entry.start = table->start + first;
		entry.bytes = acpi_u32(table, first + at, width);
		if (entry.bytes < at + width || entry.bytes > table->bytes - first)
			return;
		visit(&entry, context);
	}
}

/* A sound table. */
static struct acpi_table whole(const void *start)
{
	const struct acpi_table header = { start, ACPI_HEADER_SIZE };

	return (struct acpi_table){ start, acpi_u32(&header, ACPI_LENGTH, 4) };
}

bool table_is_sound(const void *table, u32 bytes, const char *signature)
{
	const u8 *byte = table;
	u32 length;
	u8 sum = 0;

	if (bytes < ACPI_HEADER_SIZE || memcmp(table, signature, 4) != 0)
		return false;
	length = whole(table).bytes;
	if (length < ACPI_HEADER_SIZE || length > bytes)
		return false;
	for (u32 i = 0; i < length; i++)
		sum += byte[i];
	return sum == 0;
}

/* Can both loaders reach registers there? They fit into a page. */
static bool within_reach(u64 address)
{
	return address && address <= GiB(4) - 4096;
}

static void madt_entry(const struct acpi_table *entry, void *context)
{
	struct machine_parts *parts = context;
	u32 type = acpi_u32(entry, 0, 1), address = acpi_u32(entry, 4, 4);

	if (type == MADT_PROCESSOR)
		parts->processors += (acpi_u32(entry, 4, 4) & MADT_USABLE) != 0;
	else if (type == MADT_X2APIC)
		parts->processors += (acpi_u32(entry, 8, 4) & MADT_USABLE) != 0;
	else if (type == MADT_IO_APIC && parts->io_apics < IO_APICS_MAX && within_reach(address))
		parts->io_apic[parts->io_apics++] = address;
}

void machine_parts_madt(const void *table, struct machine_parts *parts)
{
	struct acpi_table madt = whole(table);

	acpi_each_entry(&madt, MADT_ENTRIES, 1, 1, madt_entry, parts);
}

static void dmar_entry(const struct acpi_table *entry, void *context)
{
	struct machine_parts *parts = context;
	u64 address = acpi_u64(entry, 8, 8);

	if (acpi_u32(entry, 0, 2) == DMAR_UNIT && parts->iommus < IOMMUS_MAX &&
	    within_reach(address))
		parts->iommu[parts->iommus++] = address;
}

void machine_parts_dmar(const void *table, struct machine_parts *parts)
{
	struct acpi_table dmar = whole(table);

	acpi_each_entry(&dmar, DMAR_ENTRIES, 2, 2, dmar_entry, parts);
}

void machine_parts_table(u64 start, u32 bytes, struct machine_parts *parts)
{
	if (start && bytes && parts->tables < ACPI_TABLES_MAX)
		parts->table[parts->tables++] = (struct boot_range){ start, bytes };
}

void machine_parts_fadt(const void *table, u64 addresses[4])
{
	struct acpi_table fadt = whole(table);

	addresses[0] = acpi_u32(&fadt, FADT_FACS, 4);
	addresses[1] = acpi_u32(&fadt, FADT_DSDT, 4);
	addresses[2] = acpi_u64(&fadt, FADT_X_FACS, 8);
	addresses[3] = acpi_u64(&fadt, FADT_X_DSDT, 8);
}
