/* SPDX-License-Identifier: MIT */
/*
 * ACPI's root pointer among the firmware's configuration tables. Sources: UEFI 2.10, section 4.6;
 * ACPI 6.5, section 5.2.5.3 (RSDP: signature, and the first 20 bytes add up to 0).
 *
 * Context: boot services. No ACPI is not an error.
 */
#include "efi/loader.h"
#include "lib/string.h"

#define TABLES_MAX   1024 /* entries; a larger number is not believed */
#define RSDP_V1_SIZE 20	  /* bytes */

static BOOLEAN is_rsdp(const UINT8 *table)
{
	UINT8 sum = 0;

	if (!table || memcmp(table, "RSD PTR ", 8) != 0)
		return FALSE;
	for (UINTN i = 0; i < RSDP_V1_SIZE; i++)
		sum += table[i];
	return sum == 0;
}

static void *find_table(const EFI_GUID *guid)
{
	for (UINTN i = 0; i < ST->NumberOfTableEntries; i++) {
		const EFI_CONFIGURATION_TABLE *entry = &ST->ConfigurationTable[i];

		if (memcmp(&entry->VendorGuid, guid, sizeof(*guid)) == 0 &&
		    is_rsdp(entry->VendorTable))
			return entry->VendorTable;
	}
	return NULL;
}

UINT64 find_acpi_rsdp(void)
{
	EFI_GUID acpi_1 = ACPI_TABLE_GUID, acpi_2 = ACPI_20_TABLE_GUID;
	void *table = NULL;

	if (ST->ConfigurationTable && ST->NumberOfTableEntries <= TABLES_MAX) {
		table = find_table(&acpi_2);
		if (!table)
			table = find_table(&acpi_1);
	}
	if (table)
		say("acpi: root pointer at 0x%zx", (size_t)table);
	else
		say("acpi: none");
	return (UINTN)table;
}
