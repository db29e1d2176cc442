/* SPDX-License-Identifier: MIT */
/*
 * Who keeps frames only because they may be of use again: the quicklists of page tables, the stacks of tasks that ended, empty slabs.
 * Each such cache names a function that gives back what it can spare. They are asked when memory runs out, and before free frames are counted by a test.
 */
#ifndef MM_FRAMES_SHRINKER_H
#define MM_FRAMES_SHRINKER_H

#include "lib/list.h"

struct shrinker {
	const char *name;
	/* Gives everything back that nobody uses. Returns how many frames that were; allocates nothing, sleeps not. */
	u32 (*shrink)(void);
	struct list_head link;
};

/* The structure stays the caller's, for ever. */
void register_shrinker(struct shrinker *shrinker);

/* Asks all of them. Returns the frames that came back. */
u32 shrink_caches(void);

/* Makes shrink_caches() what the allocator tries before a request fails. Before the first register_shrinker(). */
void shrinkers_init(void);

#endif
