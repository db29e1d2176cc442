/* SPDX-License-Identifier: MIT */
/* The list of caches that can free frames on demand. */
#include "mm/frames/shrinker.h"
#include "lib/assert.h"
#include "mm/frames/page_alloc.h"

static LIST_HEAD(shrinkers);

void register_shrinker(struct shrinker *shrinker)
{
	BUG_ON(!shrinker->name || !shrinker->shrink);
	list_add(&shrinker->link, &shrinkers);
}

u32 shrink_caches(void)
{
	struct shrinker *shrinker;
	u32 frames = 0;

	list_for_each_entry (shrinker, &shrinkers, link)
		frames += shrinker->shrink();
	return frames;
}

u32 shrink_idle_caches(void)
{
	struct shrinker *shrinker;
	u32 frames = 0;

	list_for_each_entry (shrinker, &shrinkers, link)
		if (!shrinker->saves_work)
			frames += shrinker->shrink();
	return frames;
}

/* not reached: at the start reclaim_init() replaces it; models without reclaim have it */
static u32 reclaim_caches(gfp_t gfp, u32 order)
{
	(void)gfp;
	(void)order;
	return shrink_caches();
}

void shrinkers_init(void)
{
	list_init(&shrinkers);
	set_reclaim(reclaim_caches);
}
