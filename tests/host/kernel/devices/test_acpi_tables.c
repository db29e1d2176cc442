/* SPDX-License-Identifier: MIT */
/*
 * From the root pointer to the registers: which tables are found and believed, by XSDT or RSDT,
 * what is mapped and for how long, and the lines of the log. Offsets are those of ACPI 6.5.
 *
 * sources: kernel/devices/acpi.c
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/devices/acpi.h"
#include "kernel/devices/acpi_tables.h"
#include "mm/kernel_space/vmalloc.h"
#include "tests/host/console.h"
#include "tests/host/kernel/devices/acpi_table.h"
#include "tests/host/tap.h"

enum { RSDP = 0x100, ROOT = 0x200, FADT = 0x1000, SPCR = 0x1200, HPET = 0x1300, DSDT = 0x1400 };

static u8 memory[0x8000]; /* physical memory from address 0 on */
static u8 device[1024];	  /* registers of a device, from DEVICE on */
static u32 tables;	  /* mapped */
static size_t largest;	  /* bytes of a table that was mapped */
static bool no_device;

#define DEVICE 0xfed00000u

void *ioremap(phys_addr_t start, size_t bytes)
{
	u8 *copy;

	if (start == DEVICE)
		return no_device ? NULL : device;
	EXPECT(start);
	largest = max(largest, bytes);
	if (start > sizeof(memory) || bytes > sizeof(memory) - start)
		return NULL;
	copy = malloc(bytes);
	memcpy(copy, memory + start, bytes);
	tables++;
	return copy;
}

void iounmap(const volatile void *address)
{
	tables -= address != NULL;
	free((void *)(uintptr_t)address);
}

/* ---- Tables ---- */

static void put_table(u32 at, const char *signature, u32 bytes)
{
	u8 *table = memory + at;

	memset(table, 0, bytes);
	memcpy(table, signature, 4);
	put32(table, 4, bytes);
	table[8] = 3;
}

static void put_rsdp(u8 revision, u32 rsdt, u32 xsdt)
{
	u8 *rsdp = memory + RSDP;

	memset(rsdp, 0, 36);
	memcpy(rsdp, "RSD PTR ", 8);
	rsdp[15] = revision;
	put32(rsdp, 16, rsdt);
	put32(rsdp, 24, xsdt);
	rsdp[8] = negated_sum(rsdp, 20);
	rsdp[32] = negated_sum(rsdp, 36);
}

/* A root table with entries of this width. */
static void put_root(u32 at, u32 width, const u32 *entries, u32 count)
{
	put_table(at, width == 8 ? "XSDT" : "RSDT", 36 + count * width);
	for (u32 i = 0; i < count; i++)
		put32(memory + at, 36 + i * width, entries[i]);
	seal(memory + at);
}

static void put_fadt(u32 at, u32 pm1a)
{
	put_table(at, "FACP", 276);
	put32(memory + at, 40, DSDT);
	put32(memory + at, 64, pm1a);
	seal(memory + at);
}

static void put_aml(void)
{
	static const u8 code[] = { 8, '_', 'S', '5', '_', 0x12, 6, 4, 10, 5, 10, 7, 0 };

	put_table(DSDT, "DSDT", 36 + sizeof(code));
	memcpy(memory + DSDT + 36, code, sizeof(code));
	seal(memory + DSDT);
}

/* A sound set with a UART and an HPET. */
static void begin(void)
{
	static const u32 entries[] = { SPCR, FADT, HPET };

	acpi = (struct acpi){ 0 };
	largest = 0;
	no_device = false;
	console_clear();
	put_rsdp(2, 0, ROOT);
	put_root(ROOT, 8, entries, 3);
	put_fadt(FADT, 0x604);
	put_aml();
	put_table(SPCR, "SPCR", 80);
	memory[SPCR + 40] = ACPI_IO;
	put32(memory + SPCR, 44, 0x3f8);
	seal(memory + SPCR);
	put_table(HPET, "HPET", 56);
	put32(memory + HPET, 44, DEVICE);
	seal(memory + HPET);
}

static void init(phys_addr_t rsdp)
{
	acpi_init(rsdp);
	EXPECT_EQ(tables, 0);
}

#define NOTHING "pm1a=0x0 pm1b=0x0 s5=no reset=no pm_timer=0x0 hpet=0x0 sleep_control=0x0\n"

static void sound(void)
{
	begin();
	init(RSDP);
	EXPECT_TEXT(console_text(), "acpi: rsdp=0x100 pm1a=0x604 pm1b=0x0 s5=yes reset=no "
				    "pm_timer=0x0 hpet=0xfed00000 sleep_control=0x0\n");
	EXPECT(acpi.has_uart && acpi.uart.address == 0x3f8);
	EXPECT(acpi.hpet == (volatile u32 *)device);
	EXPECT(acpi.s5_type_a == 5 && acpi.s5_type_b == 7);
	begin();
	init(0);
	EXPECT_TEXT(console_text(), "acpi: rsdp=none\n");
	EXPECT(!acpi.pm1a_control);
}

/* ---- The root ---- */

static void root_pointers(void)
{
	static const u32 entries[] = { FADT };

	/* Revision 1 has the RSDT alone. */
	begin();
	put_root(0x600, 4, entries, 1);
	put_fadt(FADT, 0x704);
	put_rsdp(0, 0x600, ROOT);
	init(RSDP);
	EXPECT(acpi.pm1a_control == 0x704 && !acpi.has_uart);
	/* The XSDT comes first, unless it is damaged, or its part of the pointer is. */
	begin();
	put_root(0x600, 4, entries, 1);
	put_rsdp(2, 0x600, ROOT);
	init(RSDP);
	EXPECT(acpi.pm1a_control == 0x604 && acpi.has_uart);
	begin();
	put_root(0x600, 4, entries, 1);
	put_rsdp(2, 0x600, ROOT);
	memory[ROOT + 9]++;
	init(RSDP);
	EXPECT(acpi.pm1a_control == 0x604 && !acpi.has_uart);
	EXPECT(strstr(console_text(),
		      "acpi: bad table signature=XSDT start=0x200 bytes=60 (ignored)\n"));
	begin();
	put_root(0x600, 4, entries, 1);
	put_rsdp(2, 0x600, ROOT);
	memory[RSDP + 33]++;
	init(RSDP);
	EXPECT(acpi.pm1a_control == 0x604 && !acpi.has_uart);
	/* A pointer that is none, or outside of what can be mapped. */
	begin();
	memory[RSDP]++;
	init(RSDP);
	EXPECT_TEXT(console_text(),
		    "acpi: bad root pointer start=0x100 (ignored)\nacpi: rsdp=0x100 " NOTHING);
	begin();
	memory[RSDP + 8]++;
	init(RSDP);
	EXPECT(strstr(console_text(), "acpi: bad root pointer start=0x100 (ignored)\n"));
	begin();
	init(0x90000);
	EXPECT_TEXT(console_text(),
		    "acpi: bad root pointer start=0x90000 (ignored)\nacpi: rsdp=0x90000 " NOTHING);
}

/* 256 entries count; addresses that cannot be mapped are passed over. */
static void entries_of_the_root(void)
{
	static u32 entries[300];

	for (u32 place = 255; place <= 256; place++) {
		begin();
		for (u32 i = 0; i < ARRAY_SIZE(entries); i++)
			entries[i] = i % 2 ? 0 : 0x70000000;
		entries[place] = FADT;
		put_root(0x2000, 8, entries, ARRAY_SIZE(entries));
		put_rsdp(2, 0, 0x2000);
		init(RSDP);
		EXPECT_EQ(acpi.pm1a_control, place == 255 ? 0x604 : 0);
	}
	/* Addresses of 64 bits. */
	begin();
	put32(memory + ROOT, 36 + 8 + 4, 1);
	seal(memory + ROOT);
	init(RSDP);
	EXPECT(!acpi.pm1a_control && acpi.has_uart);
	/* An entry that the table cuts is none. */
	begin();
	put32(memory + ROOT, 4, 36 + 2 * 8 + 7);
	seal(memory + ROOT);
	init(RSDP);
	EXPECT(acpi.pm1a_control && !acpi.hpet_address);
}

/* ---- Tables ---- */

/* The first valid one counts. */
static void several(void)
{
	static const u32 entries[] = { 0x1600, 0x1800, FADT };

	begin();
	put_root(ROOT, 8, entries, 3);
	put_fadt(0x1600, 0x111);
	memory[0x1600 + 9]++;
	put_fadt(0x1800, 0x222);
	init(RSDP);
	EXPECT_EQ(acpi.pm1a_control, 0x222);
	EXPECT(strstr(console_text(),
		      "acpi: bad table signature=FACP start=0x1600 bytes=276 (ignored)\n"));
}

static void lengths(void)
{
	static const struct {
		u32 bytes;
		bool mapped, good;
	} cases[] = {
		{ 0, false, false },	  { 35, false, false },
		{ 36, true, false },	  { 115, true, false },
		{ 116, true, true },	  { 276, true, true },
		{ 4 << 20, true, false }, { (4 << 20) + 1, false, false },
		{ ~0u, false, false },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		begin();
		put32(memory + FADT, 4, cases[i].bytes);
		if (cases[i].bytes >= 36 && cases[i].bytes <= 276)
			seal(memory + FADT);
		init(RSDP);
		tap_check((acpi.pm1a_control != 0) == cases[i].good, __FILE__, __LINE__, "case %u",
			  i);
		EXPECT_EQ(strstr(console_text(), "bad table signature=FACP") != NULL,
			  !cases[i].good);
		if (cases[i].mapped)
			EXPECT(largest >= cases[i].bytes);
		else
			EXPECT(largest < 300);
	}
}

/* ---- Registers ---- */

static void reset_register(u8 space, u64 address)
{
	put32(memory + FADT, 112, 1 << 10);
	memory[FADT + 116] = space;
	put32(memory + FADT, 120, (u32)address);
	put32(memory + FADT, 124, (u32)(address >> 32));
	seal(memory + FADT);
}

static void registers(void)
{
	static const struct {
		u8 space;
		u64 address;
		bool has_reset, mapped;
	} cases[] = {
		{ ACPI_IO, 0xcf9, true, false },    { ACPI_IO, 0xffff, true, false },
		{ ACPI_IO, 0x10000, false, false }, { ACPI_MEMORY, DEVICE, true, true },
		{ ACPI_MEMORY, 0, false, false },   { ACPI_PCI, 0x1f0044, true, false },
		{ ACPI_PCI, 0, false, false },	    { 9, 0x64, false, false },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		begin();
		reset_register(cases[i].space, cases[i].address);
		init(RSDP);
		tap_check(acpi.has_reset == cases[i].has_reset, __FILE__, __LINE__, "case %u", i);
		EXPECT_EQ(acpi.reset.memory == device, cases[i].mapped);
		EXPECT_EQ(strstr(console_text(), "reset=yes") != NULL, cases[i].has_reset);
	}
	/* In memory that cannot be mapped: none. */
	begin();
	reset_register(ACPI_MEMORY, DEVICE);
	no_device = true;
	init(RSDP);
	EXPECT(!acpi.has_reset && !acpi.reset.address && !acpi.hpet && acpi.hpet_address);
	/* The other two. */
	begin();
	put32(memory + FADT, 112, 1 << 20);
	memory[FADT + 208] = memory[FADT + 244] = ACPI_MEMORY;
	put32(memory + FADT, 212, DEVICE);
	put32(memory + FADT, 248, DEVICE);
	seal(memory + FADT);
	init(RSDP);
	EXPECT(acpi.pm_timer.memory == device && acpi.sleep_control.memory == device);
	EXPECT(strstr(console_text(), "pm_timer=0xfed00000 hpet=0xfed00000 "
				      "sleep_control=0xfed00000\n"));
}

/* PM1, by the new fields if they are ports. */
static void pm1(void)
{
	static const struct {
		u8 space;
		u64 address;
		u32 old, found;
	} cases[] = {
		{ ACPI_IO, 0x404, 0x604, 0x404 },     { ACPI_IO, 0, 0x604, 0x604 },
		{ ACPI_MEMORY, 0x404, 0x604, 0x604 }, { ACPI_IO, 0xffff, 0x604, 0xffff },
		{ ACPI_IO, 0x10000, 0x604, 0 },	      { 0xff, 0, 0x10000, 0 },
		{ 0xff, 0, 0xffff, 0xffff },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++)
		for (u32 b = 0; b < 2; b++) {
			begin();
			put_fadt(FADT, 0);
			put32(memory + FADT, b ? 68 : 64, cases[i].old);
			memory[FADT + (b ? 184 : 172)] = cases[i].space;
			put32(memory + FADT, (b ? 184 : 172) + 4, (u32)cases[i].address);
			put32(memory + FADT, 48, 0xb2);
			memory[FADT + 52] = 0xa0;
			seal(memory + FADT);
			init(RSDP);
			tap_check((b ? acpi.pm1b_control : acpi.pm1a_control) == cases[i].found,
				  __FILE__, __LINE__, "case %u %u", i, b);
			EXPECT(!(b ? acpi.pm1a_control : acpi.pm1b_control));
			EXPECT(acpi.smi_command == 0xb2 && acpi.acpi_enable == 0xa0);
		}
}

/* The address of 64 bits, if there is one. */
static void dsdt(void)
{
	begin();
	put32(memory + FADT, 40, 0x70000000);
	put32(memory + FADT, 140, DSDT);
	seal(memory + FADT);
	init(RSDP);
	EXPECT(acpi.has_s5);
	for (u32 bytes = 147; bytes <= 148; bytes++) {
		begin();
		put32(memory + FADT, 40, 0x70000000);
		put32(memory + FADT, 140, DSDT);
		put32(memory + FADT, 4, bytes);
		seal(memory + FADT);
		init(RSDP);
		EXPECT_EQ(acpi.has_s5, bytes == 148);
	}
}

/* ---- \_S5 ---- */

/* Each form of a number and of a package's length; the code may end with the package. */
static void forms_of_s5(void)
{
	static const struct {
		u8 bytes[16], count;
		bool found;
		u8 a, b;
	} cases[] = {
		{ { 0x12, 4, 2, 0, 1 }, 5, true, 0, 1 },
		{ { 0x12, 6, 2, 10, 5, 10, 7 }, 7, true, 5, 7 },
		{ { 0x12, 8, 2, 11, 5, 0, 11, 7, 0 }, 9, true, 5, 7 },
		{ { 0x12, 12, 2, 12, 5, 0, 0, 0, 12, 7, 0, 0, 0 }, 13, true, 5, 7 },
		{ { 0x12, 0x45, 0, 2, 0, 1 }, 6, true, 0, 1 },
		{ { 0x12, 0x85, 0, 0, 2, 0, 1 }, 7, true, 0, 1 },
		{ { 0x12, 0xc5, 0, 0, 0, 2, 0, 1 }, 8, true, 0, 1 },
		{ { 0x12, 3, 1, 1 }, 4, true, 1, 0 },	      /* one number */
		{ { 0x12, 2, 0, 0, 0 }, 5, false, 0, 0 },     /* none */
		{ { 0x13, 4, 2, 0, 1 }, 5, false, 0, 0 },     /* no package */
		{ { 0x12, 4, 2, 8, 1 }, 5, false, 0, 0 },     /* no number */
		{ { 0x12, 5, 2, 10, 8, 0 }, 6, false, 0, 0 }, /* no sleep type */
		{ { 0x12, 5, 2, 0, 10, 8 }, 6, false, 0, 0 },
		{ { 0x12, 5, 2, 10, 7, 0 }, 6, true, 7, 0 },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++)
		for (u32 cut = 0; cut <= cases[i].count; cut++) {
			u32 bytes = 5 + cases[i].count - cut;
			u8 a = 9, b = 9, *code = malloc(bytes);

			memcpy(code, "\x08_S5_", 5);
			memcpy(code + 5, cases[i].bytes, cases[i].count - cut);
			tap_check(acpi_find_s5(code, bytes, &a, &b) == (cases[i].found && !cut),
				  __FILE__, __LINE__, "case %u without %u bytes", i, cut);
			if (cases[i].found && !cut)
				EXPECT(a == cases[i].a && b == cases[i].b);
			else
				EXPECT(a == 9 && b == 9);
			free(code);
		}
}

/* What stands before the name: NAME, with or without the root's sign between them. */
static void names_of_s5(void)
{
	static const struct {
		const char *before;
		bool found;
	} cases[] = { { "\x08", true },	   { "\x08\\", true }, { "\\", false },
		      { "\x11\\", false }, { "\x11", false },  { "\x08\\\\", false } };

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		u32 before = (u32)strlen(cases[i].before), bytes = before + 9;
		u8 a, b, *code = malloc(bytes);

		memcpy(code, cases[i].before, before);
		memcpy(code + before, "_S5_\x12\4\2\0\1", 9);
		tap_check(acpi_find_s5(code, bytes, &a, &b) == cases[i].found, __FILE__, __LINE__,
			  "case %u", i);
		free(code);
	}
}

TAP_MAIN({ "a sound set", sound }, { "root pointers", root_pointers },
	 { "entries of the root", entries_of_the_root }, { "several of a kind", several },
	 { "lengths", lengths }, { "registers", registers }, { "PM1", pm1 },
	 { "the DSDT's address", dsdt }, { "forms of \\_S5", forms_of_s5 },
	 { "names of \\_S5", names_of_s5 })
