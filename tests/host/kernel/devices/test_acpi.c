/* SPDX-License-Identifier: MIT */
/*
 * The ACPI tables come from outside: sound ones are read correctly, damaged ones do no harm.
 * test_spcr.c has the table of the serial console.
 *
 * sources: kernel/devices/acpi.c
 */
#include <stdlib.h>
#include <string.h>

#include "kernel/devices/acpi.h"
#include "tests/host/kernel/devices/acpi_table.h"
#include "tests/host/console.h"
#include "tests/host/tap.h"

/* A copy of exactly that size, so that a read outside is seen. */
static bool find_s5(const void *aml, size_t length, u8 *a, u8 *b)
{
	u8 *copy = malloc(length ? length : 1);
	bool found;

	memcpy(copy, aml, length);
	found = acpi_find_s5(length ? copy : copy + 1, length, a, b);
	free(copy);
	return found;
}

static const u8 s5_bytes[] = { 8, '\\', '_', 'S', '5', '_', 0x12, 10, 4, 10, 5, 10, 7, 10, 0 };

static void s5_is_found(void)
{
	static const u8 numbers[] = { 0xff, 8, '_', 'S', '5', '_', 0x12, 6, 4, 0, 1, 0, 0 };
	static const u8 used[] = { 0x5b, '_', 'S', '5', '_', 0x12, 6, 4, 5, 5, 0, 0 };
	u8 a = 9, b = 9;

	EXPECT(find_s5(numbers, sizeof(numbers), &a, &b));
	EXPECT(a == 0 && b == 1);
	EXPECT(find_s5(s5_bytes, sizeof(s5_bytes), &a, &b));
	EXPECT(a == 5 && b == 7);
	EXPECT(!find_s5(used, sizeof(used), &a, &b));
}

static void s5_is_cut(void)
{
	u8 a, b;

	for (size_t length = 0; length < 13; length++)
		EXPECT(!find_s5(s5_bytes, length, &a, &b));
}

static void s5_in_noise(void)
{
	for (u32 step = 0; step < tap_scaled(100000); step++) {
		u8 noise[24] = { 0 }, a = 0, b = 0;

		memcpy(noise, s5_bytes, sizeof(s5_bytes));
		for (u32 i = random_below(4); i-- > 0;)
			noise[random_below(sizeof(noise))] = (u8)random_u32();
		if (find_s5(noise, random_below(sizeof(noise)), &a, &b))
			EXPECT(a <= 7 && b <= 7);
	}
}

#define FADT_SIZE 276u

static u8 fadt[FADT_SIZE];

static void make_fadt(void)
{
	memset(fadt, 0, sizeof(fadt));
	memcpy(fadt, "FACP", 4);
	put32(fadt, 4, FADT_SIZE);
	fadt[8] = 3;		   /* revision */
	put32(fadt, 40, 0x10);	   /* DSDT */
	put32(fadt, 64, 0x604);	   /* PM1a control */
	put32(fadt, 112, 1 << 10); /* has a reset register */
	fadt[116] = ACPI_IO;
	put32(fadt, 120, 0xcf9);
	fadt[128] = 0xf; /* the value to write */
	seal(fadt);
}

static void table_is_valid(void)
{
	make_fadt();
	EXPECT(acpi_table_valid(fadt, FADT_SIZE, "FACP", 116));
	EXPECT(!acpi_table_valid(fadt, FADT_SIZE, "DSDT", 116));
	EXPECT(!acpi_table_valid(fadt, FADT_SIZE - 1, "FACP", 116));
	EXPECT(!acpi_table_valid(fadt, FADT_SIZE, "FACP", FADT_SIZE + 1));
	for (u32 at = 0; at < FADT_SIZE; at++) {
		fadt[at]++;
		EXPECT(!acpi_table_valid(fadt, FADT_SIZE, "FACP", 116));
		fadt[at]--;
	}
	/* Less than a header. */
	for (size_t size = 0; size < 36; size++) {
		u8 *part = malloc(size ? size : 1);

		memcpy(part, fadt, size);
		EXPECT(!acpi_table_valid(part, size, "FACP", 36));
		free(part);
	}
}

static void fadt_is_read(void)
{
	struct acpi a = { 0 };

	make_fadt();
	EXPECT_EQ(acpi_parse_fadt(fadt, &a), 0x10);
	EXPECT_EQ(a.pm1a_control, 0x604);
	/* 0xf cycles the power, and RAM loses the log: bit 3 is left out. */
	EXPECT(a.has_reset && a.reset.address == 0xcf9 && a.reset.space == ACPI_IO &&
	       a.reset_value == 0x7);
	fadt[120] = 0xb2; /* another port, where the bit means something else */
	fadt[121] = 0;
	acpi_parse_fadt(fadt, &a);
	EXPECT(a.reset_value == 0xf);
	a = (struct acpi){ 0 };
	fadt[8] = 1;
	acpi_parse_fadt(fadt, &a);
	EXPECT(!a.has_reset); /* revision 1 had none */
}

static void generic(u32 at, u8 space, u64 address)
{
	fadt[at] = space;
	put32(fadt, at + 4, (u32)address);
	put32(fadt, at + 8, (u32)(address >> 32));
}

/* The timer: by the old field, by the new one alone, in memory, and nonsense. */
static void pm_timers(void)
{
	static const struct {
		u32 old;
		u8 space;
		u64 generic, address;
		u8 found;
	} cases[] = {
		{ 0x608, 0, 0, 0x608, ACPI_IO },	      /* QEMU's q35 */
		{ 0x1808, ACPI_IO, 0x1808, 0x1808, ACPI_IO }, /* Intel's PCHs */
		{ 0, ACPI_IO, 0x408, 0x408, ACPI_IO },	      /* the new field alone */
		{ 0, ACPI_MEMORY, 0xfed80808, 0xfed80808, ACPI_MEMORY },
		{ 0x808, 0x0a, 0x400, 0x808, ACPI_IO },	     /* a space that we do not know */
		{ 0x808, ACPI_IO, 0x12345, 0x808, ACPI_IO }, /* no port */
		{ 0x12345, 0, 0, 0, 0 },
		{ 0, 0, 0, 0, 0 },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		struct acpi a = { 0 };

		make_fadt();
		put32(fadt, 76, cases[i].old);
		generic(208, cases[i].space, cases[i].generic);
		acpi_parse_fadt(fadt, &a);
		tap_check(a.pm_timer.address == cases[i].address &&
				  a.pm_timer.space == cases[i].found,
			  __FILE__, __LINE__, "case %u", i);
	}
}

/* Hardware-reduced ACPI: a sleep control register instead of PM1. */
static void hardware_reduced(void)
{
	struct acpi a = { 0 };

	make_fadt();
	put32(fadt, 112, 1 << 20 | 1 << 10);
	put32(fadt, 76, 0x608);
	generic(208, ACPI_IO, 0x608);
	generic(244, ACPI_IO, 0x804);
	acpi_parse_fadt(fadt, &a);
	EXPECT(!a.pm1a_control && a.pm_timer.address == 0x608 && a.has_reset);
	EXPECT(a.sleep_control.address == 0x804 && a.sleep_control.space == ACPI_IO);
	generic(244, ACPI_MEMORY, 0xfed00804);
	acpi_parse_fadt(fadt, &a);
	EXPECT(a.sleep_control.address == 0xfed00804 && a.sleep_control.space == ACPI_MEMORY);
	/*
	 * Without a usable register PM1 is used after all, and no command is sent to the
	 * firmware.
	 */
	generic(244, 0x7f, 0x804);
	put32(fadt, 48, 0xb2);
	fadt[52] = 0xa0;
	acpi_parse_fadt(fadt, &a);
	EXPECT(!a.sleep_control.address && a.pm1a_control == 0x604);
	EXPECT(!a.smi_command && !a.acpi_enable);
	/* With the old registers the new one does not count. */
	make_fadt();
	generic(244, ACPI_IO, 0x804);
	a = (struct acpi){ 0 };
	acpi_parse_fadt(fadt, &a);
	EXPECT(a.pm1a_control == 0x604 && !a.sleep_control.address);
}

static void hpet(void)
{
	u8 table[56] = { 'H', 'P', 'E', 'T', 56 };

	put32(table, 44, 0xfed00000);
	EXPECT(acpi_parse_hpet(table) == 0xfed00000);
	table[40] = ACPI_IO;
	EXPECT(acpi_parse_hpet(table) == 0);
}

/* A table that ends early has no reset register; every length that is valid can be read. */
static void short_fadt(void)
{
	for (u32 size = 116; size < FADT_SIZE; size++) {
		struct acpi a = { 0 };
		u8 *table = malloc(size);

		make_fadt();
		memcpy(table, fadt, size);
		put32(table, 4, size);
		seal(table);
		EXPECT(acpi_table_valid(table, size, "FACP", 116));
		acpi_parse_fadt(table, &a);
		EXPECT_EQ(a.pm1a_control, 0x604);
		EXPECT_EQ(a.has_reset, size >= 129);
		free(table);
	}
}

/* Physical memory from address 0 on, where the cases put their tables. */
static u8 memory[0x1000];
static u32 maps; /* mapped tables */

/* A copy of exactly these bytes, so that a read outside is seen. */
void *ioremap(phys_addr_t start, size_t bytes)
{
	u8 *copy;

	if (start > sizeof(memory) || bytes > sizeof(memory) - start)
		return NULL;
	copy = malloc(bytes);
	memcpy(copy, memory + start, bytes);
	maps++;
	return copy;
}

void iounmap(const volatile void *address)
{
	maps -= address != NULL;
	free((void *)(uintptr_t)address);
}

enum { RSDP = 0x100, XSDT = 0x200, FADT = 0x400, DSDT = 0x800, SSDT = 0x900 };

/* A table of AML code: `code` follows other code without \_S5. */
static void put_aml(u32 at, const char *signature, const u8 *code, u32 bytes)
{
	static const u8 noise[] = {
		0x10, 9, '\\', '_', 'S', 'B', '_', 8, '_', 'S', '4', '_', 0x12
	};
	u8 *table = memory + at;

	memset(table, 0, 0x100);
	memcpy(table, signature, 4);
	memcpy(table + 36, noise, sizeof(noise));
	if (bytes)
		memcpy(table + 36 + sizeof(noise), code, bytes);
	put32(table, 4, 36 + sizeof(noise) + bytes);
	seal(table);
}

/* A sound set: RSDP, XSDT, a FADT that names the DSDT, and three SSDTs; none of them has \_S5. */
static void put_tables(void)
{
	u8 *rsdp = memory + RSDP, *xsdt = memory + XSDT;

	memcpy(xsdt, "XSDT", 4);
	put32(xsdt, 4, 36 + 4 * 8);
	put32(xsdt, 36, SSDT);
	put32(xsdt, 44, FADT);
	put32(xsdt, 52, SSDT + 0x100);
	put32(xsdt, 60, SSDT + 0x200);
	seal(xsdt);
	make_fadt();
	put32(fadt, 40, DSDT);
	seal(fadt);
	memcpy(memory + FADT, fadt, FADT_SIZE);
	put_aml(DSDT, "DSDT", NULL, 0);
	for (u32 i = 0; i < 3; i++)
		put_aml(SSDT + 0x100 * i, "SSDT", NULL, 0);
	memset(rsdp, 0, 36);
	memcpy(rsdp, "RSD PTR ", 8);
	rsdp[15] = 2;
	put32(rsdp, 24, XSDT);
	rsdp[8] = negated_sum(rsdp, 20);
	rsdp[32] = negated_sum(rsdp, 36);
}

/*
 * \_S5 in the DSDT, or in any of the SSDTs, also one after the FADT; all tables are unmapped
 * again.
 */
static void s5_in_each_table(void)
{
	for (u32 i = 0; i < 4; i++) {
		put_tables();
		put_aml(i ? SSDT + 0x100 * (i - 1) : DSDT, i ? "SSDT" : "DSDT", s5_bytes,
			sizeof(s5_bytes));
		acpi = (struct acpi){ 0 };
		acpi_init(RSDP);
		tap_check(acpi.has_s5 && acpi.s5_type_a == 5 && acpi.s5_type_b == 7, __FILE__,
			  __LINE__, "table %u", i);
		EXPECT_EQ(acpi.pm1a_control, 0x604);
		EXPECT_EQ(maps, 0);
	}
	put_tables();
	acpi = (struct acpi){ 0 };
	acpi_init(RSDP);
	EXPECT(!acpi.has_s5 && !maps);
}

/* A damaged SSDT is named, and the others count. */
static void damaged_ssdt(void)
{
	static const u8 other[] = { 8, '_', 'S', '5', '_', 0x12, 6, 4, 10, 3, 10, 2, 0 };

	put_tables();
	put_aml(SSDT, "SSDT", s5_bytes, sizeof(s5_bytes));
	memory[SSDT + 9]++;
	acpi_init(RSDP);
	EXPECT(!acpi.has_s5 && !maps);
	EXPECT(strstr(console_text(), "acpi: bad table signature=SSDT start=0x900"));
	put_aml(SSDT + 0x200, "SSDT", other, sizeof(other));
	acpi_init(RSDP);
	EXPECT(acpi.has_s5 && acpi.s5_type_a == 3 && acpi.s5_type_b == 2 && !maps);
}

TAP_MAIN({ "\\_S5 is found", s5_is_found }, { "\\_S5 is cut anywhere", s5_is_cut },
	 { "\\_S5 in noise", s5_in_noise }, { "\\_S5 in each table", s5_in_each_table },
	 { "a damaged SSDT", damaged_ssdt }, { "tables are checked", table_is_valid },
	 { "the FADT is read", fadt_is_read }, { "short FADTs", short_fadt },
	 { "PM timers", pm_timers }, { "hardware-reduced ACPI", hardware_reduced },
	 { "the HPET", hpet })
