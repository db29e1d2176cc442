/* SPDX-License-Identifier: MIT */
/*
 * The firmware's memory map: into the hand-off's form, and where in it the kernel can live.
 *
 * Pure functions; no firmware, so that they run on a host under sanitizers. Source: UEFI 2.10,
 * section 7.2, EFI_MEMORY_DESCRIPTOR and GetMemoryMap().
 */
#ifndef EFI_MEMORY_MAP_H
#define EFI_MEMORY_MAP_H

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
 * Copies the descriptors of [map, map + bytes), `stride` bytes apart, to `entries`. The order
 * stays, and so do overlaps: to judge the map is the kernel's business. Returns the number of
 * entries, 0 if the stride is too small for a descriptor or if `capacity` entries are too few.
 */
u32 memory_map_convert(struct boot_memory *entries, u32 capacity, const void *map, size_t bytes,
		       size_t stride);

/*
 * Finds the lowest place for `size` bytes, at or above `lowest`, aligned to `alignment` (a power of
 * two), that ends at or below `limit` and is free once the firmware is gone. Returns 0 and *place,
 * or -ENOMEM.
 */
int memory_map_choose(const struct boot_memory *entries, u32 count, u64 lowest, u64 limit, u64 size,
		      u64 alignment, u64 *place);

/* Whether every byte of [start, end) is free once the firmware is gone. */
bool memory_map_is_free(const struct boot_memory *entries, u32 count, u64 start, u64 end);

/*
 * If some of [start, start + bytes) is memory that the kernel would use, adds an entry that keeps it: reserved is what a map says anywhere. Returns the number of
 * entries; without room the map stays as it is.
 */
u32 memory_map_keep(struct boot_memory *entries, u32 count, u32 capacity, u64 start, u64 bytes);

/* Whether some of [start, end) is free then, or the loader's: memory that the kernel will use. */
bool memory_map_is_ours(const struct boot_memory *entries, u32 count, u64 start, u64 end);

#endif
