/* SPDX-License-Identifier: MIT */
/*
 * Slabs and the general caches. The reference is a list of the allocated objects, with their
 * contents:
 *
 *   - an object is aligned, lies in RAM, and keeps its contents;
 *   - an object of a cache with a constructor arrives in its constructed state;
 *   - a cache's counts agree with the list; each of its objects was constructed once, not
 *     destructed;
 *   - a cache with a free object serves every request, and one without asks for frames;
 *   - each frame outside the slabs is free.
 */
#include "abi/linux/errno.h"
#include "lib/string.h"
#include "mm/slab/slab.h"
#include "mm/slab/slab_internal.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/rig.h"

#define CACHES	    6u
#define OBJECTS_MAX 600u
#define STEP	    256u /* distance of the written words, bytes */
#define NEW_WORD    0xc0115b0cu

struct object {
	u8 *address;
	u32 bytes;
	u32 stamp;
	u32 cache; /* CACHES: of kmalloc() */
};

struct model {
	struct kmem_cache *cache;
	u32 out, size, align;
	bool constructed;
	s32 alive; /* objects constructed and not destructed */
};

static struct model models[CACHES];
static struct object objects[OBJECTS_MAX];
static u32 object_count, next_stamp;

/* `word` as it stands at offset `at`: byte for byte by the offset, so that words may overlap. */
static u32 turned(u32 word, u32 at)
{
	u32 bits = 8 * (at & 3);

	return bits ? word >> bits | word << (32 - bits) : word;
}

static void write_word(u8 *address, u32 at, u32 word)
{
	word = turned(word, at);
	memcpy(address + at, &word, 4);
}

static void expect_word(const u8 *address, u32 at, u32 word)
{
	u32 got;

	memcpy(&got, address + at, 4);
	FUZZ_EQUAL(got, turned(word, at));
}

/* The words that identify an object: one in STEP bytes, and the last. */
static void write_words(u8 *address, u32 bytes, u32 word)
{
	if (bytes < 4)
		return;
	for (u32 at = 0; at + 4 <= bytes; at += STEP)
		write_word(address, at, word);
	write_word(address, bytes - 4, word);
}

static void expect_words(const u8 *address, u32 bytes, u32 word)
{
	if (bytes < 4)
		return;
	for (u32 at = 0; at + 4 <= bytes; at += STEP)
		expect_word(address, at, word);
	expect_word(address, bytes - 4, word);
}

static void construct(u32 i, void *object)
{
	models[i].alive++;
	write_words(object, models[i].size, NEW_WORD);
}

static void destruct(u32 i, void *object)
{
	models[i].alive--;
	expect_words(object, models[i].size, NEW_WORD);
}

/* A constructor does not know its cache: each entry of `models` has its own. */
#define HOOKS(i)                                \
	static void construct_##i(void *object) \
	{                                       \
		construct(i, object);           \
	}                                       \
	static void destruct_##i(void *object)  \
	{                                       \
		destruct(i, object);            \
	}
HOOKS(0)
HOOKS(1)
HOOKS(2)
HOOKS(3)
HOOKS(4)
HOOKS(5)

static void (*const constructors[CACHES])(void *) = {
	construct_0, construct_1, construct_2, construct_3, construct_4, construct_5,
};
static void (*const destructors[CACHES])(void *) = {
	destruct_0, destruct_1, destruct_2, destruct_3, destruct_4, destruct_5,
};

static void compare_cache(const struct model *model)
{
	const struct kmem_cache *cache = model->cache;

	FUZZ_EQUAL(cache->inuse, model->out);
	FUZZ_CHECK(cache->slabs * cache->objects >= model->out);
	if (model->constructed)
		FUZZ_EQUAL(model->alive, cache->slabs * cache->objects);
}

static void compare_all(void)
{
	const char *name = "";

	FUZZ_VALID(kmem_cache_validate_all(&name));
	FUZZ_EQUAL(nr_free_pages() + rig_slab_frames(), rig_frames());
	for (u32 i = 0; i < CACHES; i++)
		if (models[i].cache)
			compare_cache(&models[i]);
	for (u32 i = 0; i < object_count; i++)
		expect_words(objects[i].address, objects[i].bytes, objects[i].stamp);
}

static u32 take_size(struct fuzz_input *in)
{
	u32 kind = fuzz_u8(in), number = fuzz_u16(in);

	if (kind < 200)
		return 1 + number % (kind < 100 ? 256 : 4096);
	return 1 + number * 3 % KMALLOC_MAX;
}

static void op_create(struct fuzz_input *in, u32 i)
{
	struct model *model = &models[i];
	u32 bits = fuzz_u8(in), size = take_size(in), align_bits = fuzz_below(in, 24);
	u32 flags = (bits & SLAB_HWCACHE_ALIGN) | (bits & SLAB_CACHE_DMA) |
		    (bits & 8 ? bits & SLAB_DEBUG_MASK : 0);
	bool constructed = bits & 4 && size >= 4;

	*model = (struct model){ .size = size, .constructed = constructed };
	model->align = align_bits <= 12 && align_bits > 1 ? 1u << align_bits : 0;
	model->cache = kmem_cache_create("model", size, model->align, flags,
					 constructed ? constructors[i] : NULL,
					 constructed ? destructors[i] : NULL);
	FUZZ_CHECK(model->cache || rig_failed() || !cache_list.next || nr_free_pages() < 128);
	if (model->cache)
		compare_cache(model);
}

static void op_destroy(struct model *model)
{
	int err = kmem_cache_destroy(model->cache);

	FUZZ_EQUAL(err, model->out ? -EBUSY : 0);
	if (err)
		return;
	FUZZ_EQUAL(model->alive, 0);
	model->cache = NULL;
}

static void remember(void *address, u32 bytes, u32 cache)
{
	struct object object = { address, bytes, ++next_stamp, cache };
	pfn_t first = virt_to_pfn(address), last = virt_to_pfn(object.address + bytes - 1);

	FUZZ_CHECK(first <= last && last < max_low_pfn);
	FUZZ_CHECK(pfn_to_page(first)->flags & pfn_to_page(last)->flags & PG_slab);
	write_words(address, bytes, object.stamp);
	objects[object_count++] = object;
}

/*
 * A request fails only if memory is short or the failure was injected. `order` is that of the
 * slab.
 */
static void expect_shortage(u32 order)
{
	const struct zone *zone = &zones[ZONE_DMA]; /* all of the direct map */
	u32 blocks = 0;

	for (u32 o = order; o < MAX_ORDER; o++)
		blocks += zone_free_blocks(zone, o);
	/* A slab of descriptors may have been needed too. */
	FUZZ_CHECK(rig_failed() || !blocks ||
		   zone->free_pages <= zone->pages_min + (1u << order) + 1);
}

static void op_alloc(struct model *model, struct fuzz_input *in)
{
	gfp_t gfp = fuzz_u8(in) & 1 ? GFP_KERNEL : GFP_ATOMIC;
	struct kmem_cache *cache = model->cache;
	bool has_free = cache->inuse < cache->slabs * cache->objects;
	u32 slabs = cache->slabs;
	u8 *address = kmem_cache_alloc(cache, gfp);

	if (!address) {
		FUZZ_CHECK(!has_free || rig_failed());
		expect_shortage(cache->order);
		compare_cache(model);
		return;
	}
	FUZZ_EQUAL(cache->slabs, slabs + !has_free);
	FUZZ_CHECK(IS_ALIGNED(virt_to_phys(address), max(model->align, 4u)));
	if (model->constructed)
		expect_words(address, model->size, NEW_WORD);
	model->out++;
	remember(address, model->size, (u32)(model - models));
	compare_cache(model);
}

static void op_kmalloc(struct fuzz_input *in)
{
	u32 kind = fuzz_u8(in), bytes = take_size(in), count = 1;
	gfp_t gfp = GFP_KERNEL | (kind & 4 ? GFP_DMA : 0);
	u8 *address;

	if (kind & 1) {
		address = kmalloc(bytes, gfp);
	} else if (kind & 2) {
		address = kzalloc(bytes, gfp);
	} else {
		count = 1 + fuzz_below(in, 64);
		address = kcalloc(count, bytes, gfp);
	}
	if ((u64)count * bytes > KMALLOC_MAX) {
		FUZZ_CHECK(!address);
		return;
	}
	bytes *= count;
	if (!address) {
		expect_shortage(get_order(bytes));
		return;
	}
	FUZZ_CHECK(IS_ALIGNED(virt_to_phys(address), 8));
	FUZZ_CHECK(ksize(address) >= bytes && (bytes <= KMALLOC_MIN || ksize(address) < 2 * bytes));
	if (gfp & GFP_DMA)
		FUZZ_CHECK(virt_to_pfn(address) < ZONE_DMA_END);
	if (!(kind & 1)) /* all bytes are zero: the first is, and each equals the previous one */
		FUZZ_CHECK(!address[0] && !memcmp(address, address + 1, bytes - 1));
	remember(address, bytes, CACHES);
}

/* Impossible sizes. */
static void op_kmalloc_bad(struct fuzz_input *in)
{
	size_t count = (size_t)fuzz_u32(in) << fuzz_below(in, 8), size = fuzz_u32(in);

	FUZZ_CHECK(!kmalloc(0, GFP_KERNEL) && !kzalloc(KMALLOC_MAX + 1 + count / 2, GFP_KERNEL));
	if (!count || !size || count > KMALLOC_MAX / size)
		FUZZ_CHECK(!kcalloc(count, size, GFP_KERNEL));
	FUZZ_CHECK(!kmem_cache_create("bad", KMALLOC_MAX + 1, 0, 0, NULL, NULL));
	FUZZ_CHECK(!kmem_cache_create("bad", 8, 24, 0, NULL, NULL));
	FUZZ_CHECK(!kmem_cache_create("bad", 0, 0, 0, NULL, NULL));
	kfree(NULL);
}

static void free_object(u32 i)
{
	struct object object = objects[i];
	struct model *model = &models[object.cache];

	objects[i] = objects[--object_count];
	expect_words(object.address, object.bytes, object.stamp);
	if (object.cache == CACHES) {
		kfree(object.address);
		return;
	}
	if (model->constructed)
		write_words(object.address, object.bytes, NEW_WORD);
	kmem_cache_free(model->cache, object.address);
	model->out--;
	compare_cache(model);
}

static void op_shrink(struct model *model)
{
	u32 free = nr_free_pages(), slabs = model->cache->slabs;
	u32 frames = kmem_cache_shrink(model->cache);

	FUZZ_EQUAL(frames, (slabs - model->cache->slabs) << model->cache->order);
	FUZZ_EQUAL(nr_free_pages(), free + frames);
	FUZZ_CHECK(list_empty(&model->cache->free));
	compare_cache(model);
}

static void operation(struct fuzz_input *in, u32 op)
{
	u32 i = fuzz_u8(in) % CACHES;

	if (op < 8)
		rig_fail(in);
	else if (op < 16)
		rig_fail_not();
	else if (op < 20)
		op_kmalloc_bad(in);
	else if (op < 22)
		kmem_cache_reap();
	else if (!models[i].cache)
		op_create(in, i);
	else if (op < 28)
		op_destroy(&models[i]);
	else if (op < 34)
		op_shrink(&models[i]);
	else if (op < 80)
		op_kmalloc(in);
	else
		op_alloc(&models[i], in);
}

void fuzz_run(const u8 *data, size_t size)
{
	struct fuzz_input in = { data, data + size };
	u32 frees = 100; /* of 256 */

	object_count = next_stamp = 0;
	memset(models, 0, sizeof(models));
	rig_start();
	while (fuzz_more(&in)) {
		u32 op = fuzz_u8(&in), which = fuzz_u8(&in);

		rig_operation();
		if (which >= 253)
			frees = op;
		else if ((which < frees && object_count) || object_count == OBJECTS_MAX)
			free_object((which + op * 256) % object_count);
		else
			operation(&in, op);
		if (fuzz_step())
			compare_all();
	}
	rig_fail_not();
	compare_all();
	while (object_count)
		free_object(object_count - 1);
	for (u32 i = 0; i < CACHES; i++)
		if (models[i].cache)
			op_destroy(&models[i]);
	rig_end(0);
}
