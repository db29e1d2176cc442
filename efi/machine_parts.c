/* SPDX-License-Identifier: MIT */
/* Reads the tables MADT and DMAR. Each is a header and a list of entries with their lengths. */
#include "efi/machine_parts.h"
#include "lib/string.h"

#define TABLE_HEADER 36u
#define TABLE_LENGTH 4u /* offset */

#define MADT_ENTRIES   44u
#define MADT_PROCESSOR 0u /* entry types: a local APIC, an I/O APIC, a local x2APIC */
#define MADT_IO_APIC   1u
#define MADT_X2APIC    9u
#define MADT_USABLE    3u /* enabled, or can be */

#define DMAR_ENTRIES 48u
#define DMAR_UNIT    0u /* entry type: a remapping unit */

#define FADT_FACS   36u
#define FADT_DSDT   40u
#define FADT_X_FACS 132u
#define FADT_X_DSDT 140u

static u32 get_u16(const u8 *p)
{
	return p[0] | (u32)p[1] << 8;
}

static u32 get_u32(const u8 *p)
{
	return get_u16(p) | get_u16(p + 2) << 16;
}

static u64 get_u64(const u8 *p)
{
	return get_u32(p) | (u64)get_u32(p + 4) << 32;
}

bool table_is_sound(const void *table, u32 bytes, const char *signature)
{
	const u8 *byte = table;
	u32 length;
	u8 sum = 0;

	if (bytes < TABLE_HEADER || memcmp(table, signature, 4) != 0)
		return false;
	length = get_u32(byte + TABLE_LENGTH);
	if (length < TABLE_HEADER || length > bytes)
		return false;
	for (u32 i = 0; i < length; i++)
		sum += byte[i];
	return sum == 0;
}

/* Can both loaders reach registers there? They fit into a page. */
static bool within_reach(u64 address)
{
	return address && address <= GiB(4) - 4096;
}

static void madt_entry(const u8 *entry, u32 length, struct machine_parts *parts)
{
	if (entry[0] == MADT_PROCESSOR && length >= 8) {
		parts->processors += (get_u32(entry + 4) & MADT_USABLE) != 0;
	} else if (entry[0] == MADT_X2APIC && length >= 16) {
		parts->processors += (get_u32(entry + 8) & MADT_USABLE) != 0;
	} else if (entry[0] == MADT_IO_APIC && length >= 12 && parts->io_apics < IO_APICS_MAX &&
		   within_reach(get_u32(entry + 4))) {
		parts->io_apic[parts->io_apics++] = get_u32(entry + 4);
	}
}

void machine_parts_madt(const void *table, struct machine_parts *parts)
{
	const u8 *byte = table;
	u32 end = get_u32(byte + TABLE_LENGTH), length;

	/* Type and length, a byte each. */
	for (u32 at = MADT_ENTRIES; at < end && end - at >= 2; at += length) {
		length = byte[at + 1];
		if (length < 2 || length > end - at)
			return;
		madt_entry(byte + at, length, parts);
	}
}

void machine_parts_dmar(const void *table, struct machine_parts *parts)
{
	const u8 *byte = table;
	u32 end = get_u32(byte + TABLE_LENGTH), length;

	/* Type and length, two bytes each. */
	for (u32 at = DMAR_ENTRIES; at < end && end - at >= 4; at += length) {
		const u8 *entry = byte + at;

		length = get_u16(entry + 2);
		if (length < 4 || length > end - at)
			return;
		if (get_u16(entry) == DMAR_UNIT && length >= 16 && parts->iommus < IOMMUS_MAX &&
		    within_reach(get_u64(entry + 8)))
			parts->iommu[parts->iommus++] = get_u64(entry + 8);
	}
}

void machine_parts_table(u64 start, u32 bytes, struct machine_parts *parts)
{
	if (start && bytes && parts->tables < ACPI_TABLES_MAX)
		parts->table[parts->tables++] = (struct boot_range){ start, bytes };
}

void machine_parts_fadt(const void *table, u64 addresses[4])
{
	const u8 *byte = table;
	u32 length = get_u32(byte + TABLE_LENGTH);

	addresses[0] = length >= FADT_DSDT + 4 ? get_u32(byte + FADT_FACS) : 0;
	addresses[1] = length >= FADT_DSDT + 4 ? get_u32(byte + FADT_DSDT) : 0;
	addresses[2] = length >= FADT_X_DSDT + 8 ? get_u64(byte + FADT_X_FACS) : 0;
	addresses[3] = length >= FADT_X_DSDT + 8 ? get_u64(byte + FADT_X_DSDT) : 0;
}
