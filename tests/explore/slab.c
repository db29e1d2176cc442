/* SPDX-License-Identifier: MIT */
/*
 * A slab cache of three objects a slab: allocate, with and without a frame to be had, free,
 * shrink.
 *
 *   full     [###]          model: the objects in use, each stamped by its owner
 *   partial  [#..] [##.]
 *   free     [...]
 *
 * A frame more or less does not matter, only whether the next request for one is served. Objects
 * of a slab are alike: the free ones differ by their place in its chain, which names them. So a
 * state is its three lists of slabs, each slab with its objects in use, and the colour of the
 * next slab.
 */
#include "lib/string.h"
#include "mm/frames/fail_alloc.h"
#include "mm/slab/slab_internal.h"
#include "tests/explore/explore.h"
#include "tests/explore/one_zone.h"
#include "tests/host/machine.h"

#define OBJECT_SIZE 1280u /* three of them, with room for three colours */
#define OBJECTS_MAX 12u
#define FRAMES	    256u
#define CONSTRUCTED 0x5au

enum { OP_ALLOC, OP_ALLOC_FAIL, OP_SHRINK, OP_FREE, OPERATIONS = OP_FREE + OBJECTS_MAX };

const struct world world = { "slab", "objects", 1, OBJECTS_MAX, 6, 12, OPERATIONS };

char physmap[FRAMES * PAGE_SIZE] __aligned(4096);
static struct page pages[FRAMES];
static struct kmem_cache *cache;
static u8 *objects[OBJECTS_MAX]; /* in use; no order */
static u32 count, objects_max;
static u32 constructed, destructed; /* objects; their difference is a part of each state */

void *machine_ram(phys_addr_t address)
{
	return physmap + (size_t)address;
}

static void construct(void *object)
{
	memset(object, CONSTRUCTED, OBJECT_SIZE);
	constructed++;
}

static void destruct(void *object)
{
	const u8 *bytes = object;

	EXPLORE_EQUAL(bytes[0], CONSTRUCTED);
	EXPLORE_EQUAL(bytes[OBJECT_SIZE - 1], CONSTRUCTED);
	destructed++;
}

void world_start(u32 size)
{
	objects_max = size;
	one_zone_start(pages, FRAMES);
	cache = kmem_cache_create("explored", OBJECT_SIZE, 64, SLAB_MAY_FAIL, construct, destruct);
	EXPLORE_CHECK(cache);
	EXPLORE_EQUAL(cache->objects, 3);
}

static bool allocate(bool fail)
{
	static const struct fail_spec always = { .kinds = FAIL_PAGE, .mode = FAIL_ON, .nth = 1 };
	bool room = cache->slabs * cache->objects > count;
	u8 *object;

	if (count == objects_max)
		return false;
	if (fail)
		fail_alloc_set(&always);
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	fail_alloc_set(NULL);
	/* Only a new slab needs a frame. */
	EXPLORE_EQUAL(!object, fail && !room);
	if (!object)
		return true;
	for (u32 i = 0; i < count; i++)
		EXPLORE_CHECK(objects[i] != object);
	EXPLORE_EQUAL(object[0], CONSTRUCTED);
	EXPLORE_EQUAL(object[OBJECT_SIZE - 1], CONSTRUCTED);
	/* In use it holds what its owner wants, and nothing else writes there. */
	object[0] = object[OBJECT_SIZE - 1] = 1;
	objects[count++] = object;
	return true;
}

static bool release(u32 i)
{
	u8 *object = objects[i];

	if (i >= count)
		return false;
	EXPLORE_EQUAL(object[0] & object[OBJECT_SIZE - 1], 1);
	object[0] = object[OBJECT_SIZE - 1] = CONSTRUCTED;
	kmem_cache_free(cache, object);
	memmove(objects + i, objects + i + 1, (count - i - 1) * sizeof(*objects));
	objects[--count] = NULL;
	return true;
}

static bool shrink(void)
{
	u32 frames = nr_free_pages(), freed = kmem_cache_shrink(cache);

	EXPLORE_EQUAL(nr_free_pages(), frames + freed);
	EXPLORE_CHECK(list_empty(&cache->free));
	return true;
}

bool world_apply(u32 operation)
{
	if (operation >= OP_FREE)
		return release(operation - OP_FREE);
	return operation == OP_SHRINK ? shrink() : allocate(operation == OP_ALLOC_FAIL);
}

void world_text(u32 operation, char *buffer, u32 size)
{
	static const char *const texts[] = {
		[OP_ALLOC] = "kmem_cache_alloc(cache, GFP_KERNEL);",
		[OP_ALLOC_FAIL] = "kmem_cache_alloc(cache, GFP_KERNEL); /* without a frame */",
		[OP_SHRINK] = "kmem_cache_shrink(cache);",
	};

	if (operation < OP_FREE)
		scnprintf(buffer, size, "%s", texts[operation]);
	else
		scnprintf(buffer, size, "kmem_cache_free(cache, objects[%u]);",
			  operation - OP_FREE);
}

void world_check(void)
{
	const char *violated = kmem_cache_validate(cache);

	if (!violated)
		violated = zone_validate(&zones[ZONE_DMA]);
	if (violated)
		panic("%s", violated);
	EXPLORE_EQUAL(cache->inuse, count);
	EXPLORE_EQUAL(constructed - destructed, cache->slabs * cache->objects);
	for (u32 i = 0; i < count; i++)
		EXPLORE_EQUAL(objects[i][0] & objects[i][OBJECT_SIZE - 1], 1);
}

static void describe_list(const struct list_head *list)
{
	const struct slab *slab;

	list_for_each_entry (slab, list, link) {
		const char *block = slab_block(cache, slab);

		explore_put((u32)slab->inuse);
		explore_put((u32)(slab->objects - block)); /* its colour */
	}
	explore_put(UINT32_MAX);
}

void world_describe(void)
{
	describe_list(&cache->full);
	describe_list(&cache->partial);
	describe_list(&cache->free);
	explore_put(cache->colour_next);
}
