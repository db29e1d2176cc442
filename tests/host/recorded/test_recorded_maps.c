/* SPDX-License-Identifier: MIT */
/*
 * Memory maps of real machines (maps.c). The expected page counts are Linux's, from its
 * boot on the same machine with the same map.
 *
 * sources: kernel/start/firmware_map.c efi/handoff/memory_map.c
 */
#include "efi/handoff/memory_map.h"
#include "kernel/start/firmware_map.h"
#include "tests/host/machine.h"
#include "tests/host/recorded/machines.h"
#include "tests/host/tap.h"

static const struct recorded_machine *machine;
static struct memmap map;

/* Linux's numbers for E820's types; 20 is its memory of runtime services. */
static enum mem_type e820_type(u32 type)
{
	static const enum mem_type types[] = {
		0, MEM_USABLE, MEM_RESERVED, MEM_ACPI_RECLAIM, MEM_ACPI_NVS, MEM_UNUSABLE
	};

	return type == 20 ? MEM_RUNTIME : types[type];
}

static bool is_usable(u64 address)
{
	for (u32 i = 0; i < map.count; i++)
		if (map.range[i].type == MEM_USABLE && map.range[i].start <= address &&
		    address < map.range[i].end)
			return true;
	return false;
}

/* In the recorded order, then in the opposite one, with every range twice. */
static void read_e820(bool opposite)
{
	map.count = 0;
	for (u32 i = 0; i < machine->e820_count * (1 + opposite); i++) {
		u32 place = i % machine->e820_count;
		const struct recorded_range *range =
			&machine->e820[opposite ? machine->e820_count - 1 - place : place];

		EXPECT_EQ(memmap_add(&map, range->start, range->end - range->start,
				     e820_type(range->type)),
			  0);
	}
	memmap_sanitise(&map);
}

static void maps(void)
{
	u32 found = 0;

	for (u32 i = 0; i < recorded_machine_count; i++) {
		machine = &recorded_machines[i];
		if (!machine->e820_count)
			continue;
		for (u32 opposite = 0; opposite < 2; opposite++) {
			read_e820(opposite);
			EXPECT_VALID(memmap_validate(&map));
			EXPECT_EQ(memmap_total(&map, MEM_USABLE, ~0ull),
				  (machine->linux_pages + 1) * 4096);
			/* Ranges that are not memory, and the tables. */
			EXPECT(!is_usable(machine->hpet.address));
			for (u32 k = 0; k < 4 && machine->madt.io_apic[k]; k++)
				EXPECT(!is_usable(machine->madt.io_apic[k]));
			EXPECT(!machine->fadt.length || !is_usable(machine->fadt.dsdt));
		}
		found++;
	}
	EXPECT_EQ(found, 5);
}

/* A server of 12 TiB: Linux's usable ranges and ours are the same bytes. */
static void superdome(void)
{
	struct boot_info info = { .memory_map = 0x200000,
				  .memory_map_stride = sizeof(struct boot_memory) };
	struct boot_memory *entries = machine_ram(info.memory_map);
	struct efi_descriptor raw[80] = { 0 };
	u64 usable = 0, place;

	for (u32 i = 0; i < recorded_superdome_count; i++)
		raw[i] = (struct efi_descriptor){
			.type = recorded_superdome[i].type,
			.start = recorded_superdome[i].start,
			.pages = (recorded_superdome[i].end - recorded_superdome[i].start) / 4096,
			.attribute = recorded_superdome[i].attribute,
		};
	info.memory_map_count = memory_map_convert(
		entries, 80, raw, recorded_superdome_count * sizeof(raw[0]), sizeof(raw[0]));
	EXPECT_EQ(info.memory_map_count, 70);
	EXPECT_EQ(firmware_map_read(&info, &map), 0);
	EXPECT_VALID(memmap_validate(&map));
	for (u32 i = 0; i < recorded_superdome_usable_count; i++)
		usable += recorded_superdome_usable[i].end - recorded_superdome_usable[i].start;
	EXPECT_EQ(memmap_total(&map, MEM_USABLE, ~0ull) + memmap_total(&map, MEM_LOADER, ~0ull),
		  usable);
	/* Loader data from 1 MiB to 9 MiB: the kernel goes after it. */
	EXPECT_EQ(memory_map_choose(entries, 70, MiB(1), MiB(896), MiB(16), MiB(1), &place), 0);
	EXPECT_EQ(place, MiB(9));
	EXPECT(!memory_map_is_free(entries, 70, 0x8d000, 0x8f000));
}

TAP_MAIN({ "maps of memory", maps }, { "a UEFI map of 12 TiB", superdome })
