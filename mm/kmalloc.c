/* SPDX-License-Identifier: MIT */
/* kmalloc(): general caches of 32, 64, 128, ... 131072 bytes. */
#include "mm/slab_internal.h"
#include "lib/assert.h"
#include "lib/printf.h"
#include "lib/string.h"

#define KMALLOC_ALIGN  8
#define KMALLOC_CACHES 13 /* 32 << 0 .. 32 << 12 */

static struct kmem_cache general_caches[2][KMALLOC_CACHES]; /* [1]: of frames that devices can reach */

static void make_general_cache(u32 dma, u32 i, u32 debug)
{
	struct kmem_cache *cache = &general_caches[dma][i];
	char name[24];
	int err;

	scnprintf(name, sizeof(name), dma ? "size-%u(DMA)" : "size-%u", KMALLOC_MIN << i);
	err = kmem_cache_setup(cache, name, KMALLOC_MIN << i, KMALLOC_ALIGN,
			       debug | (dma ? SLAB_CACHE_DMA : 0), NULL, NULL);
	BUG_ON(err);
	list_add_tail(&cache->link, &cache_list);
}

void kmalloc_init(u32 debug)
{
	for (u32 dma = 0; dma < 2; dma++)
		for (u32 i = 0; i < KMALLOC_CACHES; i++)
			make_general_cache(dma, i, debug);
}

/* The smallest general cache whose objects hold `size` bytes, 1 .. KMALLOC_MAX. */
static inline struct kmem_cache *cache_for(size_t size, gfp_t gfp)
{
	u32 last = (u32)size - 1;

	return &general_caches[gfp & __GFP_DMA][last < KMALLOC_MIN ? 0 : 27 - (u32)__builtin_clz(last)];
}

_Static_assert(__GFP_DMA == 1, "the index of the caches for devices");

static inline void *allocate(size_t size, gfp_t gfp, const void *caller)
{
	void *object;

	if (unlikely(!size || size > KMALLOC_MAX))
		return NULL;
	object = slab_alloc(cache_for(size, gfp), gfp, caller);
	if (object && gfp & __GFP_ZERO)
		memset(object, 0, size);
	return object;
}

void *kmalloc(size_t size, gfp_t gfp)
{
	return allocate(size, gfp, __builtin_return_address(0));
}

void *kzalloc(size_t size, gfp_t gfp)
{
	return allocate(size, gfp | __GFP_ZERO, __builtin_return_address(0));
}

void *kcalloc(size_t count, size_t size, gfp_t gfp)
{
	if (size && count > KMALLOC_MAX / size)
		return NULL;
	return allocate(count * size, gfp | __GFP_ZERO, __builtin_return_address(0));
}

static struct kmem_cache *general_cache_of(const void *object)
{
	struct page *page = virt_to_page(object);

	if (!pfn_valid(virt_to_pfn(object)) || !(page->flags & PG_slab) ||
	    page->cache < general_caches[0] ||
	    page->cache >= general_caches[0] + 2 * KMALLOC_CACHES)
		panic("kfree: %p did not come from kmalloc()", object);
	return page->cache;
}

void kfree(const void *object)
{
	if (object)
		slab_free(general_cache_of(object), (void *)object, __builtin_return_address(0));
}

size_t ksize(const void *object)
{
	return general_cache_of(object)->object_size;
}
