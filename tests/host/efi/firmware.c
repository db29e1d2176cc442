/* SPDX-License-Identifier: MIT */
#include "tests/host/efi/firmware.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tests/host/tap.h"

EFI_RUNTIME_SERVICES runtime;
EFI_SYSTEM_TABLE system_table = { .RuntimeServices = &runtime };
EFI_BOOT_SERVICES boot;
EFI_SYSTEM_TABLE *ST = &system_table;
EFI_BOOT_SERVICES *BS = &boot;

char told[2000];

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

const char *take_told(void)
{
	static char copy[sizeof(told)];

	strcpy(copy, told);
	told[0] = '\0';
	return copy;
}

u8 ram[RAM_PAGES][4096] __aligned(4096);
u32 next_page, frees, freed_pages;
bool no_pages;
EFI_ALLOCATE_TYPE last_how;
EFI_MEMORY_TYPE last_type;
u64 last_limit;

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

void firmware_start(void)
{
	boot.AllocatePages = allocate_pages;
	boot.FreePages = free_pages_of;
	memset(ram, 0xee, sizeof(ram));
}
