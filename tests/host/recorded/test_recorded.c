/* SPDX-License-Identifier: MIT */
/*
 * Decisions about real machines: loader and kernel read the tables of machines.c.
 *
 * The expected values do not come from this program. They were derived from the tables by ACPI's
 * rules, as the comment at `expected` says.
 *
 * sources: kernel/devices/acpi.c kernel/devices/frequency.c kernel/devices/timer_reference.c
 * sources: efi/machine_parts.c efi/describe/describe.c efi/describe/describe_acpi.c
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "efi/machine_parts.h"
#include "efi/describe/describe.h"
#include "kernel/devices/acpi.h"
#include "kernel/cpu/cpu.h"
#include "kernel/devices/pit.h"
#include "kernel/devices/timer_reference.h"
#include "tests/host/recorded/machines.h"
#include "tests/host/tap.h"

enum off { OFF_UNKNOWN, OFF_PM1, OFF_SLEEP_CONTROL };

/*
 * Off: PM1a control, unless the flags say hardware-reduced (bit 20) and there is a sleep control
 * register. The type is the first number of \_S5. Reset: the register, as bit 10 of the flags is
 * set everywhere. Timer: where the PIT is dead, the PM timer's port, else the HPET. Processors:
 * those with bit 0 of the flags. IOMMUs: entries of type 0 of the DMAR.
 */
static const struct expected {
	const char *name;
	enum off off;
	u16 off_port;
	u8 off_type;
	u16 reset_port;
	u8 reset_value;
	const char *timer;
	u32 processors, io_apics, iommus;
} expected[] = {
	{ "Microsoft Surface Pro", OFF_PM1, 0x404, 7, 0xcf9, 6, "acpi", 4, 1, 2 },
	/* Hardware-reduced: no PM1, no PM timer; byte 1 of what PM1 control is elsewhere. */
	{ "Microsoft Surface 3", OFF_SLEEP_CONTROL, 0x405, 7, 0xcf9, 6, "hpet", 4, 1, 0 },
	/* The sleep control register is ignored: the machine has PM1. */
	{ "Microsoft Surface Pro 4", OFF_PM1, 0x1804, 7, 0xcf9, 6, "acpi", 4, 1, 2 },
	/* Reset by a command to the firmware: its bit 3 has to stay. */
	{ "Microsoft Surface Go 2", OFF_PM1, 0x1804, 7, 0xb2, 0xfb, "acpi", 4, 1, 2 },
	/* PM1a control is in the newer field only. */
	{ "Microsoft Surface Laptop 3, Intel", OFF_PM1, 0x1804, 7, 0xcf9, 6, "acpi", 4, 1, 2 },
	/*
	 * Hardware-reduced by its flags, but with no sleep control register, and with PM1 and PM
	 * timer.
	 */
	{ "Microsoft Surface Laptop 3, AMD", OFF_PM1, 0x404, 5, 0xcf9, 6, "acpi", 8, 2, 0 },
	{ "Microsoft Surface Laptop 4, AMD", OFF_PM1, 0x404, 5, 0xcf9, 6, "acpi", 16, 2, 0 },
	{ "Microsoft Surface Pro 8", OFF_PM1, 0x1804, 7, 0xcf9, 6, "acpi", 8, 1, 5 },
	{ "Microsoft Surface Laptop SE", OFF_PM1, 0x404, 7, 0xcf9, 6, "acpi", 4, 1, 2 },
	/* DMARs with entries of types 5 and 6 after the units. */
	{ "Microsoft Surface Pro 10", OFF_PM1, 0x1804, 7, 0xcf9, 6, "acpi", 14, 1, 2 },
	{ "Lenovo Legion 5 15ACH6H", OFF_PM1, 0x404, 5, 0xb0, 0xfb, "acpi", 16, 2, 0 },
	{ "Lenovo Legion Pro 5 16IRX9", OFF_UNKNOWN, 0x1804, 0, 0xb2, 0xfb, "acpi", 32, 1, 2 },
	{ "Lenovo Legion Go", OFF_PM1, 0x404, 5, 0xb0, 0xfb, "acpi", 16, 2, 0 },
	{ "ASUS ROG Flow Z13 (2025)", OFF_PM1, 0x804, 5, 0xb2, 0xbe, "acpi", 32, 2, 0 },
	/* x2APIC entries only. */
	{ "MSI Claw A1M", OFF_PM1, 0x1804, 7, 0xcf9, 6, "acpi", 22, 1, 2 },
	{ "MSI Claw 8 AI+", OFF_PM1, 0x1804, 7, 0xcf9, 6, "acpi", 8, 1, 3 },
	{ "GPD Win 3", OFF_PM1, 0x1804, 7, 0xcf9, 6, "acpi", 8, 1, 6 },
	{ "AYN Loki Max", OFF_PM1, 0x804, 5, 0xb2, 0xbe, "acpi", 12, 2, 0 },
	{ "Dell Precision M6800", OFF_PM1, 0x1804, 7, 0xb2, 0x73, "acpi", 8, 1, 1 },
	/* A sleep control register, but bit 20 is clear. */
	{ "Lenovo Yoga Book YB1-X91L", OFF_PM1, 0x404, 7, 0xb2, 0xfb, "acpi", 4, 1, 0 },
	{ .name = "Supermicro X11SSH-F", .processors = 4, .io_apics = 1 },
	{ .name = "Dell PowerEdge R815", .processors = 64, .io_apics = 3 },
	{ .name = "QNAP TS-1277", .processors = 16, .io_apics = 2 },
	{ .name = "Apple MacBook Air 11 (2015)", .processors = 4, .io_apics = 1 },
	{ .name = "Chromium OS board, AMD" },
	{ .name = "Intel Edison" },
};

/*
 * The machine of kernel/devices/timer_reference.c: a PIT that does not run, a processor that
 * does not report its frequency.
 */
struct cpu_info cpu;

void pit_free_run(void)
{
}

u32 pit_read(void)
{
	return 0;
}

void cpu_leaf(u32 leaf, u32 words[4])
{
	(void)leaf;
	memset(words, 0, 16);
}

bool rdmsr_safe(u32 index, u64 *value)
{
	(void)index;
	*value = 0;
	return false;
}

static const struct recorded_machine *machine;
static u8 *table; /* of exactly the length that it says */

static void put(u32 at, u64 value, u32 bytes)
{
	memcpy(table + at, &value, bytes);
}

static void put_address(u32 at, const struct recorded_address *address)
{
	table[at] = address->space;
	table[at + 1] = address->bits;
	table[at + 3] = address->access;
	put(at + 4, address->address, 8);
}

static void begin_table(const char *signature, u32 length)
{
	free(table);
	table = calloc(1, length);
	memcpy(table, signature, 4);
	put(4, length, 4);
}

/* Sets the checksum; both readers accept the table. */
static void end_table(const char *signature, u32 minimum)
{
	u32 length;
	u8 sum = 0;

	memcpy(&length, table + 4, 4);
	for (u32 i = 0; i < length; i++)
		sum = (u8)(sum + table[i]);
	table[9] = (u8)-sum;
	EXPECT(acpi_table_valid(table, length, signature, minimum));
	EXPECT(table_is_sound(table, length, signature));
}

static void make_fadt(const struct recorded_fadt *fadt)
{
	begin_table("FACP", fadt->length);
	table[8] = (u8)fadt->revision;
	put(40, fadt->dsdt, 4);
	put(48, fadt->smi_command, 4);
	put(52, fadt->acpi_enable, 1);
	put(64, fadt->pm1a_control, 4);
	put(76, fadt->pm_timer, 4);
	put(112, fadt->flags, 4);
	put_address(116, &fadt->reset);
	put(128, fadt->reset_value, 1);
	put(140, fadt->dsdt, 8);
	put_address(172, &fadt->x_pm1a_control);
	put_address(184, &fadt->x_pm1b_control);
	put_address(208, &fadt->x_pm_timer);
	put_address(244, &fadt->sleep_control);
	end_table("FACP", 116);
}

/* `count` entries of a MADT: type, length; flags at a place that depends on the type. */
static u32 put_madt(u32 at, u32 count, u8 type, u8 length, u32 flags_at, u32 flags)
{
	for (; count; count--, at += length) {
		put(at, type, 1);
		put(at + 1, length, 1);
		if (flags_at)
			put(at + flags_at, flags, 4);
	}
	return at;
}

static void make_madt(const struct recorded_madt *madt)
{
	u32 at = 44;

	begin_table("APIC", madt->length);
	at = put_madt(at, madt->processors, 0, 8, 4, 1);
	at = put_madt(at, madt->disabled, 0, 8, 4, 0);
	at = put_madt(at, madt->x2apics, 9, 16, 8, 1);
	at = put_madt(at, madt->x2apics_disabled, 9, 16, 8, 0);
	for (u32 i = 0; i < ARRAY_SIZE(madt->io_apic) && madt->io_apic[i]; i++)
		at = put_madt(at, 1, 1, 12, 4, madt->io_apic[i]);
	at = put_madt(at, madt->overrides, 2, 10, 0, 0);
	at = put_madt(at, madt->nmis, 4, 6, 0, 0);
	at = put_madt(at, madt->x2apic_nmis, 10, 12, 0, 0);
	EXPECT_EQ(at, madt->length);
	end_table("APIC", 44);
}

/* An IVRS's memory definition: its address is at another offset than a unit's. */
static bool is_region(const struct recorded_entry *entry)
{
	return entry->type >= 0x20 && entry->type <= 0x22;
}

/* A DMAR, with types of 16 bits, or an IVRS, with types of 8 bits and flags beside them. */
static void make_entries(const char *signature, const struct recorded_entries *entries)
{
	u32 at = 48;

	begin_table(signature, entries->length);
	for (u32 i = 0; i < ARRAY_SIZE(entries->entry) && entries->entry[i].length; i++) {
		put(at, entries->entry[i].type, 2);
		put(at + 2, entries->entry[i].length, 2);
		put(at + (is_region(&entries->entry[i]) ? 16 : 8), entries->entry[i].address, 8);
		at += entries->entry[i].length;
	}
	EXPECT_EQ(at, entries->length);
	end_table(signature, 48);
}

/* \_S5 as a compiler of ASL writes it: Zero and One have opcodes of their own. */
static void read_s5(void)
{
	u8 aml[32] = { 0x08, '_', 'S', '5', '_', 0x12, 0, 4 };
	u32 length = 8;

	if (!machine->s5[0])
		return;
	for (u32 i = 0; i < 4; i++) {
		if (machine->s5[i] > 1)
			aml[length++] = 0x0a;
		aml[length++] = machine->s5[i];
	}
	aml[6] = (u8)(length - 6);
	acpi.has_s5 = acpi_find_s5(aml, length, &acpi.s5_type_a, &acpi.s5_type_b);
	EXPECT(acpi.has_s5);
}

/* The registers of an HPET that counts at 14.318 MHz. */
static volatile u32 hpet_registers[256] = { 0, 69841279 };

static void read_hpet(void)
{
	if (!machine->hpet.address)
		return;
	begin_table("HPET", 56);
	put_address(40, &machine->hpet);
	end_table("HPET", 56);
	acpi.hpet_address = acpi_parse_hpet(table);
	EXPECT_EQ(acpi.hpet_address, machine->hpet.address);
	acpi.hpet = hpet_registers;
}

/* The first usable timer after the PIT. */
static const char *second_timer(void)
{
	for (u32 i = 1; i < TIMER_REFERENCES; i++)
		if (timer_references[i].start())
			return timer_references[i].name;
	return NULL;
}

static void check_off(const struct expected *e)
{
	switch (e->off) {
	case OFF_UNKNOWN:
		EXPECT(!acpi.has_s5);
		EXPECT_EQ(acpi.pm1a_control, e->off_port);
		return;
	case OFF_PM1:
		EXPECT_EQ(acpi.pm1a_control, e->off_port);
		EXPECT_EQ(acpi.sleep_control.address, 0);
		break;
	case OFF_SLEEP_CONTROL:
		EXPECT_EQ(acpi.pm1a_control, 0);
		EXPECT(acpi.sleep_control.space == ACPI_IO);
		EXPECT_EQ(acpi.sleep_control.address, e->off_port);
	}
	EXPECT(acpi.has_s5 && acpi.s5_type_a == e->off_type);
	EXPECT_EQ(acpi.pm1b_control, 0);
}

static void check_fadt(const struct expected *e)
{
	u64 addresses[4];

	make_fadt(&machine->fadt);
	acpi = (struct acpi){ 0 };
	EXPECT_EQ(acpi_parse_fadt(table, &acpi), machine->fadt.dsdt);
	machine_parts_fadt(table, addresses);
	EXPECT(addresses[1] == machine->fadt.dsdt && addresses[3] == machine->fadt.dsdt);
	read_s5();
	check_off(e);
	EXPECT(acpi.has_reset && acpi.reset.space == ACPI_IO);
	EXPECT_EQ(acpi.reset.address, e->reset_port);
	EXPECT_EQ(acpi.reset_value, e->reset_value);
	read_hpet();
	EXPECT_TEXT(second_timer(), e->timer);
}

static void check_parts(const struct expected *e)
{
	struct machine_parts parts = { 0 };
	u32 iommu = 0;

	if (machine->madt.length) {
		make_madt(&machine->madt);
		machine_parts_madt(table, &parts);
	}
	if (machine->dmar.length) {
		make_entries("DMAR", &machine->dmar);
		machine_parts_dmar(table, &parts);
	}
	EXPECT_EQ(parts.processors, e->processors);
	EXPECT_EQ(parts.io_apics, e->io_apics);
	EXPECT_EQ(parts.iommus, e->iommus);
	for (u32 i = 0; i < parts.io_apics; i++)
		EXPECT_EQ(parts.io_apic[i], machine->madt.io_apic[i]);
	for (u32 i = 0; i < ARRAY_SIZE(machine->dmar.entry); i++)
		if (machine->dmar.entry[i].length && machine->dmar.entry[i].type == 0)
			EXPECT_EQ(parts.iommu[iommu++], machine->dmar.entry[i].address);
}

static void tables(void)
{
	EXPECT_EQ(ARRAY_SIZE(expected), recorded_machine_count);
	for (u32 i = 0; i < ARRAY_SIZE(expected); i++) {
		machine = &recorded_machines[i];
		EXPECT_TEXT(machine->name, expected[i].name);
		if (machine->fadt.length)
			check_fadt(&expected[i]);
		check_parts(&expected[i]);
		if (tap_failed()) {
			tap_note("%s (%s)", machine->name, machine->source);
			return;
		}
	}
	free(table);
	table = NULL;
}

/* How often `part` is in `text`. */
static u32 count(const char *text, const char *part)
{
	u32 found = 0;

	for (; (text = strstr(text, part)); text++)
		found++;
	return found;
}

/*
 * AMD's units in PREnnnn.TXT: each register block once for each kind of description, and the
 * memory that they use.
 */
static void amd_units(void)
{
	static const struct {
		const char *name, *unit;
		u32 units, regions;
	} cases[] = {
		{ "Microsoft Surface Laptop 3, AMD", "ivrs: unit=0xfd200000 ", 2, 0 },
		{ "Microsoft Surface Laptop 4, AMD", "ivrs: unit=0xfdf00000 ", 3, 0 },
		{ "Lenovo Legion 5 15ACH6H", "ivrs: unit=0xfdf00000 ", 3, 0 },
		{ "Lenovo Legion Go", "ivrs: unit=0xc0200000 ", 3, 0 },
		{ "ASUS ROG Flow Z13 (2025)", "ivrs: unit=0xfd200000 ", 3, 2 },
		{ "AYN Loki Max", "ivrs: unit=0xfd400000 ", 3, 0 },
	};
	u32 found = 0;

	for (u32 i = 0; i < recorded_machine_count; i++) {
		char text[4096] = "", region[64];
		struct description out = { .text = text, .size = sizeof(text) };

		machine = &recorded_machines[i];
		if (!machine->ivrs.length)
			continue;
		EXPECT_TEXT(machine->name, cases[found].name);
		make_entries("IVRS", &machine->ivrs);
		describe_acpi(&out, 0x1000, table, machine->ivrs.length);
		EXPECT_EQ(count(text, cases[found].unit), cases[found].units);
		EXPECT_EQ(count(text, "ivrs: memory="), cases[found].regions);
		for (u32 k = 0; k < ARRAY_SIZE(machine->ivrs.entry); k++) {
			const struct recorded_entry *entry = &machine->ivrs.entry[k];

			snprintf(region, sizeof(region), "ivrs: memory=0x%llx ",
				 (unsigned long long)entry->address);
			EXPECT(!is_region(entry) || count(text, region) == 1);
		}
		found++;
	}
	EXPECT_EQ(found, ARRAY_SIZE(cases));
	free(table);
	table = NULL;
}

/*
 * The console of a server, one without an address, and one in memory. A 16550 and a 16450 are
 * treated alike.
 */
static void consoles(void)
{
	static const struct {
		const char *name;
		u64 address; /* 0: none that is usable */
		u32 space, baud, clock, stride;
	} cases[] = {
		{ "Supermicro X11SSH-F", 0x3f8, ACPI_IO, 115200, 0, 1 },
		{ "Dell PowerEdge R815", 0, 0, 0, 0, 0 },
		{ "QNAP TS-1277", 0x3f8, ACPI_IO, 115200, 0, 1 },
		{ "Chromium OS board, AMD", 0xfedc9000, ACPI_MEMORY, 115200, 48000000, 4 },
		{ "Intel Edison", 0xff010180, ACPI_MEMORY, 0, 0, 1 },
	};
	u32 found = 0;

	for (u32 i = 0; i < recorded_machine_count; i++) {
		const struct recorded_spcr *spcr = &recorded_machines[i].spcr;

		for (u8 type = 0; spcr->revision && type < 2; type++) {
			struct acpi_uart uart = { 0 };

			EXPECT_TEXT(recorded_machines[i].name, cases[found].name);
			begin_table("SPCR", 80);
			table[8] = spcr->revision;
			table[36] = type;
			put_address(40, &spcr->place);
			table[58] = spcr->baud;
			put(76, spcr->clock, 4);
			end_table("SPCR", 80);
			EXPECT_EQ(acpi_parse_spcr(table, &uart), cases[found].address != 0);
			if (cases[found].address) {
				EXPECT_EQ(uart.address, cases[found].address);
				EXPECT_EQ(uart.space, cases[found].space);
				EXPECT_EQ(uart.baud, cases[found].baud);
				EXPECT_EQ(uart.clock, cases[found].clock);
				EXPECT_EQ(uart.stride, cases[found].stride);
			}
		}
		found += spcr->revision != 0;
	}
	EXPECT_EQ(found, ARRAY_SIZE(cases));
	free(table);
	table = NULL;
}

TAP_MAIN({ "tables", tables }, { "AMD's units", amd_units }, { "consoles", consoles })
