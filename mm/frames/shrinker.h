/* SPDX-License-Identifier: MIT */
/*
 * Caches that can free frames on demand.
 *
 * Some parts of the kernel keep frames for reuse: quicklists of page tables, stacks of ended
 * tasks, free slabs. Each registers a function that frees them. The functions are called when
 * memory runs out, and before a test counts free frames.
 */
#ifndef MM_FRAMES_SHRINKER_H
#define MM_FRAMES_SHRINKER_H

#include "lib/list.h"

struct shrinker {
	const char *name;
	/* Frees all unused frames; returns their number. Must not allocate or sleep. */
	u32 (*shrink)(void);
	bool saves_work; /* what it keeps is of use: reclaim looks for other frames first */
	struct list_head link;
};

/* The caller owns the structure and must never free it. */
void register_shrinker(struct shrinker *shrinker);

/* Calls all shrinkers. Returns the number of frames freed. */
u32 shrink_caches(void);

/* The same without those that save work. For reclaim, which drops such pages one by one. */
u32 shrink_idle_caches(void);

/* Makes shrink_caches() the reclaim hook. Before the first register_shrinker(). */
void shrinkers_init(void);

#endif
