/* SPDX-License-Identifier: MIT */
#include "image/direct/multiboot.h"
#include "lib/string.h"
#include "paging/layout.h"

/* The types of an E820 entry. Source: ACPI 6.5, table 15.4. Others are reserved. */
enum e820_type { E820_MEMORY = 1, E820_ACPI_RECLAIM = 3, E820_NVS = 4, E820_UNUSABLE = 5 };

/* An entry of the map. `bytes` counts what follows it. */
struct e820_entry {
	u32 bytes;
	u32 start[2];
	u32 length[2];
	u32 type;
};

#define E820_BYTES_MIN (sizeof(struct e820_entry) - sizeof(u32))

#define RSDP_ALIGNMENT 16u
#define RSDP_SUMMED    20u /* bytes, from ACPI 1.0 on */

static u32 boot_type(u32 type)
{
	switch (type) {
	case E820_MEMORY:
		return BOOT_MEMORY_CONVENTIONAL;
	case E820_ACPI_RECLAIM:
		return BOOT_MEMORY_ACPI_RECLAIM;
	case E820_NVS:
		return BOOT_MEMORY_ACPI_NVS;
	case E820_UNUSABLE:
		return BOOT_MEMORY_UNUSABLE;
	default:
		return BOOT_MEMORY_RESERVED;
	}
}

static u64 wide(const u32 halves[2])
{
	return halves[0] | (u64)halves[1] << 32;
}

static struct boot_memory convert(const struct e820_entry *entry)
{
	u64 start = wide(entry->start), length = wide(entry->length);
	/* So that rounding up does not wrap. */
	u64 end = min(start + min(length, UINT64_MAX - start), UINT64_MAX - PAGE_SIZE + 1);
	bool free = entry->type == E820_MEMORY;

	start = free ? ALIGN_UP(min(start, end), PAGE_SIZE) : ALIGN_DOWN(start, PAGE_SIZE);
	end = free ? ALIGN_DOWN(end, PAGE_SIZE) : ALIGN_UP(end, PAGE_SIZE);
	return (struct boot_memory){
		.start = start,
		.pages = end > start ? (end - start) / PAGE_SIZE : 0,
		.attribute = free ? BOOT_ATTRIBUTE_WRITE_BACK : 0,
		.type = boot_type(entry->type),
	};
}

static u64 entry_end(const struct boot_memory *entry)
{
	return entry->start + entry->pages * PAGE_SIZE;
}

u32 multiboot_map(struct boot_memory *entries, u32 capacity, const void *map, size_t bytes)
{
	u32 count = 0;

	for (size_t at = 0; at < bytes; count++) {
		struct e820_entry entry;

		if (count == capacity || bytes - at < sizeof(entry))
			return 0;
		memcpy(&entry, (const u8 *)map + at, sizeof(entry));
		if (entry.bytes < E820_BYTES_MIN || entry.bytes > bytes - at - sizeof(u32))
			return 0;
		entries[count] = convert(&entry);
		at += sizeof(u32) + entry.bytes;
	}
	return count;
}

static void append(struct boot_memory *entries, u32 *count, u64 start, u64 end, u32 type)
{
	entries[(*count)++] = (struct boot_memory){
		.start = start,
		.pages = (end - start) / PAGE_SIZE,
		.attribute = BOOT_ATTRIBUTE_WRITE_BACK,
		.type = type,
	};
}

void multiboot_keep(struct boot_memory *entries, u32 *count, u64 start, u64 end)
{
	u32 i = 0;

	start = ALIGN_DOWN(start, PAGE_SIZE);
	end = ALIGN_UP(end, PAGE_SIZE);
	while (i < *count && (entries[i].type != BOOT_MEMORY_CONVENTIONAL ||
			      entries[i].start > start || entry_end(&entries[i]) < end))
		i++;
	/* Without such an entry they overlap: the kernel takes the safer type. */
	if (i < *count) {
		if (entry_end(&entries[i]) > end)
			append(entries, count, end, entry_end(&entries[i]),
			       BOOT_MEMORY_CONVENTIONAL);
		entries[i].pages = (start - entries[i].start) / PAGE_SIZE;
	}
	append(entries, count, start, end, BOOT_MEMORY_LOADER_DATA);
}

const char *multiboot_options(const char *command_line)
{
	while (*command_line && *command_line != ' ')
		command_line++;
	return command_line;
}

int multiboot_find_rsdp(const u8 *memory, u32 bytes)
{
	for (u32 at = 0; at + RSDP_SUMMED <= bytes; at += RSDP_ALIGNMENT) {
		u8 sum = 0;

		for (u32 i = 0; i < RSDP_SUMMED; i++)
			sum += memory[at + i];
		if (sum == 0 && memcmp(memory + at, "RSD PTR ", 8) == 0)
			return (int)at;
	}
	return -1;
}
