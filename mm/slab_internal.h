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
	void *objects; /* the first one */
	u16 inuse;
	u16 free;  /* index of the first free object, or SLAB_END */
	u8 next[]; /* next[i]: the free object after object i */
};

extern struct list_head cache_list;

/* Where the descriptors of slabs of large objects come from. Its own are on-slab. */
extern struct kmem_cache off_slab_cache;

/* Sets the geometry and the lists of a cache. Returns 0, or -EINVAL where no geometry fits. */
int kmem_cache_setup(struct kmem_cache *cache, const char *name, size_t size, size_t align,
		     void (*constructor)(void *), void (*destructor)(void *));

void kmalloc_init(void);

#endif
