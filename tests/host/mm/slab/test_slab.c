/* SPDX-License-Identifier: MIT */
/*
 * Slabs: constructors, the three lists, geometry, general caches, wrong releases, exhaustion.
 */
#include <stdlib.h>
#include <string.h>

#include "abi/linux/errno.h"
#include "mm/slab/slab.h"
#include "mm/slab/slab_internal.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

#define OBJECTS_MAX 4096

static void *objects[OBJECTS_MAX];

/* The value that the constructor writes, the user leaves and the destructor checks. */
struct thing {
	u32 magic;
	u32 constructed, handed_out;
	char payload[52];
};

#define THING_MAGIC 0x7468696eu

static u32 constructions, destructions;

static void construct(void *object)
{
	struct thing *thing = object;

	thing->magic = THING_MAGIC;
	thing->constructed = ++constructions;
	thing->handed_out = 0;
}

static void destruct(void *object)
{
	struct thing *thing = object;

	EXPECT_EQ(thing->magic, THING_MAGIC);
	thing->magic = 0;
	destructions++;
}

static u32 length_of(const struct list_head *head)
{
	const struct list_head *link;
	u32 length = 0;

	list_for_each (link, head)
		length++;
	return length;
}

static void expect_lists(const struct kmem_cache *cache, u32 full, u32 partial, u32 free)
{
	EXPECT_VALID(kmem_cache_validate(cache));
	EXPECT_EQ(length_of(&cache->full), full);
	EXPECT_EQ(length_of(&cache->partial), partial);
	EXPECT_EQ(length_of(&cache->free), free);
	EXPECT_EQ(cache->slabs, full + partial + free);
}

/*
 * The constructor runs once per object of a slab, not once per allocation; the destructor when the
 * slab is freed.
 */
static void constructor_and_destructor(void)
{
	struct kmem_cache *cache;
	u32 per_slab;

	machine_boot();
	cache = kmem_cache_create("thing", sizeof(struct thing), 0, 0, construct, destruct);
	per_slab = cache->objects;
	for (u32 round = 0; round < 3; round++) {
		for (u32 i = 0; i < 2 * per_slab; i++) {
			struct thing *thing = kmem_cache_alloc(cache, GFP_KERNEL);

			EXPECT_EQ(thing->magic, THING_MAGIC);
			/* As its last user left it. */
			EXPECT_EQ(thing->handed_out, round);
			thing->handed_out++;
			objects[i] = thing;
		}
		EXPECT_EQ(constructions, 2 * per_slab);
		for (u32 i = 0; i < 2 * per_slab; i++)
			kmem_cache_free(cache, objects[i]);
		EXPECT_EQ(destructions, 0);
	}
	EXPECT_EQ(kmem_cache_shrink(cache), 2u << cache->order);
	EXPECT_EQ(destructions, 2 * per_slab);
	EXPECT_EQ(kmem_cache_shrink(cache), 0);
	kmem_cache_alloc(cache, GFP_KERNEL);
	EXPECT_EQ(constructions, 3 * per_slab);
	EXPECT_EQ(kmem_cache_destroy(cache), -EBUSY);
	EXPECT_EQ(destructions, 2 * per_slab);
	kmem_cache_free(cache, list_first_entry(&cache->partial, struct slab, link)->objects);
	EXPECT_EQ(kmem_cache_destroy(cache), 0);
	EXPECT_EQ(destructions, 3 * per_slab);
}

static void three_lists(void)
{
	struct kmem_cache *cache;
	u32 n;

	machine_boot();
	cache = kmem_cache_create("lists", 100, 0, 0, NULL, NULL);
	n = cache->objects;
	expect_lists(cache, 0, 0, 0);
	for (u32 i = 0; i < 2 * n; i++) {
		objects[i] = kmem_cache_alloc(cache, GFP_KERNEL);
		expect_lists(cache, (i + 1) / n, (i + 1) % n != 0, 0);
		EXPECT_EQ(cache->inuse, i + 1);
	}
	kmem_cache_free(cache, objects[0]);
	expect_lists(cache, 1, 1, 0);
	kmem_cache_free(cache, objects[n]);
	expect_lists(cache, 0, 2, 0);
	for (u32 i = 1; i < n; i++)
		kmem_cache_free(cache, objects[i]);
	expect_lists(cache, 0, 1, 1);
	/* A partial slab is used before a free one. */
	objects[0] = kmem_cache_alloc(cache, GFP_KERNEL);
	expect_lists(cache, 1, 0, 1);
	kmem_cache_free(cache, objects[0]);
	for (u32 i = n + 1; i < 2 * n; i++)
		kmem_cache_free(cache, objects[i]);
	expect_lists(cache, 0, 0, 2);
	EXPECT_EQ(kmem_cache_destroy(cache), 0);
}

/* Objects are apart, aligned, inside their slab, and writable over their whole length. */
static void check_geometry(u32 size, u32 align)
{
	struct kmem_cache *cache = kmem_cache_create("geometry", size, align, 0, NULL, NULL);
	u32 bytes, used, count;

	if (!EXPECT(cache != NULL))
		return;
	bytes = PAGE_SIZE << cache->order;
	used = cache->first_object + cache->objects * cache->size;
	EXPECT(cache->objects && used <= bytes);
	EXPECT(cache->size >= size);
	/* On-slab: the descriptor and the chain lie before the first object. */
	if (!cache->off_slab)
		EXPECT(cache->first_object >= sizeof(struct slab) + cache->objects);
	count = min(2 * cache->objects + 1, 600u);
	for (u32 i = 0; i < count; i++) {
		objects[i] = kmem_cache_alloc(cache, GFP_KERNEL);
		EXPECT(objects[i] &&
		       IS_ALIGNED((uintptr_t)objects[i] - (uintptr_t)physmap, max(align, 4u)));
		memset(objects[i], (int)i, size);
	}
	EXPECT_VALID(kmem_cache_validate(cache));
	for (u32 i = 0; i < count; i++) {
		const u8 *object = objects[i];

		EXPECT(object[0] == (u8)i && object[size - 1] == (u8)i);
		kmem_cache_free(cache, objects[i]);
	}
	EXPECT_VALID(kmem_cache_validate(cache));
	if (!EXPECT_EQ(kmem_cache_destroy(cache), 0) || tap_failed())
		tap_note("size %u, align %u", size, align);
}

static void geometries(void)
{
	static const u32 sizes[] = { 1,	   2,	 3,	4,     5,     7,      8,     12,
				     31,   64,	 100,	200,   511,   512,    513,   777,
				     1024, 1365, 2048,	2049,  4095,  4096,   4097,  5000,
				     8192, 9000, 16384, 33000, 65536, 100000, 131072 };

	machine_boot();
	for (u32 i = 0; i < ARRAY_SIZE(sizes) && !tap_failed(); i++)
		for (u32 align = 0; align <= PAGE_SIZE && !tap_failed();
		     align = align ? align * 4 : 1)
			check_geometry(sizes[i], align);
}

static void bad_parameters(void)
{
	machine_boot();
	EXPECT(!kmem_cache_create("zero", 0, 0, 0, NULL, NULL));
	EXPECT(!kmem_cache_create("large", KMALLOC_MAX + 1, 0, 0, NULL, NULL));
	EXPECT(!kmem_cache_create("huge", (size_t)-1, 0, 0, NULL, NULL));
	EXPECT(!kmem_cache_create("align 3", 64, 3, 0, NULL, NULL));
	EXPECT(!kmem_cache_create("align 8192", 64, 8192, 0, NULL, NULL));
	machine_check();
}

static void waste_is_bounded(void)
{
	struct kmem_cache *cache;

	machine_boot();
	/* 64-byte objects: less than 4 % of a slab is overhead. */
	cache = kmem_cache_create("64", 64, 0, 0, NULL, NULL);
	EXPECT(cache->objects * 64 * 100 > (PAGE_SIZE << cache->order) * 96);
	EXPECT_EQ(kmem_cache_destroy(cache), 0);
}

static void kmalloc_sizes(void)
{
	static const u32 edges[] = { 1,	   31,	 32,   33,    64,    65,    128,   255,	   256,
				     257,  511,	 512,  513,   1024,  1025,  2048,  4095,   4096,
				     4097, 8192, 8193, 32768, 65535, 65536, 65537, 131071, 131072 };

	machine_boot();
	for (u32 i = 0; i < ARRAY_SIZE(edges); i++) {
		u8 *object = kmalloc(edges[i], GFP_KERNEL), *zeroed;
		size_t whole;

		if (!EXPECT(object != NULL))
			continue;
		whole = ksize(object);
		EXPECT(whole >= edges[i] && (whole == 32 || whole < 2 * edges[i]));
		EXPECT_EQ(page_owner(virt_to_page(object)), OWNER_SLAB);
		EXPECT(IS_ALIGNED((uintptr_t)object - (uintptr_t)physmap, 8));
		memset(object, 0xff, whole);
		kfree(object);
		zeroed = kzalloc(edges[i], GFP_KERNEL);
		EXPECT(zeroed == object);
		EXPECT(!zeroed[0] && !memcmp(zeroed, zeroed + 1, edges[i] - 1));
		kfree(zeroed);
	}
	EXPECT(!kmalloc(0, GFP_KERNEL));
	EXPECT(!kmalloc(KMALLOC_MAX + 1, GFP_KERNEL));
	EXPECT(!kmalloc((size_t)-1, GFP_KERNEL));
	EXPECT(!kmalloc((size_t)-4096, GFP_KERNEL));
	kfree(NULL);
}

static void kcalloc_and_dma(void)
{
	u8 *object;

	machine_boot();
	object = kcalloc(10, 30, GFP_KERNEL);
	EXPECT(object && ksize(object) >= 300 && !object[0] && !memcmp(object, object + 1, 299));
	kfree(object);
	EXPECT(!kcalloc(0, 8, GFP_KERNEL) && !kcalloc(8, 0, GFP_KERNEL));
	/* The product wraps to something small. */
	EXPECT(!kcalloc((size_t)1 << (4 * sizeof(size_t)), (size_t)1 << (4 * sizeof(size_t)),
			GFP_KERNEL));
	EXPECT(!kcalloc((size_t)-1, 2, GFP_KERNEL) && !kcalloc(2, (size_t)-1, GFP_KERNEL));
	EXPECT(!kcalloc((size_t)-1 / 16 + 2, 16, GFP_KERNEL));
	EXPECT(!kcalloc(KMALLOC_MAX, 2, GFP_KERNEL));
	for (u32 bytes = 1; bytes <= KMALLOC_MAX; bytes *= 2) {
		object = kmalloc(bytes, GFP_KERNEL | GFP_DMA);
		EXPECT(object && virt_to_pfn(object) < ZONE_DMA_END);
		EXPECT(ksize(object) >= bytes);
		kfree(object);
	}
}

/*
 * Objects on cache lines of 64 bytes, small ones on a part of one; and slabs are of different
 * colours.
 */
static void cache_lines(void)
{
	static const u32 sizes[] = { 1, 8, 9, 16, 17, 32, 33, 64, 65, 100 };
	u32 offsets = 0, seen = 0;
	struct kmem_cache *cache;

	machine_boot();
	for (u32 i = 0; i < ARRAY_SIZE(sizes); i++) {
		u32 size = sizes[i], align = size > 32 ? 64 : size > 16 ? 32 : size > 8 ? 16 : 8;

		cache = kmem_cache_create("lines", size, 0, SLAB_HWCACHE_ALIGN, NULL, NULL);
		EXPECT_EQ(cache->align, align);
		objects[0] = kmem_cache_alloc(cache, GFP_KERNEL);
		EXPECT(IS_ALIGNED((char *)objects[0] - physmap, align));
		kmem_cache_free(cache, objects[0]);
		EXPECT_EQ(kmem_cache_destroy(cache), 0);
	}
	cache = kmem_cache_create("colours", 200, 64, 0, NULL, NULL);
	EXPECT(cache->colours > 1 && cache->colours <= 32);
	for (u32 i = 0; i < cache->colours; i++)
		for (u32 k = 0; k < cache->objects; k++) {
			void *object = kmem_cache_alloc(cache, GFP_KERNEL);
			u32 offset = (u32)((char *)object - physmap) % PAGE_SIZE;

			objects[i * cache->objects + k] = object;
			if (!k && !(seen & 1u << offset / 64 % 32)) {
				seen |= 1u << offset / 64 % 32;
				offsets++;
			}
		}
	EXPECT(offsets > 1);
	EXPECT_VALID(kmem_cache_validate(cache));
	for (u32 i = 0; i < cache->colours * cache->objects; i++)
		kmem_cache_free(cache, objects[i]);
	EXPECT_EQ(kmem_cache_destroy(cache), 0);
}

static void *used_object(void)
{
	void *object = kmalloc(64, GFP_KERNEL);

	kfree(object);
	return object;
}

/* The object's slab was released meanwhile. */
static bool free_after_shrink(struct kmem_cache *cache)
{
	void *object = kmem_cache_alloc(cache, GFP_KERNEL);

	kmem_cache_free(cache, object);
	kmem_cache_shrink(cache);
	kmem_cache_free(cache, object);
	return true;
}

static void wrong_frees(void)
{
	struct kmem_cache *one, *other;
	void *object, *second;
	char *on_stack = (char *)&one;

	machine_boot();
	one = kmem_cache_create("one", 48, 0, 0, NULL, NULL);
	other = kmem_cache_create("other", 48, 0, 0, NULL, NULL);
	object = kmem_cache_alloc(one, GFP_KERNEL);
	second = kmem_cache_alloc(one, GFP_KERNEL);

	EXPECT_PANIC("twice", (kmem_cache_free(one, object), kmem_cache_free(one, object), true));
	EXPECT_PANIC("freed to another cache", (kmem_cache_free(other, object), true));
	EXPECT_PANIC("not the start of an object",
		     (kmem_cache_free(one, (char *)object + 4), true));
	EXPECT_PANIC("not the start of an object",
		     (kmem_cache_free(one, (char *)object + 1), true));
	EXPECT_PANIC("not the start of an object",
		     (kmem_cache_free(one, page_address(virt_to_page(object))), true));
	EXPECT_PANIC("no slab object", (kmem_cache_free(one, physmap), true));
	EXPECT_PANIC("no slab object", (kmem_cache_free(one, on_stack), true));
	EXPECT_PANIC("no slab object", free_after_shrink(other));
	EXPECT_PANIC("kmalloc", (kfree(object), true));
	EXPECT_PANIC("kmalloc", (kfree(on_stack), true));
	EXPECT_PANIC("twice", (kfree(used_object()), true));
	EXPECT_PANIC("not the start of an object",
		     (kfree((char *)kmalloc(64, GFP_KERNEL) + 8), true));
	kmem_cache_free(one, object);
	kmem_cache_free(one, second);
	EXPECT_EQ(kmem_cache_destroy(one), 0);
	EXPECT_EQ(kmem_cache_destroy(other), 0);
}

static void without_memory(void)
{
	struct kmem_cache *small, *large;
	u32 inuse, created = 0;

	machine_boot();
	small = kmem_cache_create("small", 40, 0, 0, NULL, NULL);
	large = kmem_cache_create("large", 3000, 0, 0, NULL, NULL);
	inuse = small->inuse;
	machine_exhaust();
	EXPECT(!kmem_cache_alloc(small, GFP_ATOMIC) && !kmem_cache_alloc(small, GFP_KERNEL));
	EXPECT(!kmem_cache_alloc(large, GFP_KERNEL) && !kmalloc(KMALLOC_MAX, GFP_KERNEL));
	EXPECT(!kzalloc(100, GFP_KERNEL));
	/* As many caches as the cache of caches has room for. */
	while (created < 200 &&
	       (objects[created] = kmem_cache_create("more", 40, 0, 0, NULL, NULL)))
		created++;
	EXPECT(created < 200);
	while (created)
		EXPECT_EQ(kmem_cache_destroy(objects[--created]), 0);
	EXPECT_EQ(small->inuse, inuse);
	machine_check();
	machine_relax();
	objects[0] = kmem_cache_alloc(large, GFP_KERNEL);
	EXPECT(objects[0] != NULL);
	kmem_cache_free(large, objects[0]);
	EXPECT_EQ(kmem_cache_destroy(small), 0);
	EXPECT_EQ(kmem_cache_destroy(large), 0);
}

/*
 * An off-slab cache allocates a block, then a descriptor: if the second fails, the first is freed.
 */
static void no_memory_for_the_descriptor(void)
{
	struct kmem_cache *cache;
	u32 count = 0;

	machine_boot();
	cache = kmem_cache_create("off", 4096, 0, 0, NULL, NULL);
	EXPECT(cache->off_slab && !cache->order);
	do
		objects[count++] = kmem_cache_alloc(&off_slab_cache, GFP_KERNEL);
	while (!list_empty(&off_slab_cache.partial) || !list_empty(&off_slab_cache.free));
	machine_exhaust();
	machine_relax_by(1);
	EXPECT(!kmem_cache_alloc(cache, GFP_KERNEL));
	EXPECT_EQ(nr_free_pages(), 1);
	expect_lists(cache, 0, 0, 0);
	machine_relax();
	while (count--)
		kmem_cache_free(&off_slab_cache, objects[count]);
	EXPECT_EQ(kmem_cache_destroy(cache), 0);
}

static void reap(void)
{
	u32 free;

	machine_boot();
	free = nr_free_pages();
	objects[0] = kmalloc(100, GFP_KERNEL);
	objects[1] = kmalloc(5000, GFP_KERNEL);
	objects[2] = kmalloc(200, GFP_KERNEL);
	kfree(objects[0]);
	kfree(objects[1]);
	EXPECT(kmem_cache_reap() >= 3);
	kfree(objects[2]);
	EXPECT_EQ(kmem_cache_reap(), 1);
	EXPECT_EQ(kmem_cache_reap(), 0);
	EXPECT_EQ(nr_free_pages(), free);
}

TAP_MAIN({ "constructor and destructor", constructor_and_destructor },
	 { "full, partial, free", three_lists }, { "geometries", geometries },
	 { "bad parameters", bad_parameters }, { "little waste", waste_is_bounded },
	 { "kmalloc: 1..131072 bytes and beyond", kmalloc_sizes },
	 { "kcalloc, and memory for devices", kcalloc_and_dma },
	 { "cache lines and colours", cache_lines }, { "wrong releases panic", wrong_frees },
	 { "without memory", without_memory },
	 { "without memory for a descriptor", no_memory_for_the_descriptor }, { "reap", reap })
