/* SPDX-License-Identifier: MIT */
/*
 * The geometry of caches, beside a search for it: the smallest block that wastes at most an
 * eighth, the most objects that fit into it, and as many colours as fit into its rest.
 */
#include "mm/slab/slab.h"
#include "mm/slab/slab_internal.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

#define OFF_SLAB     512u /* the size from which on the descriptor lies elsewhere */
#define OBJECTS_MAX  20000
#define FRAMES_MAX   2000u /* for the slabs of all colours */
#define ALL_CHECKS   SLAB_DEBUG_MASK
#define LARGEST_SIZE 1100u

static void *objects[OBJECTS_MAX];

static u32 limit(const struct kmem_cache *cache)
{
	return cache->off_slab ? 32 : 255;
}

/* Where the first of so many objects, or its guard, begins: behind descriptor and chain. */
static u32 first_place(const struct kmem_cache *cache, u32 count)
{
	return cache->off_slab ? 0 : ALIGN_UP((u32)sizeof(struct slab) + count, cache->align);
}

static u32 most_objects(const struct kmem_cache *cache, u32 order)
{
	u32 count = 0;

	while (count < limit(cache) &&
	       first_place(cache, count + 1) + (count + 1) * cache->size <= PAGE_SIZE << order)
		count++;
	return count;
}

static bool wasteful(const struct kmem_cache *cache, u32 order)
{
	u32 count = most_objects(cache, order), bytes = PAGE_SIZE << order;

	return !count || (count < limit(cache) && (bytes - count * cache->size) * 8 > bytes);
}

static void check_geometry(const struct kmem_cache *cache)
{
	u32 order = 0, place, rest;

	while (order < MAX_ORDER - 1 && wasteful(cache, order))
		order++;
	EXPECT_EQ(cache->off_slab, cache->size >= OFF_SLAB);
	EXPECT_EQ(cache->order, order);
	EXPECT_EQ(cache->objects, most_objects(cache, order));
	place = first_place(cache, cache->objects);
	EXPECT_EQ(cache->first_object, place + cache->front);
	rest = (PAGE_SIZE << order) - place - cache->objects * cache->size;
	EXPECT_EQ(cache->colours, rest / cache->align + 1);
	if (tap_failed())
		tap_note("%s: size %u, align %u", cache->name, cache->size, cache->align);
}

/* A slab of each colour, and the first colour again; the objects lie in the slab's block. */
static void check_colours(struct kmem_cache *cache)
{
	u32 slabs = cache->colours + 1, count = slabs * cache->objects;

	if (count > OBJECTS_MAX || slabs << cache->order > FRAMES_MAX)
		return;
	for (u32 i = 0; i < count; i++) {
		u32 colour = i / cache->objects % cache->colours;
		const struct slab *slab;
		u32 offset;

		objects[i] = kmem_cache_alloc(cache, GFP_KERNEL);
		slab = virt_to_page(objects[i])->slab;
		offset = (u32)((char *)objects[i] - slab_block(cache, slab));
		EXPECT_EQ(slab->objects - slab_block(cache, slab),
			  cache->first_object + colour * cache->align);
		EXPECT(offset >= cache->first_object);
		EXPECT(offset - cache->front + cache->size <= PAGE_SIZE << cache->order);
	}
	EXPECT_EQ(cache->slabs, slabs);
	while (count)
		kmem_cache_free(cache, objects[--count]);
}

static void check_cache(u32 size, u32 align, u32 flags)
{
	struct kmem_cache *cache = kmem_cache_create("geometry", size, align, flags, NULL, NULL);

	if (!EXPECT(cache != NULL))
		return;
	EXPECT_EQ(cache->object_size, size);
	EXPECT_EQ(cache->align, max(align, (u32)sizeof(void *)));
	if (!flags)
		EXPECT_EQ(cache->size, ALIGN_UP(size, cache->align));
	check_geometry(cache);
	check_colours(cache);
	EXPECT_EQ(kmem_cache_destroy(cache), 0);
}

static void small_objects(void)
{
	machine_boot();
	for (u32 size = 1; size < LARGEST_SIZE && !tap_failed(); size += size < 64 ? 1 : 4)
		for (u32 align = 4; align <= 256 && !tap_failed(); align *= 4)
			check_cache(size, align, 0);
}

/* Some of them fill seven eighths of a block, or have no block that they fill well. */
static void large_objects(void)
{
	static const u32 sizes[] = { 1792,  3584,  3588,   4096,  4100,	 7168,	 8192,	14336,
				     14340, 33000, 100000, 57344, 57348, 114688, 131072 };

	machine_boot();
	for (u32 i = 0; i < ARRAY_SIZE(sizes) && !tap_failed(); i++)
		for (u32 align = 4; align <= PAGE_SIZE && !tap_failed(); align *= 32)
			check_cache(sizes[i], align, 0);
}

static void guarded_objects(void)
{
	machine_boot();
	for (u32 size = 1; size < LARGEST_SIZE && !tap_failed(); size += 7)
		for (u32 align = 4; align <= 256 && !tap_failed(); align *= 4)
			check_cache(size, align, ALL_CHECKS);
}

static void general_caches(void)
{
	machine_boot();
	for (u32 dma = 0; dma < 2; dma++)
		for (u32 i = 0; i < KMALLOC_CACHES; i++) {
			EXPECT_EQ(kmalloc_caches[dma][i].size, 32u << i);
			check_geometry(&kmalloc_caches[dma][i]);
		}
	check_geometry(&off_slab_cache);
}

TAP_MAIN({ "small objects", small_objects }, { "large objects", large_objects },
	 { "objects with guards", guarded_objects }, { "general caches", general_caches })
