/* SPDX-License-Identifier: MIT */
/*
 * The firmware's memory: a type for each page of RAM, and an allocation that it is part of. The
 * pages are mapped at their own addresses.
 */
#define _GNU_SOURCE
#include "tests/host/efi/firmware.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "tests/host/tap.h"

#define PAGE	   4096ull
#define NO_RAM	   0xffu
#define STRIDE	   48u	   /* of a descriptor: more than its size, as EDK II has it */
#define JUNK_MAX   MiB(16) /* larger allocations are not filled */
#define MEMORY_RO  0x20000ull
#define ATTRIBUTES 0xf4560cf6 /* the Memory Attribute Protocol */
#define WRITE_BACK 8u

static const struct range {
	u64 start, end;
} ranges[] = {
	{ FIRMWARE_LOW_START, FIRMWARE_LOW_END },
	{ MiB(1), FIRMWARE_RAM_END },
	{ FIRMWARE_HIGH_START, FIRMWARE_HIGH_END },
};

#define PAGES (FIRMWARE_HIGH_END / 4096u)

static u8 types[PAGES];
static u8 rights[PAGES]; /* PROT_WRITE, PROT_EXEC that are missing */
static u32 allocated;
static UINTN map_key;
static bool has_attributes;

u32 firmware_changes;
bool firmware_leaving, firmware_left;

u32 firmware_pages(void)
{
	return allocated;
}

EFI_MEMORY_TYPE firmware_type(const void *address)
{
	return (EFI_MEMORY_TYPE)types[(uintptr_t)address / PAGE];
}

static void set_type(u64 start, u64 end, u32 type)
{
	for (u64 page = start / PAGE; page < end / PAGE; page++)
		types[page] = (u8)type;
	map_key++;
}

void firmware_take(u64 start, u64 end, EFI_MEMORY_TYPE type)
{
	set_type(start, end, type);
}

/* ---- Pages ---- */

static bool is_free(u64 first, u64 pages)
{
	for (u64 page = first; page < first + pages; page++)
		if (page >= PAGES || types[page] != EfiConventionalMemory)
			return false;
	return true;
}

/* The highest free pages below `end`; 0: there are none. */
static u64 find_pages(u64 end, u64 pages)
{
	u64 run = 0;

	for (u64 page = min(end / PAGE, (u64)PAGES); page-- != 0;) {
		run = types[page] == EfiConventionalMemory ? run + 1 : 0;
		if (run == pages)
			return page;
	}
	return 0;
}

static void protect(u64 start, u64 bytes, u8 missing)
{
	memset(rights + start / PAGE, missing, bytes / PAGE);
	mprotect((void *)(uintptr_t)start, bytes,
		 (PROT_READ | PROT_WRITE | PROT_EXEC) & ~(int)missing);
}

static EFI_STATUS allocate_pages(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type, UINTN pages,
				 EFI_PHYSICAL_ADDRESS *address)
{
	EFI_STATUS status = firmware_asked(CALL_PAGES);
	u64 page;

	EXPECT(pages != 0 && !firmware_leaving);
	EXPECT(how != AllocateAddress || *address % PAGE == 0);
	if (EFI_ERROR(status))
		return status;
	if (how == AllocateAddress)
		page = is_free(*address / PAGE, pages) ? *address / PAGE : 0;
	else
		page = find_pages(how == AllocateAnyPages ? ~0ull : *address + 1, pages);
	if (!page)
		return how == AllocateAddress ? EFI_NOT_FOUND : EFI_OUT_OF_RESOURCES;
	*address = page * PAGE;
	set_type(*address, *address + pages * PAGE, type);
	allocated += (u32)pages;
	if (how != AllocateAddress && pages * PAGE <= JUNK_MAX)
		memset((void *)(uintptr_t)*address, 0xee, pages * PAGE);
	if (has_attributes)
		protect(*address, pages * PAGE, PROT_EXEC);
	return EFI_SUCCESS;
}

static EFI_STATUS free_pages(EFI_PHYSICAL_ADDRESS address, UINTN pages)
{
	u64 first = address / PAGE;

	EXPECT(!firmware_left && pages != 0);
	for (u64 page = first; page < first + pages; page++) {
		u8 missing = has_attributes ? PROT_EXEC : 0;

		if (!EXPECT(types[page] != EfiConventionalMemory && types[page] != NO_RAM) ||
		    !EXPECT_EQ(rights[page], missing))
			return EFI_NOT_FOUND;
	}
	if (pages * PAGE <= JUNK_MAX)
		memset((void *)(uintptr_t)address, 0xdd, pages * PAGE);
	set_type(address, address + pages * PAGE, EfiConventionalMemory);
	allocated -= (u32)pages;
	return EFI_SUCCESS;
}

/* ---- Rights ---- */

typedef EFI_STATUS (*change_rights)(void *protocol, EFI_PHYSICAL_ADDRESS start, UINT64 bytes,
				    UINT64 attributes);

static struct {
	void *get;
	change_rights set, clear;
} attributes;

static EFI_STATUS change(u64 start, u64 bytes, u64 bits, bool set)
{
	EFI_STATUS status = firmware_asked(CALL_ATTRIBUTES);
	u8 missing = rights[start / PAGE];
	u8 changed =
		(u8)((bits & EFI_MEMORY_XP ? PROT_EXEC : 0) | (bits & MEMORY_RO ? PROT_WRITE : 0));

	EXPECT(bits && !(bits & ~(EFI_MEMORY_XP | MEMORY_RO)) && start % PAGE == 0);
	EXPECT(bytes && bytes % PAGE == 0);
	if (EFI_ERROR(status))
		return status;
	missing = (u8)(set ? missing | changed : missing & ~changed);
	/* Never writable and executable, even between two calls. */
	EXPECT(missing);
	protect(start, bytes, missing);
	return EFI_SUCCESS;
}

static EFI_STATUS set_rights(void *protocol, EFI_PHYSICAL_ADDRESS start, UINT64 bytes, UINT64 bits)
{
	EXPECT(protocol == &attributes);
	return change(start, bytes, bits, true);
}

static EFI_STATUS clear_rights(void *protocol, EFI_PHYSICAL_ADDRESS start, UINT64 bytes,
			       UINT64 bits)
{
	EXPECT(protocol == &attributes);
	return change(start, bytes, bits, false);
}

void firmware_have_attributes(bool yes)
{
	has_attributes = yes;
	firmware_install(&attributes, ATTRIBUTES, yes ? &attributes : NULL);
}

/* ---- The map ---- */

static u32 count_runs(EFI_MEMORY_DESCRIPTOR *run, u8 *to, u32 room)
{
	u32 count = 0;

	for (u64 page = 0, next; page < PAGES; page = next) {
		for (next = page + 1; next < PAGES && types[next] == types[page];)
			next++;
		if (types[page] == NO_RAM)
			continue;
		*run = (EFI_MEMORY_DESCRIPTOR){ types[page], 0,		  page * PAGE,
						0,	     next - page, WRITE_BACK };
		if (count < room)
			memcpy(to + (size_t)count * STRIDE, run, sizeof(*run));
		count++;
	}
	return count;
}

static EFI_STATUS get_memory_map(UINTN *size, void *map, UINTN *key, UINTN *stride, UINT32 *version)
{
	EFI_STATUS status = firmware_asked(CALL_MAP);
	EFI_MEMORY_DESCRIPTOR run;
	u32 room = (u32)(*size / STRIDE), count;

	if (EFI_ERROR(status))
		return status;
	count = count_runs(&run, map, map ? room : 0);
	*size = (UINTN)count * STRIDE;
	*stride = STRIDE;
	*version = 1;
	if (!map || count > room)
		return EFI_BUFFER_TOO_SMALL;
	*key = map_key;
	return EFI_SUCCESS;
}

static EFI_STATUS exit_boot_services(EFI_HANDLE image, UINTN key)
{
	EFI_STATUS status = firmware_asked(CALL_EXIT);

	EXPECT(image == firmware_image);
	firmware_leaving = true;
	if (EFI_ERROR(status))
		return status;
	/* Some driver that is told of the end takes a page. */
	if (firmware_changes) {
		u64 page = find_pages(FIRMWARE_RAM_END, 1);

		firmware_changes--;
		set_type(page * PAGE, (page + 1) * PAGE, EfiBootServicesData);
	}
	if (key != map_key)
		return EFI_INVALID_PARAMETER;
	firmware_left = true;
	return EFI_SUCCESS;
}

void firmware_memory_start(void)
{
	static bool mapped;

	memset(types, NO_RAM, sizeof(types));
	for (u32 i = 0; i < ARRAY_SIZE(ranges); i++) {
		void *place = (void *)(uintptr_t)ranges[i].start;
		size_t bytes = (size_t)(ranges[i].end - ranges[i].start);

		set_type(ranges[i].start, ranges[i].end, EfiConventionalMemory);
		if (!mapped &&
		    mmap(place, bytes, PROT_READ | PROT_WRITE | PROT_EXEC,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1,
			 0) != place) {
			perror("RAM of the model");
			exit(1);
		}
	}
	mapped = true;
	attributes.set = set_rights;
	attributes.clear = clear_rights;
	boot.AllocatePages = allocate_pages;
	boot.FreePages = free_pages;
	boot.GetMemoryMap = get_memory_map;
	boot.ExitBootServices = exit_boot_services;
}
