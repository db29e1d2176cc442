/* SPDX-License-Identifier: MIT */
/*
 * The slab allocator (Bonwick 1994): caches of objects of one type.
 *
 * Most kernel objects are much smaller than a frame, and are allocated and freed all the time. A
 * cache cuts blocks of frames, its slabs, into objects of one size, so that both are fast.
 *
 *   kmem_cache --- full ----> slab <-> slab
 *              \-- partial -> slab <-> slab       slab: [descriptor][next[]] [obj][obj][obj]...
 *               \- free ----> slab                large objects: the descriptor lies elsewhere
 *
 * An object is constructed when its slab is made and destructed when its slab is freed. Allocating
 * and freeing the object does neither: the caller must free it in its constructed state.
 *
 *   (1) a slab is on the list for its number of objects in use: free (0), full (all), or partial;
 *   (2) the chain from slab->free visits objects - inuse objects, each once;
 *   (3) every frame of a slab has PG_slab and points to its cache and its slab;
 *   (4) a cache's sums (slabs, objects in use) are those of its lists;
 *   (5) cache->fast is the first partial slab, or NULL if there is none or SLAB_SLOW is set.
 *
 * Allocation may fail (NULL); a wrong free panics. Functions here never sleep. Not from interrupt
 * handlers. Constructors and destructors must not allocate from their own cache.
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
	SLAB_GENERAL = 0x04,   /* a cache of kmalloc() */
	SLAB_MAY_FAIL = 0x08,  /* failure injection is on (mm/frames/fail_alloc.h) */
	/* Checks, as Linux's slab_debug= names them: */
	SLAB_CONSISTENCY_CHECKS = 0x10, /* F: look for a freed object in the chain of free ones */
	SLAB_RED_ZONE = 0x20,		/* Z: guard bytes around each object */
	SLAB_POISON =
		0x40, /* P: free objects are filled with a pattern, constructed ones summed up */
	SLAB_STORE_USER = 0x80, /* U: record the last callers that allocated and freed it */
	SLAB_DEBUG_MASK = 0xf0,
	SLAB_TRACED = 0x100, /* its objects are events of the trace */
	/* Each request takes the slow path, which checks, counts or records. */
	SLAB_SLOW = SLAB_DEBUG_MASK | SLAB_MAY_FAIL | SLAB_TRACED,
};

struct kmem_cache {
	struct list_head full, partial, free; /* of struct slab */
	struct slab *fast; /* the first partial slab; NULL: none, or requests take the slow path */
	u32 flags;	   /* enum slab_flags */
	u32 size;	   /* from one object to the next, bytes */
	u32 objects;	   /* in a slab */
	u32 fast_objects;  /* the same, or 0 if each release takes the slow path */
	u32 order;	   /* of a slab's block */
	u32 first_object;  /* offset of the first object in the block without colour, bytes */
	u32 colours; /* first objects at this many offsets, `align` apart: spreads cache lines */
	u32 colour_next;
	bool off_slab; /* the descriptor lies in a cache of its own */
	gfp_t gfp;     /* added to each request for frames */
	void (*constructor)(void *object);
	void (*destructor)(void *object);

	u32 inuse, slabs;	/* objects, slabs */
	u32 object_size, align; /* as they were asked for, bytes */
	u32 front, track;	/* SLAB_DEBUG_MASK: bytes before an object; offset of its track */
	struct list_head link;	/* in the list of all caches */
	char name[24];
};

/*
 * Sets up the cache of caches and the general caches. Once, after the zones. `debug` (of
 * SLAB_DEBUG_MASK) is added to the flags of every cache made later.
 */
void kmem_cache_init(u32 debug);

/* Parses the letters F, Z, P, U, or "-" for none, into *debug. Returns 0 or -EINVAL. */
int slab_debug_parse(const char *text, u32 *debug);

/*
 * Makes a cache of objects of `size` bytes (1 .. KMALLOC_MAX), aligned to `align` (a power of two
 * up to a page; 0: as a pointer). The constructor and the destructor may be NULL. Returns NULL for
 * bad parameters or without memory.
 */
struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align, u32 flags,
				     void (*constructor)(void *), void (*destructor)(void *));

/* Switches failure injection on or off for all caches (mm/frames/fail_alloc.h). */
void kmem_cache_set_may_fail(bool on);

/* Allocates an object in its constructed state. NULL without memory. */
void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp);

/*
 * Frees an object of this cache; it must be in its constructed state. Any other pointer panics
 * with a report: the object, the cache, the caller, and with SLAB_STORE_USER the last callers.
 */
void kmem_cache_free(struct kmem_cache *cache, void *object);

/* Frees the free slabs. Returns the number of frames freed. */
u32 kmem_cache_shrink(struct kmem_cache *cache);

/* The same for all caches. */
u32 kmem_cache_reap(void);

/* Destroys a cache. Returns 0, or -EBUSY and changes nothing while objects are in use. */
int kmem_cache_destroy(struct kmem_cache *cache);

#define KMALLOC_CACHES 13 /* 32 << 0 .. 32 << 12 */

/* The general caches; those of [1] use frames of ZONE_DMA. */
extern struct kmem_cache kmalloc_caches[2][KMALLOC_CACHES];

/* kmalloc() of a size that the compiler does not know. */
void *kmalloc_any(size_t size, gfp_t gfp);

/*
 * Allocates `size` bytes (1 .. KMALLOC_MAX), aligned to 8. Returns NULL for other sizes or without
 * memory.
 */
static inline void *kmalloc(size_t size, gfp_t gfp)
{
	/* size - 1 wraps for 0, and is then larger than KMALLOC_MAX. */
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

/* A cleared array of `count` elements of `size` bytes; NULL also if the product overflows. */
void *kcalloc(size_t count, size_t size, gfp_t gfp);

/* Frees an object of kmalloc(). NULL does nothing; any other pointer panics. */
void kfree(const void *object);

/* The usable bytes of an object of kmalloc(). */
size_t ksize(const void *object);

/* NULL, or the first violated invariant of this cache. */
const char *kmem_cache_validate(const struct kmem_cache *cache);

/* The same for all caches; *name is then the name of the faulty one. */
const char *kmem_cache_validate_all(const char **name);

/*
 * Objects in use, but for the caches themselves. A leaked object in a slab of others shows in no
 * count of frames.
 */
u32 kmem_cache_objects(void);

/*
 * Writes one line of Linux's /proc/slabinfo (version 2.1, proc(5)): 0 is the head, then come the
 * caches. Returns the length written, at most size - 1 bytes; 0: there are no more.
 */
u32 kmem_cache_slabinfo(u32 line, char *buffer, u32 size);

#endif
