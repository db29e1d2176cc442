/* SPDX-License-Identifier: MIT */
/*
 * Which memory is free when the firmware has ended:
 *
 *       |  conventional  | boot data | conv. |  loader  |   conv.   | ACPI |
 *       |<------------- free --------------->|          |<- free -->|
 *                        joined                never
 *
 * A map may be unsorted, of any length, with entries that touch or overlap, that have no pages or
 * an unknown type, or that end beyond 2^64. A byte is free if a free entry has it and no other
 * entry has it.
 */
#include "efi/handoff/memory_map.h"
#include "abi/linux/errno.h"
#include "lib/string.h"
#include "paging/layout.h"

u32 memory_map_convert(struct boot_memory *entries, u32 capacity, const void *map, size_t bytes,
		       size_t stride)
{
	u32 count = 0;

	if (stride < sizeof(struct efi_descriptor))
		return 0;
	for (size_t at = 0; bytes - at >= stride; at += stride) {
		struct efi_descriptor descriptor;

		if (count == capacity)
			return 0;
		memcpy(&descriptor, (const u8 *)map + at, sizeof(descriptor));
		entries[count++] = (struct boot_memory){
			.start = descriptor.start,
			.pages = descriptor.pages,
			.attribute = descriptor.attribute,
			.type = descriptor.type,
		};
	}
	return count;
}

static bool entry_is_free(const struct boot_memory *entry)
{
	if (entry->attribute & (BOOT_ATTRIBUTE_RUNTIME | BOOT_ATTRIBUTE_SPECIFIC))
		return false;
	return entry->type == BOOT_MEMORY_CONVENTIONAL ||
	       entry->type == BOOT_MEMORY_BOOT_SERVICES_CODE ||
	       entry->type == BOOT_MEMORY_BOOT_SERVICES_DATA;
}

static u64 entry_end(const struct boot_memory *entry)
{
	if (entry->pages > (UINT64_MAX - entry->start) / PAGE_SIZE)
		return UINT64_MAX;
	return entry->start + entry->pages * PAGE_SIZE;
}

/*
 * The end of the free bytes that begin at `start`, by the free entries alone; `start` if there are
 * none.
 */
static u64 free_entries_end(const struct boot_memory *entries, u32 count, u64 start, u64 enough)
{
	bool grown = true;
	u64 end = start;

	while (grown && end < enough) {
		grown = false;
		for (u32 i = 0; i < count; i++) {
			if (!entry_is_free(&entries[i]) || entries[i].start > end ||
			    entry_end(&entries[i]) <= end)
				continue;
			end = entry_end(&entries[i]);
			grown = true;
		}
	}
	return end;
}

bool memory_map_is_free(const struct boot_memory *entries, u32 count, u64 start, u64 end)
{
	for (u32 i = 0; i < count; i++) {
		if (entry_is_free(&entries[i]) || entries[i].pages == 0)
			continue;
		if (entries[i].start < end && entry_end(&entries[i]) > start)
			return false;
	}
	return free_entries_end(entries, count, start, end) >= end;
}

bool memory_map_is_ours(const struct boot_memory *entries, u32 count, u64 start, u64 end)
{
	for (u32 i = 0; i < count; i++) {
		bool loader = entries[i].type == BOOT_MEMORY_LOADER_CODE ||
			      entries[i].type == BOOT_MEMORY_LOADER_DATA;

		if ((loader || entry_is_free(&entries[i])) && entries[i].pages &&
		    entries[i].start < end && entry_end(&entries[i]) > start)
			return true;
	}
	return false;
}

u32 memory_map_keep(struct boot_memory *entries, u32 count, u32 capacity, u64 start, u64 bytes)
{
	u64 first = ALIGN_DOWN(start, PAGE_SIZE);

	if (count == capacity || bytes > UINT64_MAX - PAGE_SIZE - start ||
	    !memory_map_is_ours(entries, count, start, start + bytes))
		return count;
	entries[count] = (struct boot_memory){
		.start = first,
		.pages = (start + bytes - first + PAGE_SIZE - 1) / PAGE_SIZE,
		.type = BOOT_MEMORY_ACPI_RECLAIM,
	};
	return count + 1;
}

/*
 * The lowest good place is where free memory begins: at the start of a free entry, or at the end
 * of one that is not free. Memory that begins below `lowest` is tried from `lowest` on.
 */
int memory_map_choose(const struct boot_memory *entries, u32 count, u64 lowest, u64 limit, u64 size,
		      u64 alignment, u64 *place)
{
	u64 best = UINT64_MAX;

	for (u32 i = 0; i < count; i++) {
		u64 at = entry_is_free(&entries[i]) ? entries[i].start : entry_end(&entries[i]);

		at = max(at, lowest);
		if (at > limit)
			continue;
		at = ALIGN_UP(at, alignment);
		if (at >= best || at > limit || size > limit - at)
			continue;
		if (memory_map_is_free(entries, count, at, at + size))
			best = at;
	}
	if (best == UINT64_MAX)
		return -ENOMEM;
	*place = best;
	return 0;
}
