/* SPDX-License-Identifier: MIT */
/*
 * Checks of slab objects, for caches with a flag of SLAB_DEBUG_MASK. They find use after free,
 * double free and writes beyond an object at the next allocation or free.
 *
 *   | front: guard | object | guard, to the next word | track: sum, last callers |
 *                  ^ the pointer that the caller gets
 *
 *   (1) guard bytes are GUARD_FREE while the object is free, GUARD_USED while it is in use;
 *   (2) a free object without constructor is filled with POISON_FREE and ends with POISON_END; a
 *       free object with constructor still has the sum that it had when it was freed.
 *
 * A violation is a bug of the object's user: the kernel reports it and panics.
 */
#include "abi/linux/errno.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "lib/symbol.h"
#include "mm/slab/slab_internal.h"

#define GUARD_BYTES 8u

enum { GUARD_FREE = 0xbb, GUARD_USED = 0xcc };
enum { POISON_USED = 0x5a, POISON_FREE = 0x6b, POISON_END = 0xa5 };

struct slab_track {
	u32 sum;
	const void *allocated_by, *freed_by;
};

int slab_debug_parse(const char *text, u32 *debug)
{
	static const struct {
		char letter;
		u32 flag;
	} letters[] = { { 'F', SLAB_CONSISTENCY_CHECKS },
			{ 'Z', SLAB_RED_ZONE },
			{ 'P', SLAB_POISON },
			{ 'U', SLAB_STORE_USER } };
	u32 flags = 0;

	if (!*text)
		return -EINVAL;
	for (; *text && strcmp(text, "-"); text++) {
		u32 i = 0;

		while (i < ARRAY_SIZE(letters) && letters[i].letter != (*text & ~0x20))
			i++;
		if (i == ARRAY_SIZE(letters))
			return -EINVAL;
		flags |= letters[i].flag;
	}
	*debug = flags;
	return 0;
}

static struct slab_track *track_of(const struct kmem_cache *cache, const void *object)
{
	return (struct slab_track *)((char *)object + cache->track);
}

void slab_debug_setup(struct kmem_cache *cache)
{
	cache->align = max(cache->align, (u32)sizeof(void *));
	cache->front = ALIGN_UP(GUARD_BYTES, cache->align);
	cache->track = ALIGN_UP(cache->object_size + GUARD_BYTES, (u32)sizeof(void *));
	cache->size = ALIGN_UP(cache->front + cache->track + (u32)sizeof(struct slab_track),
			       cache->align);
}

/* Logs the last callers for the object that contains `pointer`, if it belongs to this cache. */
static void report_callers(const struct kmem_cache *cache, const void *pointer)
{
	const struct page *page = virt_to_page(pointer);
	const struct slab_track *track;
	char name[SYMBOL_SIZE];
	u32 offset;

	if (!(cache->flags & SLAB_STORE_USER) || !pfn_valid(page_to_pfn(page)) ||
	    !(page->flags & PG_slab) || page->cache != cache)
		return;
	offset = (u32)((const char *)pointer - page->slab->objects);
	if (offset / cache->size >= cache->objects)
		return;
	pointer = slab_object(cache, page->slab, offset / cache->size);
	track = track_of(cache, pointer);
	printk("slab: object=%p cache=%s allocated_by=%s\n", pointer, cache->name,
	       symbol_text(track->allocated_by, name));
	printk("slab: object=%p cache=%s freed_by=%s\n", pointer, cache->name,
	       symbol_text(track->freed_by, name));
}

void slab_report(const struct kmem_cache *cache, const void *object, const char *wrong,
		 const void *caller)
{
	char name[SYMBOL_SIZE];

	report_callers(cache, object);
	panic("slab: %s: object %p, cache %s, caller %s", wrong, object, cache->name,
	      symbol_text(caller, name));
}

static u32 sum_object(const struct kmem_cache *cache, const u8 *object)
{
	u32 sum = 0;

	for (u32 i = 0; i < cache->object_size; i++)
		sum = sum * 31 + object[i];
	return sum;
}

static bool all_bytes(const u8 *from, const u8 *to, u8 value)
{
	for (; from < to; from++)
		if (*from != value)
			return false;
	return true;
}

static void set_guards(const struct kmem_cache *cache, u8 *object, u8 value)
{
	if (!(cache->flags & SLAB_RED_ZONE))
		return;
	memset(object - cache->front, value, cache->front);
	memset(object + cache->object_size, value, cache->track - cache->object_size);
}

static void check_guards(const struct kmem_cache *cache, const u8 *object, u8 value,
			 const void *caller)
{
	if (!(cache->flags & SLAB_RED_ZONE))
		return;
	if (!all_bytes(object - cache->front, object, value))
		slab_report(cache, object, "the bytes before the object were overwritten", caller);
	if (!all_bytes(object + cache->object_size, object + cache->track, value))
		slab_report(cache, object, "the bytes after the object were overwritten", caller);
}

/* Fills the object as (2) says. */
static void set_free_contents(const struct kmem_cache *cache, u8 *object)
{
	if (!(cache->flags & SLAB_POISON))
		return;
	if (!cache->constructor) {
		memset(object, POISON_FREE, cache->object_size - 1);
		object[cache->object_size - 1] = POISON_END;
	}
	track_of(cache, object)->sum = sum_object(cache, object);
}

void slab_debug_new(struct kmem_cache *cache, void *object)
{
	*track_of(cache, object) = (struct slab_track){ 0 };
	set_guards(cache, object, GUARD_FREE);
	set_free_contents(cache, object);
}

void slab_debug_check_free(struct kmem_cache *cache, void *object, const void *caller)
{
	check_guards(cache, object, GUARD_FREE, caller);
	if (cache->flags & SLAB_POISON && track_of(cache, object)->sum != sum_object(cache, object))
		slab_report(cache, object, "the object was written to after it was freed", caller);
}

void slab_debug_alloc(struct kmem_cache *cache, void *object, const void *caller)
{
	slab_debug_check_free(cache, object, caller);
	set_guards(cache, object, GUARD_USED);
	if (cache->flags & SLAB_POISON && !cache->constructor)
		memset(object, POISON_USED, cache->object_size);
	track_of(cache, object)->allocated_by = caller;
}

void slab_debug_free(struct kmem_cache *cache, const struct slab *slab, void *object, u32 index,
		     const void *caller)
{
	if (cache->flags & SLAB_CONSISTENCY_CHECKS)
		for (u32 i = slab->free; i != SLAB_END; i = slab->next[i])
			if (i == index)
				slab_report(cache, object, "the object was freed twice", caller);
	if (cache->flags & SLAB_RED_ZONE && *((u8 *)object - 1) == GUARD_FREE)
		slab_report(cache, object, "the object was freed twice", caller);
	check_guards(cache, object, GUARD_USED, caller);
	set_guards(cache, object, GUARD_FREE);
	set_free_contents(cache, object);
	track_of(cache, object)->freed_by = caller;
}
