/* SPDX-License-Identifier: MIT */
/* The firmware's memory map in the terms of mm/. Pure functions of what the loader hands over. */
#ifndef KERNEL_START_FIRMWARE_MAP_H
#define KERNEL_START_FIRMWARE_MAP_H

#include "abi/boot/boot_info.h"
#include "mm/frames/memmap.h"

/* What an entry means once boot services have ended (UEFI 2.10 section 7.2, table "Memory Type Usage after ExitBootServices"). */
enum mem_type firmware_mem_type(u32 boot_memory_type, u64 attribute);

/*
 * Reads the map into *map and sanitises it. The entries must be reachable by the direct map. Returns 0, or -EINVAL or -E2BIG after a line that
 * says what is wrong.
 */
int firmware_map_read(const struct boot_info *info, struct memmap *map);

#endif
