/* SPDX-License-Identifier: MIT */
#include "kernel/start/firmware_map.h"
#include "abi/linux/errno.h"
#include "lib/assert.h"
#include "lib/printk.h"
#include "paging/layout.h"

enum mem_type firmware_mem_type(u32 boot_memory_type, u64 attribute)
{
	if (attribute & BOOT_ATTRIBUTE_RUNTIME && boot_memory_type <= BOOT_MEMORY_CONVENTIONAL)
		return MEM_RUNTIME;
	if (!(attribute & BOOT_ATTRIBUTE_WRITE_BACK) &&
	    boot_memory_type <= BOOT_MEMORY_CONVENTIONAL)
		return MEM_RESERVED;
	switch (boot_memory_type) {
	case BOOT_MEMORY_CONVENTIONAL:
	case BOOT_MEMORY_BOOT_SERVICES_CODE:
	case BOOT_MEMORY_BOOT_SERVICES_DATA:
		return attribute & BOOT_ATTRIBUTE_SPECIFIC ? MEM_RESERVED : MEM_USABLE;
	case BOOT_MEMORY_LOADER_CODE:
	case BOOT_MEMORY_LOADER_DATA:
		return MEM_LOADER;
	case BOOT_MEMORY_ACPI_RECLAIM:
		return MEM_ACPI_RECLAIM;
	case BOOT_MEMORY_ACPI_NVS:
		return MEM_ACPI_NVS;
	case BOOT_MEMORY_RUNTIME_SERVICES_CODE:
	case BOOT_MEMORY_RUNTIME_SERVICES_DATA:
		return MEM_RUNTIME;
	case BOOT_MEMORY_UNUSABLE:
		return MEM_UNUSABLE;
	default:
		return MEM_RESERVED;
	}
}

/* Firmware that does not know attributes sets none, in all of its free memory. */
static u64 attributes_untold(const struct boot_memory *entries, u32 count)
{
	for (u32 i = 0; i < count; i++)
		if (entries[i].type == BOOT_MEMORY_CONVENTIONAL &&
		    entries[i].attribute & BOOT_ATTRIBUTE_WRITE_BACK)
			return 0;
	return BOOT_ATTRIBUTE_WRITE_BACK;
}

int firmware_map_read(const struct boot_info *info, struct memmap *map)
{
	const struct boot_memory *entries;
	u64 untold;

	map->count = 0;
	if (info->memory_map_stride != sizeof(*entries) || !IS_ALIGNED(info->memory_map, 8) ||
	    info->memory_map > BOOT_ADDRESS_LIMIT ||
	    (u64)info->memory_map_count * sizeof(*entries) >
		    BOOT_ADDRESS_LIMIT - info->memory_map) {
		printk("memmap: error: stride=%u entries=%u address=%#llx: no map of ours\n",
		       info->memory_map_stride, info->memory_map_count, (u64)info->memory_map);
		return -EINVAL;
	}
	entries = phys_to_virt(info->memory_map);
	untold = attributes_untold(entries, info->memory_map_count);
	for (u32 i = 0; i < info->memory_map_count; i++) {
		const struct boot_memory *entry = &entries[i];
		u64 bytes =
			entry->pages > ~(u64)0 >> PAGE_SHIFT ? ~(u64)0 : entry->pages << PAGE_SHIFT;

		if (memmap_add(map, entry->start, bytes,
			       firmware_mem_type(entry->type, entry->attribute | untold))) {
			printk("memmap: error: entries=%u: more than %u can't be handled\n",
			       info->memory_map_count, MEMMAP_RAW_MAX);
			return -E2BIG;
		}
	}
	printk("memmap: raw entries=%u\n", info->memory_map_count);
	memmap_sanitise(map);
	BUG_ON(memmap_validate(map));
	return 0;
}
