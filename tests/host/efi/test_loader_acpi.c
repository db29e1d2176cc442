/* SPDX-License-Identifier: MIT */
/*
 * ACPI's tables as the loader finds them: root pointers and tables that are damaged in every way.
 *
 * sources: efi/machine_parts.c efi/console.c
 */
#include "tests/host/efi/firmware.h"

#include "efi/acpi.c"

#include <string.h>

#include "tests/host/tap.h"

/* Where 32-bit pointers reach them. */
static struct {
	u8 rsdp[64], root_table[80], madt[80], fadt[160], dsdt[40], dmar[64];
	u8 long_root[36 + 4 * 1025];
} *const low = (void *)(uintptr_t)MiB(16);

static void sum(u8 *table, u32 bytes, u32 at)
{
	u8 total = 0;

	table[at] = 0;
	for (u32 i = 0; i < bytes; i++)
		total += table[i];
	table[at] = (u8)-total;
}

static void table(u8 *at, const char *signature, u32 bytes)
{
	memcpy(at, signature, 4);
	memcpy(at + 4, &bytes, 4);
	sum(at, bytes, 9);
}

static void pointer(u8 revision, const void *rsdt, const void *xsdt)
{
	u32 narrow = (u32)(uintptr_t)rsdt;
	u64 wide = (uintptr_t)xsdt;

	memcpy(low->rsdp, "RSD PTR ", 8);
	low->rsdp[15] = revision;
	memcpy(low->rsdp + 16, &narrow, 4);
	memcpy(low->rsdp + 24, &wide, 8);
	sum(low->rsdp, 20, 8);
}

static void root_pointers(void)
{
	static EFI_CONFIGURATION_TABLE many[1025];
	static u8 other[64];
	EFI_CONFIGURATION_TABLE entries[] = {
		{ { 1, 2, 3, { 4 } }, other },
		{ ACPI_TABLE_GUID, other },
		{ ACPI_20_TABLE_GUID, low->rsdp },
	};

	firmware_start();
	EXPECT(!configuration_table((EFI_GUID)ACPI_TABLE_GUID));
	EXPECT_EQ(find_acpi_rsdp(), 0);
	EXPECT_TEXT(take_told(), "loader: acpi: none\n");
	system_table.ConfigurationTable = entries;
	system_table.NumberOfTableEntries = ARRAY_SIZE(entries);
	EXPECT_EQ(find_acpi_rsdp(), 0);
	pointer(2, NULL, NULL);
	take_told();
	EXPECT_EQ(find_acpi_rsdp(), (uintptr_t)low->rsdp);
	EXPECT(strstr(take_told(), "acpi: root pointer at 0x"));
	memcpy(other, low->rsdp, sizeof(other));
	EXPECT_EQ(find_acpi_rsdp(), (uintptr_t)low->rsdp); /* the newer one first */
	low->rsdp[19]++;				   /* its checksum is wrong */
	EXPECT_EQ(find_acpi_rsdp(), (uintptr_t)other);
	other[0] = 'r';
	EXPECT_EQ(find_acpi_rsdp(), 0);
	pointer(0, NULL, NULL);
	low->rsdp[20] = 77; /* not part of the first checksum */
	EXPECT_EQ(find_acpi_rsdp(), (uintptr_t)low->rsdp);
	system_table.NumberOfTableEntries = 2;
	EXPECT_EQ(find_acpi_rsdp(), 0);
	/* The last entry of the longest list that is believed. */
	many[1023] = entries[2];
	system_table.ConfigurationTable = many;
	system_table.NumberOfTableEntries = 1024;
	EXPECT(configuration_table((EFI_GUID)ACPI_20_TABLE_GUID) == low->rsdp);
	system_table.NumberOfTableEntries = 1025;
	EXPECT(!configuration_table((EFI_GUID)ACPI_20_TABLE_GUID));
}

static void parts_below(u32 width)
{
	struct machine_parts parts;
	u64 address = (uintptr_t)low->madt;

	memset(&parts, 0xee, sizeof(parts));
	memcpy(low->root_table + 36, &address, width);
	address = (uintptr_t)low->fadt;
	memcpy(low->root_table + 36 + width, &address, width);
	table(low->root_table, width == 8 ? "XSDT" : "RSDT", 36 + 2 * width);
	find_machine_parts((uintptr_t)low->rsdp, &parts);
	EXPECT_EQ(parts.processors, 1);
	EXPECT_EQ(parts.io_apics, 1);
	EXPECT_EQ(parts.io_apic[0], 0xfec00000u);
	/* Pointer, root, MADT, FADT, DSDT. */
	EXPECT_EQ(parts.tables, 5);
	EXPECT(parts.table[0].start == (uintptr_t)low->rsdp && parts.table[0].size == 36);
	EXPECT(parts.table[1].start == (uintptr_t)low->root_table);
	EXPECT_EQ(parts.table[1].size, 36 + 2 * width);
	EXPECT(parts.table[2].start == (uintptr_t)low->madt && parts.table[2].size == 64);
	EXPECT(parts.table[3].start == (uintptr_t)low->fadt && parts.table[3].size == 116);
	EXPECT(parts.table[4].start == (uintptr_t)low->dsdt && parts.table[4].size == 40);
}

static void tables_of_acpi(void)
{
	/* A processor that is usable, and an I/O APIC: ACPI 6.5, 5.2.12.2 and 5.2.12.3. */
	static const u8 entries[] = { 0, 8, 0, 0, 1,	0,    0, 0, 1, 12,
				      0, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0 };
	u32 narrow = (u32)(uintptr_t)low->dsdt;
	struct machine_parts parts;

	firmware_start();
	memcpy(low->madt + 44, entries, sizeof(entries));
	table(low->madt, "APIC", 64);
	table(low->dsdt, "DSDT", 40);
	memcpy(low->fadt + 40, &narrow, 4);
	table(low->fadt, "FACP", 116);
	pointer(0, low->root_table, NULL);
	parts_below(4);
	pointer(2, NULL, low->root_table);
	parts_below(8);
	pointer(1, NULL, low->root_table); /* too old for the wide table */
	find_machine_parts((uintptr_t)low->rsdp, &parts);
	EXPECT(!parts.tables && !parts.processors);
	find_machine_parts(0, &parts);
	EXPECT(!parts.tables);
	/* A damaged wide table: the narrow one counts. */
	pointer(2, low->root_table, low->madt);
	parts_below(4);
	low->root_table[9]++;
	find_machine_parts((uintptr_t)low->rsdp, &parts);
	EXPECT(!parts.tables);
	/* A length that cannot be. */
	table(low->root_table, "RSDT", 44);
	memcpy(low->madt + 4, &(u32){ MiB(4) + 1 }, 4);
	find_machine_parts((uintptr_t)low->rsdp, &parts);
	EXPECT(parts.tables == 4 && !parts.processors);
	memcpy(low->madt + 4, &(u32){ MiB(4) }, 4);
	EXPECT_EQ(table_at((uintptr_t)low->madt).bytes, MiB(4));
	EXPECT(!table_at(0).start && !table_at(0x100000000ull * (sizeof(UINTN) == 4)).start);
}

/* An IOMMU, and a root table of more entries than are looked at. */
static void more_tables(void)
{
	/* A unit of all devices of segment 0, at 0xfed90000: VT-d, 8.3. */
	static const u8 unit[] = { 0, 0, 16, 0, 1, 0, 0, 0, 0, 0, 0xd9, 0xfe, 0, 0, 0, 0 };
	u32 narrow = (u32)(uintptr_t)low->dmar;
	struct machine_parts parts;

	firmware_start();
	memcpy(low->dmar + 48, unit, sizeof(unit));
	table(low->dmar, "DMAR", 64);
	pointer(0, low->long_root, NULL);
	for (u32 at = 1023; at < 1025; at++) {
		memset(low->long_root, 0, sizeof(low->long_root));
		memcpy(low->long_root + 36 + 4 * at, &narrow, 4);
		table(low->long_root, "RSDT", sizeof(low->long_root));
		find_machine_parts((uintptr_t)low->rsdp, &parts);
		EXPECT_EQ(parts.iommus, at == 1023);
		EXPECT(at > 1023 || parts.iommu[0] == 0xfed90000u);
	}
}

TAP_MAIN({ "ACPI's root pointer", root_pointers }, { "ACPI's tables", tables_of_acpi },
	 { "an IOMMU, and many tables", more_tables })
