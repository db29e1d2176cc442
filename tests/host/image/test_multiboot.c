/* SPDX-License-Identifier: MIT */
/*
 * The direct loader's reading of Multiboot: maps, whole and damaged, the command line, and ACPI's
 * root pointer.
 *
 * sources: image/direct/multiboot.c
 */
#include <string.h>

#include "image/direct/multiboot.h"
#include "tests/host/tap.h"

#define ENTRY_BYTES 20u /* without the size */

static u32 words[64];
static size_t used; /* bytes */
static struct boot_memory entries[8];

/* Appends an entry; `more`: bytes after it, which a longer entry has. */
static void add(u64 start, u64 length, u32 type, u32 more)
{
	u32 *entry = words + used / 4;

	entry[0] = ENTRY_BYTES + more;
	entry[1] = (u32)start;
	entry[2] = (u32)(start >> 32);
	entry[3] = (u32)length;
	entry[4] = (u32)(length >> 32);
	entry[5] = type;
	used += 4 + ENTRY_BYTES + more;
}

static void begin(void)
{
	memset(words, 0x55, sizeof(words));
	memset(entries, 0, sizeof(entries));
	used = 0;
}

static void expect_entry(u32 index, u64 start, u64 end, u32 type)
{
	const struct boot_memory *entry = &entries[index];

	EXPECT_EQ(entry->start, start);
	EXPECT_EQ(entry->start + entry->pages * 4096, end);
	EXPECT_EQ(entry->type, type);
	EXPECT_EQ(entry->attribute,
		  type == BOOT_MEMORY_CONVENTIONAL || type == BOOT_MEMORY_LOADER_DATA
			  ? BOOT_ATTRIBUTE_WRITE_BACK
			  : 0);
}

static void whole_map(void)
{
	begin();
	add(0, 0x9fc00, 1, 0);
	add(0x9fc00, 0x400, 2, 4);
	add(0x100000, 0x7ee0000, 1, 0);
	add(0x7fe0000, 0x20000, 3, 0);
	add(0x8000000, 0x1000, 4, 0);
	add(0x8001000, 0x1000, 5, 0);
	add(GiB(4), GiB(2), 1, 0);
	add(GiB(8), GiB(1), 77, 0);
	EXPECT_EQ(multiboot_map(entries, 8, words, used), 8);
	expect_entry(0, 0, 0x9f000, BOOT_MEMORY_CONVENTIONAL);
	expect_entry(1, 0x9f000, 0xa0000, BOOT_MEMORY_RESERVED);
	expect_entry(2, 0x100000, 0x7fe0000, BOOT_MEMORY_CONVENTIONAL);
	expect_entry(3, 0x7fe0000, 0x8000000, BOOT_MEMORY_ACPI_RECLAIM);
	expect_entry(4, 0x8000000, 0x8001000, BOOT_MEMORY_ACPI_NVS);
	expect_entry(5, 0x8001000, 0x8002000, BOOT_MEMORY_UNUSABLE);
	expect_entry(6, GiB(4), GiB(6), BOOT_MEMORY_CONVENTIONAL);
	expect_entry(7, GiB(8), GiB(9), BOOT_MEMORY_RESERVED);
	EXPECT_EQ(multiboot_map(entries, 7, words, used), 0);
}

static void extremes(void)
{
	const u64 last = UINT64_MAX - 4095;

	begin();
	add(0x1001, 0x1ffe, 1, 0);
	add(0x5000, 0, 1, 0);
	add(0x7fff, 2, 2, 0);
	add(last - 0x1000, UINT64_MAX, 1, 0);
	add(UINT64_MAX, UINT64_MAX, 1, 0);
	add(UINT64_MAX, UINT64_MAX, 2, 0);
	EXPECT_EQ(multiboot_map(entries, 8, words, used), 6);
	EXPECT_EQ(entries[0].pages, 0);
	EXPECT_EQ(entries[1].pages, 0);
	expect_entry(2, 0x7000, 0x9000, BOOT_MEMORY_RESERVED);
	expect_entry(3, last - 0x1000, last, BOOT_MEMORY_CONVENTIONAL);
	EXPECT_EQ(entries[4].pages, 0);
	EXPECT_EQ(entries[5].pages, 0);
}

static void damaged_map(void)
{
	begin();
	EXPECT_EQ(multiboot_map(entries, 8, words, 0), 0);
	add(0, 0x9fc00, 1, 0);
	add(0x100000, 0x7ee0000, 1, 0);
	for (size_t bytes = 1; bytes < used; bytes++)
		EXPECT_EQ(multiboot_map(entries, 8, words, bytes),
			  bytes == 4 + ENTRY_BYTES ? 1 : 0);
	words[0] = ENTRY_BYTES - 1;
	EXPECT_EQ(multiboot_map(entries, 8, words, used), 0);
	words[0] = UINT32_MAX;
	EXPECT_EQ(multiboot_map(entries, 8, words, used), 0);
}

static void loader_memory(void)
{
	u32 count;

	begin();
	add(0x9000, 0x1000, 2, 0);
	add(0x100000, 0x900000, 1, 0);
	count = multiboot_map(entries, 8, words, used);
	multiboot_keep(entries, &count, 0x800000, 0x812000);
	EXPECT_EQ(count, 4);
	expect_entry(1, 0x100000, 0x800000, BOOT_MEMORY_CONVENTIONAL);
	expect_entry(2, 0x812000, 0xa00000, BOOT_MEMORY_CONVENTIONAL);
	expect_entry(3, 0x800000, 0x812000, BOOT_MEMORY_LOADER_DATA);
	/* To the end of an entry. */
	multiboot_keep(entries, &count, 0x813010, 0x9fffff);
	EXPECT_EQ(count, 5);
	expect_entry(2, 0x812000, 0x813000, BOOT_MEMORY_CONVENTIONAL);
	expect_entry(4, 0x813000, 0xa00000, BOOT_MEMORY_LOADER_DATA);
	/* No free entry has all of it. */
	multiboot_keep(entries, &count, 0x9000, 0xb000);
	EXPECT_EQ(count, 6);
	expect_entry(0, 0x9000, 0xa000, BOOT_MEMORY_RESERVED);
	expect_entry(5, 0x9000, 0xb000, BOOT_MEMORY_LOADER_DATA);
}

static void command_line(void)
{
	EXPECT(!strcmp(multiboot_options(""), ""));
	EXPECT(!strcmp(multiboot_options("build/direct.elf"), ""));
	EXPECT(!strcmp(multiboot_options("a=b/direct.elf exit=qemu mem=64M"),
		       " exit=qemu mem=64M"));
}

static void root_pointer(void)
{
	u8 memory[64] = { 0 };
	const u32 at = 32;

	EXPECT_EQ(multiboot_find_rsdp(memory, sizeof(memory)), -1);
	memcpy(memory + at, "RSD PTR ", 8);
	EXPECT_EQ(multiboot_find_rsdp(memory, sizeof(memory)), -1);
	for (u32 i = 0; i < 8; i++)
		memory[at + 8] -= memory[at + i];
	EXPECT_EQ(multiboot_find_rsdp(memory, sizeof(memory)), at);
	/* It is 20 bytes long. */
	EXPECT_EQ(multiboot_find_rsdp(memory, at + 20), at);
	EXPECT_EQ(multiboot_find_rsdp(memory, at + 19), -1);
	/* Only at multiples of 16. */
	EXPECT_EQ(multiboot_find_rsdp(memory + 8, sizeof(memory) - 8), -1);
}

TAP_MAIN({ "a whole map", whole_map }, { "entries at the ends of addresses", extremes },
	 { "damaged maps", damaged_map }, { "memory of the loader", loader_memory },
	 { "the command line", command_line }, { "ACPI's root pointer", root_pointer })
