/* SPDX-License-Identifier: MIT */
/*
 * The loader's requests to the firmware, against firmware that refuses them in every place: pages
 * and their rights, ACPI's tables, variables.
 *
 * sources: efi/machine_parts.c
 */
#include "tests/host/efi/firmware.h"

#include "efi/acpi.c"
#include "efi/memory.c"
#include "efi/variables.c"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/tap.h"

/* ---- Pages ---- */

static struct memory_attribute attributes;
static char changes[200]; /* "set 20000 4096, " */
static bool has_attributes, no_set, no_clear;

static EFI_STATUS note_change(const char *kind, bool refused, UINT64 bytes, UINT64 bits)
{
	size_t length = strlen(changes);

	snprintf(changes + length, sizeof(changes) - length, "%s %llx %llu, ", kind,
		 (unsigned long long)bits, (unsigned long long)bytes);
	return refused ? EFI_DEVICE_ERROR : EFI_SUCCESS;
}

static EFI_STATUS set_attributes(struct memory_attribute *protocol, EFI_PHYSICAL_ADDRESS start,
				 UINT64 bytes, UINT64 bits)
{
	EXPECT(protocol == &attributes && start >= (uintptr_t)ram);
	return note_change("set", no_set, bytes, bits);
}

static EFI_STATUS clear_attributes(struct memory_attribute *protocol, EFI_PHYSICAL_ADDRESS start,
				   UINT64 bytes, UINT64 bits)
{
	EXPECT(protocol == &attributes && start >= (uintptr_t)ram);
	return note_change("clear", no_clear, bytes, bits);
}

static EFI_STATUS locate_protocol(EFI_GUID *guid, void *registration, void **interface)
{
	EXPECT(guid->first == 0xf4560cf6 && !registration);
	*interface = &attributes;
	return has_attributes ? EFI_SUCCESS : EFI_NOT_FOUND;
}

static void start(void)
{
	firmware_start();
	boot.LocateProtocol = locate_protocol;
	attributes.set = set_attributes;
	attributes.clear = clear_attributes;
}

static void pages(void)
{
	u8 *memory;

	start();
	memory = memory_alloc(MEMORY_ANYWHERE, EfiLoaderData, 4097, "x");
	EXPECT(memory == ram[0] && last_how == AllocateAnyPages && last_type == EfiLoaderData);
	EXPECT(!memory[0] && !memory[8191] && memory[8192] == 0xee);
	memory = memory_alloc(MEMORY_LOW, EfiLoaderCode, 4096, "x");
	EXPECT(memory == ram[2] && last_how == AllocateMaxAddress && last_type == EfiLoaderCode);
	EXPECT_EQ(last_limit, BOOT_ADDRESS_LIMIT - 1);
	EXPECT(!memory[4095] && memory[4096] == 0xee);
	memory_alloc_below(0xa0000, EfiLoaderData, 1);
	EXPECT_EQ(last_limit, 0x9ffff);
	/* At an address they keep their contents. */
	EXPECT(memory_alloc_at((uintptr_t)ram[10], EfiLoaderData, 4096) == ram[10]);
	EXPECT(last_how == AllocateAddress && ram[10][0] == 0xee);
	memory_free(ram[0]);
	EXPECT(frees == 1 && freed_pages == 2);
	memory_free(ram[0]); /* not any more */
	memory_free(NULL);
	memory_free(ram[1]);
	EXPECT_EQ(frees, 1);
	memory_free_all();
	EXPECT(frees == 4 && freed_pages == 5);
	memory_free_all();
	EXPECT_EQ(frees, 4);
	EXPECT_TEXT(changes, "");
	EXPECT_TEXT(told, "");
}

static void no_memory(void)
{
	start();
	no_pages = true;
	EXPECT(!memory_alloc(MEMORY_ANYWHERE, EfiLoaderData, 4097, "the map"));
	EXPECT(!memory_alloc(MEMORY_LOW, EfiLoaderData, 4096, "a page"));
	EXPECT_TEXT(take_told(), "error: no memory for the map (8 KiB)\n"
				 "error: no memory for a page (4 KiB below 896 MiB)\n");
	EXPECT(!memory_alloc_below(0xa0000, EfiLoaderData, 1));
	EXPECT(!memory_alloc_at(0x1000, EfiLoaderData, 1));
	EXPECT_TEXT(told, "");
	/* The list has 24 places. */
	no_pages = false;
	for (u32 i = 0; i < 24; i++)
		EXPECT(memory_alloc_below(0xa0000, EfiLoaderData, 1));
	EXPECT(!memory_alloc_below(0xa0000, EfiLoaderData, 1));
	memory_free(ram[23]);
	EXPECT(memory_alloc_below(0xa0000, EfiLoaderData, 1));
}

static void executable_pages(void)
{
	void *memory;

	start();
	memory = memory_alloc(MEMORY_ANYWHERE, EfiLoaderCode, 8192, "x");
	/* Firmware without the protocol: such memory is executable. */
	EXPECT_EQ(memory_make_executable(memory, "x"), EFI_SUCCESS);
	EXPECT_TEXT(changes, "");
	has_attributes = true;
	EXPECT_EQ(memory_make_executable(memory, "x"), EFI_SUCCESS);
	EXPECT_TEXT(changes, "set 20000 8192, clear 4000 8192, ");
	changes[0] = '\0';
	memory_free(memory);
	EXPECT_TEXT(changes, "set 4000 8192, clear 20000 8192, ");
	EXPECT_EQ(frees, 1);
	/* The same slot again: it is writable. */
	changes[0] = '\0';
	memory = memory_alloc(MEMORY_ANYWHERE, EfiLoaderCode, 4096, "x");
	memory_free(memory);
	EXPECT_TEXT(changes, "");
	memory = memory_alloc(MEMORY_ANYWHERE, EfiLoaderCode, 4096, "x");
	no_set = true;
	EXPECT_EQ(memory_make_executable(memory, "the switch"), EFI_DEVICE_ERROR);
	EXPECT_TEXT(take_told(), "error: the switch cannot be made executable: device\n");
	EXPECT_TEXT(changes, "set 20000 4096, ");
	no_set = false;
	no_clear = true;
	EXPECT_EQ(memory_make_executable(memory, "x"), EFI_DEVICE_ERROR);
	changes[0] = '\0';
	no_set = true; /* nor can it be taken back; the slot is as new all the same */
	memory_free(memory);
	EXPECT_TEXT(changes, "set 4000 4096, ");
	changes[0] = '\0';
	no_set = no_clear = false;
	memory_free(memory_alloc(MEMORY_ANYWHERE, EfiLoaderCode, 4096, "x"));
	EXPECT_TEXT(changes, "");
}

/* ---- ACPI ---- */

static u8 rsdp[64], root_table[80], madt[80], fadt[160], dsdt[40];

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

	memcpy(rsdp, "RSD PTR ", 8);
	rsdp[15] = revision;
	memcpy(rsdp + 16, &narrow, 4);
	memcpy(rsdp + 24, &wide, 8);
	sum(rsdp, 20, 8);
}

static void root_pointers(void)
{
	static EFI_CONFIGURATION_TABLE many[1025];
	static u8 other[64];
	EFI_CONFIGURATION_TABLE entries[] = {
		{ { 1, 2, 3, { 4 } }, other },
		{ ACPI_TABLE_GUID, other },
		{ ACPI_20_TABLE_GUID, rsdp },
	};

	EXPECT(!configuration_table((EFI_GUID)ACPI_TABLE_GUID));
	EXPECT_EQ(find_acpi_rsdp(), 0);
	EXPECT_TEXT(take_told(), "acpi: none\n");
	system_table.ConfigurationTable = entries;
	system_table.NumberOfTableEntries = ARRAY_SIZE(entries);
	EXPECT_EQ(find_acpi_rsdp(), 0);
	pointer(2, NULL, NULL);
	take_told();
	EXPECT_EQ(find_acpi_rsdp(), (uintptr_t)rsdp);
	EXPECT(strstr(take_told(), "acpi: root pointer at 0x"));
	memcpy(other, rsdp, sizeof(other));
	EXPECT_EQ(find_acpi_rsdp(), (uintptr_t)rsdp); /* the newer one first */
	rsdp[19]++;				      /* its checksum is wrong */
	EXPECT_EQ(find_acpi_rsdp(), (uintptr_t)other);
	other[0] = 'r';
	EXPECT_EQ(find_acpi_rsdp(), 0);
	pointer(0, NULL, NULL);
	rsdp[20] = 77; /* not part of the first checksum */
	EXPECT_EQ(find_acpi_rsdp(), (uintptr_t)rsdp);
	system_table.NumberOfTableEntries = 2;
	EXPECT_EQ(find_acpi_rsdp(), 0);
	/* The last entry of the longest list that is believed. */
	many[1023] = entries[2];
	system_table.ConfigurationTable = many;
	system_table.NumberOfTableEntries = 1024;
	EXPECT(configuration_table((EFI_GUID)ACPI_20_TABLE_GUID) == rsdp);
	system_table.NumberOfTableEntries = 1025;
	EXPECT(!configuration_table((EFI_GUID)ACPI_20_TABLE_GUID));
}

static void parts_below(u32 width)
{
	struct machine_parts parts;
	u64 address = (uintptr_t)madt;

	memset(&parts, 0xee, sizeof(parts));
	memcpy(root_table + 36, &address, width);
	address = (uintptr_t)fadt;
	memcpy(root_table + 36 + width, &address, width);
	table(root_table, width == 8 ? "XSDT" : "RSDT", 36 + 2 * width);
	find_machine_parts((uintptr_t)rsdp, &parts);
	EXPECT_EQ(parts.processors, 1);
	EXPECT_EQ(parts.io_apics, 1);
	EXPECT_EQ(parts.io_apic[0], 0xfec00000u);
	/* Pointer, root, MADT, FADT, DSDT. */
	EXPECT_EQ(parts.tables, 5);
	EXPECT(parts.table[0].start == (uintptr_t)rsdp && parts.table[0].size == 36);
	EXPECT(parts.table[1].start == (uintptr_t)root_table);
	EXPECT_EQ(parts.table[1].size, 36 + 2 * width);
	EXPECT(parts.table[2].start == (uintptr_t)madt && parts.table[2].size == 64);
	EXPECT(parts.table[3].start == (uintptr_t)fadt && parts.table[3].size == 116);
	EXPECT(parts.table[4].start == (uintptr_t)dsdt && parts.table[4].size == 40);
}

static void tables_of_acpi(void)
{
	/* A processor that is usable, and an I/O APIC: ACPI 6.5, 5.2.12.2 and 5.2.12.3. */
	static const u8 entries[] = { 0, 8, 0, 0, 1,	0,    0, 0, 1, 12,
				      0, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0 };
	u32 narrow = (u32)(uintptr_t)dsdt;
	struct machine_parts parts;

	memcpy(madt + 44, entries, sizeof(entries));
	table(madt, "APIC", 64);
	table(dsdt, "DSDT", 40);
	memcpy(fadt + 40, &narrow, 4);
	table(fadt, "FACP", 116);
	pointer(0, root_table, NULL);
	parts_below(4);
	pointer(2, NULL, root_table);
	parts_below(8);
	pointer(1, NULL, root_table); /* too old for the wide table */
	find_machine_parts((uintptr_t)rsdp, &parts);
	EXPECT(!parts.tables && !parts.processors);
	find_machine_parts(0, &parts);
	EXPECT(!parts.tables);
	/* A damaged wide table: the narrow one counts. */
	pointer(2, root_table, madt);
	parts_below(4);
	root_table[9]++;
	find_machine_parts((uintptr_t)rsdp, &parts);
	EXPECT(!parts.tables);
	/* A length that cannot be. */
	table(root_table, "RSDT", 44);
	memcpy(madt + 4, &(u32){ MiB(4) + 1 }, 4);
	find_machine_parts((uintptr_t)rsdp, &parts);
	EXPECT(parts.tables == 4 && !parts.processors);
	memcpy(madt + 4, &(u32){ MiB(4) }, 4);
	EXPECT_EQ(table_at((uintptr_t)madt).bytes, MiB(4));
	EXPECT(!table_at(0).start && !table_at(0x100000000ull * (sizeof(UINTN) == 4)).start);
}

/* An IOMMU, and a root table of more entries than are looked at. */
static void more_tables(void)
{
	static u8 long_root[36 + 4 * 1025], dmar[64];
	/* A unit of all devices of segment 0, at 0xfed90000: VT-d, 8.3. */
	static const u8 unit[] = { 0, 0, 16, 0, 1, 0, 0, 0, 0, 0, 0xd9, 0xfe, 0, 0, 0, 0 };
	u32 narrow = (u32)(uintptr_t)dmar;
	struct machine_parts parts;

	memcpy(dmar + 48, unit, sizeof(unit));
	table(dmar, "DMAR", 64);
	pointer(0, long_root, NULL);
	for (u32 at = 1023; at < 1025; at++) {
		memset(long_root, 0, sizeof(long_root));
		memcpy(long_root + 36 + 4 * at, &narrow, 4);
		table(long_root, "RSDT", sizeof(long_root));
		find_machine_parts((uintptr_t)rsdp, &parts);
		EXPECT_EQ(parts.iommus, at == 1023);
		EXPECT(at > 1023 || parts.iommu[0] == 0xfed90000u);
	}
}

/* ---- Variables ---- */

static UINT8 variable_value;
static UINTN variable_size = 1;
static EFI_STATUS variable_status;
static const wchar_t *variable_name;
static u32 variable_guid;

static EFI_STATUS get_variable(CHAR16 *name, EFI_GUID *guid, UINT32 *attributes_of, UINTN *size,
			       void *data)
{
	variable_name = name;
	variable_guid = guid->first;
	EXPECT(!attributes_of && *size == 1);
	*size = variable_size;
	*(UINT8 *)data = variable_value;
	return variable_status;
}

static void variables(void)
{
	runtime.GetVariable = get_variable;
	EXPECT(!secure_boot_enforced() && !memory_overwrite_requested());
	variable_value = 1;
	EXPECT(secure_boot_enforced());
	EXPECT(variable_name[0] == 'S' && variable_guid == 0x8be4df61);
	EXPECT(memory_overwrite_requested());
	EXPECT(variable_name[0] == 'M' && variable_guid == 0xe20939be);
	variable_value = 3;
	EXPECT(!secure_boot_enforced() && memory_overwrite_requested());
	variable_value = 2;
	EXPECT(!memory_overwrite_requested());
	variable_value = 1;
	variable_size = 4;
	EXPECT(!secure_boot_enforced() && !memory_overwrite_requested());
	variable_size = 1;
	variable_status = EFI_NOT_FOUND;
	EXPECT(!secure_boot_enforced() && !memory_overwrite_requested());
}

TAP_MAIN({ "pages", pages }, { "no memory", no_memory }, { "executable pages", executable_pages },
	 { "ACPI's root pointer", root_pointers }, { "ACPI's tables", tables_of_acpi },
	 { "an IOMMU, and many tables", more_tables }, { "variables", variables })
