/* SPDX-License-Identifier: MIT */
/* kmem_cache_validate() finds each planted fault and names the invariant of mm/slab/slab.h. */
#include <string.h>

#include "mm/slab/slab.h"
#include "mm/slab/slab_internal.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

/* A cache with two full slabs, a partial and a free one. */
static struct kmem_cache *cache;

static struct slab *first(struct list_head *list)
{
	return list_first_entry(list, struct slab, link);
}

#define OBJECTS_MAX 400
#define TAKEN_BACK  3 /* of the second slab, beside all of the first */

static void *objects[OBJECTS_MAX];

static void make_cache(void)
{
	cache = kmem_cache_create("planted", 100, 0, 0, NULL, NULL);
	for (u32 i = 0; i < 4 * cache->objects; i++)
		objects[i] = kmem_cache_alloc(cache, GFP_KERNEL);
	for (u32 i = 0; i < cache->objects + TAKEN_BACK; i++)
		kmem_cache_free(cache, objects[i]);
}

static void drop_cache(void)
{
	for (u32 i = cache->objects + TAKEN_BACK; i < 4 * cache->objects; i++)
		kmem_cache_free(cache, objects[i]);
	EXPECT_EQ(kmem_cache_destroy(cache), 0);
}

static void full_on_partial(void)
{
	list_move(&first(&cache->full)->link, &cache->partial);
}

static void partial_on_full(void)
{
	list_move(&first(&cache->partial)->link, &cache->full);
}

static void partial_on_free(void)
{
	list_move(&first(&cache->partial)->link, &cache->free);
}

static void free_on_partial(void)
{
	list_move(&first(&cache->free)->link, &cache->partial);
}

/* The damage of a double free to the chain. */
static void chain_is_a_circle(void)
{
	struct slab *slab = first(&cache->partial);

	slab->next[slab->next[slab->free]] = (u8)slab->free;
}

static void chain_ends_early(void)
{
	struct slab *slab = first(&cache->partial);

	slab->next[slab->free] = SLAB_END;
}

static void chain_leaves_the_slab(void)
{
	first(&cache->partial)->free = (u16)cache->objects;
}

static void object_lost(void)
{
	struct slab *slab = first(&cache->partial);

	slab->free = slab->next[slab->free];
}

static void frame_without_flag(void)
{
	virt_to_page(first(&cache->full)->objects)->flags &= ~(u32)PG_slab;
}

static void frame_of_another_cache(void)
{
	virt_to_page(first(&cache->full)->objects)->cache = &off_slab_cache;
}

static void frame_of_another_slab(void)
{
	virt_to_page(first(&cache->full)->objects)->slab = first(&cache->free);
}

static void slab_lost(void)
{
	list_del(&first(&cache->free)->link);
}

static void slab_miscounted(void)
{
	cache->slabs++;
}

static void objects_miscounted(void)
{
	cache->inuse--;
}

static void fast_slab_is_full(void)
{
	cache->fast = first(&cache->full);
}

static const struct {
	const char *name;
	void (*plant)(void);
	char invariant;
} plants[] = {
	{ "nothing", NULL, 0 },
	{ "a full slab among the partial ones", full_on_partial, '1' },
	{ "a partial slab among the full ones", partial_on_full, '1' },
	{ "a partial slab among the free ones", partial_on_free, '1' },
	{ "a free slab among the partial ones", free_on_partial, '1' },
	{ "a chain that is a circle", chain_is_a_circle, '2' },
	{ "a chain that ends early", chain_ends_early, '2' },
	{ "a chain that leaves the slab", chain_leaves_the_slab, '2' },
	{ "a lost object", object_lost, '2' },
	{ "a frame that is not marked", frame_without_flag, '3' },
	{ "a frame of another cache", frame_of_another_cache, '3' },
	{ "a frame of another slab", frame_of_another_slab, '3' },
	{ "a lost slab", slab_lost, '4' },
	{ "a wrong count of slabs", slab_miscounted, '4' },
	{ "a wrong count of objects", objects_miscounted, '4' },
	{ "the fast slab is a full one", fast_slab_is_full, '5' },
};

/* Plants the fault, validates, and restores all memory. */
static void planted(void)
{
	machine_boot();
	make_cache();
	for (u32 i = 0; i < ARRAY_SIZE(plants); i++) {
		static char saved[MACHINE_RAM];
		const char *violated, *name = NULL;

		memcpy(saved, physmap, MACHINE_RAM);
		if (plants[i].plant)
			plants[i].plant();
		violated = kmem_cache_validate(cache);
		tap_check((violated ? violated[1] : 0) == plants[i].invariant, __FILE__, __LINE__,
			  "%s: got %s", plants[i].name, violated ? violated : "nothing");
		violated = kmem_cache_validate_all(&name);
		EXPECT_EQ(violated ? violated[1] : 0, plants[i].invariant);
		if (violated)
			EXPECT_TEXT(name, "planted");
		memcpy(physmap, saved, MACHINE_RAM);
	}
	drop_cache();
}

TAP_MAIN({ "planted violations are named", planted })
