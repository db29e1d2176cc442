/* SPDX-License-Identifier: MIT */
/*
 * What a Multiboot loader passes, and how it becomes the hand-off of abi/boot/boot_info.h.
 *
 * Pure functions over buffers, so that they run on a host under sanitizers. Source: Multiboot
 * Specification 0.6.96, section 3.3.
 */
#ifndef IMAGE_DIRECT_MULTIBOOT_H
#define IMAGE_DIRECT_MULTIBOOT_H

#include "abi/boot/boot_info.h"
#include "lib/types.h"

#define MULTIBOOT_MAGIC 0x2badb002u /* in EAX at the start */

/* Bits of multiboot_info.flags: which fields are valid. */
#define MULTIBOOT_COMMAND_LINE 0x4u
#define MULTIBOOT_MODULES      0x8u
#define MULTIBOOT_MAP	       0x40u
#define MULTIBOOT_NAME	       0x200u

/* Addresses are physical, below 4 GiB. */
struct multiboot_info {
	u32 flags;
	u32 mem_lower, mem_upper;
	u32 boot_device;
	u32 command_line; /* text that ends in NUL */
	u32 module_count;
	u32 modules; /* struct multiboot_module[] */
	u32 symbols[4];
	u32 map_bytes;
	u32 map; /* entries of E820, each preceded by its size */
	u32 drive_bytes, drives;
	u32 config_table;
	u32 loader_name; /* text that ends in NUL */
};

struct multiboot_module {
	u32 start, end; /* the file is [start, end) */
	u32 text;
	u32 padding;
};

/*
 * Converts `bytes` bytes of entries of E820 to at most `capacity` entries: free memory is cut to
 * whole pages, other memory widened, and an end beyond 2^64 is cut. Returns the number of entries;
 * 0 if they do not fit, or an entry is cut off.
 */
u32 multiboot_map(struct boot_memory *entries, u32 capacity, const void *map, size_t bytes);

/*
 * Makes [start, end), in whole pages, memory of the loader, and cuts it out of the free entry that
 * has it. There is space for two more entries.
 */
void multiboot_keep(struct boot_memory *entries, u32 *count, u64 start, u64 end);

/* The options of a command line: what follows its first word, the name of the loader. */
const char *multiboot_options(const char *command_line);

/* The offset of ACPI's root pointer in a part of the BIOS's memory; -1: it is not there. */
int multiboot_find_rsdp(const u8 *memory, u32 bytes);

#endif
