/* SPDX-License-Identifier: MIT */
/*
 * The readers of ACPI's tables, the kernel's and the loader's. The input says which tables lie
 * where in a small memory and which bytes of them are changed; then most checksums are made right
 * again, or nothing behind them would be reached.
 *
 * Each mapping is a heap block of its exact size, so that a sanitizer sees a read beyond it. What
 * is read is possible, and at the end nothing is mapped but registers.
 *
 * sources: kernel/devices/acpi.c efi/machine_parts.c
 * sources: efi/describe/describe.c efi/describe/describe_acpi.c
 */
#include <stdlib.h>
#include <string.h>

#include "efi/describe/describe.h"
#include "efi/machine_parts.h"
#include "kernel/devices/acpi.h"
#include "kernel/devices/acpi_tables.h"
#include "mm/kernel_space/vmalloc.h"
#include "tests/fuzz/fuzz.h"

#define MEMORY_MAX 8192u
#define SLOT	   512u /* a table begins at a multiple */
#define SLOTS	   (MEMORY_MAX / SLOT)
#define ROOT	   64u /* the root pointer */
#define LINES_MAX  8192u

static u8 memory[MEMORY_MAX];
static u32 maps;

static const struct kind {
	char signature[5];
	u16 bytes;
} kinds[] = {
	{ "FACP", 276 }, { "DSDT", 80 }, { "SSDT", 80 }, { "SPCR", 90 },
	{ "HPET", 56 },	 { "APIC", 76 }, { "DMAR", 96 }, { "FACP", 116 },
};

void *ioremap(phys_addr_t start, size_t bytes)
{
	u8 *copy;

	if (start > sizeof(memory) || bytes > sizeof(memory) - start)
		return NULL;
	copy = malloc(bytes ? bytes : 1);
	FUZZ_CHECK(copy);
	memcpy(copy, memory + start, bytes);
	maps++;
	return copy;
}

void iounmap(const volatile void *address)
{
	maps -= address != NULL;
	free((void *)(uintptr_t)address);
}

static void put32(u32 at, u32 value)
{
	memcpy(memory + at, &value, sizeof(value));
}

static u32 get32(u32 at)
{
	u32 value;

	memcpy(&value, memory + at, sizeof(value));
	return value;
}

/* Makes the sum of these bytes 0 by one of them. */
static void seal(u32 at, u32 bytes, u32 by)
{
	u8 sum = 0;

	if (bytes > sizeof(memory) - at)
		return;
	memory[at + by] = 0;
	for (u32 i = 0; i < bytes; i++)
		sum = (u8)(sum + memory[at + i]);
	memory[at + by] = (u8)-sum;
}

/* The bytes that a table of this kind needs to be of use. */
static void fill_table(u32 at, const struct kind *kind)
{
	static const u8 s5[] = { 8, '_', 'S', '5', '_', 0x12, 8, 4, 10, 5, 10, 7, 0, 0 };
	static const u8 madt[] = { 0, 8, 0, 0, 1, 0, 0, 0, 1, 12, 0, 0, 0, 0, 0xc0, 0xfe };
	static const u8 dmar[] = { 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0xd9, 0xfe };

	memset(memory + at, 0, SLOT);
	memcpy(memory + at, kind->signature, 4);
	put32(at + 4, kind->bytes);
	memory[at + 8] = 4;
	if (kind->signature[1] == 'S')
		memcpy(memory + at + ACPI_HEADER_SIZE + 4, s5, sizeof(s5));
	else if (kind->signature[0] == 'A')
		memcpy(memory + at + 44, madt, sizeof(madt));
	else if (kind->signature[0] == 'D')
		memcpy(memory + at + 48, dmar, sizeof(dmar));
	else if (kind->signature[0] == 'F')
		put32(at + FADT_FLAGS, FADT_FLAG_RESET);
}

/* Changes bytes of a slot, then seals the table that begins there. */
static void change_and_seal(struct fuzz_input *in, u32 at)
{
	u32 bits = fuzz_u8(in);

	for (u32 changes = bits & 7; changes; changes--) {
		u32 where = fuzz_u16(in) % SLOT;

		memory[at + where] = fuzz_u8(in);
	}
	if (bits >= 16 && get32(at + 4) >= ACPI_HEADER_SIZE)
		seal(at, get32(at + 4), 9);
}

/* The table of tables, at slot 1. Returns the number of tables. */
static u32 make_tables(struct fuzz_input *in)
{
	u32 count = fuzz_below(in, SLOTS - 2), bits = fuzz_u8(in), width = bits & 1 ? 4 : 8;
	u32 dsdt = 0;

	memset(memory + SLOT, 0, SLOT);
	memcpy(memory + SLOT, bits & 1 ? "RSDT" : "XSDT", 4);
	put32(SLOT + 4, ACPI_HEADER_SIZE + count * width);
	for (u32 i = 0; i < count; i++) {
		const struct kind *kind = &kinds[fuzz_u8(in) % ARRAY_SIZE(kinds)];
		u32 at = (i + 2) * SLOT;

		fill_table(at, kind);
		if (kind->signature[0] == 'F')
			put32(at + FADT_DSDT, dsdt);
		else if (kind == &kinds[1])
			dsdt = at;
		change_and_seal(in, at);
		put32(SLOT + ACPI_HEADER_SIZE + i * width, at);
	}
	change_and_seal(in, SLOT);
	memset(memory, 0, SLOT);
	memcpy(memory + ROOT, "RSD PTR ", 8);
	memory[ROOT + RSDP_REVISION] = bits & 2 ? 0 : 2;
	put32(ROOT + RSDP_RSDT, SLOT);
	put32(ROOT + RSDP_XSDT, bits & 1 ? 0 : SLOT);
	return count;
}

static bool in_memory(const struct acpi_address *place)
{
	return place->space == ACPI_MEMORY && place->address;
}

static void check_kernel(void)
{
	u32 registers = (acpi.hpet != NULL) + (acpi.reset.memory != NULL) +
			(acpi.pm_timer.memory != NULL) + (acpi.sleep_control.memory != NULL);

	FUZZ_EQUAL(maps, registers);
	FUZZ_CHECK(!in_memory(&acpi.reset) || acpi.reset.memory);
	FUZZ_CHECK(!in_memory(&acpi.pm_timer) || acpi.pm_timer.memory);
	FUZZ_CHECK(!in_memory(&acpi.sleep_control) || acpi.sleep_control.memory);
	FUZZ_CHECK(acpi.s5_type_a <= 7 && acpi.s5_type_b <= 7);
	FUZZ_CHECK(!acpi.has_reset || acpi.reset.address);
	if (acpi.has_uart)
		FUZZ_CHECK(acpi.uart.address && acpi.uart.space <= ACPI_IO && acpi.uart.stride);
	iounmap(acpi.hpet);
	iounmap(acpi.reset.memory);
	iounmap(acpi.pm_timer.memory);
	iounmap(acpi.sleep_control.memory);
	FUZZ_EQUAL(maps, 0);
}

/* The loader's readers, on a copy of exact size. */
static void read_by_loader(u32 at, struct machine_parts *parts)
{
	static char lines[LINES_MAX];
	struct description out = { .text = lines, .size = 1 + get32(at + 12) % LINES_MAX };
	u32 bytes = min(get32(at + 4), MEMORY_MAX - at);
	u8 *table = malloc(bytes ? bytes : 1);
	u64 more[4];

	FUZZ_CHECK(table);
	memcpy(table, memory + at, bytes);
	machine_parts_table(at, bytes, parts);
	if (table_is_sound(table, bytes, "APIC"))
		machine_parts_madt(table, parts);
	if (table_is_sound(table, bytes, "DMAR"))
		machine_parts_dmar(table, parts);
	if (table_is_sound(table, bytes, "FACP"))
		machine_parts_fadt(table, more);
	describe_acpi(&out, at, table, bytes);
	FUZZ_CHECK(describe_end(&out) <= out.size);
	free(table);
	FUZZ_CHECK(parts->io_apics <= IO_APICS_MAX && parts->iommus <= IOMMUS_MAX);
	FUZZ_CHECK(parts->tables <= ACPI_TABLES_MAX);
}

void fuzz_run(const u8 *data, size_t size)
{
	struct fuzz_input in = { data, data + size };
	u32 bits = fuzz_u8(&in), tables;
	struct machine_parts parts = { 0 };

	fuzz_step();
	acpi = (struct acpi){ 0 };
	maps = 0;
	tables = make_tables(&in);
	for (u32 changes = bits & 7; changes; changes--) {
		u32 where = fuzz_u8(&in) % RSDP_SIZE;

		memory[ROOT + where] = fuzz_u8(&in);
	}
	if (bits >= 16) {
		seal(ROOT, RSDP_SIZE_1, 8);
		seal(ROOT, RSDP_SIZE, 32);
	}
	acpi_init(bits & 8 ? fuzz_u16(&in) : ROOT);
	check_kernel();
	for (u32 i = 0; i <= tables; i++)
		read_by_loader((i + 1) * SLOT, &parts);
}
