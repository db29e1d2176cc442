/* SPDX-License-Identifier: MIT */
/*
 * The map of physical memory: from what the firmware says to what can be relied on.
 *
 * A firmware's map is unsorted, may overlap itself, and splits what belongs together. A sanitised map holds:
 *   (1) ranges in ascending order that do not overlap;
 *   (2) neighbours of the same type that touch are one;
 *   (3) where the firmware said two things of one place, the safer one: the higher number of enum mem_type;
 *   (4) MEM_USABLE and MEM_LOADER ranges begin and end on page boundaries, cut inward; the others are widened outward.
 */
#ifndef MM_FRAMES_MEMMAP_H
#define MM_FRAMES_MEMMAP_H

#include "lib/types.h"

/* From the least safe to assume to the safest: the order decides overlaps. */
enum mem_type {
	MEM_USABLE,	  /* free, or given up by the firmware at ExitBootServices */
	MEM_LOADER,	  /* the loader's: the kernel's once it has taken over what it was given */
	MEM_ACPI_RECLAIM, /* ACPI tables */
	MEM_ACPI_NVS,
	MEM_RUNTIME, /* of the firmware's runtime services */
	MEM_RESERVED,
	MEM_UNUSABLE, /* the firmware saw errors */
	NR_MEM_TYPES
};

/* [start, end), physical addresses in bytes; start < end. */
struct mem_range {
	phys_addr_t start, end;
	enum mem_type type;
};

/* As many raw entries as are handled: field reports name 300, 569 were tried. */
#define MEMMAP_RAW_MAX	 1024
#define MEMMAP_RANGE_MAX (2 * MEMMAP_RAW_MAX + 1)

struct memmap {
	u32 count;
	struct mem_range range[MEMMAP_RANGE_MAX];
};

extern struct memmap memmap;

/*
 * Adds a raw entry. An empty one is left out and one that wraps ends at 2^64 - 4096. Returns 0, or -E2BIG when
 * MEMMAP_RAW_MAX entries are there.
 */
int memmap_add(struct memmap *map, phys_addr_t start, u64 bytes, enum mem_type type);

/* Makes the raw entries a sanitised map, in place. Uses static working memory: once at a time. */
void memmap_sanitise(struct memmap *map);

/* Cuts MEM_USABLE and MEM_LOADER ranges of a sanitised map at `limit` bytes, as `mem=` asks; what lies above becomes MEM_RESERVED. */
void memmap_limit(struct memmap *map, phys_addr_t limit);

/* Bytes of one type below `limit`. */
u64 memmap_total(const struct memmap *map, enum mem_type type, phys_addr_t limit);

/* NULL, or the text of the first invariant of a sanitised map that is violated. */
const char *memmap_validate(const struct memmap *map);

const char *mem_type_name(enum mem_type type);

/* One line `memmap: start=... end=... type=...` for each range. */
void memmap_print(const struct memmap *map);

#endif
