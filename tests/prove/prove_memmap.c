/* SPDX-License-Identifier: MIT */
/*
 * The sanitiser of the memory map: more entries than it takes, with any start, length and type,
 * any limit, and all that is read from the map then. For a map of 16 entries at most: the code is
 * the same for any number, and Eva needs time with the square of it.
 *
 * sources: mm/frames/memmap.c
 * eva: -eva-precision 3 -eva-min-loop-unroll 300 -cpp-extra-args=-DMEMMAP_RAW_MAX=16
 * planted: mm/frames/memmap.c: map->count == MEMMAP_RAW_MAX => map->count > MEMMAP_RAW_MAX
 */
#include "mm/frames/memmap.h"
#include "tests/prove/prove.h"

int main(void)
{
	enum mem_type type = any_between(0, NR_MEM_TYPES - 1);
	phys_addr_t start = any_u64(), end = any_u64();

	for (u32 i = 0; i < MEMMAP_RAW_MAX + 2; i++)
		memmap_add(&memmap, any_u64(), any_u64(), any_between(0, NR_MEM_TYPES - 1));
	memmap_sanitise(&memmap);
	memmap_limit(&memmap, any_u64());
	memmap_total(&memmap, type, start);
	memmap_has_ram(&memmap, start, end);
	memmap_print(&memmap);
	return memmap_validate(&memmap) != NULL;
}
