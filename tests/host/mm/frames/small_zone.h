/* SPDX-License-Identifier: MIT */
/*
 * A zone of a test's own, of any size. Its struct pages and bitmaps lie in heap blocks of exactly
 * their size, filled with junk. One at a time.
 */
#ifndef TESTS_HOST_MM_FRAMES_SMALL_ZONE_H
#define TESTS_HOST_MM_FRAMES_SMALL_ZONE_H

#include "mm/frames/buddy.h"

extern struct zone zone;

/* Frames [start, start + frames), none of them added to the zone yet. */
void make_zone(pfn_t start, u32 frames);

/* The same, with all of them added. */
void make_full_zone(pfn_t start, u32 frames);

void drop_zone(void);

#endif
