/* SPDX-License-Identifier: MIT */
/*
 * Leaves the firmware. Source: UEFI 2.10, sections 7.2.3 and 7.4.6.
 *
 *       GetMemoryMap -> convert, choose the kernel's place -> ExitBootServices(key) - stale key -.
 *             ^-------------------------------------------------------------------------------'
 *
 * The place is chosen from each map before ExitBootServices gets its key. So the place is from the
 * map that the firmware accepted, and after ExitBootServices nothing can fail.
 *
 *   (1) After the first call of ExitBootServices only memory services are called: the firmware may
 *       already have shut down other services, such as the console.
 *   (2) Nothing is allocated between GetMemoryMap and ExitBootServices, and the buffers are large
 *       enough for a longer map.
 */
#include "efi/loader.h"
#include "efi/handoff/memory_map.h"

#define EXIT_TRIES	    32
#define DESCRIPTOR_SIZE_MAX 1024u	    /* bytes; a larger one is rejected */
#define MAP_SIZE_MAX	    (4096u * 1024u) /* bytes */

_Static_assert(sizeof(EFI_MEMORY_DESCRIPTOR) == sizeof(struct efi_descriptor), "descriptor layout");
_Static_assert(offsetof(EFI_MEMORY_DESCRIPTOR, PhysicalStart) ==
			       offsetof(struct efi_descriptor, start) &&
		       offsetof(EFI_MEMORY_DESCRIPTOR, NumberOfPages) ==
			       offsetof(struct efi_descriptor, pages) &&
		       offsetof(EFI_MEMORY_DESCRIPTOR, Attribute) ==
			       offsetof(struct efi_descriptor, attribute),
	       "descriptor layout");

EFI_STATUS prepare_map_buffers(struct map_buffers *buffers)
{
	UINTN size = 0, key, stride = 0;
	UINT32 version;
	EFI_STATUS status;

	status = BS->GetMemoryMap(&size, NULL, &key, &stride, &version);
	if (status != EFI_BUFFER_TOO_SMALL)
		return fail(EFI_DEVICE_ERROR, "the memory map cannot be had: %s",
			    status_text(status));
	if (stride < sizeof(struct efi_descriptor) || stride > DESCRIPTOR_SIZE_MAX ||
	    size > MAP_SIZE_MAX)
		return fail(EFI_UNSUPPORTED, "the memory map has odd sizes: %d entries of %d bytes",
			    (UINT32)(stride ? size / stride : 0), (UINT32)stride);
	buffers->descriptors_size = size + size / 2 + 64 * stride;
	buffers->capacity = (UINT32)(buffers->descriptors_size / sizeof(struct efi_descriptor));
	buffers->descriptors = memory_alloc(MEMORY_ANYWHERE, EfiLoaderData,
					    buffers->descriptors_size, "the firmware's memory map");
	buffers->entries =
		memory_alloc(MEMORY_LOW, EfiLoaderData,
			     buffers->capacity * sizeof(struct boot_memory), "the memory map");
	if (!buffers->descriptors || !buffers->entries)
		return EFI_OUT_OF_RESOURCES;
	return EFI_SUCCESS;
}

/* Reads the map and places the kernel. `quiet`: the firmware must not be asked to print. */
static EFI_STATUS plan(const struct loader *loader, UINTN *key, bool quiet)
{
	const struct map_buffers *buffers = &loader->map;
	const struct kernel_image *kernel = &loader->kernel;
	struct boot_info *info = loader->info;
	UINTN size = buffers->descriptors_size, stride = 0;
	u64 limit = kernel->relocatable ? BOOT_ADDRESS_LIMIT : KERNEL_HOME + kernel->size;
	u64 place;
	UINT32 version;
	EFI_STATUS status;

	status = BS->GetMemoryMap(&size, buffers->descriptors, key, &stride, &version);
	if (EFI_ERROR(status))
		return quiet ? status
			     : fail(status, "the memory map cannot be had: %s",
				    status_text(status));
	info->memory_map_count = memory_map_convert(buffers->entries, buffers->capacity,
						    buffers->descriptors, size, stride);
	if (info->memory_map_count == 0)
		return quiet ? EFI_UNSUPPORTED
			     : fail(EFI_UNSUPPORTED, "the memory map makes no sense");
	/* Some firmware has its tables in memory that it gives up. */
	for (UINT32 i = 0; i < loader->parts.tables; i++)
		info->memory_map_count =
			memory_map_keep(buffers->entries, info->memory_map_count, buffers->capacity,
					loader->parts.table[i].start, loader->parts.table[i].size);
	if (memory_map_choose(buffers->entries, info->memory_map_count, KERNEL_HOME, limit,
			      kernel->size, KERNEL_ALIGNMENT, &place) != 0)
		return quiet ? EFI_OUT_OF_RESOURCES
			     : fail(EFI_OUT_OF_RESOURCES, "no free range of %d KiB for the kernel",
				    kernel->size / 1024);
	info->kernel.start = place;
	/* Some firmware calls the memory of its own screen free. Nothing is drawn there. */
	if (memory_map_is_ours(buffers->entries, info->memory_map_count, info->framebuffer.base,
			       info->framebuffer.base + info->framebuffer.size))
		info->framebuffer.early = 0;
	return EFI_SUCCESS;
}

EFI_STATUS leave_firmware(EFI_HANDLE self, const struct loader *loader, bool *left)
{
	EFI_STATUS status = EFI_SUCCESS;

	loader->info->memory_map = (UINTN)loader->map.entries;
	loader->info->memory_map_stride = sizeof(struct boot_memory);
	loader->info->kernel.size = loader->kernel.size;
	for (UINT32 tries = 0; tries < EXIT_TRIES; tries++) {
		UINTN key;

		status = plan(loader, &key, tries > 0);
		if (EFI_ERROR(status))
			return status;
		*left = true;
		status = BS->ExitBootServices(self, key);
		if (!EFI_ERROR(status))
			return status;
	}
	return status;
}
