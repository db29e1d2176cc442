/* SPDX-License-Identifier: MIT */
/*
 * mem_map: one struct page for each frame of RAM below PHYS_LIMIT (paging/pgtable.h).
 *
 * A frame may be free, part of the kernel, or shared by many processes. Its struct page records
 * which, so that one look tells whether it may be freed.
 *
 *   (1) count is the number of references to the frame; it is 0 exactly if the frame is free.
 *   (2) `block` is the allocator's mark: BLOCK_FREE | order in the first frame of a free block,
 *       BLOCK_USED | order in the first frame of an allocated block, BLOCK_HOT in a hot frame,
 *       0 in all others.
 *   (3) PG_reserved frames (firmware, holes, the kernel's image, mem_map) are never allocated nor
 *       freed.
 *   (4) the owner of a block (enum page_owner) is kept in its first frame.
 *
 * mm_census() (mm/census.h) checks them.
 */
#ifndef MM_FRAMES_PAGE_H
#define MM_FRAMES_PAGE_H

#include "lib/list.h"
#include "paging/layout.h"

struct kmem_cache;
struct slab;

enum page_flags {
	PG_locked = 1 << 0,
	PG_referenced = 1 << 1,
	PG_dirty = 1 << 2,
	PG_uptodate = 1 << 3,
	PG_lru = 1 << 4,
	PG_active = 1 << 5,
	PG_slab = 1 << 6,
	PG_reserved = 1 << 7,
	PG_swapcache = 1 << 8,
	PG_highmem = 1 << 9,
	PG_readahead = 1 << 10,	  /* read from swap before it was wanted */
	PG_refused = 1 << 11,	  /* its device for swap does not take these contents */
	PG_cold = 1 << 12,	  /* on reclaim's list of pages to evict before all others */
	PG_lazyfree = 1 << 13,	  /* MADV_FREE: dropped if no entry that maps it is dirty */
	PG_unevictable = 1 << 14, /* on reclaim's list of pages of locked areas */
	PG_guarded = 1 << 15,	  /* to be unmapped when it is freed: debug_pagealloc= */
};

/* Kinds of blocks; the order is in the low bits. */
enum block_mark { BLOCK_FREE = 0x100, BLOCK_USED = 0x200, BLOCK_HOT = 0x400, BLOCK_ORDER = 0xff };

/* The part of the kernel that uses a frame. */
enum page_owner {
	OWNER_FREE,
	OWNER_RESERVED,
	OWNER_KERNEL,
	OWNER_PGTABLE,
	OWNER_SLAB,
	OWNER_VMALLOC,
	OWNER_ANON,
	OWNER_PAGECACHE,
	OWNER_HUGE, /* of the pool of large pages: mm/frames/huge_pool.h */
	NR_PAGE_OWNERS
};

/* The upper bits of struct page's flags. An enumeration, so that debuggers know them. */
enum { PAGE_OWNER_SHIFT = 24, PAGE_ZONE_SHIFT = 30 };
#define PAGE_OWNER_MASK (0xfu << PAGE_OWNER_SHIFT)

struct page {
	union { /* the first member: a link's address is that of its struct page */
		struct list_head lru; /* on a list of its owner; a free block: its free list */
		struct {	      /* PG_slab */
			struct kmem_cache *cache;
			struct slab *slab;
		};
	};
	u32 flags; /* enum page_flags | owner << PAGE_OWNER_SHIFT | zone << PAGE_ZONE_SHIFT */
	u32 count;
	/*
	 * OWNER_PAGECACHE: the object that it caches a page of, and the number of that page.
	 * OWNER_ANON: mm/user_space/anon.h.
	 */
	void *mapping;
	u32 index;
	u32 block; /* enum block_mark | order */
	u32 audit; /* references that the census found; else without meaning */
};

_Static_assert(sizeof(void *) != 4 || sizeof(struct page) == 32,
	       "struct page has outgrown 32 bytes");

extern struct page *mem_map; /* [0, max_pfn) */
extern pfn_t max_pfn;	     /* the end of mem_map */
extern pfn_t max_low_pfn;    /* the end of the direct map, at most max_pfn */

static inline struct page *pfn_to_page(pfn_t pfn)
{
	return mem_map + pfn;
}

static inline pfn_t page_to_pfn(const struct page *page)
{
	return (pfn_t)(page - mem_map);
}

/* Its address in the direct map. Not for PG_highmem: see mm/frames/highmem.h. */
static inline void *page_address(const struct page *page)
{
	return pfn_to_virt(page_to_pfn(page));
}

static inline struct page *virt_to_page(const void *pointer)
{
	return pfn_to_page(virt_to_pfn(pointer));
}

/* The reserved frame that begins at an address, or NULL: no frame begins there, or it is owned. */
static inline struct page *reserved_page_at(const void *pointer)
{
	uintptr_t offset = (uintptr_t)pointer - (uintptr_t)physmap;

	if (!IS_ALIGNED(offset, PAGE_SIZE) || offset >> PAGE_SHIFT >= max_low_pfn)
		return NULL;
	return mem_map[offset >> PAGE_SHIFT].flags & PG_reserved ? virt_to_page(pointer) : NULL;
}

/* True if mem_map describes the frame; false for device memory above RAM. */
static inline bool pfn_valid(pfn_t pfn)
{
	return pfn < max_pfn;
}

static inline bool page_highmem(const struct page *page)
{
	return page->flags & PG_highmem;
}

/* The owner of the block that begins with this frame. */
static inline enum page_owner page_owner(const struct page *page)
{
	if (!page->count)
		return OWNER_FREE;
	return (enum page_owner)((page->flags & PAGE_OWNER_MASK) >> PAGE_OWNER_SHIFT);
}

/* The owner of any frame below max_pfn (mm/frames/page_owner.c). */
enum page_owner frame_owner(pfn_t pfn);

static inline void change_page_owner(struct page *page, enum page_owner owner)
{
	page->flags = (page->flags & ~PAGE_OWNER_MASK) | (u32)owner << PAGE_OWNER_SHIFT;
}

/* "kernel", "slab", ... (mm/frames/page_owner.c) */
const char *page_owner_name(enum page_owner owner);

static inline u32 page_zone_index(const struct page *page)
{
	return page->flags >> PAGE_ZONE_SHIFT;
}

#endif
