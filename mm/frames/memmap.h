/* SPDX-License-Identifier: MIT */
/*
 * The map of physical memory.
 *
 * The firmware's map (UEFI 2.10, 7.2.3 GetMemoryMap) cannot be used as it is: it is unsorted, its
 * entries may overlap, and one region may be split into many. In a sanitised map:
 *
 *   (1) ranges ascend and do not overlap;
 *   (2) ranges of the same type do not touch: they are merged;
 *   (3) where raw entries overlap, the safer type wins: the higher number of enum mem_type;
 *   (4) all ranges are page aligned: MEM_USABLE and MEM_LOADER are cut inward, others widened.
 */
#ifndef MM_FRAMES_MEMMAP_H
#define MM_FRAMES_MEMMAP_H

#include "lib/types.h"

/* From the least safe to assume to the safest: the order decides overlaps. */
enum mem_type {
	MEM_USABLE,	  /* free, or free after ExitBootServices */
	MEM_LOADER,	  /* the loader's; usable when the kernel has reserved what it needs */
	MEM_ACPI_RECLAIM, /* ACPI tables */
	MEM_ACPI_NVS,
	MEM_RUNTIME, /* of the firmware's runtime services */
	MEM_RESERVED,
	MEM_UNUSABLE, /* the firmware found errors */
	NR_MEM_TYPES
};

/* [start, end), physical addresses in bytes; start < end. */
struct mem_range {
	phys_addr_t start, end;
	enum mem_type type;
};

/* The most raw entries handled. Field reports name up to 300. (A proof takes a smaller map.) */
#ifndef MEMMAP_RAW_MAX
#define MEMMAP_RAW_MAX 1024
#endif
#define MEMMAP_RANGE_MAX (2 * MEMMAP_RAW_MAX + 1)

struct memmap {
	u32 count;
	struct mem_range range[MEMMAP_RANGE_MAX];
};

extern struct memmap memmap;

/*
 * Adds a raw entry. An empty one is ignored; one that wraps ends at 2^64 - 4096. Returns 0, or
 * -E2BIG if the map already has MEMMAP_RAW_MAX entries.
 */
int memmap_add(struct memmap *map, phys_addr_t start, u64 bytes, enum mem_type type);

/* Sanitises the raw entries in place. Uses static memory: not re-entrant. */
void memmap_sanitise(struct memmap *map);

/*
 * For the option `mem=`: makes the parts of MEM_USABLE and MEM_LOADER ranges above `limit` bytes
 * MEM_RESERVED. The map is sanitised before and after.
 */
void memmap_limit(struct memmap *map, phys_addr_t limit);

/* Bytes of one type below `limit`. */
u64 memmap_total(const struct memmap *map, enum mem_type type, phys_addr_t limit);

/*
 * Does a sanitised map have RAM in [start, end)? Registers of devices lie in reserved ranges or
 * outside the map.
 */
bool memmap_has_ram(const struct memmap *map, phys_addr_t start, phys_addr_t end);

/* NULL, or the text of the first violated invariant of a sanitised map. */
const char *memmap_validate(const struct memmap *map);

const char *mem_type_name(enum mem_type type);

/* Logs `memmap: start=... end=... type=...` for each range. */
void memmap_print(const struct memmap *map);

#endif
