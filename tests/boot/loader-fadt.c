/* SPDX-License-Identifier: MIT */
/* See the header. Source: ACPI 6.5, 5.2.9 (FADT), 4.8.3.7 (sleep control). */
#include "tests/boot/loader-fadt.h"
#include "lib/string.h"
#include "lib/types.h"

#define HEADER_SIZE	 36u
#define RSDP_XSDT	 24u
#define PM1A_CONTROL	 64u
#define PM_TIMER	 76u
#define FLAGS		 112u
#define X_PM1A_CONTROL	 172u
#define X_PM_TIMER	 208u
#define SLEEP_CONTROL	 244u
#define FADT_SIZE	 276u
#define HARDWARE_REDUCED (1u << 20)

/* A port without a device: QEMU's PCs have no such register, and nothing is switched off by it. */
#define NO_SLEEP_CONTROL 0x505u

static u64 get(const u8 *from, u32 bytes)
{
	u64 value = 0;

	memcpy(&value, from, bytes);
	return value;
}

static void put(u8 *to, u64 value, u32 bytes)
{
	memcpy(to, &value, bytes);
}

/* A register of 8 bits or more among the I/O ports; 0: none. */
static void put_port(u8 *to, u32 port)
{
	memset(to, 0, 12);
	if (!port)
		return;
	to[0] = 1;
	to[1] = 8;
	put(to + 4, port, 8);
}

static void seal(u8 *table)
{
	u32 length = (u32)get(table + 4, 4);
	u8 sum = 0;

	table[9] = 0;
	for (u32 i = 0; i < length; i++)
		sum = (u8)(sum + table[i]);
	table[9] = (u8)-sum;
}

static u8 *find_xsdt(const EFI_SYSTEM_TABLE *system)
{
	static const EFI_GUID guid = ACPI_20_TABLE_GUID;

	for (UINTN i = 0; i < system->NumberOfTableEntries; i++) {
		const EFI_CONFIGURATION_TABLE *table = &system->ConfigurationTable[i];

		if (memcmp(&table->VendorGuid, &guid, sizeof(guid)) == 0)
			return (u8 *)(UINTN)get((u8 *)table->VendorTable + RSDP_XSDT, 8);
	}
	return NULL;
}

static void change(u8 *fadt, const char *letters)
{
	for (; *letters; letters++) {
		if (*letters == 'q')
			put_port(fadt + X_PM_TIMER, (u32)get(fadt + PM_TIMER, 4));
		if (*letters == 'n')
			put_port(fadt + X_PM_TIMER, 0);
		if (*letters == 'q' || *letters == 'n')
			put(fadt + PM_TIMER, 0, 4);
		if (*letters == 'r') {
			put(fadt + FLAGS, get(fadt + FLAGS, 4) | HARDWARE_REDUCED, 4);
			put(fadt + PM1A_CONTROL, 0, 8); /* and PM1b's */
			put_port(fadt + X_PM1A_CONTROL, 0);
			put_port(fadt + SLEEP_CONTROL, NO_SLEEP_CONTROL);
		}
	}
}

BOOLEAN fadt_replace(EFI_SYSTEM_TABLE *system, const char *letters)
{
	EFI_PHYSICAL_ADDRESS place = 0xffffffff;
	u8 *xsdt = find_xsdt(system), *fadt;

	if (!xsdt || EFI_ERROR(system->BootServices->AllocatePages(
			     AllocateMaxAddress, EfiACPIReclaimMemory, 1, &place)))
		return FALSE;
	fadt = (u8 *)(UINTN)place;
	memset(fadt, 0, FADT_SIZE);
	for (u32 at = HEADER_SIZE; at + 8 <= get(xsdt + 4, 4); at += 8) {
		const u8 *old = (const u8 *)(UINTN)get(xsdt + at, 8);

		if (memcmp(old, "FACP", 4) != 0)
			continue;
		memcpy(fadt, old, min((u32)get(old + 4, 4), FADT_SIZE));
		put(fadt + 4, FADT_SIZE, 4);
		fadt[8] = 6;
		change(fadt, letters);
		seal(fadt);
		put(xsdt + at, place, 8);
		seal(xsdt);
		return TRUE;
	}
	return FALSE;
}
