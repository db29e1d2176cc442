/* SPDX-License-Identifier: MIT */
/*
 * The loader's reader of ACPI's tables: numbers and entries at the ends of tables, which entries
 * are parts of the machine, how many fit. Each table lies in a heap block of exactly its size.
 *
 * sources: efi/machine_parts.c
 */
#include <stdlib.h>
#include <string.h>

#include "efi/machine_parts.h"
#include "tests/host/tap.h"

#define HEADER 36u

static struct machine_parts parts;
static u8 *table;

static void put(u32 at, u32 bytes, u64 value)
{
	for (u32 i = 0; i < bytes; i++)
		table[at + i] = (u8)(value >> 8 * i);
}

static void make(const char *signature, u32 bytes)
{
	free(table);
	table = calloc(1, bytes);
	memcpy(table, signature, 4);
	put(4, 4, bytes);
	memset(&parts, 0, sizeof(parts));
}

static void set_sum(u32 bytes)
{
	u8 sum = 0;

	table[9] = 0;
	for (u32 i = 0; i < bytes; i++)
		sum += table[i];
	table[9] = (u8)-sum;
}

static void numbers(void)
{
	struct acpi_table all;

	make("TEST", 44);
	put(36, 8, 0x8877665544332211);
	all = (struct acpi_table){ table, 44 };
	EXPECT(acpi_u64(&all, 36, 8) == 0x8877665544332211);
	EXPECT_EQ(acpi_u32(&all, 36, 4), 0x44332211);
	EXPECT_EQ(acpi_u32(&all, 43, 1), 0x88);
	EXPECT_EQ(acpi_u32(&all, 42, 2), 0x8877);
	EXPECT_EQ(acpi_u32(&all, 43, 2), 0);
	EXPECT_EQ(acpi_u32(&all, 44, 1), 0);
	EXPECT_EQ(acpi_u32(&all, 0xffffffff, 4), 0);
}

static void sound(void)
{
	make("TEST", HEADER);
	set_sum(HEADER);
	EXPECT(table_is_sound(table, HEADER, "TEST"));
	EXPECT(!table_is_sound(table, HEADER - 1, "TEST"));
	EXPECT(!table_is_sound(table, HEADER, "REST"));
	table[20]++;
	EXPECT(!table_is_sound(table, HEADER, "TEST"));
	put(4, 4, HEADER - 1); /* shorter than its header */
	set_sum(HEADER - 1);
	EXPECT(!table_is_sound(table, HEADER, "TEST"));
	make("TEST", 100);
	set_sum(100);
	EXPECT(table_is_sound(table, 100, "TEST"));
	EXPECT(!table_is_sound(table, 99, "TEST"));
	put(4, 4, 90); /* the sum is of its own bytes only */
	table[95] = 5;
	set_sum(90);
	EXPECT(table_is_sound(table, 100, "TEST"));
}

static u32 add_entry(u32 at, u32 type, u32 bytes, u32 address)
{
	table[at] = (u8)type;
	table[at + 1] = (u8)bytes;
	put(at + 4, 4, address);
	return at + bytes;
}

static void processors(void)
{
	u32 at = 44;

	make("APIC", 44 + 5 * 8 + 16 + 16);
	at = add_entry(at, 0, 8, 1); /* flags: enabled; can be; both; none */
	at = add_entry(at, 0, 8, 2);
	at = add_entry(at, 0, 8, 3);
	at = add_entry(at, 0, 8, 4);
	at = add_entry(at, 4, 8, 1); /* another kind */
	at = add_entry(at, 9, 16, 0);
	put(at - 8, 4, 1);
	at = add_entry(at, 9, 16, 1);
	put(at - 8, 4, 0);
	machine_parts_madt(table, &parts);
	EXPECT_EQ(parts.processors, 4);
	EXPECT_EQ(parts.io_apics, 0);
}

/* I/O APICs that both loaders can reach, and no more than there is room for. */
static void io_apics(void)
{
	u32 at = 44;

	make("APIC", 44 + 4 * 12);
	at = add_entry(at, 1, 12, 0xfec00000);
	at = add_entry(at, 1, 12, 0);
	at = add_entry(at, 1, 12, 0xfffff000);
	at = add_entry(at, 1, 12, 0xfffff001);
	machine_parts_madt(table, &parts);
	EXPECT_EQ(parts.io_apics, 2);
	EXPECT(parts.io_apic[0] == 0xfec00000 && parts.io_apic[1] == 0xfffff000);
	make("APIC", 44 + 20 * 12);
	for (at = 44; at < 44 + 20 * 12;)
		at = add_entry(at, 1, 12, 0xfec00000 + at);
	machine_parts_madt(table, &parts);
	EXPECT_EQ(parts.io_apics, IO_APICS_MAX);
	EXPECT_EQ(parts.iommus, 0);
	EXPECT_EQ(parts.io_apic[IO_APICS_MAX - 1], 0xfec00000 + 44 + 12 * (IO_APICS_MAX - 1));
}

static void iommus(void)
{
	make("DMAR", 48 + 20 * 16);
	for (u32 i = 0; i < 20; i++) {
		put(48 + 16 * i, 2, i == 1);
		put(50 + 16 * i, 2, 16);
		put(56 + 16 * i, 8, i == 2 ? 1ull << 32 : 0xfed90000 + 4096 * i);
	}
	machine_parts_dmar(table, &parts);
	EXPECT_EQ(parts.iommus, IOMMUS_MAX);
	EXPECT(parts.iommu[0] == 0xfed90000 && parts.iommu[1] == 0xfed93000);
	make("DMAR", 48 + 3 * 16);
	machine_parts_dmar(table, &parts);
	EXPECT_EQ(parts.iommus, 0); /* an entry without a length ends the list */
}

/* Entries with wrong lengths end the list: shorter than their head, longer than the table. */
static void wrong_lengths(void)
{
	u32 at;

	make("APIC", 44 + 3 * 12);
	at = add_entry(44, 1, 12, 0xfec00000);
	at = add_entry(at, 1, 12, 0xfec01000);
	add_entry(at, 1, 12, 0xfec02000);
	machine_parts_madt(table, &parts);
	EXPECT_EQ(parts.io_apics, 3);
	for (u32 bytes = 0; bytes < 4; bytes++) {
		table[56 + 1] = (u8)bytes;
		memset(&parts, 0, sizeof(parts));
		machine_parts_madt(table, &parts);
		/* Two bytes are the head of an entry, without more. */
		EXPECT_EQ(parts.io_apics, bytes < 2 ? 1 : parts.io_apics);
	}
	table[56 + 1] = 24; /* up to the end */
	memset(&parts, 0, sizeof(parts));
	machine_parts_madt(table, &parts);
	EXPECT_EQ(parts.io_apics, 2);
	table[56 + 1] = 25;
	memset(&parts, 0, sizeof(parts));
	machine_parts_madt(table, &parts);
	EXPECT_EQ(parts.io_apics, 1);
	make("APIC", 44);
	machine_parts_madt(table, &parts);
	make("APIC", 45); /* a byte is no head */
	machine_parts_madt(table, &parts);
	make("APIC", 46);
	table[45] = 2;
	machine_parts_madt(table, &parts);
	EXPECT_EQ(parts.io_apics + parts.processors, 0);
}

static void tables(void)
{
	u64 addresses[4];

	memset(&parts, 0, sizeof(parts));
	machine_parts_table(0, 5, &parts);
	machine_parts_table(5, 0, &parts);
	EXPECT_EQ(parts.tables, 0);
	for (u32 i = 1; i <= ACPI_TABLES_MAX + 2; i++)
		machine_parts_table(i, 2 * i, &parts);
	EXPECT_EQ(parts.tables, ACPI_TABLES_MAX);
	EXPECT(parts.table[0].start == 1 && parts.table[0].size == 2);
	EXPECT_EQ(parts.table[ACPI_TABLES_MAX - 1].start, ACPI_TABLES_MAX);
	make("FACP", 148);
	put(36, 4, 0x1000);
	put(40, 4, 0x2000);
	put(132, 8, 0x300000000);
	put(140, 8, 0x400000000);
	machine_parts_fadt(table, addresses);
	EXPECT(addresses[0] == 0x1000 && addresses[1] == 0x2000);
	EXPECT(addresses[2] == 0x300000000 && addresses[3] == 0x400000000);
	put(4, 4, 147); /* the last one is cut */
	machine_parts_fadt(table, addresses);
	EXPECT(addresses[2] == 0x300000000 && !addresses[3]);
}

TAP_MAIN({ "numbers", numbers }, { "sound tables", sound }, { "processors", processors },
	 { "I/O APICs", io_apics }, { "IOMMUs", iommus }, { "wrong lengths", wrong_lengths },
	 { "tables", tables })
