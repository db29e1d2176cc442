/* SPDX-License-Identifier: MIT */
/* The caches of frames that can be given back. */
#include "mm/shrinker.h"
#include "mm/page_alloc.h"
#include "mm/slab.h"

static LIST_HEAD(shrinkers);

/* The first one registered and the last one asked: the others' structures may have been the last ones in their slabs. */
static struct shrinker slab_shrinker = { .name = "slab", .shrink = kmem_cache_reap };

void register_shrinker(struct shrinker *shrinker)
{
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

static u32 reclaim_caches(gfp_t gfp, u32 order)
{
	(void)gfp;
	(void)order;
	return shrink_caches();
}

void shrinkers_init(void)
{
	list_init(&shrinkers);
	register_shrinker(&slab_shrinker);
	set_reclaim(reclaim_caches);
}
