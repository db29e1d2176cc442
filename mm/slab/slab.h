/* SPDX-License-Identifier: MIT */
/*
 * Slabs (Bonwick 1994): caches of objects of one type, cut from blocks of frames.
 *
 *   kmem_cache --- full ----> slab <-> slab
 *              \-- partial -> slab <-> slab          slab: [descriptor][next[]] [obj][obj][obj]...
 *               \- free ----> slab                   or, for large objects, the descriptor lies elsewhere
 *
 * An object is constructed when its slab is made and destructed when its slab goes. In between it is handed out and taken
 * back as it is: who frees an object returns it in its constructed state.
 *
 *   (1) a slab is on the list that its count of objects in use names: none (free), all (full), or else partial;
 *   (2) the chain of free objects that starts at slab->free visits objects - inuse of them, each once;
 *   (3) every frame of a slab has PG_slab and names its cache and its slab;
 *   (4) a cache's sums (slabs, objects in use) are those of its lists;
 *   (5) cache->fast is the first partial slab, or NULL where there is none or the cache is checked.
 *
 * Functions here never sleep; not from interrupt handlers. Constructors and destructors must not allocate from their own cache.
 */
#ifndef MM_SLAB_SLAB_H
#define MM_SLAB_SLAB_H

#include "mm/frames/page_alloc.h"

#define KMALLOC_MIN 32u
#define KMALLOC_MAX 131072u

enum slab_flags {
	SLAB_HWCACHE_ALIGN =
		0x01,	       /* objects begin on cache lines; small ones on a fraction of one */
	SLAB_CACHE_DMA = 0x02, /* from ZONE_DMA */
	SLAB_GENERAL = 0x04,   /* one of kmalloc()'s */
	SLAB_MAY_FAIL = 0x08,  /* failure injection is on (mm/frames/fail_alloc.h) */
	/* Checks, as Linux's slab_debug= names them: */
	SLAB_CONSISTENCY_CHECKS = 0x10, /* F: look for a freed object in the chain of free ones */
	SLAB_RED_ZONE = 0x20,		/* Z: guard bytes around each object */
	SLAB_POISON =
		0x40, /* P: free objects are filled, or summed up where they are constructed */
	SLAB_STORE_USER = 0x80, /* U: the last callers that allocated and freed it */
	SLAB_DEBUG_MASK = 0xf0,
};

struct kmem_cache {
	struct list_head full, partial, free; /* of struct slab */
	struct slab *
		fast; /* the first partial one; NULL if there is none, or if each request has to be checked */
	u32 flags;	  /* enum slab_flags */
	u32 size;	  /* from one object to the next, bytes */
	u32 objects;	  /* in a slab */
	u32 fast_objects; /* the same, or 0 if each release has to be checked */
	u32 order;	  /* of a slab's block */
	u32 first_object; /* offset of the first object in the block without colour, bytes */
	u32 colours; /* in use: each slab begins its objects one more `align` further, to spread them over cache lines */
	u32 colour_next;
	bool off_slab; /* the descriptor lies in a cache of its own */
	gfp_t gfp;     /* added to each request for frames */
	void (*constructor)(void *object);
	void (*destructor)(void *object);

	u32 inuse;		/* objects */
	u32 slabs, peak;	/* right now; most at once */
	u32 grown, reaped;	/* slabs made, slabs released */
	u32 object_size, align; /* as they were asked for, bytes */
	u32 front,
		track; /* SLAB_DEBUG_MASK: bytes before an object; offset of its track behind it */
	struct list_head link; /* in the list of all caches */
	char name[24];
};

/*
 * Sets up the cache of caches and the general caches. Once, after the zones. `debug` (of SLAB_DEBUG_MASK) is added to the flags of every
 * cache that is made.
 */
void kmem_cache_init(u32 debug);

/* The letters F, Z, P, U, or "-" for none. 0 or -EINVAL. */
int slab_debug_parse(const char *text, u32 *debug);

/*
 * A cache of objects of `size` bytes (1 .. KMALLOC_MAX), aligned to `align` (a power of two up to a page; 0: as a pointer). The
 * constructor and the destructor may be NULL. Returns NULL for bad parameters or without memory.
 */
struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align, u32 flags,
				     void (*constructor)(void *), void (*destructor)(void *));

/* Switches failure injection on or off for all caches (mm/frames/fail_alloc.h). */
void kmem_cache_set_may_fail(bool on);

/* An object in its constructed state, or NULL. */
void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp);

/*
 * Takes back an object of this cache in its constructed state. A pointer that is none panics with a report: the object, the cache, the caller, and
 * with SLAB_STORE_USER who had it before.
 */
void kmem_cache_free(struct kmem_cache *cache, void *object);

/* Releases the free slabs. Returns how many frames went back. */
u32 kmem_cache_shrink(struct kmem_cache *cache);

/* The same for all caches. */
u32 kmem_cache_reap(void);

/* Returns 0, or -EBUSY with nothing changed while objects are in use. */
int kmem_cache_destroy(struct kmem_cache *cache);

#define KMALLOC_CACHES 13 /* 32 << 0 .. 32 << 12 */

/* The general caches; [1] are of frames that devices can reach. */
extern struct kmem_cache kmalloc_caches[2][KMALLOC_CACHES];

/* kmalloc() of a size that the compiler does not know. */
void *kmalloc_any(size_t size, gfp_t gfp);

/* `size` bytes, at most KMALLOC_MAX, aligned to 8; NULL for 0 bytes, for too many, or without memory. */
static inline void *kmalloc(size_t size, gfp_t gfp)
{
	/* 0 - 1 is larger than any size. */
	if (__builtin_constant_p(size) && __builtin_constant_p(gfp) && size - 1 < KMALLOC_MAX &&
	    !(gfp & (__GFP_ZERO | __GFP_DMA))) {
		u32 bit = 31 - (u32)__builtin_clz(((u32)size - 1) | (KMALLOC_MIN - 1));

		return kmem_cache_alloc(&kmalloc_caches[0][bit - 4], gfp);
	}
	return kmalloc_any(size, gfp);
}

static inline void *kzalloc(size_t size, gfp_t gfp)
{
	return kmalloc_any(size, gfp | __GFP_ZERO);
}

/* A cleared array of `count` elements of `size` bytes; NULL also where the product does not fit. */
void *kcalloc(size_t count, size_t size, gfp_t gfp);

/* kfree(NULL) does nothing. A pointer that kmalloc() did not give panics. */
void kfree(const void *object);

/* The bytes that may be used of an object of kmalloc()'s. */
size_t ksize(const void *object);

/* NULL, or the first violated invariant of this cache. */
const char *kmem_cache_validate(const struct kmem_cache *cache);

/* The same for all caches; the name of the guilty one through *name. */
const char *kmem_cache_validate_all(const char **name);

/* One line `slab: name=... ` for each cache, with the columns of slabinfo. */
void kmem_cache_print(void);

/* The same as the text of Linux's /proc/slabinfo (version 2.1). Returns the length written, at most size - 1 bytes. */
u32 kmem_cache_slabinfo(char *buffer, u32 size);

#endif
