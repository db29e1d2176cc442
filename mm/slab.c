/* SPDX-License-Identifier: MIT */
/*
 * The slab allocator: handing out objects, and making and releasing slabs. The numbers are the invariants of the header.
 *
 * Free objects of a slab are chained by index in next[], beside the objects and not in them, so that a constructed object
 * stays as it is.
 */
#include "mm/slab_internal.h"
#include "lib/assert.h"
#include "lib/irq.h"

static struct slab *new_descriptor(struct kmem_cache *cache, struct page *page, gfp_t gfp)
{
	return cache->off_slab ? kmem_cache_alloc(&off_slab_cache, gfp) : page_address(page);
}

/* A slab with all objects free and constructed, on no list, or NULL. */
static struct slab *slab_create(struct kmem_cache *cache, gfp_t gfp)
{
	struct page *page = alloc_pages(GFP_OWNED_BY(gfp | cache->gfp, OWNER_SLAB) & ~__GFP_ZERO,
					cache->order);
	struct slab *slab;

	if (!page)
		return NULL;
	slab = new_descriptor(cache, page, gfp);
	if (!slab) {
		__free_pages(page, cache->order);
		return NULL;
	}
	slab->objects = (char *)page_address(page) + cache->first_object;
	slab->inuse = 0;
	slab->free = 0;
	for (u32 i = 0; i < cache->objects; i++)
		slab->next[i] = (u8)(i + 1);
	slab->next[cache->objects - 1] = SLAB_END;
	for (u32 i = 0; i < 1u << cache->order; i++) {
		page[i].flags |= PG_slab;
		page[i].cache = cache;
		page[i].slab = slab;
	}
	if (cache->constructor)
		for (u32 i = 0; i < cache->objects; i++)
			cache->constructor((char *)slab->objects + i * cache->size);
	return slab;
}

/* The slab is on no list and no object is in use. */
static void slab_release(struct kmem_cache *cache, struct slab *slab)
{
	struct page *page = virt_to_page((char *)slab->objects - cache->first_object);

	BUG_ON(slab->inuse);
	if (cache->destructor)
		for (u32 i = 0; i < cache->objects; i++)
			cache->destructor((char *)slab->objects + i * cache->size);
	for (u32 i = 0; i < 1u << cache->order; i++)
		page[i].flags &= ~(u32)PG_slab;
	if (cache->off_slab)
		kmem_cache_free(&off_slab_cache, slab);
	__free_pages(page, cache->order);
}

/* A new slab on the list of free ones. Returns whether there is one. Interrupts are masked, but not while it is made. */
static bool cache_grow(struct kmem_cache *cache, gfp_t gfp, unsigned long *irq)
{
	struct slab *slab;

	irq_restore(*irq);
	slab = slab_create(cache, gfp);
	*irq = irq_save();
	if (!slab)
		return false;
	list_add(&slab->link, &cache->free);
	cache->slabs++;
	return true;
}

void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp)
{
	unsigned long irq = irq_save();
	struct slab *slab;
	void *object;

	while (unlikely(list_empty(&cache->partial))) {
		if (!list_empty(&cache->free)) {
			list_move(cache->free.next, &cache->partial);
		} else if (!cache_grow(cache, gfp, &irq)) {
			irq_restore(irq);
			return NULL;
		}
	}
	slab = list_first_entry(&cache->partial, struct slab, link);
	object = (char *)slab->objects + slab->free * cache->size;
	slab->free = slab->next[slab->free];
	slab->inuse++;
	cache->inuse++;
	if (slab->free == SLAB_END)
		list_move(&slab->link, &cache->full);
	irq_restore(irq);
	return object;
}

/* The slab of an object, after the checks that a wrong pointer would fail. *index is the object's. */
static struct slab *slab_of(const struct kmem_cache *cache, const void *object, u32 *index)
{
	struct page *page = virt_to_page(object);
	struct slab *slab;
	u32 offset;

	if (!pfn_valid(virt_to_pfn(object)) || !(page->flags & PG_slab))
		panic("slab: %p, freed to cache %s, is not a slab object", object, cache->name);
	if (page->cache != cache)
		panic("slab: object %p of cache %s was freed to cache %s", object,
		      page->cache->name, cache->name);
	slab = page->slab;
	offset = (u32)((const char *)object - (const char *)slab->objects);
	*index = offset / cache->size;
	if (offset % cache->size || *index >= cache->objects)
		panic("slab: %p is not the start of an object of cache %s", object, cache->name);
	return slab;
}

void kmem_cache_free(struct kmem_cache *cache, void *object)
{
	u32 index;
	struct slab *slab = slab_of(cache, object, &index);
	unsigned long irq = irq_save();

	if (unlikely(!slab->inuse || slab->free == index))
		panic("slab: object %p of cache %s was freed twice", object, cache->name);
	slab->next[index] = (u8)slab->free;
	if (slab->free == SLAB_END)
		list_move(&slab->link, &cache->partial);
	slab->free = (u16)index;
	cache->inuse--;
	if (!--slab->inuse)
		list_move(&slab->link, &cache->free);
	irq_restore(irq);
}

u32 kmem_cache_shrink(struct kmem_cache *cache)
{
	unsigned long irq = irq_save();
	u32 frames = 0;

	while (!list_empty(&cache->free)) {
		struct slab *slab = list_first_entry(&cache->free, struct slab, link);

		list_del(&slab->link);
		cache->slabs--;
		frames += 1u << cache->order;
		irq_restore(irq);
		slab_release(cache, slab);
		irq = irq_save();
	}
	irq_restore(irq);
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
