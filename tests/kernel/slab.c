/* SPDX-License-Identifier: MIT */
/*
 * Slabs: objects of one type from blocks of frames, constructed once per slab, not once per use;
 * and kmalloc() on top of them.
 */
#include "mm/slab/slab.h"
#include "kernel/harness/suite.h"
#include "abi/linux/errno.h"
#include "lib/string.h"
#include "lib/text.h"

#define OBJECTS_MAX 1024u

static void *objects[OBJECTS_MAX];
static u32 constructed, destructed;

struct thing {
	u32 magic;
	u32 uses;
	u8 rest[92];
};

#define THING_MAGIC 0x7416u

static void construct_thing(void *object)
{
	struct thing *thing = object;

	*thing = (struct thing){ .magic = THING_MAGIC };
	constructed++;
}

static void destruct_thing(void *object)
{
	struct thing *thing = object;

	thing->magic = 0;
	destructed++;
}

static struct kmem_cache *thing_cache(void)
{
	struct kmem_cache *cache = kmem_cache_create("thing", sizeof(struct thing), 0, 0,
						     construct_thing, destruct_thing);

	constructed = destructed = 0;
	EXPECT(cache);
	return cache;
}

static u32 length_of(const struct list_head *list)
{
	const struct list_head *link;
	u32 length = 0;

	list_for_each (link, list)
		length++;
	return length;
}

static void expect_slabs(const struct kmem_cache *cache, u32 full, u32 partial, u32 free)
{
	EXPECT_EQ(length_of(&cache->full), full);
	EXPECT_EQ(length_of(&cache->partial), partial);
	EXPECT_EQ(length_of(&cache->free), free);
	EXPECT_EQ(cache->slabs, full + partial + free);
	EXPECT(kmem_cache_validate(cache) == NULL);
}

/*
 * The constructor runs once for each object when the slab is made; an object that is allocated
 * again is as it was freed.
 */
static void constructors(void)
{
	struct kmem_cache *cache = thing_cache();
	struct thing *thing;

	EXPECT_EQ(constructed, 0);
	for (u32 i = 0; i < 5; i++) {
		thing = kmem_cache_alloc(cache, GFP_KERNEL);
		EXPECT(thing);
		EXPECT_EQ(thing->magic, THING_MAGIC);
		EXPECT_EQ(thing->uses, i);
		thing->uses++;
		kmem_cache_free(cache, thing);
	}
	EXPECT_EQ(constructed, cache->objects);
	EXPECT_EQ(destructed, 0);
	kmem_cache_shrink(cache);
	EXPECT_EQ(destructed, constructed);
	EXPECT_EQ(kmem_cache_destroy(cache), 0);
	EXPECT_EQ(destructed, constructed);
}

/* A slab is on the list that matches its use. */
static void lists(void)
{
	struct kmem_cache *cache = thing_cache();
	u32 count;

	count = cache->objects;
	expect_slabs(cache, 0, 0, 0);
	objects[0] = kmem_cache_alloc(cache, GFP_KERNEL);
	expect_slabs(cache, 0, 1, 0);
	for (u32 i = 1; i < count; i++)
		objects[i] = kmem_cache_alloc(cache, GFP_KERNEL);
	expect_slabs(cache, 1, 0, 0);
	objects[count] = kmem_cache_alloc(cache, GFP_KERNEL);
	expect_slabs(cache, 1, 1, 0);
	EXPECT_EQ(cache->inuse, count + 1);
	kmem_cache_free(cache, objects[count]);
	expect_slabs(cache, 1, 0, 1);
	kmem_cache_free(cache, objects[0]);
	expect_slabs(cache, 0, 1, 1);
	/* Partial slabs are used before free ones, so that free ones can be reclaimed. */
	objects[0] = kmem_cache_alloc(cache, GFP_KERNEL);
	expect_slabs(cache, 1, 0, 1);
	EXPECT_EQ(kmem_cache_shrink(cache), 1u << cache->order);
	expect_slabs(cache, 1, 0, 0);
	for (u32 i = 0; i < count; i++)
		kmem_cache_free(cache, objects[i]);
	expect_slabs(cache, 0, 0, 1);
	EXPECT_EQ(kmem_cache_destroy(cache), 0);
	EXPECT_EQ(constructed, destructed);
}

/* Sets all bytes of all objects, checks them, and frees the objects. */
static u32 fill_and_free(struct kmem_cache *cache, u32 size, u32 count)
{
	u32 wrong = 0;

	for (u32 i = 0; i < count; i++)
		memset(objects[i], (int)(i & 0xff), size);
	for (u32 i = 0; i < count; i++) {
		const u8 *bytes = objects[i];

		wrong += bytes[0] != (i & 0xff) || bytes[size / 2] != (i & 0xff) ||
			 bytes[size - 1] != (i & 0xff);
		kmem_cache_free(cache, objects[i]);
	}
	return wrong;
}

/*
 * Objects are aligned, lie in frames of their cache, and share no byte, whatever their size; two
 * slabs of each.
 */
static void sizes(void)
{
	static const struct {
		u32 size, align;
	} kinds[] = {
		{ 1, 0 },      { 4, 4 },       { 12, 0 },   { 20, 64 },	  { 32, 32 },
		{ 100, 8 },    { 500, 0 },     { 511, 1 },  { 512, 0 },	  { 513, 0 },
		{ 1000, 128 }, { 4096, 4096 }, { 5000, 0 }, { 70000, 0 }, { KMALLOC_MAX, 0 }
	};

	for (u32 k = 0; k < ARRAY_SIZE(kinds); k++) {
		u32 size = kinds[k].size, align = max(kinds[k].align, 1u), before, count;
		struct kmem_cache *cache =
			kmem_cache_create("size", size, kinds[k].align, 0, NULL, NULL);

		EXPECT(cache);
		before = nr_free_pages();
		count = min(2 * cache->objects, OBJECTS_MAX);
		for (u32 i = 0; i < count; i++) {
			objects[i] = kmem_cache_alloc(cache, GFP_KERNEL);
			EXPECT(objects[i]);
			EXPECT(IS_ALIGNED((uintptr_t)objects[i], align));
			EXPECT(virt_to_page(objects[i])->flags & PG_slab);
		}
		EXPECT(before - nr_free_pages() >= cache->slabs << cache->order);
		EXPECT_EQ(fill_and_free(cache, size, count), 0);
		EXPECT(kmem_cache_validate(cache) == NULL);
		EXPECT_EQ(kmem_cache_destroy(cache), 0);
		kmem_cache_reap();
		EXPECT(nr_free_pages() >= before);
	}
}

/*
 * The descriptor of a slab of large objects lies elsewhere, so that a page-sized object needs one
 * page; small objects share a page with it.
 */
static void descriptors(void)
{
	struct kmem_cache *large = kmem_cache_create("large", PAGE_SIZE, 0, 0, NULL, NULL);
	struct kmem_cache *small = kmem_cache_create("small", 64, 0, 0, NULL, NULL);
	void *object;
	u32 bytes;

	EXPECT(large && small);
	bytes = PAGE_SIZE << small->order;
	EXPECT(large->off_slab);
	EXPECT(!small->off_slab);
	if (!((large->flags | small->flags) & SLAB_DEBUG_MASK)) {
		EXPECT_EQ(large->objects, 1u << large->order);
		EXPECT(bytes - small->objects * small->size < bytes / 25); /* 4 % */
	}
	object = kmem_cache_alloc(large, GFP_KERNEL);
	EXPECT(object);
	kmem_cache_free(large, object);
	EXPECT_EQ(kmem_cache_destroy(large), 0);
	EXPECT_EQ(kmem_cache_destroy(small), 0);
}

static void busy_cache(void)
{
	struct kmem_cache *cache = thing_cache();
	struct thing *thing;

	thing = kmem_cache_alloc(cache, GFP_KERNEL);
	EXPECT_EQ(kmem_cache_destroy(cache), -EBUSY);
	expect_slabs(cache, 0, 1, 0);
	EXPECT(thing && thing->magic == THING_MAGIC);
	kmem_cache_free(cache, thing);
	EXPECT_EQ(kmem_cache_destroy(cache), 0);
}

static void bad_parameters(void)
{
	EXPECT(!kmem_cache_create("none", 0, 0, 0, NULL, NULL));
	EXPECT(!kmem_cache_create("large", KMALLOC_MAX + 1, 0, 0, NULL, NULL));
	EXPECT(!kmem_cache_create("wrap", ~(size_t)0, 0, 0, NULL, NULL));
	EXPECT(!kmem_cache_create("odd", 8, 12, 0, NULL, NULL));
	EXPECT(!kmem_cache_create("wide", 8, 2 * PAGE_SIZE, 0, NULL, NULL));
}

/* The general caches: the next power of two from 32 to 131072. */
static void general_caches(void)
{
	u32 rounded = KMALLOC_MIN;

	for (u32 size = 1; size <= KMALLOC_MAX; size = size < 64 ? size + 1 : size * 9 / 8) {
		void *object = kmalloc(size, GFP_KERNEL);

		while (rounded < size)
			rounded *= 2;
		EXPECT(object);
		EXPECT_EQ(ksize(object), rounded);
		EXPECT(IS_ALIGNED((uintptr_t)object, 8));
		memset(object, 0xee, ksize(object));
		kfree(object);
	}
	for (rounded = KMALLOC_MIN; rounded <= KMALLOC_MAX; rounded *= 2) {
		void *object = kmalloc(rounded, GFP_KERNEL);

		EXPECT(object && ksize(object) == rounded);
		kfree(object);
	}
	EXPECT(!kmalloc(0, GFP_KERNEL));
	EXPECT(!kmalloc(KMALLOC_MAX + 1, GFP_KERNEL));
	EXPECT(!kmalloc(~(size_t)0, GFP_KERNEL));
	EXPECT(!kmalloc(1u << 31, GFP_KERNEL));
	kfree(NULL);
}

/* The general caches for devices: the same sizes, from frames below 16 MiB. */
static void device_caches(void)
{
	for (u32 size = KMALLOC_MIN; size <= KMALLOC_MAX; size *= 2) {
		void *object = kmalloc(size, GFP_KERNEL | __GFP_DMA);

		EXPECT(object);
		EXPECT_EQ(ksize(object), size);
		EXPECT(virt_to_phys(object) + size <= MiB(16));
		kfree(object);
	}
}

/* An array with a size that overflows is refused. */
static void arrays(void)
{
	u32 *array = kcalloc(100, sizeof(*array), GFP_KERNEL), sum = 0;

	EXPECT(array);
	for (u32 i = 0; i < 100; i++)
		sum |= array[i];
	EXPECT_EQ(sum, 0);
	kfree(array);
	EXPECT(!kcalloc(0x10001, 0x10000, GFP_KERNEL));
	EXPECT(!kcalloc(0x80000000u, 2, GFP_KERNEL));
	EXPECT(!kcalloc(2, 0x80000000u, GFP_KERNEL));
	EXPECT(!kcalloc(KMALLOC_MAX, 2, GFP_KERNEL));
	EXPECT(!kcalloc(0, 8, GFP_KERNEL));
	EXPECT(!kcalloc(8, 0, GFP_KERNEL));
}

/* Slabs with room to spare begin at different cache lines; objects that ask for lines get them. */
static void colours(void)
{
	struct kmem_cache *cache =
		kmem_cache_create("colour", 200, 0, SLAB_HWCACHE_ALIGN, NULL, NULL);
	u32 starts = 0, count;

	EXPECT(cache);
	count = min(4 * cache->objects, OBJECTS_MAX);
	for (u32 i = 0; i < count; i++) {
		objects[i] = kmem_cache_alloc(cache, GFP_KERNEL);
		EXPECT(objects[i]);
		if (!(cache->flags & SLAB_DEBUG_MASK))
			EXPECT(IS_ALIGNED((uintptr_t)objects[i], 64));
	}
	for (u32 i = 0; i + cache->objects < count; i += cache->objects)
		starts += ((uintptr_t)objects[i] & ~PAGE_MASK) !=
			  ((uintptr_t)objects[i + cache->objects] & ~PAGE_MASK);
	if (cache->colours > 1)
		EXPECT(starts > 0);
	for (u32 i = 0; i < count; i++)
		kmem_cache_free(cache, objects[i]);
	EXPECT_EQ(kmem_cache_destroy(cache), 0);
}

/*
 * With all checks a cache works as without; and a freed object is poisoned.
 */
static void debugged(void)
{
	struct kmem_cache *cache =
		kmem_cache_create("debugged", 40, 8, SLAB_DEBUG_MASK, NULL, NULL);
	u32 count;

	EXPECT(cache);
	count = 2 * cache->objects;
	for (u32 i = 0; i < count; i++)
		EXPECT(IS_ALIGNED((uintptr_t)(objects[i] = kmem_cache_alloc(cache, GFP_KERNEL)),
				  8));
	memset(objects[0], 0, 40);
	EXPECT(cache->size > 40);
	EXPECT_EQ(fill_and_free(cache, 40, count), 0);
	EXPECT(*(volatile u8 *)objects[0] == *((volatile u8 *)objects[0] + 1));
	EXPECT(*(volatile u8 *)objects[0] != 0);
	EXPECT(kmem_cache_validate(cache) == NULL);
	EXPECT_EQ(kmem_cache_destroy(cache), 0);
}

static void zeroed(void)
{
	static const u32 wanted[] = { 1, 33, 500, 5000, KMALLOC_MAX };

	for (u32 i = 0; i < ARRAY_SIZE(wanted); i++) {
		u8 *object = kmalloc(wanted[i], GFP_KERNEL);
		u32 wrong = 0;

		EXPECT(object);
		memset(object, 0xff, wanted[i]);
		kfree(object);
		object = kzalloc(wanted[i], GFP_KERNEL);
		EXPECT(object);
		for (u32 b = 0; b < wanted[i]; b++)
			wrong += object[b] != 0;
		EXPECT_EQ(wrong, 0);
		kfree(object);
	}
}

/* The cache's line in slabinfo begins with these numbers. */
static bool slabinfo_says(const char *text, const char *name, u32 active, u32 all, u32 size)
{
	size_t length = strlen(name);
	u64 numbers[3] = { 0 };

	for (; text; text = strchr(text, '\n') ? strchr(text, '\n') + 1 : NULL) {
		const char *at = text + length;

		if (strncmp(text, name, length) || *at != ' ')
			continue;
		for (u32 i = 0; i < ARRAY_SIZE(numbers); i++) {
			while (*at == ' ')
				at++;
			if (parse_u64(at, &at, 10, &numbers[i]))
				return false;
		}
		return numbers[0] == active && numbers[1] == all && numbers[2] == size;
	}
	return false;
}

/* Statistics as in slabinfo. */
static void statistics(void)
{
	struct kmem_cache *cache = thing_cache();
	char *text = kmalloc(2 * PAGE_SIZE, GFP_KERNEL);
	u32 count, line = 0;

	EXPECT(text);
	count = cache->objects;
	for (u32 i = 0; i <= count; i++)
		objects[i] = kmem_cache_alloc(cache, GFP_KERNEL);
	EXPECT_EQ(cache->inuse, count + 1);
	do
		EXPECT(kmem_cache_slabinfo(line++, text, PAGE_SIZE));
	while (!slabinfo_says(text, "thing", count + 1, 2 * count, cache->size) && line < 200);
	EXPECT(line < 200);
	for (u32 i = 0; i <= count; i++)
		kmem_cache_free(cache, objects[i]);
	EXPECT_EQ(cache->inuse, 0);
	EXPECT_EQ(cache->slabs, 2);
	kmem_cache_shrink(cache);
	EXPECT_EQ(cache->slabs, 0);
	/* A buffer that is too small gets the part that fits. */
	memset(text, 'x', 64);
	EXPECT(kmem_cache_slabinfo(0, text, 40) < 40);
	EXPECT_EQ((u32)text[40], (u32)'x');
	kfree(text);
	EXPECT_EQ(kmem_cache_destroy(cache), 0);
}

#define MIXTURE_STEPS 4000u
#define MIXTURE_SLOTS 256u

/* Allocations and releases in no order: an object keeps its contents until it is freed. */
static void mixture(void)
{
	struct kmem_cache *cache = thing_cache();
	u32 random = 88172645u, wrong = 0;

	memset(objects, 0, MIXTURE_SLOTS * sizeof(*objects));
	for (u32 step = 0; step < MIXTURE_STEPS + MIXTURE_SLOTS; step++) {
		u32 slot = step % MIXTURE_SLOTS;
		struct thing *thing;

		random = random * 1664525u + 1013904223u;
		if (step < MIXTURE_STEPS)
			slot = random >> 16 & (MIXTURE_SLOTS - 1);
		thing = objects[slot];
		if (thing) {
			wrong += thing->magic != THING_MAGIC || thing->uses != slot;
			thing->uses = 0;
			kmem_cache_free(cache, thing);
			objects[slot] = NULL;
		} else if (step < MIXTURE_STEPS) {
			thing = objects[slot] = kmem_cache_alloc(cache, GFP_KERNEL);
			EXPECT(thing);
			wrong += thing->magic != THING_MAGIC || thing->uses;
			thing->uses = slot;
		}
		if (step % 256 == 0)
			EXPECT(kmem_cache_validate(cache) == NULL);
	}
	EXPECT_EQ(wrong, 0);
	EXPECT_EQ(kmem_cache_destroy(cache), 0);
	EXPECT_EQ(constructed, destructed);
}

static const struct test_case cases[] = {
	{ "constructors", constructors },
	{ "lists", lists },
	{ "sizes", sizes },
	{ "descriptors", descriptors },
	{ "busy_cache", busy_cache },
	{ "bad_parameters", bad_parameters },
	{ "general_caches", general_caches },
	{ "device_caches", device_caches },
	{ "arrays", arrays },
	{ "colours", colours },
	{ "debugged", debugged },
	{ "zeroed", zeroed },
	{ "statistics", statistics },
	{ "mixture", mixture },
};

TEST_SUITE(slab, cases);
