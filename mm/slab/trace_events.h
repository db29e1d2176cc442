/* SPDX-License-Identifier: MIT */
/* The events of slabs, for trace() (lib/trace/trace.h). */
#ifndef MM_SLAB_TRACE_EVENTS_H
#define MM_SLAB_TRACE_EVENTS_H

#include "lib/trace/trace.h"
#include "mm/slab/slab.h"

void trace_slab_create(const struct kmem_cache *cache, const struct page *page);
void trace_slab_destroy(const struct kmem_cache *cache, const struct page *page);

/* An object was allocated: kmalloc for a general cache, else kmem_cache_alloc. NULL: no memory. */
void trace_object_alloc(const struct kmem_cache *cache, const void *object, size_t bytes, gfp_t gfp,
			const void *caller);

/* An object is freed: kfree, or kmem_cache_free. */
void trace_object_free(const struct kmem_cache *cache, const void *object, const void *caller);

/* The records book_slab and book_chain of all caches. */
void trace_book_slabs(void);

#endif
