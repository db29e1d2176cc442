/* SPDX-License-Identifier: MIT */
/*
 * From EFI memory types to those of mm/: every type, the attributes, and impossible maps.
 *
 * sources: kernel/start/firmware_map.c
 */
#include <string.h>

#include "kernel/start/firmware_map.h"
#include "abi/linux/errno.h"
#include "tests/host/console.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

#define MAP_PLACE 0x200000u /* physical */

static struct memmap map;
static struct boot_info info;

static struct boot_memory *entries(void)
{
	return machine_ram(MAP_PLACE);
}

static void start(u32 count)
{
	info = (struct boot_info){
		.memory_map = MAP_PLACE,
		.memory_map_count = count,
		.memory_map_stride = sizeof(struct boot_memory),
	};
	memset(entries(), 0, count * sizeof(struct boot_memory));
	map.count = 77;
}

static void types(void)
{
	static const struct {
		u32 type;
		enum mem_type expected;
	} cases[] = {
		{ BOOT_MEMORY_CONVENTIONAL, MEM_USABLE },
		{ BOOT_MEMORY_BOOT_SERVICES_CODE, MEM_USABLE },
		{ BOOT_MEMORY_BOOT_SERVICES_DATA, MEM_USABLE },
		{ BOOT_MEMORY_LOADER_CODE, MEM_LOADER },
		{ BOOT_MEMORY_LOADER_DATA, MEM_LOADER },
		{ BOOT_MEMORY_ACPI_RECLAIM, MEM_ACPI_RECLAIM },
		{ BOOT_MEMORY_ACPI_NVS, MEM_ACPI_NVS },
		{ BOOT_MEMORY_RUNTIME_SERVICES_CODE, MEM_RUNTIME },
		{ BOOT_MEMORY_RUNTIME_SERVICES_DATA, MEM_RUNTIME },
		{ BOOT_MEMORY_UNUSABLE, MEM_UNUSABLE },
		{ 0, MEM_RESERVED },
		{ 11, MEM_RESERVED }, /* memory-mapped I/O */
		{ 14, MEM_RESERVED }, /* persistent memory */
		{ 15, MEM_RESERVED },
		{ 0x80000000, MEM_RESERVED },
		{ 0xffffffff, MEM_RESERVED },
	};

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++)
		EXPECT_EQ(firmware_mem_type(cases[i].type, 0xf), cases[i].expected);
	/* Memory for a special purpose is left alone. */
	EXPECT_EQ(firmware_mem_type(BOOT_MEMORY_CONVENTIONAL, 0x40008), MEM_RESERVED);
	/* So is memory that cannot be write-back; the firmware's own types stay as they are. */
	EXPECT_EQ(firmware_mem_type(BOOT_MEMORY_CONVENTIONAL, 0x7), MEM_RESERVED);
	EXPECT_EQ(firmware_mem_type(BOOT_MEMORY_BOOT_SERVICES_DATA, 0x1), MEM_RESERVED);
	EXPECT_EQ(firmware_mem_type(BOOT_MEMORY_LOADER_DATA, 0), MEM_RESERVED);
	EXPECT_EQ(firmware_mem_type(BOOT_MEMORY_ACPI_NVS, 0), MEM_ACPI_NVS);
	EXPECT_EQ(firmware_mem_type(BOOT_MEMORY_RUNTIME_SERVICES_DATA, 1ull << 63), MEM_RUNTIME);
}

/* With attributes in a map, a range without the bit is reserved. Without any, the types decide. */
static void write_back(void)
{
	for (u32 told = 0; told < 2; told++) {
		start(2);
		entries()[0] = (struct boot_memory){ .type = BOOT_MEMORY_CONVENTIONAL,
						     .start = MiB(1),
						     .pages = 256,
						     .attribute = told ? 0xf : 0 };
		entries()[1] = (struct boot_memory){ .type = BOOT_MEMORY_CONVENTIONAL,
						     .start = MiB(2),
						     .pages = 256,
						     .attribute = told ? 0x1 : 0 };
		EXPECT_EQ(firmware_map_read(&info, &map), 0);
		EXPECT_EQ(memmap_total(&map, MEM_USABLE, GiB(4)), told ? MiB(1) : MiB(2));
		EXPECT_EQ(memmap_total(&map, MEM_RESERVED, GiB(4)), told ? MiB(1) : 0);
	}
}

static void sound_map(void)
{
	start(3);
	entries()[0] = (struct boot_memory){ .type = BOOT_MEMORY_CONVENTIONAL,
					     .start = MiB(1),
					     .pages = 256 };
	entries()[1] =
		(struct boot_memory){ .type = BOOT_MEMORY_LOADER_DATA, .start = 0, .pages = 16 };
	entries()[2] = (struct boot_memory){ .type = BOOT_MEMORY_CONVENTIONAL,
					     .start = GiB(5),
					     .pages = ~0ull };
	EXPECT_EQ(firmware_map_read(&info, &map), 0);
	EXPECT_VALID(memmap_validate(&map));
	EXPECT_EQ(map.count, 3);
	EXPECT(map.range[0].type == MEM_LOADER && map.range[0].end == 0x10000);
	EXPECT(map.range[1].start == MiB(1) && map.range[1].end == MiB(2));
	EXPECT_EQ(map.range[2].end, ~0ull - 4095);
}

static void no_map(void)
{
	start(1);
	info.memory_map_stride++;
	EXPECT_EQ(firmware_map_read(&info, &map), -EINVAL);
	start(1);
	info.memory_map = ~0ull - 16;
	EXPECT(firmware_map_read(&info, &map) == -EINVAL);
	start(1);
	info.memory_map = 0xfffff000;
	EXPECT_EQ(firmware_map_read(&info, &map), -EINVAL);
	EXPECT(strstr(console_text(), "memmap: error: "));
}

static void too_many_entries(void)
{
	start(MEMMAP_RAW_MAX + 1);
	for (u32 i = 0; i <= MEMMAP_RAW_MAX; i++)
		entries()[i] = (struct boot_memory){ .type = BOOT_MEMORY_CONVENTIONAL,
						     .start = (u64)i * 0x2000,
						     .pages = 1 };
	EXPECT_EQ(firmware_map_read(&info, &map), -E2BIG);
	EXPECT(strstr(console_text(), "memmap: error: entries=1025"));
	start(MEMMAP_RAW_MAX);
	EXPECT_EQ(firmware_map_read(&info, &map), 0);
	EXPECT_EQ(map.count, 0);
}

TAP_MAIN({ "types", types }, { "write back", write_back }, { "a sound map", sound_map },
	 { "no map of ours", no_map }, { "too many entries", too_many_entries })
