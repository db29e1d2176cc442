/* SPDX-License-Identifier: MIT */
#include "mm/slab/trace_events.h"
#include "lib/string.h"
#include "mm/slab/slab_internal.h"

void trace_slab_create(const struct kmem_cache *cache, const struct page *page)
{
	trace_record(TRACE_slab_create, trace_address(cache), cache->name, page_to_pfn(page),
		     cache->order, cache->objects, cache->size, trace_address(page->slab->objects));
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

/* --- The books --- */

#define CHAIN_BYTES 32u

static void book_chain(const struct slab *slab)
{
	u8 part[CHAIN_BYTES];
	u32 index = slab->free, words[CHAIN_BYTES / 4];
	bool ends = false;

	while (!ends) {
		for (u32 i = 0; i < CHAIN_BYTES; i++) {
			part[i] = (u8)index;
			ends = index == SLAB_END;
			index = ends ? SLAB_END : slab->next[index];
		}
		memcpy(words, part, sizeof(part));
		trace_record(TRACE_book_chain, words[0], words[1], words[2], words[3], words[4],
			     words[5], words[6], words[7]);
	}
}

void trace_book_slabs(void)
{
	struct kmem_cache *cache;

	list_for_each_entry (cache, &cache_list, link) {
		const struct list_head *lists[] = { &cache->full, &cache->partial, &cache->free };

		for (u32 i = 0; i < ARRAY_SIZE(lists); i++) {
			const struct slab *slab;

			list_for_each_entry (slab, lists[i], link) {
				trace_record(TRACE_book_slab, trace_address(cache), i,
					     virt_to_pfn(slab_block(cache, slab)), (u32)slab->inuse,
					     trace_address(slab->objects));
				book_chain(slab);
			}
		}
	}
}
