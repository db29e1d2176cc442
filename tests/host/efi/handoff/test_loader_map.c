/* SPDX-License-Identifier: MIT */
/*
 * The loader's view of the firmware's memory map: conversion at any stride, and the choice of a
 * place for the kernel, compared with a map painted page by page.
 *
 * sources: efi/handoff/memory_map.c
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "efi/handoff/memory_map.h"

#define RUNTIME (1ull << 63)

static int number, failed;

static void ok(bool good, const char *name)
{
	printf("%s %d - %s\n", good ? "ok" : "not ok", ++number, name);
	failed += !good;
}

static void test_convert(u32 count, u32 stride, const char *name)
{
	u8 *map = malloc(count * stride);
	struct boot_memory *entries = malloc(count * sizeof(*entries));
	bool same = true;

	memset(map, 0xee, count * stride);
	for (u32 i = 0; i < count; i++) {
		struct efi_descriptor descriptor = { .type = i % 15,
						     .start = (u64)(count - i) << 32,
						     .virtual_start = 1,
						     .pages = i + 1,
						     .attribute = RUNTIME | i };

		memcpy(map + i * stride, &descriptor, sizeof(descriptor));
	}
	same = memory_map_convert(entries, count, map, count * stride, stride) == count;
	for (u32 i = 0; same && i < count; i++)
		same = entries[i].type == i % 15 && entries[i].start == (u64)(count - i) << 32 &&
		       entries[i].pages == i + 1 && entries[i].attribute == (RUNTIME | i);
	ok(same, name);
	ok(memory_map_convert(entries, count - 1, map, count * stride, stride) == 0,
	   "  and one entry too few of room is an error");
	free(entries);
	free(map);
}

static void expect(const struct boot_memory *entries, u32 count, u64 size, u64 place,
		   const char *name)
{
	u64 found = 0;
	int error = memory_map_choose(entries, count, 0x100000, 0x38000000, size, 0x10000, &found);

	ok(place ? error == 0 && found == place : error != 0, name);
	if (place && found != place)
		printf("# got %#llx\n", found);
}

#define ENTRY(first, last, kind)                                                                 \
	{                                                                                        \
		.start = (first), .pages = ((last) - (first)) / 4096, .type = BOOT_MEMORY_##kind \
	}

static void test_choose(void)
{
	struct boot_memory home[] = { ENTRY(0x100000, 0x800000, CONVENTIONAL) };
	struct boot_memory joined[] = { ENTRY(0x180000, 0x200000, BOOT_SERVICES_DATA),
					ENTRY(0, 0xa0000, CONVENTIONAL),
					ENTRY(0x140000, 0x180000, BOOT_SERVICES_CODE),
					ENTRY(0x100000, 0x140000, CONVENTIONAL) };
	struct boot_memory taken[] = { ENTRY(0x300000, 0x900000, CONVENTIONAL),
				       ENTRY(0x101000, 0x123000, LOADER_DATA),
				       ENTRY(0x123000, 0x280000, CONVENTIONAL),
				       ENTRY(0x100000, 0x101000, CONVENTIONAL) };
	struct boot_memory overlap[] = { ENTRY(0x100000, 0x800000, CONVENTIONAL),
					 ENTRY(0x110000, 0x1f1000, ACPI_NVS) };
	struct boot_memory high[] = { ENTRY(0x38000000, 0x80000000, CONVENTIONAL) };
	struct boot_memory crossing[] = { ENTRY(0x37f80000, 0x80000000, CONVENTIONAL) };
	struct boot_memory hole[] = { ENTRY(0x100000, 0x180000, CONVENTIONAL),
				      ENTRY(0x181000, 0x400000, CONVENTIONAL) };
	struct boot_memory runtime[] = { ENTRY(0x100000, 0x800000, CONVENTIONAL),
					 ENTRY(0x900000, 0xc00000, CONVENTIONAL) };
	struct boot_memory endless[] = {
		{ .start = 0x200000, .pages = ~0ull, .type = BOOT_MEMORY_CONVENTIONAL },
		{ .start = ~0ull - 4095, .pages = 9, .type = BOOT_MEMORY_MMIO }
	};
	struct boot_memory nothing[] = {
		{ .start = 0x180000, .pages = 0, .type = BOOT_MEMORY_MMIO },
		ENTRY(0x100000, 0x800000, CONVENTIONAL)
	};

	runtime[0].attribute = RUNTIME;
	expect(home, 1, 0x100000, 0x100000, "1 MiB where it is free");
	expect(home, 1, 0x700000, 0x100000, "a kernel as large as the range");
	expect(home, 1, 0x701000, 0, "a page larger than the range");
	expect(joined, 4, 0x100000, 0x100000, "entries that touch are joined, in any order");
	expect(taken, 4, 0x100000, 0x130000, "the lowest 64 KiB after what is taken");
	expect(taken, 4, 0x150000, 0x130000, "up to the hole");
	expect(taken, 4, 0x151000, 0x300000, "the next range if that one is too small");
	expect(overlap, 2, 0x100000, 0x200000, "an overlapping entry that is not free forbids");
	expect(high, 1, 0x1000, 0, "nothing at or above the limit");
	expect(crossing, 1, 0x80000, 0x37f80000, "up to the limit");
	expect(crossing, 1, 0x81000, 0, "not across the limit");
	expect(hole, 2, 0x100000, 0x190000, "memory that no entry names is not free");
	expect(runtime, 2, 0x100000, 0x900000, "memory with the runtime attribute is not free");
	expect(endless, 2, 0x100000, 0x200000, "an entry that ends beyond 2^64");
	expect(nothing, 2, 0x100000, 0x100000, "an entry of no pages forbids nothing");
	expect(NULL, 0, 0x1000, 0, "an empty map");
}

/* Memory that the kernel will write to: free memory and the loader's. */
static void test_ours(void)
{
	static const struct boot_memory map[] = {
		{ .start = 0x100000, .pages = 16, .type = BOOT_MEMORY_BOOT_SERVICES_DATA },
		{ .start = 0x110000, .pages = 16, .type = BOOT_MEMORY_RESERVED },
		{ .start = 0x120000, .pages = 16, .type = BOOT_MEMORY_LOADER_DATA },
		{ .start = 0x130000, .pages = 0, .type = BOOT_MEMORY_CONVENTIONAL },
		{ .start = 0x140000, .pages = 1, .type = BOOT_MEMORY_MMIO },
	};

	ok(memory_map_is_ours(map, 5, 0x10f000, 0x111000), "the last page of free memory is ours");
	ok(!memory_map_is_ours(map, 5, 0x110000, 0x120000), "reserved memory is not");
	ok(memory_map_is_ours(map, 5, 0x110000, 0x120001), "the loader's is");
	ok(!memory_map_is_ours(map, 5, 0x130000, 0x200000), "an entry of no pages, registers");
}

/* An ACPI table in memory marked as free is reserved; one in reserved memory needs nothing. */
static void test_keep(void)
{
	struct boot_memory map[3] = {
		{ .start = 0x100000, .pages = 256, .type = BOOT_MEMORY_BOOT_SERVICES_DATA },
		{ .start = 0x200000, .pages = 16, .type = BOOT_MEMORY_ACPI_RECLAIM },
	};
	u64 place;

	ok(memory_map_keep(map, 2, 3, 0x200010, 0x100) == 2, "a table in ACPI's memory");
	ok(memory_map_keep(map, 2, 2, 0x100010, 0x100) == 2, "no room in the map");
	ok(memory_map_keep(map, 2, 3, 0x100ff0, 0x20) == 3 && map[2].start == 0x100000 &&
		   map[2].pages == 2,
	   "a table across two pages of free memory");
	ok(memory_map_choose(map, 3, 0x100000, 0x38000000, 0x1000, 0x1000, &place) == 0 &&
		   place == 0x102000,
	   "the kernel does not go there");
	ok(memory_map_keep(map, 2, 3, UINT64_MAX - 10, 0x100) == 2, "a table that wraps around");
}

/* The first and the last byte of entries, and beside them. */
static void test_edges(void)
{
	struct boot_memory code[4] = {
		{ .start = 0x100000, .pages = 1, .type = BOOT_MEMORY_LOADER_CODE },
		{ .start = 0x200000, .pages = 16, .type = BOOT_MEMORY_CONVENTIONAL },
	};
	static const struct boot_memory last[] = {
		{ .start = 0x1000, .pages = 0xfffffffffffffull, .type = BOOT_MEMORY_CONVENTIONAL },
	};

	ok(memory_map_is_ours(code, 2, 0x100fff, 0x101000) &&
		   !memory_map_is_ours(code, 2, 0x101000, 0x102000),
	   "the last byte of the loader's code is ours, the next one not");
	ok(memory_map_is_ours(code, 2, 0xff000, 0x100001) &&
		   !memory_map_is_ours(code, 2, 0xff000, 0x100000),
	   "so is the first byte, and not the one before");
	ok(memory_map_is_free(code, 2, 0x200000, 0x210000) &&
		   !memory_map_is_free(code, 2, 0x200000, 0x210001) &&
		   !memory_map_is_free(code, 2, 0x1fffff, 0x210000),
	   "an entry is free as a whole, and not a byte more");
	ok(!memory_map_is_free(code, 2, 0x100000, 0x101000), "the loader's code is not free");
	ok(memory_map_is_free(last, 1, 0x2000, ~0ull), "memory up to the last byte");
	ok(memory_map_keep(code, 2, 4, 0x200000, 4096) == 3 && code[2].pages == 1 &&
		   code[2].start == 0x200000 && code[2].type == BOOT_MEMORY_ACPI_RECLAIM,
	   "a table of a whole page");
	ok(memory_map_keep(code, 2, 4, 0x200000, 4097) == 3 && code[2].pages == 2,
	   "and of a byte more");
	ok(memory_map_keep(code, 2, 3, 0x20f000, UINT64_MAX - 4096 - 0x20f000) == 3,
	   "a table as large as there can be");
	ok(memory_map_keep(code, 2, 3, 0x20f000, UINT64_MAX - 4095 - 0x20f000) == 2,
	   "a table that is larger");
	ok(memory_map_keep(code, 2, 3, 0x210000, 16) == 2, "a table behind free memory");
}

enum { PAGES = 512, FREE = 1, USED = 2 };

/* The lowest suitable page, found by trying all of them; PAGES if there is none. */
static u32 slow_choice(const u8 *paint, u32 size, u32 alignment)
{
	for (u32 at = 0; at + size <= PAGES; at += alignment) {
		u32 good = 0;

		while (good < size && paint[at + good] == FREE)
			good++;
		if (good == size)
			return at;
	}
	return PAGES;
}

static void test_random_maps(void)
{
	u32 wrong = 0, found = 0;

	srand(1);
	for (u32 round = 0; round < 20000; round++) {
		struct boot_memory entries[24];
		u32 count = 1 + rand() % 24, size = 1 + rand() % 100, place;
		u8 paint[PAGES] = { 0 };
		u64 answer;

		for (u32 i = 0; i < count; i++) {
			u32 start = rand() % PAGES, pages = rand() % (PAGES - start);
			bool is_free = rand() % 4 != 0;

			entries[i] =
				(struct boot_memory){ .start = start * 4096ull, .pages = pages };
			entries[i].type = is_free ? BOOT_MEMORY_CONVENTIONAL : BOOT_MEMORY_RESERVED;
			for (u32 page = start; page < start + pages; page++)
				paint[page] |= is_free ? FREE : USED;
		}
		place = slow_choice(paint, size, 16);
		if (memory_map_choose(entries, count, 0, PAGES * 4096, size * 4096, 0x10000,
				      &answer) != 0)
			answer = PAGES * 4096;
		wrong += answer != place * 4096ull;
		found += place != PAGES;
	}
	ok(wrong == 0, "20000 random maps: the choice is the one that painting finds");
	ok(found > 2000 && found < 18000, "  some with and some without a place");
	printf("# %u with a place\n", found);
}

int main(void)
{
	struct boot_memory entries[1];
	u8 map[40] = { 0 };

	printf("1..45\n");
	test_convert(700, 48, "700 descriptors of 48 bytes");
	test_convert(20, 40, "20 descriptors of 40 bytes");
	test_convert(3, 41, "3 descriptors of 41 bytes, at odd addresses");
	ok(memory_map_convert(entries, 1, map, 39, 39) == 0,
	   "a stride below a descriptor is an error");
	ok(memory_map_convert(entries, 1, map, 39, 40) == 0,
	   "a map shorter than a descriptor is empty");
	test_choose();
	test_ours();
	test_keep();
	test_edges();
	test_random_maps();
	return failed != 0;
}
