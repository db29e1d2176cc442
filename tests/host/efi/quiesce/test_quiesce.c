/* SPDX-License-Identifier: MIT */
/*
 * Devices and processors that still run after the firmware: the tables that name them, real ones
 * and damaged in every way, and the rules that say which of them are stopped.
 *
 * sources: efi/machine_parts.c efi/options.c efi/quiesce/quiesce_rules.c
 */
#include <string.h>

#include "efi/quiesce/quiesce.h"
#include "tests/host/tap.h"

static u8 table[1024];
static struct machine_parts parts;

static void put32(u32 at, u32 value)
{
	for (u32 i = 0; i < 4; i++)
		table[at + i] = (u8)(value >> 8 * i);
}

/* Header, length and sum around entries that begin at `first`. */
static void make_table(const char *signature, u32 first, const u8 *entries, u32 bytes)
{
	u8 sum = 0;

	memset(table, 0, sizeof(table));
	memset(&parts, 0, sizeof(parts));
	memcpy(table, signature, 4);
	put32(4, first + bytes);
	memcpy(table + first, entries, bytes);
	for (u32 i = 0; i < first + bytes; i++)
		sum += table[i];
	table[9] = (u8)-sum;
}

/* The MADT of QEMU's q35 with two processors: they, the I/O APIC, an override of IRQ 0, NMIs. */
static const u8 madt_q35[] = {
	0, 8,  0,    0, 1, 0, 0,    0,		      /* processor 0 */
	0, 8,  1,    1, 1, 0, 0,    0,		      /* processor 1 */
	1, 12, 0,    0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0, /* I/O APIC */
	2, 10, 0,    0, 2, 0, 0,    0,	  0, 0,	      /* override */
	4, 6,  0xff, 0, 0, 1,			      /* NMIs */
};

/* A server: disabled processors, x2APICs, two I/O APICs and one without an address. */
static const u8 madt_server[] = {
	0,    8,    0,	0, 1, 0, 0,    0,			      /* enabled */
	0,    8,    1,	2, 0, 0, 0,    0,			      /* disabled */
	0,    8,    2,	4, 2, 0, 0,    0,			      /* can be enabled */
	9,    16,   0,	0, 0, 1, 0,    0,    1, 0, 0, 0, 0, 0,	0, 0, /* x2APIC */
	9,    16,   0,	0, 1, 1, 0,    0,    0, 0, 0, 0, 0, 0,	0, 0, /* disabled */
	1,    12,   8,	0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0, 1, 12, 9, 0, 0, 0x10,
	0xc0, 0xfe, 24, 0, 0, 0, 1,    12,   9, 0, 0, 0, 0, 0,	0, 0, 0, 0,
};

static void madt(void)
{
	make_table("APIC", 44, madt_q35, sizeof(madt_q35));
	EXPECT(table_is_sound(table, sizeof(table), "APIC"));
	machine_parts_madt(table, &parts);
	EXPECT_EQ(parts.processors, 2);
	EXPECT(parts.io_apics == 1 && parts.io_apic[0] == 0xfec00000);

	make_table("APIC", 44, madt_server, sizeof(madt_server));
	machine_parts_madt(table, &parts);
	EXPECT_EQ(parts.processors, 3);
	EXPECT_EQ(parts.io_apics, 2);
	EXPECT(parts.io_apic[0] == 0xfec00000 && parts.io_apic[1] == 0xfec01000);
}

/* A unit for one device, a reserved region, a unit for the rest, one above 4 GiB, root ports. */
static const u8 dmar_pc[] = {
	0, 0, 24, 0,	0,    0,    0,	  0,	0,  0, 0xd9, 0xfe, 0,  0, 0,  0, 1, 8,
	0, 0, 0,  0,	2,    0,    1,	  0,	24, 0, 0,    0,	   0,  0, 0,  0, 0, 0x7d,
	0, 0, 0,  0,	0xff, 0xff, 0xff, 0x7f, 0,  0, 0,    0,	   0,  0, 16, 0, 1, 0,
	0, 0, 0,  0x10, 0xd9, 0xfe, 0,	  0,	0,  0, 0,    0,	   16, 0, 1,  0, 0, 0,
	0, 0, 0,  0,	2,    0,    0,	  0,	2,  0, 8,    0,	   1,  0, 0,  0,
};

static void dmar(void)
{
	make_table("DMAR", 48, dmar_pc, sizeof(dmar_pc));
	EXPECT(table_is_sound(table, sizeof(table), "DMAR"));
	machine_parts_dmar(table, &parts);
	EXPECT_EQ(parts.iommus, 2);
	EXPECT(parts.iommu[0] == 0xfed90000 && parts.iommu[1] == 0xfed91000);
}

static void sums(void)
{
	make_table("APIC", 44, madt_q35, sizeof(madt_q35));
	EXPECT(!table_is_sound(table, 44 + sizeof(madt_q35) - 1, "APIC"));
	EXPECT(table_is_sound(table, 44 + sizeof(madt_q35), "APIC"));
	EXPECT(!table_is_sound(table, 35, "APIC"));
	EXPECT(!table_is_sound(table, sizeof(table), "DMAR"));
	table[60] ^= 1;
	EXPECT(!table_is_sound(table, sizeof(table), "APIC"));
	make_table("APIC", 20, madt_q35, 10);
	EXPECT(!table_is_sound(table, sizeof(table), "APIC"));
}

/*
 * Wrong lengths, too many parts, and noise: reading ends, within the table and within the arrays.
 */
static void damage(void)
{
	u8 entries[900];

	for (u32 at = 0; at < sizeof(madt_q35); at++) {
		memcpy(entries, madt_q35, sizeof(madt_q35));
		entries[at] = 0;
		make_table("APIC", 44, entries, sizeof(madt_q35));
		machine_parts_madt(table, &parts);
		EXPECT(parts.processors <= 5 && parts.io_apics <= 1);
	}
	for (u32 i = 0; i < sizeof(entries); i++)
		entries[i] = (const u8[]){ 1, 12, 0, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0 }[i % 12];
	make_table("APIC", 44, entries, sizeof(entries));
	machine_parts_madt(table, &parts);
	EXPECT_EQ(parts.io_apics, IO_APICS_MAX);
	for (u32 i = 0; i < sizeof(entries); i++)
		entries[i] = (const u8[]){
			0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0xd9, 0xfe, 0, 0, 0, 0
		}[i % 16];
	make_table("DMAR", 48, entries, sizeof(entries));
	machine_parts_dmar(table, &parts);
	EXPECT_EQ(parts.iommus, IOMMUS_MAX);
	for (u32 round = 0; round < 20000; round++) {
		u32 bytes = random_below(sizeof(entries));

		for (u32 i = 0; i < bytes; i++)
			entries[i] = (u8)(random_one_in(2) ? random_below(17) : random_u32());
		make_table("APIC", 44, entries, bytes);
		machine_parts_madt(table, &parts);
		machine_parts_dmar(table, &parts);
		EXPECT(parts.io_apics <= IO_APICS_MAX && parts.iommus <= IOMMUS_MAX);
	}
}

static void functions(void)
{
	static const struct {
		const char *what;
		u32 class, header, command;
		bool stopped;
	} cases[] = {
		{ "AHCI", 0x01060102, 0, 0x00100507, true },
		{ "xHCI, one function of several", 0x0c033001, 0x00800000, 0x00100406, true },
		{ "NVMe", 0x01080202, 0, 0x00100006, true },
		{ "network", 0x02000003, 0, 0x00100007, true },
		{ "SD host, a system peripheral", 0x08050100, 0, 0x00100006, true },
		{ "a serial card that is no master", 0x07000200, 0, 0x00000003, false },
		{ "VGA", 0x03000002, 0, 0x00000007, false },
		{ "host bridge", 0x06000000, 0, 0x00000006, false },
		{ "ISA bridge", 0x06010002, 0x00800000, 0x02000107, false },
		{ "PCI bridge", 0x06040000, 0x00010000, 0x00100107, false },
		{ "CardBus bridge", 0x06070000, 0x00020000, 0x00100107, false },
		{ "a bridge of no known class", 0xff000000, 0x00010000, 0x00100107, false },
		{ "AMD's IOMMU", 0x08060000, 0, 0x00100006, false },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++)
		tap_check(quiesce_function(cases[i].class, cases[i].header, cases[i].command) ==
				  cases[i].stopped,
			  __FILE__, __LINE__, "%s", cases[i].what);
}

static void entries_of_io_apics(void)
{
	EXPECT_EQ(quiesce_entry(0x00000030), 0x00010030); /* edge */
	EXPECT_EQ(quiesce_entry(0x0000a931), 0x0001a931); /* level, logical, lowest priority */
	EXPECT_EQ(quiesce_entry(0x00000700), 0x00010700); /* the 8259s */
	EXPECT_EQ(quiesce_entry(0x00000400), 0x00010400); /* an NMI */
	EXPECT_EQ(quiesce_entry(0x00010000), 0x00010000);
	EXPECT_EQ(quiesce_entry(0x00000200), 0x00000200); /* SMI */
	EXPECT_EQ(quiesce_entry(0x00008200), 0x00008200);
}

static void skips(void)
{
	EXPECT_EQ(quiesce_skips(""), 0);
	EXPECT_EQ(quiesce_skips("quiesce=nousb"), SKIP_USB);
	EXPECT_EQ(quiesce_skips("quiesce=nopci,noinit"), SKIP_PCI | SKIP_INIT);
	EXPECT_EQ(quiesce_skips("quiesce=noiommu"), SKIP_IOMMU);
	EXPECT_EQ(quiesce_skips("quiesce=none"), ~0u);
	EXPECT_EQ(quiesce_skips("quiesce=none quiesce=x"), 0);
}

TAP_MAIN({ "quiesce=", skips }, { "MADT", madt }, { "DMAR", dmar }, { "sums", sums },
	 { "damage", damage }, { "PCI functions", functions },
	 { "entries of I/O APICs", entries_of_io_apics })
