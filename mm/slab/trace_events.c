/* SPDX-License-Identifier: MIT */
#include "mm/slab/trace_events.h"

void trace_slab_create(const struct kmem_cache *cache, const struct page *page)
{
	trace_record(TRACE_slab_create, trace_address(cache), cache->name, page_to_pfn(page),
		     cache->order, cache->objects, cache->size);
}

void trace_slab_destroy(const struct kmem_cache *cache, const struct page *page)
{
	trace_record(TRACE_slab_destroy, trace_address(cache), page_to_pfn(page), cache->order);
}

void trace_object_alloc(const struct kmem_cache *cache, const void *object, size_t bytes, gfp_t gfp,
			const void *caller)
{
	if (cache->flags & SLAB_GENERAL && trace_on(TRACE_kmalloc))
		trace_record(TRACE_kmalloc, caller, trace_address(object), (u32)bytes, cache->size,
			     gfp);
	if (!(cache->flags & SLAB_GENERAL) && trace_on(TRACE_kmem_cache_alloc))
		trace_record(TRACE_kmem_cache_alloc, caller, trace_address(object),
			     trace_address(cache), cache->size, gfp);
}

void trace_object_free(const struct kmem_cache *cache, const void *object, const void *caller)
{
	if (cache->flags & SLAB_GENERAL && trace_on(TRACE_kfree))
		trace_record(TRACE_kfree, caller, trace_address(object));
	if (!(cache->flags & SLAB_GENERAL) && trace_on(TRACE_kmem_cache_free))
		trace_record(TRACE_kmem_cache_free, caller, trace_address(object),
			     trace_address(cache));
}
