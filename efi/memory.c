/* SPDX-License-Identifier: MIT */
/*
 * Pages from the firmware, with a list of what was taken, so that a loader that gives up leaves
 * nothing behind.
 *
 * Invariant: `taken` lists exactly the allocations that were not freed.
 * Context: boot services.
 */
#include "efi/loader.h"
#include "lib/string.h"

static struct {
	EFI_PHYSICAL_ADDRESS address;
	UINTN pages; /* 0: the slot is free */
} taken[16];

void *memory_alloc(enum memory_place place, EFI_MEMORY_TYPE type, UINTN bytes, const char *what)
{
	UINTN pages = EFI_SIZE_TO_PAGES(bytes), slot = 0;
	EFI_PHYSICAL_ADDRESS address = BOOT_ADDRESS_LIMIT - 1;
	EFI_STATUS status = EFI_OUT_OF_RESOURCES;

	while (slot < ARRAY_SIZE(taken) && taken[slot].pages != 0)
		slot++;
	if (slot < ARRAY_SIZE(taken))
		status = BS->AllocatePages(place == MEMORY_LOW ? AllocateMaxAddress
							       : AllocateAnyPages,
					   type, pages, &address);
	if (EFI_ERROR(status)) {
		fail(status, "no memory for %s (%llu KiB%s)", what, pages * 4ull,
		     place == MEMORY_LOW ? " below 896 MiB" : "");
		return NULL;
	}
	taken[slot].address = address;
	taken[slot].pages = pages;
	memset((void *)(UINTN)address, 0, pages * EFI_PAGE_SIZE);
	return (void *)(UINTN)address;
}

void memory_free(void *address)
{
	for (UINTN slot = 0; slot < ARRAY_SIZE(taken); slot++) {
		if (taken[slot].pages == 0 || taken[slot].address != (UINTN)address)
			continue;
		BS->FreePages(taken[slot].address, taken[slot].pages);
		taken[slot].pages = 0;
	}
}

void memory_free_all(void)
{
	for (UINTN slot = 0; slot < ARRAY_SIZE(taken); slot++) {
		if (taken[slot].pages != 0)
			BS->FreePages(taken[slot].address, taken[slot].pages);
		taken[slot].pages = 0;
	}
}
