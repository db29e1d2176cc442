/* SPDX-License-Identifier: MIT */
/*
 * A slab cache with all debugging checks, of three objects a slab: allocate, write, free, shrink.
 * The first operation chooses whether it has a constructor.
 *
 *   | guard | object | guard |      model: for each object in use whether it was written
 *
 * In each state each byte of each object and of its guards is what mm/slab/slab_debug.c says.
 */
#include "lib/string.h"
#include "mm/slab/slab_internal.h"
#include "tests/explore/explore.h"
#include "tests/explore/one_zone.h"
#include "tests/host/machine.h"

#define OBJECT_SIZE 1210u /* not whole words */
#define OBJECTS_MAX 8u
#define FRAMES	    256u
#define CONSTRUCTED 0x11u
#define WRITTEN	    0x22u

/* What slab_debug.c has too. */
enum { GUARD_FREE = 0xbb, GUARD_USED = 0xcc, NEW = 0x5a, POISON = 0x6b, POISON_END = 0xa5 };
enum { OP_PLAIN, OP_CONSTRUCT, OP_ALLOC, OP_SHRINK, OP_WRITE };
enum { OP_FREE = OP_WRITE + OBJECTS_MAX, OPERATIONS = OP_FREE + OBJECTS_MAX };

const struct world world = { "slab_debug", "objects", 1, OBJECTS_MAX, 4, 6, OPERATIONS };

char physmap[FRAMES * PAGE_SIZE] __aligned(4096);
static struct page pages[FRAMES];
static struct kmem_cache *cache;
static u8 *objects[OBJECTS_MAX]; /* in use; no order */
static bool written[OBJECTS_MAX];
static u32 count, most;

void *machine_ram(phys_addr_t address)
{
	return physmap + (size_t)address;
}

static void construct(void *object)
{
	memset(object, CONSTRUCTED, OBJECT_SIZE);
}

void world_start(u32 size)
{
	most = size;
	one_zone_start(pages, FRAMES);
}

static void expect_bytes(const u8 *from, const u8 *to, u8 value)
{
	for (; from < to; from++)
		EXPLORE_EQUAL(*from, value);
}

static void check_free_object(const u8 *object)
{
	const u8 *last = object + OBJECT_SIZE - 1;

	expect_bytes(object, last, cache->constructor ? CONSTRUCTED : POISON);
	EXPLORE_EQUAL(*last, cache->constructor ? CONSTRUCTED : POISON_END);
}

static bool allocate(void)
{
	u8 *object;

	if (count == most)
		return false;
	object = kmem_cache_alloc(cache, GFP_KERNEL);
	EXPLORE_CHECK(object);
	expect_bytes(object, object + OBJECT_SIZE, cache->constructor ? CONSTRUCTED : NEW);
	written[count] = false;
	objects[count++] = object;
	return true;
}

static bool write_object(u32 i)
{
	if (i >= count || written[i] || cache->constructor)
		return false;
	memset(objects[i], WRITTEN, OBJECT_SIZE);
	written[i] = true;
	return true;
}

static bool release(u32 i)
{
	if (i >= count)
		return false;
	kmem_cache_free(cache, objects[i]);
	check_free_object(objects[i]);
	count--;
	for (; i < count; i++) {
		objects[i] = objects[i + 1];
		written[i] = written[i + 1];
	}
	objects[count] = NULL;
	return true;
}

bool world_apply(u32 operation)
{
	if (operation <= OP_CONSTRUCT) {
		if (cache)
			return false;
		cache = kmem_cache_create("explored", OBJECT_SIZE, 0, SLAB_DEBUG_MASK,
					  operation == OP_CONSTRUCT ? construct : NULL, NULL);
		EXPLORE_CHECK(cache);
		return true;
	}
	if (!cache)
		return false;
	if (operation >= OP_FREE)
		return release(operation - OP_FREE);
	if (operation >= OP_WRITE)
		return write_object(operation - OP_WRITE);
	if (operation == OP_ALLOC)
		return allocate();
	kmem_cache_shrink(cache);
	return true;
}

void world_text(u32 operation, char *buffer, u32 size)
{
	static const char *const texts[] = { "cache = create(NULL);", "cache = create(construct);",
					     "kmem_cache_alloc(cache, GFP_KERNEL);",
					     "kmem_cache_shrink(cache);" };

	if (operation < OP_WRITE)
		scnprintf(buffer, size, "%s", texts[operation]);
	else if (operation < OP_FREE)
		scnprintf(buffer, size, "memset(objects[%u], 0x22, %u);", operation - OP_WRITE,
			  OBJECT_SIZE);
	else
		scnprintf(buffer, size, "kmem_cache_free(cache, objects[%u]);",
			  operation - OP_FREE);
}

/* The place of an object among those in use; `count`: it is free. */
static u32 place_of(const u8 *object)
{
	u32 i = 0;

	while (i < count && objects[i] != object)
		i++;
	return i;
}

static void check_list(const struct list_head *list)
{
	const struct slab *slab;

	list_for_each_entry (slab, list, link)
		for (u32 i = 0; i < cache->objects; i++) {
			const u8 *object = slab_object(cache, slab, i);
			u32 place = place_of(object);
			u8 guard = place < count ? GUARD_USED : GUARD_FREE;

			expect_bytes(object - cache->front, object, guard);
			expect_bytes(object + OBJECT_SIZE, object + cache->track, guard);
			if (place == count)
				check_free_object(object);
			else if (written[place])
				expect_bytes(object, object + OBJECT_SIZE, WRITTEN);
		}
}

void world_check(void)
{
	const char *violated = cache ? kmem_cache_validate(cache) : NULL;

	if (violated)
		panic("kmem_cache_validate: %s", violated);
	if (!cache)
		return;
	check_list(&cache->full);
	check_list(&cache->partial);
	check_list(&cache->free);
}

/* A slab is the objects in use, written or not; they differ by nothing else. */
static void describe_list(const struct list_head *list)
{
	const struct slab *slab;

	list_for_each_entry (slab, list, link) {
		u32 in_use = 0, changed = 0;

		for (u32 i = 0; i < cache->objects; i++) {
			u32 place = place_of(slab_object(cache, slab, i));

			in_use += place < count;
			changed += place < count && written[place];
		}
		explore_put(in_use);
		explore_put(changed);
	}
	explore_put(UINT32_MAX);
}

void world_describe(void)
{
	explore_put(cache ? 1 + (cache->constructor != NULL) : 0);
	if (!cache)
		return;
	describe_list(&cache->full);
	describe_list(&cache->partial);
	describe_list(&cache->free);
}
