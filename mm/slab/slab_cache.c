/* SPDX-License-Identifier: MIT */
/* Caches: geometry, creation, destruction, checks and report. */
#include "mm/slab/slab_internal.h"
#include "mm/frames/fail_alloc.h"
#include "mm/frames/shrinker.h"
#include "lib/assert.h"
#include "abi/linux/errno.h"
#include "lib/printf.h"
#include "lib/text.h"
#include "lib/trace/trace.h"

/* From this object size on (bytes) the descriptor lies outside: inside it would cost an object. */
#define OFF_SLAB_LIMIT (PAGE_SIZE / 8)

/* A slab may waste an eighth of its block; if it would waste more, a larger block is tried. */
#define WASTE_DIVISOR 8

/* The cache line of all current x86 processors, bytes. */
#define CACHE_LINE 64u

LIST_HEAD(cache_list);
struct kmem_cache off_slab_cache;
static struct kmem_cache cache_cache;
static u32 debug_flags;

/* The number of objects that fit into a block of this order. */
static u32 objects_in(const struct kmem_cache *cache, u32 order, u32 *first_object)
{
	u32 bytes = PAGE_SIZE << order, objects;

	*first_object = cache->front;
	if (cache->off_slab)
		return min(bytes / cache->size, SLAB_OFF_OBJECTS_MAX);
	objects = min((bytes - (u32)sizeof(struct slab)) / (cache->size + 1), SLAB_OBJECTS_MAX);
	for (; objects; objects--) {
		u32 start = ALIGN_UP((u32)sizeof(struct slab) + objects, cache->align);

		*first_object = start + cache->front;
		if (start + objects * cache->size <= bytes)
			break;
	}
	return objects;
}

static void choose_geometry(struct kmem_cache *cache)
{
	for (u32 order = 0; order < MAX_ORDER; order++) {
		u32 first_object, objects = objects_in(cache, order, &first_object);
		u32 bytes = PAGE_SIZE << order;

		if (!objects)
			continue;
		cache->order = order;
		cache->objects = objects;
		cache->first_object = first_object;
		cache->colours = (bytes - (first_object - cache->front) - objects * cache->size) /
					 cache->align +
				 1;
		if ((bytes - objects * cache->size) * WASTE_DIVISOR <= bytes)
			return;
		if (objects >= (cache->off_slab ? SLAB_OFF_OBJECTS_MAX : SLAB_OBJECTS_MAX))
			return;
	}
	BUG_ON(!cache->objects); /* KMALLOC_MAX bytes fit into the largest block */
}

/* A cache line, or for small objects the smallest half, quarter, ... of one that holds them. */
static u32 line_align(u32 size)
{
	u32 align = CACHE_LINE;

	while (align > 8 && size <= align / 2)
		align /= 2;
	return align;
}

int kmem_cache_setup(struct kmem_cache *cache, const char *name, size_t size, size_t align,
		     u32 flags, void (*constructor)(void *), void (*destructor)(void *))
{
	if (!size || size > KMALLOC_MAX || align > PAGE_SIZE || (align & (align - 1)))
		return -EINVAL;
	*cache = (struct kmem_cache){
		.object_size = (u32)size,
		.align = max((u32)align, (u32)sizeof(void *)),
		.flags = flags,
		.gfp = flags & SLAB_CACHE_DMA ? __GFP_DMA : 0,
		.constructor = constructor,
		.destructor = destructor,
	};
	if (flags & SLAB_HWCACHE_ALIGN)
		cache->align = max(cache->align, line_align((u32)size));
	cache->size = ALIGN_UP((u32)size, cache->align);
	if (flags & SLAB_DEBUG_MASK)
		slab_debug_setup(cache);
	cache->off_slab = cache->size >= OFF_SLAB_LIMIT;
	strscpy(cache->name, name, sizeof(cache->name));
	list_init(&cache->full);
	list_init(&cache->partial);
	list_init(&cache->free);
	list_init(&cache->link);
	choose_geometry(cache);
	if (trace_on(TRACE_kmalloc) || trace_on(TRACE_kfree) || trace_on(TRACE_kmem_cache_alloc) ||
	    trace_on(TRACE_kmem_cache_free))
		cache->flags |= SLAB_TRACED;
	cache->fast_objects = cache->flags & (SLAB_DEBUG_MASK | SLAB_TRACED) ? 0 : cache->objects;
	return 0;
}

/* The caches that the other caches are made from are never checked: reports rely on them. */
static void setup_first(struct kmem_cache *cache, const char *name, size_t size)
{
	int err = kmem_cache_setup(cache, name, size, sizeof(void *), 0, NULL, NULL);

	BUG_ON(err || cache->off_slab);
	list_add_tail(&cache->link, &cache_list);
}

/* Registered first, so called last: other shrinkers free objects, which may leave slabs free. */
static struct shrinker slab_shrinker = { .name = "slab", .shrink = kmem_cache_reap };

/* Everything after this needs objects: a slab allocator that gives none is named here. */
static void check_first_object(void)
{
	void *object = kmem_cache_alloc(&cache_cache, GFP_KERNEL);

	if (!object)
		panic("slab: no object from the first cache: slab_create() made no slab");
	kmem_cache_free(&cache_cache, object);
}

void kmem_cache_init(u32 debug)
{
	debug_flags = debug & SLAB_DEBUG_MASK;
	list_init(&cache_list);
	setup_first(&cache_cache, "kmem_cache", sizeof(struct kmem_cache));
	setup_first(&off_slab_cache, "slab", sizeof(struct slab) + SLAB_OFF_OBJECTS_MAX);
	kmalloc_init(debug_flags);
	check_first_object();
	register_shrinker(&slab_shrinker);
	fail_alloc_on_change(kmem_cache_set_may_fail);
}

struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align, u32 flags,
				     void (*constructor)(void *), void (*destructor)(void *))
{
	struct kmem_cache *cache = kmem_cache_alloc(&cache_cache, GFP_KERNEL);

	if (!cache)
		return NULL;
	flags |= debug_flags | (cache_cache.flags & SLAB_MAY_FAIL);
	if (kmem_cache_setup(cache, name, size, align, flags, constructor, destructor)) {
		kmem_cache_free(&cache_cache, cache);
		return NULL;
	}
	list_add_tail(&cache->link, &cache_list);
	return cache;
}

int kmem_cache_destroy(struct kmem_cache *cache)
{
	if (cache->inuse)
		return -EBUSY;
	kmem_cache_shrink(cache);
	BUG_ON(cache->slabs); /* (4): no object is in use */
	list_del(&cache->link);
	kmem_cache_free(&cache_cache, cache);
	return 0;
}

static const char *validate_slab(const struct kmem_cache *cache, const struct slab *slab)
{
	const struct page *page = virt_to_page(slab_block(cache, slab));
	u8 seen[SLAB_OBJECTS_MAX + 1] = { 0 };
	u32 free = 0;

	for (u32 i = slab->free; i != SLAB_END; i = slab->next[i]) {
		if (i >= cache->objects || seen[i]++)
			return "(2) the chain of free objects is broken";
		free++;
	}
	if (free + (u32)slab->inuse != cache->objects)
		return "(2) the chain of free objects has the wrong length";
	for (u32 i = 0; i < 1u << cache->order; i++)
		if (!(page[i].flags & PG_slab) || page[i].cache != cache || page[i].slab != slab)
			return "(3) a frame does not name its slab";
	return NULL;
}

const char *kmem_cache_validate(const struct kmem_cache *cache)
{
	const struct list_head *lists[] = { &cache->full, &cache->partial, &cache->free };
	u32 slabs = 0, inuse = 0;

	for (u32 i = 0; i < ARRAY_SIZE(lists); i++) {
		const struct list_head *link;

		list_for_each (link, lists[i]) {
			const struct slab *slab = list_entry(link, struct slab, link);
			u32 belongs = (u32)slab->inuse == cache->objects ? 0 : slab->inuse ? 1 : 2;
			const char *violated = validate_slab(cache, slab);

			if (violated)
				return violated;
			if (belongs != i)
				return "(1) a slab is on the wrong list";
			slabs++;
			inuse += (u32)slab->inuse;
		}
	}
	if (cache->fast && (list_empty(&cache->partial) ||
			    cache->fast != list_first_entry(&cache->partial, struct slab, link)))
		return "(5) the fast slab is not the first partial one";
	if (slabs != cache->slabs || inuse != cache->inuse)
		return "(4) the sums of a cache are not those of its lists";
	return NULL;
}

const char *kmem_cache_validate_all(const char **name)
{
	struct kmem_cache *cache;

	list_for_each_entry (cache, &cache_list, link) {
		const char *violated = kmem_cache_validate(cache);

		*name = cache->name;
		if (violated)
			return violated;
	}
	return NULL;
}

u32 kmem_cache_objects(void)
{
	const struct kmem_cache *cache;
	u32 count = 0;

	list_for_each_entry (cache, &cache_list, link)
		count += cache == &cache_cache ? 0 : cache->inuse;
	return count;
}

u32 kmem_cache_slabinfo(u32 line, char *buffer, u32 size)
{
	struct kmem_cache *cache;

	if (!line--)
		return (u32)scnprintf(buffer, size,
				      "slabinfo - version: 2.1\n# name            <active_objs> "
				      "<num_objs> <objsize> <objperslab> <pagesperslab> : tunables "
				      "<limit> <batchcount> <sharedfactor> : slabdata "
				      "<active_slabs> <num_slabs> <sharedavail>\n");
	list_for_each_entry (cache, &cache_list, link)
		if (!line--)
			return (u32)scnprintf(buffer, size,
					      "%-17s %6u %6u %6u %4u %4u : tunables    0    0    0 "
					      ": slabdata %6u %6u      0\n",
					      cache->name, cache->inuse,
					      cache->slabs * cache->objects, cache->size,
					      cache->objects, 1u << cache->order, cache->slabs,
					      cache->slabs);
	return 0;
}
