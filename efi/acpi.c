/* SPDX-License-Identifier: MIT */
/*
 * ACPI's root pointer among the firmware's configuration tables, and two of the tables below it.
 * Sources: UEFI 2.10, section 4.6; ACPI 6.5, section 5.2.5.3 (RSDP: signature, and the first 20
 * bytes add up to 0), 5.2.7 RSDT, 5.2.8 XSDT.
 *
 * Context: boot services. No ACPI is not an error.
 */
#include "efi/loader.h"
#include "kernel/devices/acpi_tables.h"
#include "lib/string.h"

#define TABLES_MAX 1024 /* entries; a larger number is rejected */

static BOOLEAN is_rsdp(const UINT8 *table)
{
	UINT8 sum = 0;

	if (!table || memcmp(table, "RSD PTR ", 8) != 0)
		return FALSE;
	for (UINTN i = 0; i < RSDP_SIZE_1; i++)
		sum += table[i];
	return sum == 0;
}

const UINT8 *configuration_table(EFI_GUID guid)
{
	if (!ST->ConfigurationTable || ST->NumberOfTableEntries > TABLES_MAX)
		return NULL;
	for (UINTN i = 0; i < ST->NumberOfTableEntries; i++) {
		const EFI_CONFIGURATION_TABLE *entry = &ST->ConfigurationTable[i];

		if (memcmp(&entry->VendorGuid, &guid, sizeof(guid)) == 0)
			return entry->VendorTable;
	}
	return NULL;
}

UINT64 find_acpi_rsdp(void)
{
	const UINT8 *table = configuration_table((EFI_GUID)ACPI_20_TABLE_GUID);

	if (!is_rsdp(table))
		table = configuration_table((EFI_GUID)ACPI_TABLE_GUID);
	if (!is_rsdp(table)) {
		say("acpi: none");
		return 0;
	}
	say("acpi: root pointer at 0x%zx", (size_t)table);
	return (UINTN)table;
}

/* The table at this address; 0 bytes if there is none, or its length is impossible. */
static struct acpi_table table_at(UINT64 address)
{
	struct acpi_table table = { (const u8 *)(UINTN)address, ACPI_HEADER_SIZE };

	if (!address || address != (UINTN)address)
		return (struct acpi_table){ 0 };
	table.bytes = acpi_u32(&table, ACPI_LENGTH, 4);
	if (table.bytes > ACPI_TABLE_SIZE_MAX)
		table.bytes = 0;
	return table;
}

static void read_table(UINT64 address, struct machine_parts *parts)
{
	struct acpi_table table = table_at(address);
	u64 more[4];

	machine_parts_table(address, table.bytes, parts);
	if (table_is_sound(table.start, table.bytes, "APIC"))
		machine_parts_madt(table.start, parts);
	if (table_is_sound(table.start, table.bytes, "DMAR"))
		machine_parts_dmar(table.start, parts);
	if (!table_is_sound(table.start, table.bytes, "FACP"))
		return;
	machine_parts_fadt(table.start, more);
	for (UINT32 i = 0; i < ARRAY_SIZE(more); i++)
		machine_parts_table(more[i], table_at(more[i]).bytes, parts);
}

void find_machine_parts(UINT64 rsdp, struct machine_parts *parts)
{
	const struct acpi_table pointer = { (const u8 *)(UINTN)rsdp, RSDP_SIZE };
	struct acpi_table root = { 0 };
	UINT64 address = 0;
	UINT32 width = 8;

	memset(parts, 0, sizeof(*parts));
	if (!rsdp)
		return;
	if (acpi_u32(&pointer, RSDP_REVISION, 1) >= 2) {
		address = acpi_u64(&pointer, RSDP_XSDT, 8);
		root = table_at(address);
	}
	if (!table_is_sound(root.start, root.bytes, "XSDT")) {
		width = 4;
		address = acpi_u32(&pointer, RSDP_RSDT, 4);
		root = table_at(address);
		if (!table_is_sound(root.start, root.bytes, "RSDT"))
			return;
	}
	machine_parts_table(rsdp, RSDP_SIZE, parts);
	machine_parts_table(address, root.bytes, parts);
	for (UINT32 i = 0; i < (root.bytes - ACPI_HEADER_SIZE) / width && i < TABLES_MAX; i++)
		read_table(acpi_u64(&root, ACPI_HEADER_SIZE + i * width, width), parts);
}
