/* SPDX-License-Identifier: MIT */
/* Shared by the files of the slab allocator. */
#ifndef MM_SLAB_SLAB_INTERNAL_H
#define MM_SLAB_SLAB_INTERNAL_H

#include "mm/slab/slab.h"

/* The index of an object in its slab is one byte. SLAB_END ends the chain. */
#define SLAB_END	 0xffu
#define SLAB_OBJECTS_MAX 0xffu

/* The most objects in a slab with an off-slab descriptor. */
#define SLAB_OFF_OBJECTS_MAX 32u

struct slab {
	struct list_head link;
	char *objects; /* the first one; the guard bytes of a debugged cache lie before it */
	s32 inuse;     /* objects */
	u32 free;      /* index of the first free object, or SLAB_END */
	u8 next[];     /* next[i]: the free object after object i */
};

extern struct list_head cache_list;

/* The cache of off-slab descriptors. Its own slabs have theirs on-slab. */
extern struct kmem_cache off_slab_cache;

/* Sets the geometry and the lists of a cache. Returns 0, or -EINVAL if no geometry fits. */
int kmem_cache_setup(struct kmem_cache *cache, const char *name, size_t size, size_t align,
		     u32 flags, void (*constructor)(void *), void (*destructor)(void *));

void kmalloc_init(u32 debug);

/* The first byte of a slab's block. Blocks are aligned to their size. */
static inline char *slab_block(const struct kmem_cache *cache, const struct slab *slab)
{
	uintptr_t offset = (uintptr_t)slab->objects - (uintptr_t)physmap;

	return physmap + (offset & ~(((uintptr_t)PAGE_SIZE << cache->order) - 1));
}

static inline void *slab_object(const struct kmem_cache *cache, const struct slab *slab, u32 index)
{
	return slab->objects + index * cache->size;
}

/* --- mm/slab/slab.c: the slow paths of the functions below --- */

/* Allocates an object when cache->fast is NULL. `caller` is recorded. */
void *slab_alloc_slow(struct kmem_cache *cache, gfp_t gfp, const void *caller);

/* Makes a slab full after its last free object, `object`, was taken. Returns `object`. */
void *slab_now_full(struct slab *slab, void *object);

/* Moves a slab to another list of its cache. */
void slab_move(struct kmem_cache *cache, struct slab *slab, struct list_head *list);

/* Makes a slab free when its last object in use is freed. Panics if none was in use. */
void slab_now_free(struct kmem_cache *cache, struct slab *slab, const void *object);

/* The slow path of a free: makes all checks, panics on a wrong release, else frees. */
void slab_free_checked(struct kmem_cache *cache, void *object, const void *caller);

/* Reports what is wrong with freeing this object to this cache, and panics. */
void slab_wrong_free(const struct kmem_cache *cache, const void *object,
		     const void *caller) __noreturn;

/* Takes the first free object of a slab that has one. */
static inline void *slab_take(struct kmem_cache *cache, struct slab *slab)
{
	u32 index = slab->free, next = slab->next[index];
	void *object = slab_object(cache, slab, index);

	cache->inuse++;
	slab->inuse++;
	slab->free = next;
	/* A tail call saves no registers: kmem_cache_alloc() is 19 instructions, not 22 to 29. */
	return likely(next != SLAB_END) ? object : slab_now_full(slab, object);
}

/* Puts object number `index` at the head of its slab's free chain. */
static inline void slab_put(struct kmem_cache *cache, struct slab *slab, const void *object,
			    u32 index)
{
	u32 free = slab->free;

	slab->next[index] = (u8)free;
	slab->free = index;
	cache->inuse--;
	if (unlikely(free == SLAB_END))
		slab_move(cache, slab, &cache->partial);
	if (unlikely(slab->inuse <= 1))
		slab_now_free(cache, slab, object);
	slab->inuse--;
}

/* Frees an object of a page of this cache. False: the caller must use slab_free_checked(). */
static inline bool slab_free(struct kmem_cache *cache, const struct page *page, void *object)
{
	struct slab *slab = page->slab;
	u32 offset = (u32)((char *)object - slab->objects), index = offset / cache->size;

	if (unlikely(offset % cache->size || index >= cache->fast_objects || slab->free == index))
		return false;
	slab_put(cache, slab, object, index);
	return true;
}

/* --- mm/slab/slab_debug.c: for caches with SLAB_DEBUG_MASK --- */

/* Widens cache->size for guards and track; sets front and track. */
void slab_debug_setup(struct kmem_cache *cache);

/* For an object of a new slab, one allocated, one freed, one of a slab to be freed. */
void slab_debug_new(struct kmem_cache *cache, void *object);
void slab_debug_alloc(struct kmem_cache *cache, void *object, const void *caller);
void slab_debug_free(struct kmem_cache *cache, const struct slab *slab, void *object, u32 index,
		     const void *caller);
void slab_debug_check_free(struct kmem_cache *cache, void *object, const void *caller);

/* Logs the last callers of an object and panics. */
void slab_report(const struct kmem_cache *cache, const void *object, const char *wrong,
		 const void *caller) __noreturn;

#endif
