/* SPDX-License-Identifier: MIT */
/* kmalloc(): general caches of 32, 64, 128, ... 131072 bytes. */
#include "mm/slab_internal.h"
#include "lib/assert.h"
#include "lib/printf.h"
#include "lib/string.h"

#define KMALLOC_ALIGN  8
#define KMALLOC_CACHES 13 /* 32 << 0 .. 32 << 12 */

static struct kmem_cache general_caches[KMALLOC_CACHES];

void kmalloc_init(void)
{
	for (u32 i = 0; i < KMALLOC_CACHES; i++) {
		char name[24];
		int err;

		scnprintf(name, sizeof(name), "size-%u", KMALLOC_MIN << i);
		err = kmem_cache_setup(&general_caches[i], name, KMALLOC_MIN << i, KMALLOC_ALIGN, NULL,
				       NULL);
		BUG_ON(err);
		list_add_tail(&general_caches[i].link, &cache_list);
	}
}

/* The smallest general cache whose objects hold `size` bytes, 1 .. KMALLOC_MAX. */
static struct kmem_cache *cache_for(size_t size)
{
	u32 last = (u32)size - 1;

	return &general_caches[last < KMALLOC_MIN ? 0 : 27 - (u32)__builtin_clz(last)];
}

void *kmalloc(size_t size, gfp_t gfp)
{
	void *object;

	if (unlikely(!size || size > KMALLOC_MAX))
		return NULL;
	object = kmem_cache_alloc(cache_for(size), gfp);
	if (object && gfp & __GFP_ZERO)
		memset(object, 0, size);
	return object;
}

void *kzalloc(size_t size, gfp_t gfp)
{
	return kmalloc(size, gfp | __GFP_ZERO);
}

static struct kmem_cache *general_cache_of(const void *object)
{
	struct page *page = virt_to_page(object);

	if (!pfn_valid(virt_to_pfn(object)) || !(page->flags & PG_slab) ||
	    page->cache < general_caches || page->cache >= general_caches + KMALLOC_CACHES)
		panic("kfree: %p did not come from kmalloc()", object);
	return page->cache;
}

void kfree(const void *object)
{
	if (object)
		kmem_cache_free(general_cache_of(object), (void *)object);
}

size_t ksize(const void *object)
{
	return general_cache_of(object)->size;
}
