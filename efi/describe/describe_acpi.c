/* SPDX-License-Identifier: MIT */
/* ACPI's tables: the header of each, and the contents of those that the kernel uses. */
#include "efi/machine_parts.h"
#include "kernel/devices/acpi_tables.h"
#include "efi/describe/describe.h"
#include "lib/printf.h"
#include "lib/string.h"

#define BYTES_SHOWN 32u

/* A generic address structure: space, width in bits, address. */
static void add_register(struct description *out, const struct acpi_table *table, const char *name,
			 u32 at)
{
	if (acpi_u64(table, at + 4, 8))
		describe_line(out, "fadt: %s=%u:%u:0x%llx", name, acpi_u32(table, at, 1),
			      acpi_u32(table, at + 1, 1), acpi_u64(table, at + 4, 8));
}

static void add_fadt(struct description *out, const struct acpi_table *table)
{
	describe_line(out,
		      "fadt: flags=0x%08x boot_arch=0x%04x profile=%u sci=%u smi_command=0x%x "
		      "acpi_enable=0x%x",
		      acpi_u32(table, 112, 4), acpi_u32(table, 109, 2), acpi_u32(table, 45, 1),
		      acpi_u32(table, 46, 2), acpi_u32(table, 48, 4), acpi_u32(table, 52, 1));
	describe_line(out,
		      "fadt: pm1a_event=0x%x pm1a_control=0x%x pm1b_control=0x%x pm_timer=0x%x:%u "
		      "gpe0=0x%x",
		      acpi_u32(table, 56, 4), acpi_u32(table, 64, 4), acpi_u32(table, 68, 4),
		      acpi_u32(table, 76, 4), acpi_u32(table, 91, 1), acpi_u32(table, 80, 4));
	add_register(out, table, "reset", 116);
	describe_line(out, "fadt: reset_value=0x%x dsdt=0x%x x_dsdt=0x%llx century=%u",
		      acpi_u32(table, 128, 1), acpi_u32(table, 40, 4), acpi_u64(table, 140, 8),
		      acpi_u32(table, 108, 1));
	add_register(out, table, "x_pm1a_control", 172);
	add_register(out, table, "x_pm_timer", 208);
	add_register(out, table, "sleep_control", 244);
	add_register(out, table, "sleep_status", 256);
}

/* An unknown entry, byte by byte. */
static void add_bytes(struct description *out, const char *name, const struct acpi_table *entry)
{
	char text[3 * BYTES_SHOWN + 1] = "";
	int length = 0;

	for (u32 i = 0; i < min(entry->bytes, BYTES_SHOWN); i++)
		length += scnprintf(text + length, sizeof(text) - (size_t)length, " %02x",
				    entry->start[i]);
	describe_line(out, "%s: bytes=%u%s", name, entry->bytes, text);
}

static void add_madt_entry(const struct acpi_table *entry, void *out)
{
	u32 type = entry->start[0];

	if (type == 0)
		describe_line(out, "madt: lapic=%u processor=%u flags=%u", acpi_u32(entry, 3, 1),
			      acpi_u32(entry, 2, 1), acpi_u32(entry, 4, 4));
	else if (type == 1)
		describe_line(out, "madt: io_apic=%u address=0x%x first=%u", acpi_u32(entry, 2, 1),
			      acpi_u32(entry, 4, 4), acpi_u32(entry, 8, 4));
	else if (type == 2)
		describe_line(out, "madt: override=%u input=%u flags=0x%x", acpi_u32(entry, 3, 1),
			      acpi_u32(entry, 4, 4), acpi_u32(entry, 8, 2));
	else if (type == 9)
		describe_line(out, "madt: x2apic=%u flags=%u", acpi_u32(entry, 4, 4),
			      acpi_u32(entry, 8, 4));
	else
		add_bytes(out, "madt", entry);
}

static void add_dmar_entry(const struct acpi_table *entry, void *out)
{
	u32 type = acpi_u32(entry, 0, 2);

	if (type == 0)
		describe_line(out, "dmar: unit=0x%llx segment=%u flags=%u", acpi_u64(entry, 8, 8),
			      acpi_u32(entry, 6, 2), acpi_u32(entry, 4, 1));
	else if (type == 1)
		describe_line(out, "dmar: reserved=0x%llx last=0x%llx", acpi_u64(entry, 8, 8),
			      acpi_u64(entry, 16, 8));
	else
		add_bytes(out, "dmar", entry);
}

static void add_ivrs_entry(const struct acpi_table *entry, void *out)
{
	u32 type = entry->start[0];

	if (type == 0x10 || type == 0x11 || type == 0x40)
		describe_line(out,
			      "ivrs: unit=0x%llx type=0x%x flags=0x%x device=0x%04x segment=%u",
			      acpi_u64(entry, 8, 8), type, acpi_u32(entry, 1, 1),
			      acpi_u32(entry, 4, 2), acpi_u32(entry, 16, 2));
	else if (type >= 0x20 && type <= 0x22)
		describe_line(out, "ivrs: memory=0x%llx bytes=0x%llx type=0x%x flags=0x%x",
			      acpi_u64(entry, 16, 8), acpi_u64(entry, 24, 8), type,
			      acpi_u32(entry, 1, 1));
	else
		add_bytes(out, "ivrs", entry);
}

static void add_contents(struct description *out, const struct acpi_table *table)
{
	const void *name = table->start;

	if (memcmp(name, "FACP", 4) == 0) {
		add_fadt(out, table);
	} else if (memcmp(name, "APIC", 4) == 0) {
		describe_line(out, "madt: address=0x%x flags=%u", acpi_u32(table, 36, 4),
			      acpi_u32(table, 40, 4));
		acpi_each_entry(table, 44, 1, 1, add_madt_entry, out);
	} else if (memcmp(name, "DMAR", 4) == 0) {
		describe_line(out, "dmar: width=%u flags=0x%x", acpi_u32(table, 36, 1) + 1,
			      acpi_u32(table, 37, 1));
		acpi_each_entry(table, 48, 2, 2, add_dmar_entry, out);
	} else if (memcmp(name, "IVRS", 4) == 0) {
		describe_line(out, "ivrs: information=0x%x", acpi_u32(table, 36, 4));
		acpi_each_entry(table, 48, 2, 2, add_ivrs_entry, out);
	} else if (memcmp(name, "SPCR", 4) == 0) {
		describe_line(
			out, "spcr: kind=%u space=%u width=%u address=0x%llx baud=%u pci=%04x:%04x",
			acpi_u32(table, 36, 1), acpi_u32(table, 40, 1), acpi_u32(table, 41, 1),
			acpi_u64(table, 44, 8), acpi_u32(table, 58, 1), acpi_u32(table, 66, 2),
			acpi_u32(table, 64, 2));
	} else if (memcmp(name, "HPET", 4) == 0) {
		describe_line(out, "hpet: id=0x%x space=%u address=0x%llx number=%u least=%u",
			      acpi_u32(table, 36, 4), acpi_u32(table, 40, 1),
			      acpi_u64(table, 44, 8), acpi_u32(table, 52, 1),
			      acpi_u32(table, 53, 2));
	}
}

void describe_acpi(struct description *out, u64 address, const void *start, u32 bytes)
{
	struct acpi_table table = { start, bytes };
	const char *text = start;

	if (bytes < 8)
		return;
	/* These two do not have the common header. */
	if (memcmp(text, "RSD PTR ", 8) == 0 || memcmp(text, "FACS", 4) == 0 ||
	    bytes < ACPI_HEADER_SIZE) {
		describe_line(out, "acpi: %.4s address=0x%llx bytes=%u", text, address, bytes);
		return;
	}
	describe_line(out,
		      "acpi: %.4s address=0x%llx bytes=%u revision=%u oem=\"%.6s\" table=\"%.8s\" "
		      "version=0x%x creator=\"%.4s\"",
		      text, address, bytes, acpi_u32(&table, 8, 1), text + 10, text + 16,
		      acpi_u32(&table, 24, 4), text + 28);
	add_contents(out, &table);
}
