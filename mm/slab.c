/* SPDX-License-Identifier: MIT */
/*
 * The slab allocator: handing out objects, and making and releasing slabs. The numbers are the invariants of the header.
 *
 * Free objects of a slab are chained by index in next[], beside the objects and not in them, so that a constructed object
 * stays as it is.
 */
#include "mm/slab_internal.h"
#include "lib/assert.h"
#include "mm/fail_alloc.h"

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

/* A slab with all objects free and constructed, on no list, or NULL. */
static struct slab *slab_create(struct kmem_cache *cache, gfp_t gfp)
{
	struct page *page = alloc_pages(GFP_OWNED_BY(gfp | cache->gfp, OWNER_SLAB) & ~__GFP_ZERO,
					cache->order);
	struct slab *slab;

	if (!page)
		return NULL;
	slab = cache->off_slab ? kmem_cache_alloc(&off_slab_cache, gfp) : page_address(page);
	if (!slab) {
		__free_pages(page, cache->order);
		return NULL;
	}
	slab->objects = (char *)page_address(page) + cache->first_object + cache->colour_next * cache->align;
	cache->colour_next = cache->colour_next + 1 < cache->colours ? cache->colour_next + 1 : 0;
	for (u32 i = 0; i < 1u << cache->order; i++) {
		page[i].flags |= PG_slab;
		page[i].cache = cache;
		page[i].slab = slab;
	}
	init_objects(cache, slab);
	return slab;
}

/* The slab is on no list and no object is in use. */
static void slab_release(struct kmem_cache *cache, struct slab *slab)
{
	struct page *page = virt_to_page(slab_block(cache, slab));

	BUG_ON(slab->inuse);
	for (u32 i = 0; i < cache->objects; i++) {
		if (cache->flags & SLAB_DEBUG_MASK)
			slab_debug_check_free(cache, slab_object(cache, slab, i), NULL);
		if (cache->destructor)
			cache->destructor(slab_object(cache, slab, i));
	}
	for (u32 i = 0; i < 1u << cache->order; i++)
		page[i].flags &= ~(u32)PG_slab;
	if (cache->off_slab)
		kmem_cache_free(&off_slab_cache, slab);
	__free_pages(page, cache->order);
}

/* Sees to it that a slab with a free object is at the head of the partial ones. Returns false without memory. */
static noinline bool cache_refill(struct kmem_cache *cache, gfp_t gfp)
{
	struct slab *slab;

	if (!list_empty(&cache->free)) {
		list_move(cache->free.next, &cache->partial);
		return true;
	}
	slab = slab_create(cache, gfp);
	if (!slab)
		return false;
	list_add(&slab->link, &cache->partial);
	cache->slabs++;
	cache->grown++;
	return true;
}

void *slab_alloc(struct kmem_cache *cache, gfp_t gfp, const void *caller)
{
	struct slab *slab;
	void *object;

	if (unlikely(fail_alloc_armed) && fail_alloc(FAIL_SLAB, gfp))
		return NULL;
	if (unlikely(list_empty(&cache->partial)) && !cache_refill(cache, gfp))
		return NULL;
	slab = list_first_entry(&cache->partial, struct slab, link);
	object = slab_object(cache, slab, slab->free);
	slab->free = slab->next[slab->free];
	slab->inuse++;
	if (unlikely(slab->free == SLAB_END))
		list_move(&slab->link, &cache->full);
	cache->allocations++;
	if (++cache->inuse > cache->peak)
		cache->peak = cache->inuse;
	if (unlikely(cache->flags & SLAB_DEBUG_MASK))
		slab_debug_alloc(cache, object, caller);
	return object;
}

void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp)
{
	return slab_alloc(cache, gfp, __builtin_return_address(0));
}

/* The slab of an object, after the checks that a wrong pointer would fail. *index is the object's. */
static inline struct slab *slab_of(const struct kmem_cache *cache, const void *object, u32 *index,
				   const void *caller)
{
	struct page *page = virt_to_page(object);
	struct slab *slab;
	u32 offset;

	if (unlikely(!pfn_valid(virt_to_pfn(object)) || !(page->flags & PG_slab)))
		slab_report(cache, object, "what was freed is no slab object", caller);
	if (unlikely(page->cache != cache))
		slab_report(page->cache, object, "the object was freed to another cache", caller);
	slab = page->slab;
	offset = (u32)((const char *)object - slab->objects);
	*index = offset / cache->size;
	if (unlikely(offset % cache->size || *index >= cache->objects))
		slab_report(cache, object, "what was freed is not the start of an object", caller);
	return slab;
}

void slab_free(struct kmem_cache *cache, void *object, const void *caller)
{
	u32 index;
	struct slab *slab = slab_of(cache, object, &index, caller);

	if (unlikely(!slab->inuse || slab->free == index))
		slab_report(cache, object, "the object was freed twice", caller);
	if (unlikely(cache->flags & SLAB_DEBUG_MASK))
		slab_debug_free(cache, slab, object, index, caller);
	slab->next[index] = (u8)slab->free;
	if (unlikely(slab->free == SLAB_END))
		list_move(&slab->link, &cache->partial);
	slab->free = (u16)index;
	cache->inuse--;
	if (unlikely(!--slab->inuse))
		list_move(&slab->link, &cache->free);
}

void kmem_cache_free(struct kmem_cache *cache, void *object)
{
	slab_free(cache, object, __builtin_return_address(0));
}

u32 kmem_cache_shrink(struct kmem_cache *cache)
{
	u32 frames = 0;

	while (!list_empty(&cache->free)) {
		struct slab *slab = list_first_entry(&cache->free, struct slab, link);

		list_del(&slab->link);
		cache->slabs--;
		cache->reaped++;
		frames += 1u << cache->order;
			slab_release(cache, slab);
	}
	return frames;
}

u32 kmem_cache_reap(void)
{
	struct kmem_cache *cache;
	u32 frames = 0;

	list_for_each_entry(cache, &cache_list, link)
		frames += kmem_cache_shrink(cache);
	/* Releasing the slabs of large objects may have emptied slabs of their descriptors. */
	return frames + kmem_cache_shrink(&off_slab_cache);
}
