/* SPDX-License-Identifier: MIT */
/* Hidden cases of the exercise slab: what a first solution may forget. */
#include "mm/slab/slab.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

#define OBJECTS 500u

static u32 constructed;

static void construct(void *object)
{
	*(u32 *)object = 0x600d;
	constructed++;
}

/* Objects are constructed once, and stay so; none of them overlaps another one. */
static void constructed_once(void)
{
	static u8 *object[OBJECTS];
	struct kmem_cache *cache;

	machine_boot();
	cache = kmem_cache_create("hidden", 100, 0, 0, construct, NULL);
	for (u32 round = 0; round < 3; round++) {
		for (u32 i = 0; i < OBJECTS; i++) {
			object[i] = kmem_cache_alloc(cache, GFP_KERNEL);
			EXPECT_EQ(*(u32 *)object[i], 0x600d);
			object[i][99] = (u8)i;
		}
		for (u32 i = 0; i < OBJECTS; i++) {
			EXPECT_EQ(object[i][99], (u8)i);
			kmem_cache_free(cache, object[i]);
		}
		EXPECT_VALID(kmem_cache_validate(cache));
	}
	EXPECT_EQ(constructed, cache->slabs * cache->objects);
	EXPECT_EQ(kmem_cache_destroy(cache), 0);
}

/* Two caches in turn: a frame names its own cache. */
static void two_caches(void)
{
	static void *object[2][OBJECTS];
	struct kmem_cache *cache[2];

	machine_boot();
	cache[0] = kmem_cache_create("first", 40, 0, 0, NULL, NULL);
	cache[1] = kmem_cache_create("second", 3000, 0, 0, NULL, NULL);
	for (u32 i = 0; i < OBJECTS; i++)
		for (u32 c = 0; c < 2; c++) {
			object[c][i] = kmem_cache_alloc(cache[c], GFP_KERNEL);
			EXPECT(virt_to_page(object[c][i])->cache == cache[c]);
			EXPECT(virt_to_page(object[c][i])->flags & PG_slab);
		}
	for (u32 i = 0; i < OBJECTS; i++)
		for (u32 c = 0; c < 2; c++)
			kmem_cache_free(cache[c], object[c][i]);
	for (u32 c = 0; c < 2; c++) {
		EXPECT_VALID(kmem_cache_validate(cache[c]));
		EXPECT_EQ(kmem_cache_destroy(cache[c]), 0);
	}
}

TAP_MAIN({ "constructed once", constructed_once }, { "two caches", two_caches })
