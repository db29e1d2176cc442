/* SPDX-License-Identifier: MIT */
/* kmalloc(): general caches of 32, 64, 128, ... 131072 bytes. */
#include "mm/slab/slab_internal.h"
#include "lib/assert.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "lib/symbol.h"
#include "mm/slab/trace_events.h"

#define KMALLOC_ALIGN 8
struct kmem_cache kmalloc_caches[2][KMALLOC_CACHES];

/* By the number of the highest bit of size - 1. Sizes below KMALLOC_MIN count as that. */
static struct kmem_cache *cache_by_bit[2][KMALLOC_CACHES + 4];

static void make_general_cache(u32 dma, u32 i, u32 debug)
{
	struct kmem_cache *cache = &kmalloc_caches[dma][i];
	char name[24];
	int err;

	scnprintf(name, sizeof(name), dma ? "size-%u(DMA)" : "size-%u", KMALLOC_MIN << i);
	err = kmem_cache_setup(cache, name, KMALLOC_MIN << i, KMALLOC_ALIGN,
			       debug | SLAB_GENERAL | (dma ? SLAB_CACHE_DMA : 0), NULL, NULL);
	BUG_ON(err);
	list_add_tail(&cache->link, &cache_list);
	cache_by_bit[dma][i + 4] = cache;
}

void kmalloc_init(u32 debug)
{
	for (u32 dma = 0; dma < 2; dma++)
		for (u32 i = 0; i < KMALLOC_CACHES; i++)
			make_general_cache(dma, i, debug);
}

/* The smallest general cache for last + 1 bytes, 1 .. KMALLOC_MAX. */
static inline struct kmem_cache *cache_for(u32 last, gfp_t gfp)
{
	u32 highest_bit = (u32)__builtin_clz(last | (KMALLOC_MIN - 1)) ^ 31;

	return cache_by_bit[gfp & __GFP_DMA][highest_bit];
}

_Static_assert(__GFP_DMA == 1, "the index of the caches for devices");

static noinline void *alloc_slow(struct kmem_cache *cache, size_t size, gfp_t gfp,
				 const void *caller)
{
	void *object = slab_alloc_slow(cache, gfp, caller);

	trace_object_alloc(cache, object, size, gfp, caller);
	return object;
}

static inline void *allocate(size_t size, gfp_t gfp, const void *caller)
{
	struct kmem_cache *cache;
	void *object;

	if (unlikely(size - 1 >= KMALLOC_MAX))
		return NULL;
	cache = cache_for((u32)size - 1, gfp);
	object = likely(cache->fast) ? slab_take(cache, cache->fast)
				     : alloc_slow(cache, size, gfp, caller);
	if (unlikely(gfp & __GFP_ZERO) && object)
		memset(object, 0, size);
	return object;
}

void *kmalloc_any(size_t size, gfp_t gfp)
{
	return allocate(size, gfp, __builtin_return_address(0));
}

void *kcalloc(size_t count, size_t size, gfp_t gfp)
{
	if (size && count > KMALLOC_MAX / size)
		return NULL;
	return allocate(count * size, gfp | __GFP_ZERO, __builtin_return_address(0));
}

/* The page of an object of kmalloc(), or NULL for anything else. */
static inline struct page *general_page(const void *object)
{
	struct page *page = virt_to_page(object);

	if (unlikely(!pfn_valid(virt_to_pfn(object)) || !(page->flags & PG_slab) ||
		     !(page->cache->flags & SLAB_GENERAL)))
		return NULL;
	return page;
}

static void free_checked(void *object, const void *caller)
{
	struct page *page = general_page(object);
	char name[SYMBOL_SIZE];

	if (!page)
		panic("kfree: %p did not come from kmalloc(), caller %s", object,
		      symbol_text(caller, name));
	slab_free_checked(page->cache, object, caller);
}

void kfree(const void *object)
{
	struct page *page;

	if (unlikely(!object))
		return;
	page = general_page(object);
	if (unlikely(!page || !slab_free(page->cache, page, (void *)object)))
		free_checked((void *)object, __builtin_return_address(0));
}

size_t ksize(const void *object)
{
	struct page *page = general_page(object);

	BUG_ON(!page);
	return page->cache->object_size;
}
