/* SPDX-License-Identifier: MIT */
/* What the files of the slab allocator share. */
#ifndef MM_SLAB_INTERNAL_H
#define MM_SLAB_INTERNAL_H

#include "mm/slab.h"

/* An index of an object in its slab is a byte; this one ends the chain. */
#define SLAB_END	 0xffu
#define SLAB_OBJECTS_MAX 0xffu

/* An off-slab descriptor has room for this many objects. */
#define SLAB_OFF_OBJECTS_MAX 32u

struct slab {
	struct list_head link;
	char *objects; /* the first one; the guard bytes of a debugged cache lie before it */
	u16 inuse;
	u16 free;  /* index of the first free object, or SLAB_END */
	u8 next[]; /* next[i]: the free object after object i */
};

extern struct list_head cache_list;

/* Where the descriptors of slabs of large objects come from. Its own are on-slab. */
extern struct kmem_cache off_slab_cache;

/* Sets the geometry and the lists of a cache. Returns 0, or -EINVAL where no geometry fits. */
int kmem_cache_setup(struct kmem_cache *cache, const char *name, size_t size, size_t align, u32 flags,
		     void (*constructor)(void *), void (*destructor)(void *));

void kmalloc_init(u32 debug);

/* kmem_cache_alloc() and kmem_cache_free() on behalf of `caller`. */
void *slab_alloc(struct kmem_cache *cache, gfp_t gfp, const void *caller);
void slab_free(struct kmem_cache *cache, void *object, const void *caller);

/* The first byte of a slab's block: blocks are aligned to their size. */
static inline char *slab_block(const struct kmem_cache *cache, const struct slab *slab)
{
	uintptr_t offset = (uintptr_t)slab->objects - (uintptr_t)physmap;

	return physmap + (offset & ~(((uintptr_t)PAGE_SIZE << cache->order) - 1));
}

static inline void *slab_object(const struct kmem_cache *cache, const struct slab *slab, u32 index)
{
	return slab->objects + index * cache->size;
}

/* --- mm/slab_debug.c: for caches with SLAB_DEBUG_MASK --- */

/* Widens cache->size by what the checks need; sets front and track. `align` is kept. */
void slab_debug_setup(struct kmem_cache *cache);

/* An object of a new slab, constructed; one that is handed out; one that comes back; one whose slab goes. */
void slab_debug_new(struct kmem_cache *cache, void *object);
void slab_debug_alloc(struct kmem_cache *cache, void *object, const void *caller);
void slab_debug_free(struct kmem_cache *cache, const struct slab *slab, void *object, u32 index,
		     const void *caller);
void slab_debug_check_free(struct kmem_cache *cache, void *object, const void *caller);

/* Prints what is known of an object and panics. */
void slab_report(const struct kmem_cache *cache, const void *object, const char *wrong,
		 const void *caller) __noreturn;

#endif
