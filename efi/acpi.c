/* SPDX-License-Identifier: MIT */
/*
 * ACPI's root pointer among the firmware's configuration tables, and two of the tables below it.
 * Sources: UEFI 2.10, section 4.6; ACPI 6.5, section 5.2.5.3 (RSDP: signature, and the first 20
 * bytes add up to 0), 5.2.7 RSDT, 5.2.8 XSDT.
 *
 * Context: boot services. No ACPI is not an error.
 */
#include "efi/loader.h"
#include "lib/string.h"

#define TABLES_MAX    1024 /* entries; a larger number is rejected */
#define RSDP_V1_SIZE  20   /* bytes */
#define RSDP_SIZE     36u  /* with revision 2 */
#define RSDP_REVISION 15u  /* offset of the revision */
#define RSDP_RSDT     16u
#define RSDP_XSDT     24u

#define TABLE_HEADER   36u /* bytes */
#define TABLE_SIZE_MAX MiB(4)

static BOOLEAN is_rsdp(const UINT8 *table)
{
	UINT8 sum = 0;

	if (!table || memcmp(table, "RSD PTR ", 8) != 0)
		return FALSE;
	for (UINTN i = 0; i < RSDP_V1_SIZE; i++)
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

/* A sound table at this address; NULL: there is none. */
static const UINT8 *sound_table(UINT64 address, const char *signature)
{
	const UINT8 *table = (const UINT8 *)(UINTN)address;
	UINT32 length;

	if (!address || address != (UINTN)address || memcmp(table, signature, 4) != 0)
		return NULL;
	memcpy(&length, table + 4, sizeof(length));
	if (length > TABLE_SIZE_MAX || !table_is_sound(table, length, signature))
		return NULL;
	return table;
}

/* Entry i of the root table: 8 bytes of an address, or 4. */
static UINT64 root_entry(const UINT8 *root, UINT32 width, UINT32 i)
{
	UINT64 address = 0;

	memcpy(&address, root + TABLE_HEADER + i * width, width);
	return address;
}

/* Stores the place of the table at this address; impossible lengths are rejected. */
static void note_table(UINT64 address, struct machine_parts *parts)
{
	const UINT8 *table = (const UINT8 *)(UINTN)address;
	UINT32 length;

	if (!address || address != (UINTN)address)
		return;
	memcpy(&length, table + 4, sizeof(length));
	machine_parts_table(address, length <= TABLE_SIZE_MAX ? length : 0, parts);
}

static void read_table(UINT64 address, struct machine_parts *parts)
{
	const UINT8 *madt = sound_table(address, "APIC"), *dmar = sound_table(address, "DMAR");
	const UINT8 *fadt = sound_table(address, "FACP");
	u64 more[4];

	note_table(address, parts);
	if (madt)
		machine_parts_madt(madt, parts);
	if (dmar)
		machine_parts_dmar(dmar, parts);
	if (!fadt)
		return;
	machine_parts_fadt(fadt, more);
	for (UINT32 i = 0; i < ARRAY_SIZE(more); i++)
		note_table(more[i], parts);
}

void find_machine_parts(UINT64 rsdp, struct machine_parts *parts)
{
	const UINT8 *pointer = (const UINT8 *)(UINTN)rsdp, *root = NULL;
	UINT32 width = 8, length;
	UINT64 address = 0;

	memset(parts, 0, sizeof(*parts));
	if (!rsdp)
		return;
	if (pointer[RSDP_REVISION] >= 2) {
		memcpy(&address, pointer + RSDP_XSDT, 8);
		root = sound_table(address, "XSDT");
	}
	if (!root) {
		address = 0;
		memcpy(&address, pointer + RSDP_RSDT, 4);
		root = sound_table(address, "RSDT");
		width = 4;
	}
	if (!root)
		return;
	machine_parts_table(rsdp, RSDP_SIZE, parts);
	note_table(address, parts);
	memcpy(&length, root + 4, sizeof(length));
	for (UINT32 i = 0; i < (length - TABLE_HEADER) / width && i < TABLES_MAX; i++)
		read_table(root_entry(root, width, i), parts);
}
