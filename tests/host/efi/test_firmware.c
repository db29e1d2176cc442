/* SPDX-License-Identifier: MIT */
/*
 * The loader's requests to the firmware, against firmware that refuses them in every place: pages
 * and their rights, ACPI's tables, variables, screens, and the end of the boot services.
 *
 * sources: efi/displays.c efi/handoff/memory_map.c efi/machine_parts.c efi/options.c
 */
#include "tests/host/efi/firmware.h"

#include "efi/acpi.c"
#include "efi/graphics.c"
#include "efi/handoff/exit_boot_services.c"
#include "efi/memory.c"
#include "efi/variables.c"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/tap.h"

static EFI_RUNTIME_SERVICES runtime;
static EFI_SYSTEM_TABLE system_table = { .RuntimeServices = &runtime };
static EFI_BOOT_SERVICES boot;
EFI_SYSTEM_TABLE *ST = &system_table;
EFI_BOOT_SERVICES *BS = &boot;

static char told[2000];

static void tell(const char *mark, const char *format, va_list list)
{
	size_t length = strlen(told);

	length += (size_t)snprintf(told + length, sizeof(told) - length, "%s", mark);
	length += (size_t)vsnprintf(told + length, sizeof(told) - length, format, list);
	snprintf(told + length, sizeof(told) - length, "\n");
}

void say(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	tell("", format, list);
	va_end(list);
}

EFI_STATUS fail(EFI_STATUS status, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	tell("error: ", format, list);
	va_end(list);
	return status;
}

const char *status_text(EFI_STATUS status)
{
	return status == EFI_DEVICE_ERROR ? "device" : "other";
}

static const char *take_told(void)
{
	static char copy[sizeof(told)];

	strcpy(copy, told);
	told[0] = '\0';
	return copy;
}

/* ---- Pages ---- */

static u8 ram[64][4096] __aligned(4096);
static u32 next_page, frees, freed_pages;
static bool no_pages;
static EFI_ALLOCATE_TYPE last_how;
static EFI_MEMORY_TYPE last_type;
static u64 last_limit;

static EFI_STATUS allocate_pages(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type, UINTN pages,
				 EFI_PHYSICAL_ADDRESS *address)
{
	last_how = how;
	last_type = type;
	last_limit = *address;
	if (no_pages || next_page + pages > ARRAY_SIZE(ram))
		return EFI_OUT_OF_RESOURCES;
	if (how != AllocateAddress)
		*address = (uintptr_t)ram[next_page];
	next_page += (u32)pages;
	return EFI_SUCCESS;
}

static EFI_STATUS free_pages_of(EFI_PHYSICAL_ADDRESS address, UINTN pages)
{
	EXPECT(address);
	frees++;
	freed_pages += (u32)pages;
	return EFI_SUCCESS;
}

static struct memory_attribute attributes;
static char changes[200]; /* "set 20000 4096, " */
static bool has_attributes, no_set, no_clear;

static EFI_STATUS note_change(const char *kind, bool refused, UINT64 bytes, UINT64 bits)
{
	size_t length = strlen(changes);

	snprintf(changes + length, sizeof(changes) - length, "%s %llx %llu, ", kind,
		 (unsigned long long)bits, (unsigned long long)bytes);
	return refused ? EFI_DEVICE_ERROR : EFI_SUCCESS;
}

static EFI_STATUS set_attributes(struct memory_attribute *protocol, EFI_PHYSICAL_ADDRESS start,
				 UINT64 bytes, UINT64 bits)
{
	EXPECT(protocol == &attributes && start >= (uintptr_t)ram);
	return note_change("set", no_set, bytes, bits);
}

static EFI_STATUS clear_attributes(struct memory_attribute *protocol, EFI_PHYSICAL_ADDRESS start,
				   UINT64 bytes, UINT64 bits)
{
	EXPECT(protocol == &attributes && start >= (uintptr_t)ram);
	return note_change("clear", no_clear, bytes, bits);
}

static EFI_STATUS locate_protocol(EFI_GUID *guid, void *registration, void **interface)
{
	EXPECT(guid->first == 0xf4560cf6 && !registration);
	*interface = &attributes;
	return has_attributes ? EFI_SUCCESS : EFI_NOT_FOUND;
}

static void start(void)
{
	boot.AllocatePages = allocate_pages;
	boot.FreePages = free_pages_of;
	boot.LocateProtocol = locate_protocol;
	attributes.set = set_attributes;
	attributes.clear = clear_attributes;
	memset(ram, 0xee, sizeof(ram));
}

static void pages(void)
{
	u8 *memory;

	start();
	memory = memory_alloc(MEMORY_ANYWHERE, EfiLoaderData, 4097, "x");
	EXPECT(memory == ram[0] && last_how == AllocateAnyPages && last_type == EfiLoaderData);
	EXPECT(!memory[0] && !memory[8191] && memory[8192] == 0xee);
	memory = memory_alloc(MEMORY_LOW, EfiLoaderCode, 4096, "x");
	EXPECT(memory == ram[2] && last_how == AllocateMaxAddress && last_type == EfiLoaderCode);
	EXPECT_EQ(last_limit, BOOT_ADDRESS_LIMIT - 1);
	EXPECT(!memory[4095] && memory[4096] == 0xee);
	memory_alloc_below(0xa0000, EfiLoaderData, 1);
	EXPECT_EQ(last_limit, 0x9ffff);
	/* At an address they keep their contents. */
	EXPECT(memory_alloc_at((uintptr_t)ram[10], EfiLoaderData, 4096) == ram[10]);
	EXPECT(last_how == AllocateAddress && ram[10][0] == 0xee);
	memory_free(ram[0]);
	EXPECT(frees == 1 && freed_pages == 2);
	memory_free(ram[0]); /* not any more */
	memory_free(NULL);
	memory_free(ram[1]);
	EXPECT_EQ(frees, 1);
	memory_free_all();
	EXPECT(frees == 4 && freed_pages == 5);
	memory_free_all();
	EXPECT_EQ(frees, 4);
	EXPECT_TEXT(changes, "");
	EXPECT_TEXT(told, "");
}

static void no_memory(void)
{
	start();
	no_pages = true;
	EXPECT(!memory_alloc(MEMORY_ANYWHERE, EfiLoaderData, 4097, "the map"));
	EXPECT(!memory_alloc(MEMORY_LOW, EfiLoaderData, 4096, "a page"));
	EXPECT_TEXT(take_told(), "error: no memory for the map (8 KiB)\n"
				 "error: no memory for a page (4 KiB below 896 MiB)\n");
	EXPECT(!memory_alloc_below(0xa0000, EfiLoaderData, 1));
	EXPECT(!memory_alloc_at(0x1000, EfiLoaderData, 1));
	EXPECT_TEXT(told, "");
	/* The list has 24 places. */
	no_pages = false;
	for (u32 i = 0; i < 24; i++)
		EXPECT(memory_alloc_below(0xa0000, EfiLoaderData, 1));
	EXPECT(!memory_alloc_below(0xa0000, EfiLoaderData, 1));
	memory_free(ram[23]);
	EXPECT(memory_alloc_below(0xa0000, EfiLoaderData, 1));
}

static void executable_pages(void)
{
	void *memory;

	start();
	memory = memory_alloc(MEMORY_ANYWHERE, EfiLoaderCode, 8192, "x");
	/* Firmware without the protocol: such memory is executable. */
	EXPECT_EQ(memory_make_executable(memory, "x"), EFI_SUCCESS);
	EXPECT_TEXT(changes, "");
	has_attributes = true;
	EXPECT_EQ(memory_make_executable(memory, "x"), EFI_SUCCESS);
	EXPECT_TEXT(changes, "set 20000 8192, clear 4000 8192, ");
	changes[0] = '\0';
	memory_free(memory);
	EXPECT_TEXT(changes, "set 4000 8192, clear 20000 8192, ");
	EXPECT_EQ(frees, 1);
	/* The same slot again: it is writable. */
	changes[0] = '\0';
	memory = memory_alloc(MEMORY_ANYWHERE, EfiLoaderCode, 4096, "x");
	memory_free(memory);
	EXPECT_TEXT(changes, "");
	memory = memory_alloc(MEMORY_ANYWHERE, EfiLoaderCode, 4096, "x");
	no_set = true;
	EXPECT_EQ(memory_make_executable(memory, "the switch"), EFI_DEVICE_ERROR);
	EXPECT_TEXT(take_told(), "error: the switch cannot be made executable: device\n");
	EXPECT_TEXT(changes, "set 20000 4096, ");
	no_set = false;
	no_clear = true;
	EXPECT_EQ(memory_make_executable(memory, "x"), EFI_DEVICE_ERROR);
	changes[0] = '\0';
	no_set = true; /* nor can it be taken back; the slot is as new all the same */
	memory_free(memory);
	EXPECT_TEXT(changes, "set 4000 4096, ");
	changes[0] = '\0';
	no_set = no_clear = false;
	memory_free(memory_alloc(MEMORY_ANYWHERE, EfiLoaderCode, 4096, "x"));
	EXPECT_TEXT(changes, "");
}

/* ---- ACPI ---- */

static u8 rsdp[64], root_table[80], madt[80], fadt[160], dsdt[40];

static void sum(u8 *table, u32 bytes, u32 at)
{
	u8 total = 0;

	table[at] = 0;
	for (u32 i = 0; i < bytes; i++)
		total += table[i];
	table[at] = (u8)-total;
}

static void table(u8 *at, const char *signature, u32 bytes)
{
	memcpy(at, signature, 4);
	memcpy(at + 4, &bytes, 4);
	sum(at, bytes, 9);
}

static void pointer(u8 revision, const void *rsdt, const void *xsdt)
{
	u32 narrow = (u32)(uintptr_t)rsdt;
	u64 wide = (uintptr_t)xsdt;

	memcpy(rsdp, "RSD PTR ", 8);
	rsdp[15] = revision;
	memcpy(rsdp + 16, &narrow, 4);
	memcpy(rsdp + 24, &wide, 8);
	sum(rsdp, 20, 8);
}

static void root_pointers(void)
{
	static EFI_CONFIGURATION_TABLE many[1025];
	static u8 other[64];
	EFI_CONFIGURATION_TABLE entries[] = {
		{ { 1, 2, 3, { 4 } }, other },
		{ ACPI_TABLE_GUID, other },
		{ ACPI_20_TABLE_GUID, rsdp },
	};

	EXPECT(!configuration_table((EFI_GUID)ACPI_TABLE_GUID));
	EXPECT_EQ(find_acpi_rsdp(), 0);
	EXPECT_TEXT(take_told(), "acpi: none\n");
	system_table.ConfigurationTable = entries;
	system_table.NumberOfTableEntries = ARRAY_SIZE(entries);
	EXPECT_EQ(find_acpi_rsdp(), 0);
	pointer(2, NULL, NULL);
	take_told();
	EXPECT_EQ(find_acpi_rsdp(), (uintptr_t)rsdp);
	EXPECT(strstr(take_told(), "acpi: root pointer at 0x"));
	memcpy(other, rsdp, sizeof(other));
	EXPECT_EQ(find_acpi_rsdp(), (uintptr_t)rsdp); /* the newer one first */
	rsdp[19]++;				      /* its checksum is wrong */
	EXPECT_EQ(find_acpi_rsdp(), (uintptr_t)other);
	other[0] = 'r';
	EXPECT_EQ(find_acpi_rsdp(), 0);
	pointer(0, NULL, NULL);
	rsdp[20] = 77; /* not part of the first checksum */
	EXPECT_EQ(find_acpi_rsdp(), (uintptr_t)rsdp);
	system_table.NumberOfTableEntries = 2;
	EXPECT_EQ(find_acpi_rsdp(), 0);
	/* The last entry of the longest list that is believed. */
	many[1023] = entries[2];
	system_table.ConfigurationTable = many;
	system_table.NumberOfTableEntries = 1024;
	EXPECT(configuration_table((EFI_GUID)ACPI_20_TABLE_GUID) == rsdp);
	system_table.NumberOfTableEntries = 1025;
	EXPECT(!configuration_table((EFI_GUID)ACPI_20_TABLE_GUID));
}

static void parts_below(u32 width)
{
	struct machine_parts parts;
	u64 address = (uintptr_t)madt;

	memset(&parts, 0xee, sizeof(parts));
	memcpy(root_table + 36, &address, width);
	address = (uintptr_t)fadt;
	memcpy(root_table + 36 + width, &address, width);
	table(root_table, width == 8 ? "XSDT" : "RSDT", 36 + 2 * width);
	find_machine_parts((uintptr_t)rsdp, &parts);
	EXPECT_EQ(parts.processors, 1);
	EXPECT_EQ(parts.io_apics, 1);
	EXPECT_EQ(parts.io_apic[0], 0xfec00000u);
	/* Pointer, root, MADT, FADT, DSDT. */
	EXPECT_EQ(parts.tables, 5);
	EXPECT(parts.table[0].start == (uintptr_t)rsdp && parts.table[0].size == 36);
	EXPECT(parts.table[1].start == (uintptr_t)root_table);
	EXPECT_EQ(parts.table[1].size, 36 + 2 * width);
	EXPECT(parts.table[2].start == (uintptr_t)madt && parts.table[2].size == 64);
	EXPECT(parts.table[3].start == (uintptr_t)fadt && parts.table[3].size == 116);
	EXPECT(parts.table[4].start == (uintptr_t)dsdt && parts.table[4].size == 40);
}

static void tables_of_acpi(void)
{
	/* A processor that is usable, and an I/O APIC: ACPI 6.5, 5.2.12.2 and 5.2.12.3. */
	static const u8 entries[] = { 0, 8, 0, 0, 1,	0,    0, 0, 1, 12,
				      0, 0, 0, 0, 0xc0, 0xfe, 0, 0, 0, 0 };
	u32 narrow = (u32)(uintptr_t)dsdt;
	struct machine_parts parts;

	memcpy(madt + 44, entries, sizeof(entries));
	table(madt, "APIC", 64);
	table(dsdt, "DSDT", 40);
	memcpy(fadt + 40, &narrow, 4);
	table(fadt, "FACP", 116);
	pointer(0, root_table, NULL);
	parts_below(4);
	pointer(2, NULL, root_table);
	parts_below(8);
	pointer(1, NULL, root_table); /* too old for the wide table */
	find_machine_parts((uintptr_t)rsdp, &parts);
	EXPECT(!parts.tables && !parts.processors);
	find_machine_parts(0, &parts);
	EXPECT(!parts.tables);
	/* A damaged wide table: the narrow one counts. */
	pointer(2, root_table, madt);
	parts_below(4);
	root_table[9]++;
	find_machine_parts((uintptr_t)rsdp, &parts);
	EXPECT(!parts.tables);
	/* A length that cannot be. */
	table(root_table, "RSDT", 44);
	memcpy(madt + 4, &(u32){ MiB(4) + 1 }, 4);
	find_machine_parts((uintptr_t)rsdp, &parts);
	EXPECT(parts.tables == 4 && !parts.processors);
	memcpy(madt + 4, &(u32){ MiB(4) }, 4);
	EXPECT_EQ(table_at((uintptr_t)madt).bytes, MiB(4));
	EXPECT(!table_at(0).start && !table_at(0x100000000ull * (sizeof(UINTN) == 4)).start);
}

/* An IOMMU, and a root table of more entries than are looked at. */
static void more_tables(void)
{
	static u8 long_root[36 + 4 * 1025], dmar[64];
	/* A unit of all devices of segment 0, at 0xfed90000: VT-d, 8.3. */
	static const u8 unit[] = { 0, 0, 16, 0, 1, 0, 0, 0, 0, 0, 0xd9, 0xfe, 0, 0, 0, 0 };
	u32 narrow = (u32)(uintptr_t)dmar;
	struct machine_parts parts;

	memcpy(dmar + 48, unit, sizeof(unit));
	table(dmar, "DMAR", 64);
	pointer(0, long_root, NULL);
	for (u32 at = 1023; at < 1025; at++) {
		memset(long_root, 0, sizeof(long_root));
		memcpy(long_root + 36 + 4 * at, &narrow, 4);
		table(long_root, "RSDT", sizeof(long_root));
		find_machine_parts((uintptr_t)rsdp, &parts);
		EXPECT_EQ(parts.iommus, at == 1023);
		EXPECT(at > 1023 || parts.iommu[0] == 0xfed90000u);
	}
}

/* ---- Variables ---- */

static UINT8 variable_value;
static UINTN variable_size = 1;
static EFI_STATUS variable_status;
static const wchar_t *variable_name;
static u32 variable_guid;

static EFI_STATUS get_variable(CHAR16 *name, EFI_GUID *guid, UINT32 *attributes_of, UINTN *size,
			       void *data)
{
	variable_name = name;
	variable_guid = guid->first;
	EXPECT(!attributes_of && *size == 1);
	*size = variable_size;
	*(UINT8 *)data = variable_value;
	return variable_status;
}

static void variables(void)
{
	runtime.GetVariable = get_variable;
	EXPECT(!secure_boot_enforced() && !memory_overwrite_requested());
	variable_value = 1;
	EXPECT(secure_boot_enforced());
	EXPECT(variable_name[0] == 'S' && variable_guid == 0x8be4df61);
	EXPECT(memory_overwrite_requested());
	EXPECT(variable_name[0] == 'M' && variable_guid == 0xe20939be);
	variable_value = 3;
	EXPECT(!secure_boot_enforced() && memory_overwrite_requested());
	variable_value = 2;
	EXPECT(!memory_overwrite_requested());
	variable_value = 1;
	variable_size = 4;
	EXPECT(!secure_boot_enforced() && !memory_overwrite_requested());
	variable_size = 1;
	variable_status = EFI_NOT_FOUND;
	EXPECT(!secure_boot_enforced() && !memory_overwrite_requested());
}

/* ---- Screens ---- */

#define SCREENS 10

static struct screen {
	EFI_GRAPHICS_OUTPUT_MODE_INFORMATION info;
	EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE mode;
	EFI_GRAPHICS_OUTPUT_PROTOCOL output;
	bool console, absent;
	u32 pixels[1024] __aligned(4096);
} screens[SCREENS];

static EFI_HANDLE handles[SCREENS];
static UINTN screen_count;
static u32 pools_freed;
static EFI_STATUS locate_status;
static bool no_handles;

static EFI_STATUS locate_handles(EFI_LOCATE_SEARCH_TYPE type, EFI_GUID *guid, void *key,
				 UINTN *count, EFI_HANDLE **found)
{
	EXPECT(type == ByProtocol && guid->first == 0x9042a9de && !key);
	*count = screen_count;
	*found = locate_status ? NULL : no_handles ? NULL : handles;
	return locate_status;
}

static EFI_STATUS handle_protocol(EFI_HANDLE handle, EFI_GUID *guid, void **interface)
{
	struct screen *screen = handle;

	if (guid->first == 0x9042a9de) {
		*interface = &screen->output;
		return screen->absent ? EFI_UNSUPPORTED : EFI_SUCCESS;
	}
	EXPECT(guid->first == 0xd3b36f2c);
	return screen->console ? EFI_SUCCESS : EFI_UNSUPPORTED;
}

static EFI_STATUS free_pool(void *memory)
{
	EXPECT(memory == handles);
	pools_freed++;
	return EFI_SUCCESS;
}

/* Screens of 4 by 2 pixels, each line of which has 4 in memory. */
static void have_screens(UINTN count)
{
	boot.LocateHandleBuffer = locate_handles;
	boot.HandleProtocol = handle_protocol;
	boot.FreePool = free_pool;
	screen_count = count;
	for (UINTN i = 0; i < SCREENS; i++) {
		screens[i] = (struct screen){
			.info = { .HorizontalResolution = 3,
				  .VerticalResolution = 2,
				  .PixelFormat = PixelBlueGreenRedReserved8BitPerColor,
				  .PixelsPerScanLine = 4 },
			.mode = { &screens[i].info, (uintptr_t)screens[i].pixels, 32 },
			.output = { &screens[i].mode },
		};
		memset(screens[i].pixels, 0x55, sizeof(screens[i].pixels));
		handles[i] = &screens[i];
	}
}

static struct displays found;

static bool usable(void)
{
	find_displays("", &found);
	take_told();
	return found.count == 1 && found.display[0].usable;
}

static void good_screens(void)
{
	struct screen *screen = screens;

	have_screens(1);
	EXPECT(usable());
	EXPECT_EQ(found.chosen, 0);
	EXPECT_EQ(pools_freed, 1);
	EXPECT(found.display[0].framebuffer.base == (uintptr_t)screen->pixels);
	EXPECT(found.display[0].framebuffer.size == 32 && found.display[0].framebuffer.width == 3);
	EXPECT(found.display[0].framebuffer.height == 2 &&
	       found.display[0].framebuffer.stride == 4);
	EXPECT(found.display[0].framebuffer.red_mask == 0xff0000);
	EXPECT(found.display[0].framebuffer.blue_mask == 0xff);
	EXPECT(!found.display[0].console && found.display[0].format == 1);
	screen->console = true;
	screen->info.PixelFormat = PixelRedGreenBlueReserved8BitPerColor;
	EXPECT(usable() && found.display[0].console);
	EXPECT(found.display[0].framebuffer.red_mask == 0xff);
	EXPECT(found.display[0].framebuffer.green_mask == 0xff00);
	screen->info.HorizontalResolution = 4;
	EXPECT(usable());
	screen->info.PixelFormat = PixelBitMask;
	screen->info.PixelInformation = (EFI_PIXEL_BITMASK){ 0x3ff00000, 0xffc00, 0x3ff, 0 };
	EXPECT(usable() && found.display[0].framebuffer.red_mask == 0x3ff00000);
	screen->info.PixelInformation = (EFI_PIXEL_BITMASK){ 0xf00, 0xf0, 0xf, 1u << 24 };
	EXPECT(usable());
}

static void bad_screens(void)
{
	struct screen *screen = screens;

	for (u32 i = 0; i < 15; i++) {
		EFI_PIXEL_BITMASK *masks = &screen->info.PixelInformation;

		have_screens(1);
		*masks = (EFI_PIXEL_BITMASK){ 0xff0000, 0xff00, 0xff, 0xff000000 };
		if (i >= 8)
			screen->info.PixelFormat = PixelBitMask;
		switch (i) {
		case 0:
			screen->mode.FrameBufferBase = 0;
			break;
		case 1:
			screen->info.HorizontalResolution = 0;
			break;
		case 2:
			screen->info.VerticalResolution = 0;
			break;
		case 3:
			screen->info.HorizontalResolution = 5;
			break;
		case 4:
			screen->mode.FrameBufferSize = 31;
			break;
		case 5:
			screen->info.PixelFormat = PixelBltOnly;
			break;
		case 6:
			screen->info.PixelsPerScanLine = 0x10000;
			screen->mode.FrameBufferSize = (UINTN)-1;
			break;
		case 7:
			screen->info.VerticalResolution = 0x10000;
			screen->mode.FrameBufferSize = (UINTN)-1;
			break;
		case 8:
			masks->RedMask = 0;
			break;
		case 9:
			masks->GreenMask = 0;
			break;
		case 10:
			masks->BlueMask = 0;
			break;
		case 11:
			masks->GreenMask = 0x10000;
			break;
		case 12:
			masks->BlueMask = 0x100;
			break;
		case 13:
			masks->BlueMask = 0x10000;
			break;
		case 14:
			masks->ReservedMask = 0x800000;
			masks->RedMask = 0x7f0000;
			break;
		}
		EXPECT(!usable());
	}
	have_screens(1);
	screen->info.PixelsPerScanLine = 0xffff;
	screen->mode.FrameBufferSize = 0xffff * 2 * 4;
	EXPECT(usable());
	screen->info.PixelsPerScanLine = 4;
	screen->info.VerticalResolution = 0xffff;
	screen->mode.FrameBufferSize = 0xffff * 4 * 4;
	EXPECT(usable());
}

static void several_screens(void)
{
	have_screens(10);
	find_displays("gop=3", &found);
	EXPECT(found.count == 8 && found.chosen == 3);
	EXPECT(strstr(told, "display: ") && strstr(told, "framebuffer: gop=3\n"));
	EXPECT(strstr(take_told(), "3x2"));
	/* Handles without a mode are skipped. */
	screens[0].absent = true;
	screens[1].output.Mode = NULL;
	screens[2].mode.Info = NULL;
	screen_count = 4;
	find_displays("gop=7", &found);
	EXPECT(found.count == 1 &&
	       found.display[0].framebuffer.base == (uintptr_t)screens[3].pixels);
	EXPECT(strstr(take_told(), "framebuffer: gop= names none that can be used\n"));
	screens[3].mode.FrameBufferBase = 0;
	find_displays("", &found);
	EXPECT(found.count == 1 && found.chosen == DISPLAY_NONE);
	EXPECT(strstr(told, "framebuffer: none\n") && !strstr(take_told(), "names none"));
	locate_status = EFI_NOT_FOUND;
	pools_freed = 0;
	find_displays("", &found);
	EXPECT(found.count == 0 && !pools_freed);
	locate_status = EFI_SUCCESS; /* it says so, and gives none */
	no_handles = true;
	find_displays("", &found);
	EXPECT(found.count == 0 && !pools_freed);
}

static bool is_black(u32 i)
{
	for (u32 pixel = 0; pixel < 8; pixel++)
		if (screens[i].pixels[pixel])
			return false;
	return screens[i].pixels[8] == 0x55555555; /* and nothing behind it */
}

static bool is_untouched(u32 i)
{
	return screens[i].pixels[0] == 0x55555555 && screens[i].pixels[7] == 0x55555555;
}

static void black_screens(void)
{
	struct boot_memory map = { .type = BOOT_MEMORY_CONVENTIONAL,
				   .attribute = BOOT_ATTRIBUTE_WRITE_BACK };
	struct boot_info info = { .memory_map = (uintptr_t)&map };

	have_screens(3);
	find_displays("gop=1", &found);
	info.framebuffer = found.display[1].framebuffer;
	found.display[2].usable = false;
	clear_displays(&found, &info);
	EXPECT(is_black(0) && is_untouched(1) && is_untouched(2));
	info.framebuffer.early = 1;
	clear_displays(&found, &info);
	EXPECT(is_black(1) && info.framebuffer.early == 1);
	/* 32-bit firmware does not reach above 4 GiB. */
	info.framebuffer.base = 0x100000000ull;
	clear_displays(&found, &info);
	EXPECT_EQ(info.framebuffer.early, sizeof(UINTN) == 8);
	/* The firmware calls the memory of a screen free. */
	have_screens(2);
	find_displays("gop=1", &found);
	info.framebuffer = found.display[1].framebuffer;
	info.framebuffer.early = 1;
	map.start = (uintptr_t)screens[0].pixels;
	map.pages = 1;
	info.memory_map_count = 1;
	clear_displays(&found, &info);
	EXPECT(is_untouched(0) && is_black(1));
}

/* ---- The end of the boot services ---- */

static struct efi_descriptor firmware_map[8];
static UINTN map_size, map_stride = sizeof(struct efi_descriptor);
static u32 maps_read, exits, stale_keys;
static EFI_STATUS map_status;
static UINTN map_key;

static EFI_STATUS get_memory_map(UINTN *size, void *map, UINTN *key, UINTN *stride, UINT32 *version)
{
	UINTN room = *size;

	*version = 1;
	*stride = map_stride;
	*size = map_size;
	*key = ++map_key;
	if (!map)
		return map_status ? map_status : EFI_BUFFER_TOO_SMALL;
	maps_read++;
	if (map_status)
		return map_status;
	EXPECT(room >= map_size);
	memcpy(map, firmware_map, map_size);
	return EFI_SUCCESS;
}

static EFI_STATUS exit_boot_services(EFI_HANDLE image, UINTN key)
{
	EXPECT(image == (EFI_HANDLE)firmware_map && key == map_key);
	exits++;
	if (exits <= stale_keys)
		return EFI_INVALID_PARAMETER;
	return EFI_SUCCESS;
}

static struct boot_info info;
static struct loader loader;

static void have_map(void)
{
	start();
	boot.GetMemoryMap = get_memory_map;
	boot.ExitBootServices = exit_boot_services;
	firmware_map[0] = (struct efi_descriptor){
		.type = 7, .start = 0x100000, .pages = 0x4000, .attribute = 8
	};
	map_size = sizeof(firmware_map[0]);
	loader.info = &info;
	loader.kernel.size = 0x100000;
	loader.kernel.relocatable = true;
}

static void map_buffers(void)
{
	struct map_buffers buffers;

	have_map();
	map_size = 10 * map_stride;
	EXPECT_EQ(prepare_map_buffers(&buffers), EFI_SUCCESS);
	EXPECT_EQ(buffers.descriptors_size, 79 * map_stride);
	EXPECT_EQ(buffers.capacity, 79);
	EXPECT(buffers.descriptors && buffers.entries);
	EXPECT_EQ(last_how, AllocateMaxAddress);
	map_status = EFI_DEVICE_ERROR;
	EXPECT_EQ(prepare_map_buffers(&buffers), EFI_DEVICE_ERROR);
	EXPECT_TEXT(take_told(), "error: the memory map cannot be had: device\n");
	map_status = EFI_SUCCESS;
	for (u32 i = 0; i < 3; i++) {
		map_stride = i == 0 ? sizeof(struct efi_descriptor) - 1 : i == 1 ? 1025 : 40;
		map_size = i == 2 ? 4096 * 1024 + 1 : 400;
		EXPECT_EQ(prepare_map_buffers(&buffers), EFI_UNSUPPORTED);
		EXPECT(strstr(take_told(), "odd sizes"));
	}
	map_size = 4096 * 1024; /* the largest that is tried */
	EXPECT_EQ(prepare_map_buffers(&buffers), EFI_OUT_OF_RESOURCES);
	take_told();
	map_stride = 1024;
	map_size = 1024;
	EXPECT_EQ(prepare_map_buffers(&buffers), EFI_SUCCESS);
	map_stride = 0;
	EXPECT_EQ(prepare_map_buffers(&buffers), EFI_UNSUPPORTED);
	take_told();
	map_stride = 40;
	no_pages = true;
	EXPECT_EQ(prepare_map_buffers(&buffers), EFI_OUT_OF_RESOURCES);
	no_pages = false;
	next_page = ARRAY_SIZE(ram) - 1; /* the second one does not fit */
	EXPECT_EQ(prepare_map_buffers(&buffers), EFI_OUT_OF_RESOURCES);
}

static EFI_STATUS leave(bool *left)
{
	*left = false;
	maps_read = exits = 0;
	return leave_firmware((EFI_HANDLE)firmware_map, &loader, left);
}

static void leaves(void)
{
	bool left;

	have_map();
	EXPECT_EQ(prepare_map_buffers(&loader.map), EFI_SUCCESS);
	info.framebuffer.base = 0xe0000000;
	info.framebuffer.size = 4096;
	info.framebuffer.early = 1;
	EXPECT_EQ(leave(&left), EFI_SUCCESS);
	EXPECT(left && maps_read == 1 && exits == 1);
	EXPECT(info.memory_map == (uintptr_t)loader.map.entries && info.memory_map_count > 0);
	EXPECT(info.memory_map_stride == sizeof(struct boot_memory));
	EXPECT(info.kernel.size == 0x100000 && info.kernel.start >= 0x100000);
	EXPECT_EQ(info.framebuffer.early, 1);
	/* A key that is stale: the map is read again, up to 32 times. */
	stale_keys = 3;
	EXPECT_EQ(leave(&left), EFI_SUCCESS);
	EXPECT(maps_read == 4 && exits == 4);
	stale_keys = 31;
	EXPECT_EQ(leave(&left), EFI_SUCCESS);
	stale_keys = 32;
	EXPECT_EQ(leave(&left), EFI_INVALID_PARAMETER);
	EXPECT(left && maps_read == 32 && exits == 32);
	/* A screen in memory that the firmware calls free. */
	stale_keys = 0;
	info.framebuffer.base = 0x200000;
	EXPECT_EQ(leave(&left), EFI_SUCCESS);
	EXPECT_EQ(info.framebuffer.early, 0);
	EXPECT_TEXT(told, "");
}

static void cannot_leave(void)
{
	bool left;

	have_map();
	EXPECT_EQ(prepare_map_buffers(&loader.map), EFI_SUCCESS);
	map_status = EFI_DEVICE_ERROR;
	EXPECT_EQ(leave(&left), EFI_DEVICE_ERROR);
	EXPECT(!left && !exits);
	EXPECT_TEXT(take_told(), "error: the memory map cannot be had: device\n");
	map_status = EFI_SUCCESS;
	map_size = 0;
	EXPECT_EQ(leave(&left), EFI_UNSUPPORTED);
	EXPECT_TEXT(take_told(), "error: the memory map makes no sense\n");
	map_size = sizeof(firmware_map[0]);
	firmware_map[0].pages = 0xff;
	EXPECT_EQ(leave(&left), EFI_OUT_OF_RESOURCES);
	EXPECT_TEXT(take_told(), "error: no free range of 1024 KiB for the kernel\n");
	/* One that cannot be moved needs its place. */
	firmware_map[0].pages = 0x4000;
	firmware_map[0].start = KERNEL_HOME + 0x1000;
	loader.kernel.relocatable = false;
	EXPECT_EQ(leave(&left), EFI_OUT_OF_RESOURCES);
	take_told();
	loader.kernel.relocatable = true;
	EXPECT_EQ(leave(&left), EFI_SUCCESS);
	loader.kernel.relocatable = false;
	firmware_map[0].start = KERNEL_HOME;
	EXPECT_EQ(leave(&left), EFI_SUCCESS);
	EXPECT_EQ(info.kernel.start, KERNEL_HOME);
	/* ACPI's tables lie where the kernel would. */
	loader.parts.tables = 1;
	loader.parts.table[0] = (struct boot_range){ KERNEL_HOME, 4096 };
	EXPECT_EQ(leave(&left), EFI_OUT_OF_RESOURCES);
	take_told();
	loader.parts.tables = 0;
	EXPECT_EQ(leave(&left), EFI_SUCCESS);
	EXPECT_TEXT(told, "");
}

static EFI_STATUS exit_spoils_map(EFI_HANDLE image, UINTN key)
{
	(void)image, (void)key;
	exits++;
	map_size = 0;
	if (exits == 2)
		map_status = EFI_DEVICE_ERROR;
	return EFI_INVALID_PARAMETER;
}

/* After the first try nothing may be printed, (1). */
static void fails_late(void)
{
	bool left;

	have_map();
	EXPECT_EQ(prepare_map_buffers(&loader.map), EFI_SUCCESS);
	boot.ExitBootServices = exit_spoils_map;
	EXPECT_EQ(leave(&left), EFI_UNSUPPORTED);
	EXPECT(left && exits == 1);
	EXPECT_TEXT(told, "");
}

TAP_MAIN({ "pages", pages }, { "no memory", no_memory }, { "executable pages", executable_pages },
	 { "ACPI's root pointer", root_pointers }, { "ACPI's tables", tables_of_acpi },
	 { "an IOMMU, and many tables", more_tables }, { "variables", variables },
	 { "good screens", good_screens }, { "bad screens", bad_screens },
	 { "several screens", several_screens }, { "black screens", black_screens },
	 { "buffers for the map", map_buffers }, { "the firmware is left", leaves },
	 { "it cannot be left", cannot_leave }, { "a failure after the first try", fails_late })
