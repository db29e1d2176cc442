/* SPDX-License-Identifier: MIT */
/*
 * Pages from the firmware, with a list of all allocations, so that a loader that fails frees
 * everything.
 *
 *  (1) `taken` lists exactly the allocations that were not freed.
 *  (2) Freed memory has the rights that it had when it was allocated.
 *
 * Sources: UEFI 2.10, Memory Attribute Protocol; Microsoft's requirements for signed UEFI
 * applications, "NX compatibility": memory that an application allocates, of any type, is not
 * executable until it asks for that by this protocol. In firmware without the protocol
 * EfiLoaderCode is executable.
 *
 * Context: boot services.
 */
#include "efi/loader.h"
#include "lib/string.h"

#ifndef EFI_MEMORY_RO /* gnu-efi 3.0.15 does not have it */
#define EFI_MEMORY_RO 0x20000ull
#endif

struct memory_attribute;
typedef EFI_STATUS(EFIAPI *change_attributes)(struct memory_attribute *protocol,
					      EFI_PHYSICAL_ADDRESS start, UINT64 bytes,
					      UINT64 attributes);

struct memory_attribute {
	void *get;
	change_attributes set;
	change_attributes clear;
};

static struct {
	EFI_PHYSICAL_ADDRESS address; /* 0: the slot is unused */
	UINTN pages;
	bool executable; /* and not writable, by memory_make_executable() */
} taken[24];

/* The slot of an allocation (0: an unused one), or ARRAY_SIZE(taken). */
static UINTN find_slot(EFI_PHYSICAL_ADDRESS address)
{
	UINTN slot = 0;

	while (slot < ARRAY_SIZE(taken) && taken[slot].address != address)
		slot++;
	return slot;
}

/* NULL: the firmware refuses, or there are too many already. */
static void *take(EFI_ALLOCATE_TYPE how, EFI_PHYSICAL_ADDRESS address, EFI_MEMORY_TYPE type,
		  UINTN bytes)
{
	UINTN pages = EFI_SIZE_TO_PAGES(bytes), slot = find_slot(0);

	if (slot == ARRAY_SIZE(taken) || EFI_ERROR(BS->AllocatePages(how, type, pages, &address)))
		return NULL;
	taken[slot].address = address;
	taken[slot].pages = pages;
	return (void *)(UINTN)address;
}

static void *cleared(void *memory, UINTN bytes)
{
	if (memory)
		memset(memory, 0, EFI_SIZE_TO_PAGES(bytes) * EFI_PAGE_SIZE);
	return memory;
}

void *memory_alloc_below(UINT64 limit, EFI_MEMORY_TYPE type, UINTN bytes)
{
	return cleared(take(AllocateMaxAddress, limit - 1, type, bytes), bytes);
}

void *memory_alloc(enum memory_place place, EFI_MEMORY_TYPE type, UINTN bytes, const char *what)
{
	void *memory = place == MEMORY_LOW ? memory_alloc_below(BOOT_ADDRESS_LIMIT, type, bytes)
					   : cleared(take(AllocateAnyPages, 0, type, bytes), bytes);

	if (!memory)
		fail(EFI_OUT_OF_RESOURCES, "no memory for %s (%llu KiB%s)", what,
		     EFI_SIZE_TO_PAGES(bytes) * 4ull, place == MEMORY_LOW ? " below 896 MiB" : "");
	return memory;
}

/* NULL: this firmware has none. */
static struct memory_attribute *find_memory_attribute(void)
{
	static EFI_GUID guid = {
		0xf4560cf6, 0x40ec, 0x4b4a, { 0xa1, 0x92, 0xbf, 0x1d, 0x57, 0xd0, 0xb1, 0x89 }
	};
	void *found = NULL;

	return EFI_ERROR(BS->LocateProtocol(&guid, NULL, &found)) ? NULL : found;
}

/* Writable or executable, never both: clear one right before setting the other. */
static EFI_STATUS change_slot(UINTN slot, bool executable)
{
	struct memory_attribute *protocol = find_memory_attribute();
	UINT64 bytes = taken[slot].pages * EFI_PAGE_SIZE;
	EFI_STATUS status;

	if (!protocol)
		return EFI_SUCCESS;
	status = protocol->set(protocol, taken[slot].address, bytes,
			       executable ? EFI_MEMORY_RO : EFI_MEMORY_XP);
	if (EFI_ERROR(status))
		return status;
	taken[slot].executable = executable;
	return protocol->clear(protocol, taken[slot].address, bytes,
			       executable ? EFI_MEMORY_XP : EFI_MEMORY_RO);
}

EFI_STATUS memory_make_executable(void *address, const char *what)
{
	EFI_STATUS status = change_slot(find_slot((UINTN)address), true);

	if (EFI_ERROR(status))
		return fail(status, "%s cannot be made executable: %s", what, status_text(status));
	return EFI_SUCCESS;
}

static void free_slot(UINTN slot)
{
	if (taken[slot].executable)
		change_slot(slot, false);
	BS->FreePages(taken[slot].address, taken[slot].pages);
	taken[slot].address = 0;
	taken[slot].executable = false;
}

void *memory_alloc_at(UINT64 place, EFI_MEMORY_TYPE type, UINTN bytes)
{
	return take(AllocateAddress, place, type, bytes);
}

void memory_free(void *address)
{
	UINTN slot = find_slot((UINTN)address);

	if (address && slot < ARRAY_SIZE(taken))
		free_slot(slot);
}

void memory_free_all(void)
{
	for (UINTN slot = 0; slot < ARRAY_SIZE(taken); slot++)
		if (taken[slot].address)
			free_slot(slot);
}
