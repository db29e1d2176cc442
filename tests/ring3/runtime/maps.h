/* SPDX-License-Identifier: MIT */
/*
 * The areas of this process, as /proc/self/maps lists them (Linux
 * Documentation/filesystems/proc.rst):
 *
 *	08048000-0804c000 r-xp 00000000 00:00 0    name
 */
#ifndef RING3_MAPS_H
#define RING3_MAPS_H

#include "lib/types.h"

struct map_area {
	u32 start;
	u32 end;
	int protection; /* PROT_* */
	bool shared;
};

/*
 * The parts of areas in [start, end), ascending, cut at both ends; at most `limit`. With `joined`,
 * neighbours that touch and look alike are one: kernels differ in which areas they can merge.
 * Returns how many; gives up where the file cannot be read.
 */
u32 maps_read(u32 start, u32 end, struct map_area *areas, u32 limit, bool joined);

/* How many areas have a part in the `pages` pages from `start`, not joined. */
u32 maps_count(const void *start, u32 pages);

/* Is all of it in areas of just these rights? */
bool maps_all(const void *start, u32 pages, int protection);

#endif
