/* SPDX-License-Identifier: MIT */
/* Converts the firmware's memory map to mm/'s types. Pure functions of the boot_info. */
#ifndef KERNEL_START_FIRMWARE_MAP_H
#define KERNEL_START_FIRMWARE_MAP_H

#include "abi/boot/boot_info.h"
#include "mm/frames/memmap.h"

/* An entry's type after ExitBootServices: UEFI 2.10, 7.2, the table of memory type usage. */
enum mem_type firmware_mem_type(u32 boot_memory_type, u64 attribute);

/*
 * Reads the map into *map and sanitises it. The direct map must reach the entries. Returns 0, or
 * -EINVAL or -E2BIG after a line that names the fault.
 */
int firmware_map_read(const struct boot_info *info, struct memmap *map);

#endif
