/* SPDX-License-Identifier: MIT */
/*
 * The report that the loader writes before it leaves the firmware: from tables of real machines
 * and damaged ones, and processors without some features. A recorded processor has only its own
 * MSRs: a read of another one fails the case.
 *
 * sources: efi/machine_parts.c efi/describe/describe.c efi/describe/describe_acpi.c
 * sources: efi/describe/describe_processor.c efi/describe/describe_smbios.c
 */
#include <stdlib.h>
#include <string.h>

#include "efi/handoff/memory_map.h"
#include "efi/describe/describe.h"
#include "tests/host/tap.h"

static char text[16384];

static struct description fresh(bool serials)
{
	memset(text, 0, sizeof(text));
	return (struct description){ .text = text, .size = sizeof(text), .serials = serials };
}

#define HAS(part)     EXPECT(strstr(text, part) != NULL)
#define HAS_NOT(part) EXPECT(strstr(text, part) == NULL)

static u8 smbios[] = "\0\x18\0\0\1\2\0\0\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
		     "LENOVO\0N2HET42W\0"
		     "06/08/2020\0\0"
		     "\1\x1b\1\0\1\2\3\4\xde\xad\xbe\xef\0\1\2\3\4\5\6\7\x08\x09\x0a\x0b\6\0\5"
		     "LENOVO\0"
		     "20QD\0"
		     "ThinkPad X1\0"
		     "PF1SECRET\0"
		     "Carbon\0\0"
		     "\x7f\4\2\0\0\0";

static void smbios_names(void)
{
	struct description out = fresh(false);

	describe_smbios(&out, smbios, sizeof(smbios) - 1);
	HAS("smbios: firmware vendor=\"LENOVO\" version=\"N2HET42W\" date=\"06/08/2020\"\r\n");
	HAS("smbios: system manufacturer=\"LENOVO\" product=\"20QD\" version=\"ThinkPad X1\" "
	    "sku=\"\" family=\"Carbon\"\r\n");
	HAS_NOT("PF1SECRET");
	HAS_NOT("deadbeef");
	out = fresh(true);
	describe_smbios(&out, smbios, sizeof(smbios) - 1);
	HAS("serial=\"PF1SECRET\" uuid=deadbeef0001020304050607");
}

/*
 * Every length, every byte changed: no read goes beyond the end (the sanitizers watch the block).
 */
static void damaged(const void *whole, u32 bytes,
		    void (*format)(struct description *, const u8 *, u32))
{
	for (u32 i = 0; i <= bytes; i++) {
		struct description out = fresh(true);
		u8 *copy = malloc(i ? i : 1);

		memcpy(copy, whole, i);
		format(&out, copy, i);
		for (u32 j = 0; j < 16 && i; j++) {
			out = fresh(true);
			copy[random_below(i)] = (u8)random_u32();
			format(&out, copy, i);
		}
		free(copy);
	}
}

static void format_smbios(struct description *out, const u8 *table, u32 bytes)
{
	describe_smbios(out, table, bytes);
}

static void format_acpi(struct description *out, const u8 *table, u32 bytes)
{
	describe_acpi(out, 0x1000, table, bytes);
}

static u8 table[280];

static void put(u32 at, u32 bytes, u64 value)
{
	for (u32 i = 0; i < bytes; i++)
		table[at + i] = (u8)(value >> 8 * i);
}

static void make(const char *name, u32 bytes)
{
	memset(table, 0, sizeof(table));
	memcpy(table, name, 4);
	put(4, 4, bytes);
	memcpy(table + 10, "LENOVOTP-N2H  ", 14);
}

static void acpi_tables(void)
{
	struct description out = fresh(false);

	make("FACP", 276);
	put(112, 4, 0x2384a5);
	table[116] = 1;
	put(120, 8, 0xcf9);
	table[128] = 6;
	put(248, 8, 0xfed01234);
	describe_acpi(&out, 0x7ffe0000, table, 276);
	HAS("acpi: FACP address=0x7ffe0000 bytes=276 revision=0 oem=\"LENOVO\" table=\"TP-N2H  \"");
	HAS("fadt: flags=0x002384a5");
	HAS("fadt: reset=1:0:0xcf9\r\n");
	HAS("fadt: sleep_control=0:0:0xfed01234\r\n");
	damaged(table, 276, format_acpi);

	make("DMAR", 48 + 16 + 24);
	table[36] = 38;
	put(50, 2, 16);
	put(56, 8, 0xfed91000);
	put(64, 2, 1);
	put(66, 2, 24);
	put(72, 8, 0x6f000000);
	put(80, 8, 0x6f7fffff);
	out = fresh(false);
	describe_acpi(&out, 0, table, 88);
	HAS("dmar: width=39");
	HAS("dmar: unit=0xfed91000 segment=0 flags=0\r\n");
	HAS("dmar: reserved=0x6f000000 last=0x6f7fffff\r\n");
	damaged(table, 88, format_acpi);

	make("IVRS", 48 + 24);
	table[48] = 0x11;
	put(50, 2, 24);
	put(52, 2, 2);
	put(56, 8, 0xfeb80000);
	out = fresh(false);
	describe_acpi(&out, 0, table, 72);
	HAS("ivrs: unit=0xfeb80000 type=0x11 flags=0x0 device=0x0002 segment=0\r\n");
	damaged(table, 72, format_acpi);

	make("APIC", 44 + 12);
	table[44] = 1;
	table[45] = 12;
	put(48, 4, 0xfec00000);
	out = fresh(false);
	describe_acpi(&out, 0, table, 56);
	HAS("madt: io_apic=0 address=0xfec00000 first=0\r\n");
	damaged(table, 56, format_acpi);

	make("HPET", 56);
	put(44, 8, 0xfed00000);
	out = fresh(false);
	describe_acpi(&out, 0, table, 56);
	HAS("hpet: id=0x0 space=0 address=0xfed00000");

	make("SPCR", 80);
	put(44, 8, 0x3f8);
	table[58] = 7;
	out = fresh(false);
	describe_acpi(&out, 0, table, 80);
	HAS("spcr: kind=0 space=0 width=0 address=0x3f8 baud=7");
	damaged(smbios, sizeof(smbios) - 1, format_smbios);
}

/* Each kind of entry that has a line of its own, and others, byte by byte. */
static void acpi_entries(void)
{
	struct description out = fresh(false);

	make("APIC", 44 + 8 + 10 + 16 + 6);
	put(36, 4, 0xfee00000);
	put(40, 4, 1);
	put(44, 8, 0x0000000107050800); /* a processor: number 5, local APIC 7, flags 1 */
	put(52, 2, 0x0a02);
	put(55, 1, 9);
	put(56, 4, 20);
	put(60, 2, 0xd);
	put(62, 2, 0x1009);
	put(66, 4, 0x123);
	put(70, 4, 3);
	put(78, 2, 0x0604);
	put(80, 4, 0x04030201);
	describe_acpi(&out, 1, table, 84);
	HAS("madt: address=0xfee00000 flags=1\r\n");
	HAS("madt: lapic=7 processor=5 flags=1\r\n");
	HAS("madt: override=9 input=20 flags=0xd\r\n");
	HAS("madt: x2apic=291 flags=3\r\n");
	HAS("madt: bytes=6 04 06 01 02 03 04\r\n");

	make("IVRS", 48 + 32 + 6);
	put(36, 4, 0x77);
	put(48, 2, 0x0820);
	put(50, 2, 32);
	put(64, 8, 0x1000000);
	put(72, 8, 0x200000);
	put(80, 1, 0x55);
	put(82, 2, 6);
	out = fresh(false);
	describe_acpi(&out, 1, table, 86);
	HAS("ivrs: information=0x77\r\n");
	HAS("ivrs: memory=0x1000000 bytes=0x200000 type=0x20 flags=0x8\r\n");
	HAS("ivrs: bytes=6 55 00 06 00 00 00\r\n");
	for (u32 type = 0x1f; type <= 0x23; type++) {
		table[48] = (u8)type;
		out = fresh(false);
		describe_acpi(&out, 1, table, 86);
		EXPECT_EQ(strstr(text, "ivrs: memory=") != NULL, type >= 0x20 && type <= 0x22);
	}
	make("DMAR", 48 + 6);
	put(48, 2, 2);
	put(50, 2, 6);
	out = fresh(false);
	describe_acpi(&out, 1, table, 54);
	HAS("dmar: bytes=6 02 00 06 00 00 00\r\n");
}

/* The two tables without the common header, one that is too short for it, and fewer bytes. */
static void acpi_heads(void)
{
	struct description out = fresh(false);

	make("FACS", 64);
	describe_acpi(&out, 0x10, table, 64);
	EXPECT_TEXT(text, "acpi: FACS address=0x10 bytes=64\r\n");
	out = fresh(false);
	memcpy(table, "RSD PTR ", 8);
	describe_acpi(&out, 0x20, table, 36);
	EXPECT_TEXT(text, "acpi: RSD  address=0x20 bytes=36\r\n");
	out = fresh(false);
	make("XXXX", 35);
	describe_acpi(&out, 0x30, table, 35);
	EXPECT_TEXT(text, "acpi: XXXX address=0x30 bytes=35\r\n");
	describe_acpi(&out, 0x30, table, 7);
	EXPECT_TEXT(text, "acpi: XXXX address=0x30 bytes=35\r\n");
	out = fresh(false);
	describe_acpi(&out, 0x30, table, 36);
	HAS("acpi: XXXX address=0x30 bytes=36 revision=0 oem=\"LENOVO\"");
	out = fresh(false);
	describe_acpi(&out, 0x40, table, 8);
	EXPECT_TEXT(text, "acpi: XXXX address=0x40 bytes=8\r\n");
}

/* Words and bytes; a field that ends with its structure is there, one byte less and it is not. */
static void smbios_numbers(void)
{
	static u8 structures[] =
		"\4\x24\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\x10\x0e\x34\x12\0\0\0\0\0\0"
		"\0\0\0\0\0\x08"
		"CPU\0\0"
		"\3\6\0\0\1\x0a"
		"Maker\0\0"
		"\5\4\0\0\0\0"
		"\x7f\4\0\0\0\0";
	struct description out = fresh(false);

	describe_smbios(&out, structures, sizeof(structures) - 1);
	HAS("smbios: processor socket=\"\" manufacturer=\"\" version=\"CPU\" mhz_max=3600 mhz=4660 "
	    "cores=8\r\n");
	HAS("smbios: chassis manufacturer=\"Maker\" kind=10\r\n");
	EXPECT_EQ(out.length, strlen(text));
	structures[1] = 0x23;
	out = fresh(false);
	describe_smbios(&out, structures, sizeof(structures) - 1);
	HAS("mhz=4660\r\n");
	HAS_NOT("cores");
	/* Three bytes are no structure. */
	out = fresh(false);
	describe_smbios(&out, structures, 3);
	EXPECT_EQ(out.length, 0);
}

/* A recorded processor. */
struct leaf {
	u32 leaf, subleaf, r[4];
};

struct machine {
	const struct leaf *leaves;
	u32 count;
	const u32 *msrs; /* ends in 0 */
	bool microcode;
	u32 asked; /* number of reads */
};

static struct machine *machine;

void processor_cpuid(u32 leaf, u32 subleaf, u32 r[4])
{
	memset(r, 0, 16);
	for (u32 i = 0; i < machine->count; i++)
		if (machine->leaves[i].leaf == leaf && machine->leaves[i].subleaf == subleaf)
			memcpy(r, machine->leaves[i].r, 16);
}

u64 processor_msr(u32 index)
{
	const u32 *msr = machine->msrs;

	while (*msr && *msr != index)
		msr++;
	tap_check(*msr == index, __FILE__, __LINE__, "MSR %x is there", index);
	machine->asked++;
	return index == 0xfe ? 2 : index == 0x179 ? 1 : index == 0x982 ? 3 : 0x1234;
}

u64 processor_microcode(void)
{
	EXPECT(machine->microcode);
	return 0xca00000000;
}

static void describe(struct machine *described, bool serials)
{
	struct description out = fresh(serials);

	machine = described;
	describe_processor(&out, 0x11, 0x10);
}

#define INTEL(max)                                              \
	{                                                       \
		0, 0,                                           \
		{                                               \
			max, 0x756e6547, 0x6c65746e, 0x49656e69 \
		}                                               \
	}
#define AMD(max)                                                \
	{                                                       \
		0, 0,                                           \
		{                                               \
			max, 0x68747541, 0x444d4163, 0x69746e65 \
		}                                               \
	}

static void processors(void)
{
	/*
	 * A Pentium MMX: MSRs, but no APIC, MTRR or PAT; machine checks of its own kind (no MCA).
	 */
	static const struct leaf pentium[] = { INTEL(1), { 1, 0, { 0x543, 0, 0, 0x8001bf } } };
	/*
	 * A Pentium III has a serial number, and answers an extended leaf with the highest basic
	 * one.
	 */
	static const struct leaf coppermine[] = {
		INTEL(3),
		{ 1, 0, { 0x683, 2, 0, 0x387fbff } },
		{ 3, 0, { 0, 0, 0x5ec4e7, 0x5ec4e7 } },
		{ 0x80000000, 0, { 3, 0, 0x5ec4e7, 0x5ec4e7 } },
	};
	static const u32 coppermine_msrs[] = { 0x1b,  0xfe,  0x179, 0x17a, 0x200, 0x201,
					       0x202, 0x203, 0x277, 0x2ff, 0x401, 0 };
	/* A laptop of 2021, with TME on. */
	static const struct leaf tiger[] = {
		INTEL(7),
		{ 1, 0, { 0x806c1, 0, 0x7ffafbbf & ~(1u << 31), 0xbfebfbff } },
		{ 7, 0, { 0, 0, 1u << 13, 0 } },
		{ 0x80000000, 0, { 0x80000008, 0, 0, 0 } },
		{ 0x80000001, 0, { 0, 0, 0x121, 0x2c100800 } },
		{ 0x80000002, 0, { 0x65746e49, 0x6c, 0, 0 } },
	};
	static const u32 tiger_msrs[] = { 0x1b,	 0xfe,	0x179, 0x17a, 0x200, 0x201,	 0x202,
					  0x203, 0x277, 0x2ff, 0x401, 0x982, 0xc0000080, 0 };
	static const u32 nothing[] = { 0 };
	struct machine none = { NULL, 0, nothing, false, 0 };
	struct machine old = { pentium, ARRAY_SIZE(pentium), nothing, false, 0 };
	struct machine three = { coppermine, ARRAY_SIZE(coppermine), coppermine_msrs, true, 0 };
	struct machine laptop = { tiger, ARRAY_SIZE(tiger), tiger_msrs, true, 0 };

	describe(&none, true);
	describe(&old, true);
	EXPECT_EQ(old.asked, 0);
	describe(&three, false);
	HAS("processor: microcode=0xca\r\n");
	HAS("mtrr: range=1 base=0x1234 mask=0x1234\r\n");
	HAS_NOT("5ec4e7");
	describe(&three, true);
	HAS("005ec4e7");
	describe(&laptop, false);
	HAS("processor: name=\"Intel\"");
	HAS("processor: tme=0x3\r\n");
	HAS("processor: efer=0x1234\r\n");
	EXPECT(memory_is_encrypted());
	machine = &three;
	EXPECT(!memory_is_encrypted());
}

/* Under a hypervisor registers are not read: one that is missing would be an exception. */
static void virtual_machines(void)
{
	/* A virtual machine on AMD: its microcode revision is not read. */
	static const struct leaf guest[] = {
		AMD(1),
		{ 1, 0, { 0x800f12, 0, 1u << 31, 0x20 } },
		{ 0x40000000, 0, { 0x40000001, 0x4b4d564b, 0x564b4d56, 0x4d } },
	};
	/* A virtual machine on Intel that reports TME but lacks its register. */
	static const struct leaf shown[] = {
		INTEL(7),
		{ 1, 0, { 0x806f8, 0, 1u << 31, 0x20 } },
		{ 7, 0, { 0, 0, 1u << 13, 0 } },
	};
	static const u32 nothing[] = { 0 };
	struct machine virtual = { guest, ARRAY_SIZE(guest), nothing, false, 0 };
	struct machine hidden = { shown, ARRAY_SIZE(shown), nothing, false, 0 };

	describe(&virtual, false);
	HAS("cpuid: 40000000.0 40000001 4b4d564b");
	EXPECT_EQ(virtual.asked, 0);
	describe(&hidden, false);
	EXPECT(!memory_is_encrypted());
	EXPECT_EQ(hidden.asked, 0);
}

/* The leaves that the processor counts; no serial number unless it is asked for. */
static void leaves(void)
{
	static const struct leaf counted[] = {
		AMD(3),
		{ 1, 0, { 0x800f12, 0, 0, 0 } },
		{ 3, 0, { 0x33, 0, 0, 0 } },
		{ 4, 0, { 0x44, 0, 0, 0 } },
		{ 0x80000000, 0, { 0x80000001, 0, 0, 0 } },
		{ 0x80000001, 0, { 0x11, 0x12, 0x13, 0x14 } },
		{ 0x80000002, 0, { 0x22, 0, 0, 0 } },
	};
	static const u32 nothing[] = { 0 };
	struct machine plain = { counted, ARRAY_SIZE(counted), nothing, false, 0 };

	describe(&plain, false);
	HAS("cpuid: 00000001.0 00800f12 00000000 00000000 00000000\r\n");
	HAS("cpuid: 80000001.0 00000011 00000012 00000013 00000014\r\n");
	HAS_NOT("cpuid: 00000003");
	HAS_NOT("cpuid: 00000004");
	HAS_NOT("cpuid: 80000002");
	describe(&plain, true);
	HAS("cpuid: 00000003.0 00000033");
}

static void memory_and_room(void)
{
	struct efi_descriptor map[2] = { { 7, 0, 0x100000, 0, 16, 15 },
					 { 11, 0, ~0xfffull, 0, 1, 1 } };
	struct description out = fresh(false);

	describe_memory(&out, map, sizeof(map), sizeof(map[0]));
	HAS("memory: type=7 start=0x100000 pages=0x10 attribute=0xf\r\n");
	HAS("memory: type=11 start=0xfffffffffffff000 pages=0x1 attribute=0x1\r\n");
	describe_memory(&out, map, sizeof(map), 8);
	describe_end(&out);
	EXPECT_EQ(out.length, strlen(text));
	HAS("end: all of it\r\n");

	/* A text that is cut says so, and fits its buffer. */
	for (u32 size = 0; size < 400; size++) {
		char *small = malloc(size ? size : 1);

		out = (struct description){ .text = small, .size = size };
		for (u32 i = 0; i < 20; i++)
			describe_line(&out, "line %u %s", i, "\x1b[2J");
		EXPECT(describe_end(&out) <= size);
		EXPECT(size > 100 || out.cut);
		if (size > 100 && out.cut)
			EXPECT(memcmp(small + out.length - 9, "not fit\r\n", 9) == 0);
		free(small);
	}
}

static void bridge(void)
{
	static const u32 registers[16] = { 0x12348086, 7, 0x06040000, 0x00810000, 1, 2,
					   0x00030201, 0, 0,	      0,	  0, 9 };
	struct description out = fresh(false);

	describe_pci(&out, 0, 3, 1, registers);
	HAS("pci: 00:03.1 id=8086:1234 class=060400 revision=00 command=0007 status=0000 header=81 "
	    "irq=0\r\n");
	HAS("pci: 00:03.1 bars=00000001,00000002 buses=030201\r\n");
	HAS_NOT("subsystem");
}

static void pci(void)
{
	static const u32 nic[16] = { 0x100e8086, 0x00000107, 0x02000003, 0, 0xfebc0000, 0xc001,
				     0,		 0,	     0,		 0, 0,		0x11001af4,
				     0,		 0,	     0,		 11 };
	struct description out = fresh(false);

	describe_pci(&out, 0, 3, 0, nic);
	HAS("pci: 00:03.0 id=8086:100e class=020000 revision=03 command=0107 status=0000 header=00 "
	    "irq=11 subsystem=1af4:1100\r\n");
	HAS("bars=febc0000,0000c001,");
}

TAP_MAIN({ "ACPI: entries", acpi_entries }, { "ACPI: heads of tables", acpi_heads },
	 { "SMBIOS: numbers", smbios_numbers }, { "a bridge", bridge },
	 { "SMBIOS: names, and serial numbers only on demand", smbios_names },
	 { "ACPI: what the tables say, whole and damaged", acpi_tables },
	 { "processors: only registers that are there", processors },
	 { "virtual machines: no registers", virtual_machines }, { "leaves of CPUID", leaves },
	 { "the memory map, and a text that is full", memory_and_room }, { "PCI functions", pci })
