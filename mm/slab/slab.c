/* SPDX-License-Identifier: MIT */
/*
 * The slab allocator: allocates and frees objects, makes and releases slabs. Numbers cite the
 * invariants of mm/slab/slab.h.
 *
 * The free objects of a slab are chained by index in next[]. The chain lies outside the objects,
 * so that a free object stays constructed.
 */
#include "mm/slab/slab_internal.h"
#include "lib/assert.h"
#include "mm/slab/trace_events.h"
#include "mm/frames/fail_alloc.h"

/* Makes all objects of a new slab: constructed, free, and in the chain ((2)). */
static void init_objects(struct kmem_cache *cache, struct slab *slab)
{
	slab->inuse = 0;
	slab->free = 0;
	for (u32 i = 0; i < cache->objects; i++) {
		slab->next[i] = (u8)(i + 1);
		if (cache->constructor)
			cache->constructor(slab_object(cache, slab, i));
		if (cache->flags & SLAB_DEBUG_MASK)
			slab_debug_new(cache, slab_object(cache, slab, i));
	}
	slab->next[cache->objects - 1] = SLAB_END;
}

/* Makes a slab on no list, all objects free and constructed. NULL without memory. */
static struct slab *slab_create(struct kmem_cache *cache, gfp_t gfp)
{
	struct page *page =
		alloc_pages(GFP_OWNED_BY(gfp | cache->gfp, OWNER_SLAB) & ~__GFP_ZERO, cache->order);
	struct slab *slab;

	if (!page)
		return NULL;
	BUG_ON(page_highmem(page)); /* the caller passed __GFP_HIGHMEM */
	slab = cache->off_slab ? kmem_cache_alloc(&off_slab_cache, gfp) : page_address(page);
	if (!slab) {
		__free_pages(page, cache->order);
		return NULL;
	}
	slab->objects = (char *)page_address(page) + cache->first_object +
			cache->colour_next * cache->align;
	cache->colour_next = cache->colour_next + 1 < cache->colours ? cache->colour_next + 1 : 0;
	for (u32 i = 0; i < 1u << cache->order; i++) {
		page[i].flags |= PG_slab;
		page[i].cache = cache;
		page[i].slab = slab;
	}
	init_objects(cache, slab);
	trace_state(slab_create, cache, page);
	return slab;
}

/* Frees a slab that is on no list and has no object in use. */
static void slab_release(struct kmem_cache *cache, struct slab *slab)
{
	struct page *page = virt_to_page(slab_block(cache, slab));

	BUG_ON(slab->inuse);
	BUG_ON(!(page->flags & PG_slab) || page->cache != cache); /* (3) */
	trace_state(slab_destroy, cache, page);
	for (u32 i = 0; i < cache->objects; i++) {
		if (cache->flags & SLAB_DEBUG_MASK)
			slab_debug_check_free(cache, slab_object(cache, slab, i), NULL);
		if (cache->destructor)
			cache->destructor(slab_object(cache, slab, i));
	}
	for (u32 i = 0; i < 1u << cache->order; i++) {
		page[i].flags &= ~(u32)PG_slab;
		page[i].cache = NULL;
	}
	if (cache->off_slab)
		kmem_cache_free(&off_slab_cache, slab);
	__free_pages(page, cache->order);
}

/* Keeps (5). Called whenever the first partial slab may have changed. */
static void set_fast(struct kmem_cache *cache)
{
	cache->fast = list_empty(&cache->partial) || cache->flags & SLAB_SLOW
			      ? NULL
			      : list_first_entry(&cache->partial, struct slab, link);
}

/* The first partial slab; if there is none, a free or new one made partial. NULL: no memory. */
static struct slab *refill(struct kmem_cache *cache, gfp_t gfp)
{
	struct slab *slab;

	if (!list_empty(&cache->partial))
		return list_first_entry(&cache->partial, struct slab, link);
	if (!list_empty(&cache->free)) {
		slab = list_first_entry(&cache->free, struct slab, link);
		list_move(&slab->link, &cache->partial);
	} else {
		slab = slab_create(cache, gfp);
		if (!slab)
			return NULL;
		list_add(&slab->link, &cache->partial);
		cache->slabs++;
	}
	set_fast(cache);
	return slab;
}

/*
 * The next two are not inlined: kmem_cache_alloc() and kmem_cache_free() together would be 74
 * instructions, not 70, which is their limit (tests/bench-limits).
 */
noinline void slab_move(struct kmem_cache *cache, struct slab *slab, struct list_head *list)
{
	list_move(&slab->link, list);
	set_fast(cache);
}

noinline void *slab_now_full(struct slab *slab, void *object)
{
	struct kmem_cache *cache = virt_to_page(object)->cache;

	slab_move(cache, slab, &cache->full);
	return object;
}

void slab_now_free(struct kmem_cache *cache, struct slab *slab, const void *object)
{
	if (slab->inuse < 1)
		slab_report(cache, object, "the object was freed twice", NULL);
	slab_move(cache, slab, &cache->free);
}

void *slab_alloc_slow(struct kmem_cache *cache, gfp_t gfp, const void *caller)
{
	struct slab *slab;
	void *object;

	if (cache->flags & SLAB_MAY_FAIL && fail_alloc(FAIL_SLAB, gfp))
		return NULL;
	slab = refill(cache, gfp);
	if (!slab)
		return NULL;
	BUG_ON((u32)slab->inuse >= cache->objects || slab->free >= cache->objects); /* (1), (2) */
	object = slab_take(cache, slab);
	if (cache->flags & SLAB_DEBUG_MASK)
		slab_debug_alloc(cache, object, caller);
	return object;
}

/* The slow path of kmem_cache_alloc(), and of kmalloc() with a size that the compiler knows. */
static noinline void *alloc_slow(struct kmem_cache *cache, gfp_t gfp, const void *caller)
{
	void *object = slab_alloc_slow(cache, gfp, caller);

	trace_object_alloc(cache, object, cache->object_size, gfp, caller);
	return object;
}

void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp)
{
	return likely(cache->fast) ? slab_take(cache, cache->fast)
				   : alloc_slow(cache, gfp, __builtin_return_address(0));
}

void slab_wrong_free(const struct kmem_cache *cache, const void *object, const void *caller)
{
	const struct page *page = virt_to_page(object);

	if (!pfn_valid(virt_to_pfn(object)) || !(page->flags & PG_slab))
		slab_report(cache, object, "what was freed is no slab object", caller);
	if (page->cache != cache)
		slab_report(page->cache, object, "the object was freed to another cache", caller);
	slab_report(cache, object, "what was freed is not the start of an object", caller);
}

void slab_free_checked(struct kmem_cache *cache, void *object, const void *caller)
{
	struct slab *slab = virt_to_page(object)->slab;
	u32 offset = (u32)((char *)object - slab->objects), index = offset / cache->size;

	if (offset % cache->size || index >= cache->objects)
		slab_wrong_free(cache, object, caller);
	if (slab->free == index || slab->inuse <= 0)
		slab_report(cache, object, "the object was freed twice", caller);
	trace_object_free(cache, object, caller);
	if (cache->flags & SLAB_DEBUG_MASK)
		slab_debug_free(cache, slab, object, index, caller);
	slab_put(cache, slab, object, index);
}

void kmem_cache_free(struct kmem_cache *cache, void *object)
{
	const struct page *page = virt_to_page(object);

	/* page->cache is set only while the page belongs to a slab. */
	if (unlikely(!pfn_valid(virt_to_pfn(object)) || page->cache != cache))
		slab_wrong_free(cache, object, __builtin_return_address(0));
	if (unlikely(!slab_free(cache, page, object)))
		slab_free_checked(cache, object, __builtin_return_address(0));
}

void kmem_cache_set_may_fail(bool on)
{
	struct kmem_cache *cache;

	list_for_each_entry (cache, &cache_list, link) {
		cache->flags =
			on ? cache->flags | SLAB_MAY_FAIL : cache->flags & ~(u32)SLAB_MAY_FAIL;
		set_fast(cache);
	}
}

u32 kmem_cache_shrink(struct kmem_cache *cache)
{
	u32 frames = 0;

	while (!list_empty(&cache->free)) {
		struct slab *slab = list_first_entry(&cache->free, struct slab, link);

		list_del(&slab->link);
		BUG_ON(!cache->slabs); /* (4) */
		cache->slabs--;
		frames += 1u << cache->order;
		slab_release(cache, slab);
	}
	return frames;
}

u32 kmem_cache_reap(void)
{
	struct kmem_cache *cache;
	u32 frames = 0;

	list_for_each_entry (cache, &cache_list, link)
		frames += kmem_cache_shrink(cache);
	/* Freeing off-slab descriptors may have left slabs of theirs free. */
	return frames + kmem_cache_shrink(&off_slab_cache);
}
