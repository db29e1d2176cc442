/* SPDX-License-Identifier: MIT */
/*
 * Converts the firmware's memory map to the kernel's form, and chooses the kernel's place in it.
 *
 * Pure functions; no firmware, so that they run on a host under sanitizers. Source: UEFI 2.10,
 * section 7.2, EFI_MEMORY_DESCRIPTOR and GetMemoryMap().
 */
#ifndef EFI_HANDOFF_MEMORY_MAP_H
#define EFI_HANDOFF_MEMORY_MAP_H

#include "abi/boot/boot_info.h"
#include "lib/types.h"

/* EFI_MEMORY_DESCRIPTOR version 1, with the padding that both ABIs agree on. */
struct efi_descriptor {
	u32 type;
	u32 padding;
	u64 start; /* physical, bytes */
	u64 virtual_start;
	u64 pages; /* of 4 KiB */
	u64 attribute;
};

/*
 * Copies the descriptors of [map, map + bytes), `stride` bytes apart, to `entries`. Keeps the
 * order and overlaps: the kernel sanitises the map. Returns the number of entries, 0 if the stride
 * is too small for a descriptor or `capacity` entries are too few.
 */
u32 memory_map_convert(struct boot_memory *entries, u32 capacity, const void *map, size_t bytes,
		       size_t stride);

/*
 * Finds the lowest place for `size` bytes, at or above `lowest`, aligned to `alignment` (a power
 * of two), that ends at or below `limit` and is free after ExitBootServices. Returns 0 and *place,
 * or -ENOMEM.
 */
int memory_map_choose(const struct boot_memory *entries, u32 count, u64 lowest, u64 limit, u64 size,
		      u64 alignment, u64 *place);

/* Whether every byte of [start, end) is free after ExitBootServices. */
bool memory_map_is_free(const struct boot_memory *entries, u32 count, u64 start, u64 end);

/*
 * Reserves [start, start + bytes) if the kernel would use some of it, by one more entry: a
 * reserved entry wins over others. Returns the number of entries; if the map is full it is not
 * changed.
 */
u32 memory_map_keep(struct boot_memory *entries, u32 count, u32 capacity, u64 start, u64 bytes);

/* Whether the kernel will use some of [start, end): it is free then, or the loader's. */
bool memory_map_is_ours(const struct boot_memory *entries, u32 count, u64 start, u64 end);

#endif
