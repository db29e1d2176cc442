/* SPDX-License-Identifier: MIT */
/* Memory of one zone, for worlds of what lies above the buddy system. */
#ifndef TESTS_EXPLORE_ONE_ZONE_H
#define TESTS_EXPLORE_ONE_ZONE_H

#include "lib/types.h"

struct page;

/*
 * All frames, from 0 on, are free frames of ZONE_DMA, described by `pages`, and the caches of
 * kmalloc() are there. The world defines machine_ram() and as much memory. Called once.
 */
void one_zone_start(struct page *pages, u32 frames);

#endif
