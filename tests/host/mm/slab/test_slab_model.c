/* SPDX-License-Identifier: MIT */
/*
 * Slabs against a model: a list of the allocated objects, each filled with its own number.
 * Objects of all geometries, on-slab and off-slab, in slabs of one frame and of several.
 */
#include <string.h>

#include "mm/slab/slab.h"
#include "mm/slab/slab_internal.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

#define OBJECTS_MAX 4096

static const u32 model_sizes[] = { 24, 200, 700, 2048, 9000 };

struct model_object {
	u8 *bytes;
	u8 cache, fill;
};

static struct model_object handed_out[OBJECTS_MAX];

static void give_back(struct kmem_cache **caches, const struct model_object *object)
{
	u32 size = model_sizes[object->cache];

	/* Its contents are unchanged. */
	EXPECT(object->bytes[0] == object->fill &&
	       !memcmp(object->bytes, object->bytes + 1, size - 1));
	kmem_cache_free(caches[object->cache], object->bytes);
}

static void check_caches(struct kmem_cache **caches, const u32 *inuse)
{
	for (u32 i = 0; i < ARRAY_SIZE(model_sizes); i++) {
		EXPECT_VALID(kmem_cache_validate(caches[i]));
		EXPECT_EQ(caches[i]->inuse, inuse[i]);
	}
	EXPECT_VALID(kmem_cache_validate(&off_slab_cache));
}

static void random_steps(struct kmem_cache **caches, u32 steps)
{
	u32 inuse[ARRAY_SIZE(model_sizes)] = { 0 }, count = 0;
	bool filling = true;

	for (u32 step = 0; step < steps && !tap_failed(); step++) {
		struct model_object *object;

		if (random_one_in(500))
			filling = !filling;
		if (count && (count == OBJECTS_MAX || random_below(8) < (filling ? 2 : 6))) {
			object = &handed_out[random_below(count)];
			inuse[object->cache]--;
			give_back(caches, object);
			*object = handed_out[--count];
		} else {
			object = &handed_out[count++];
			object->cache = (u8)random_below(ARRAY_SIZE(model_sizes));
			object->fill = (u8)random_u32();
			object->bytes = kmem_cache_alloc(caches[object->cache], GFP_KERNEL);
			if (!EXPECT(object->bytes != NULL))
				break;
			inuse[object->cache]++;
			memset(object->bytes, object->fill, model_sizes[object->cache]);
		}
		if (random_one_in(300))
			kmem_cache_shrink(caches[random_below(ARRAY_SIZE(model_sizes))]);
		if (random_one_in(4) || step < 2000)
			check_caches(caches, inuse);
	}
	while (count--)
		give_back(caches, &handed_out[count]);
}

static void random_requests(void)
{
	struct kmem_cache *caches[ARRAY_SIZE(model_sizes)];

	machine_boot();
	for (u32 i = 0; i < ARRAY_SIZE(caches); i++)
		caches[i] = kmem_cache_create("random", model_sizes[i], 0, 0, NULL, NULL);
	random_steps(caches, tap_scaled(60000));
	for (u32 i = 0; i < ARRAY_SIZE(caches); i++)
		EXPECT_EQ(kmem_cache_destroy(caches[i]), 0);
}

TAP_MAIN({ "random requests against a model", random_requests })
