/* SPDX-License-Identifier: MIT */
/*
 * The page cache: the pages of files that are in memory.
 *
 * read(), write() and every mapping of a file must see the same bytes. So a page of a file is in
 * memory at most once, in the cache of its object, and all of them use that frame.
 *
 *   struct address_space             one for each object that can be mapped (file, shared memory)
 *     pages    radix tree: index -> struct page
 *     i_mmap   the areas that map it: truncation and reclaim find page-table entries through them
 *
 *   (1) a page at index i has mapping = the object, index = i and owner OWNER_PAGECACHE; the cache
 *       holds one reference to it, and each page-table entry that maps it holds another. A page in
 *       place (a_ops->in_place) is a reserved frame instead. Its references are not counted: its
 *       count is 3, as if several spaces always mapped it. Pages of a `huge` object are large, of
 *       OWNER_HUGE, and the pool has a reference too; i is the index of the first 4 KiB.
 *   (2) nrpages is the number of pages of the tree (a large one is one), nrabsent that of items of
 *       pages in swap, or dropped; all lie before i_size, rounded up to pages.
 *   (3) the bytes of the last page after i_size are zero, unless a shared mapping wrote them.
 *   (4) i_mmap contains exactly the areas with vm_mapping = the object; each holds a reference. It
 *       is an interval tree: a gap tree in order of the areas' first pages, where the `gap` of a
 *       node is the page after its area's last one. So the areas of any page are found in
 *       O(log n) each (mm/user_space/vma.h). Cursors of walks are in it too, with gap 0.
 *   (5) a truncated page is in no tree, has no mapping, and no page-table entry that came from the
 *       cache maps it.
 *   (6) an object is never open for writing while a program runs from it: mapped text does not
 *       change. As on Linux, an area of a file opened for writing counts as a writer, even if the
 *       area is read-only: it keeps the open file.
 *   (7) calls that change size or contents hold `lock`; faults and mapping_punch_hole() need not.
 *
 * Objects are files (fs/), segments (kernel/ipc/), and shared anonymous memory
 * (mm/user_space/shmem.h); their operations fill the pages. All calls need a task's context. Long
 * ones let other tasks run between two pages (lib/resched.h). Frames may be in high memory: reach
 * them by kmap_atomic().
 */
#ifndef MM_PAGE_CACHE_FILEMAP_H
#define MM_PAGE_CACHE_FILEMAP_H

#include "lib/assert.h"
#include "lib/gap_tree.h"
#include "lib/list.h"
#include "lib/radix_tree.h"
#include "lib/resched.h"
#include "mm/frames/page.h"

/*
 * The largest size of an object, bytes. The number of pages then fits in 32 bits (Linux's
 * MAX_LFS_FILESIZE of 32-bit machines).
 */
#define MAPPING_SIZE_MAX ((u64)UINT32_MAX << PAGE_SHIFT)

/*
 * An item of the tree for a page that is not in memory. Pages are aligned, so their bit 0 is 0:
 *
 *   bit 0 = 1, bit 7 = 0    in swap: a swp_entry_t, which has bits 0 and 7 clear
 *   bit 0 = 1, bit 7 = 1    dropped: bits 31..8 are the number of its eviction
 *
 * Reclaim puts them in place of pages. It is called by any allocation, also for a node of the
 * same tree, so it must not change the tree's shape.
 */
static inline bool item_is_absent(const void *item)
{
	return (uintptr_t)item & 1;
}

struct address_space;

struct address_space_operations {
	/*
	 * Fills the page, which is not cleared, with the object's contents at page->index, and
	 * with zeros after their end. Returns 0 or -errno. NULL: new pages are zero.
	 */
	int (*readpage)(struct address_space *mapping, struct page *page);
	/*
	 * Before the object gets a page at an index that has none: counts it. Returns 0 or
	 * -ENOSPC. May be NULL.
	 */
	int (*charge)(struct address_space *mapping, u32 index);
	/*
	 * Narrows [*first, *end) to pages with contents in reserved frames, which follow each
	 * other, and returns the first frame; NULL: there is none. They become pages of the cache
	 * as they are, and are written in place. May be NULL.
	 */
	struct page *(*in_place)(const struct address_space *mapping, u32 *first, u32 *end);
	/* A page that was never written reads as zeros, so a hole that is read gets no page. */
	bool sparse;
	/* May the caller not learn which pages are in memory? NULL: it may. */
	bool (*hides_residence)(const struct address_space *mapping);
	/* May a program's area lose pages of the object? 0 or -errno. NULL: it may. */
	int (*check_hole)(const struct address_space *mapping);
	/* Frees the object after its last reference and its pages are gone. */
	void (*release)(struct address_space *mapping);
};

struct address_space {
	const struct address_space_operations *a_ops;
	u32 count;	       /* references by names, open files and areas */
	u64 i_size;	       /* bytes */
	u32 nrpages, nrabsent; /* items of the tree: pages, others */
	bool written;	       /* it was open for writing: readpage() may give older contents */
	bool entering;	       /* a node of `pages` is allocated: no shrinker may remove an item */
	struct radix_tree pages;
	struct gap_tree i_mmap; /* (4), by vm_area_struct.shared */
	u32 i_mmap_changes;	/* counts what may bring pages to an area that a walk has passed */
	struct mutex lock;
	struct list_head link; /* in mapping_list */
	u32 dev, ino;	       /* as /proc/PID/maps shows them */
	const char *name;      /* the same; lives as long as the object, may be NULL */
	s32 writers; /* (6): > 0: files open for writing and their areas; < 0: running programs */
	u32 blocks_committed; /* pages that overcommit accounts to the object */
	bool huge;	      /* its pages are large ones (mm/user_space/huge.h) */
};

extern struct list_head mapping_list; /* all objects, for the census */

/* Pages of objects that have their contents nowhere else: those of tmpfs and shared memory. */
u32 nr_memory_only_pages(void);

/* Sets up the slab cache of tree nodes. After kmem_cache_init(). */
void filemap_init(void);

/* Initialises an object of `size` bytes, without pages, with one reference. */
void mapping_init(struct address_space *mapping, const struct address_space_operations *a_ops,
		  u64 size);

static inline void mapping_get(struct address_space *mapping)
{
	BUG_ON(!mapping->count);
	mapping->count++;
}

/*
 * Keep (6). get and deny return false and change nothing if the other kind is there (-ETXTBSY).
 * mapping_put_write() undoes the former, mapping_allow_write() the latter.
 */
static inline bool mapping_get_write(struct address_space *mapping)
{
	if (mapping->writers < 0)
		return false;
	mapping->written = true;
	mapping->writers++;
	return true;
}

static inline void mapping_put_write(struct address_space *mapping)
{
	mapping->writers--;
}

static inline bool mapping_deny_write(struct address_space *mapping)
{
	if (mapping->writers > 0)
		return false;
	mapping->writers--;
	return true;
}

static inline void mapping_allow_write(struct address_space *mapping)
{
	mapping->writers++;
}

/* mapping_put() of the last reference. */
void mapping_free(struct address_space *mapping);

/*
 * Drops a reference. The last one frees pages and object; other tasks may run meanwhile and must
 * ignore an object with count 0.
 */
static inline void mapping_put(struct address_space *mapping)
{
	if (likely(mapping->count > 1))
		mapping->count--;
	else
		mapping_free(mapping);
}

/*
 * The same without a_ops->release(). True: it was the last reference, and the caller frees the
 * object.
 */
bool mapping_put_last(struct address_space *mapping);

/*
 * Removes a page from its object and drops the cache's reference. No page-table entry may map it
 * as the object's. The frame is freed with its last reference.
 */
void delete_from_page_cache(struct page *page);

/* The same for all pages in [first, end), and for what the object has there in swap. */
void remove_pages(struct address_space *mapping, u32 first, u32 end);

/* The object's size in pages, rounded up: the first index after its end. */
static inline u32 mapping_pages(const struct address_space *mapping)
{
	return (u32)((mapping->i_size + PAGE_SIZE - 1) >> PAGE_SHIFT);
}

/*
 * The page at an index, or NULL if it is not in the cache. Takes no reference: valid until the
 * next call that may remove pages.
 */
static inline struct page *find_page(const struct address_space *mapping, u32 index)
{
	void *item = radix_tree_lookup(&mapping->pages, index);

	return unlikely(item_is_absent(item)) ? NULL : item;
}

/*
 * The first page at or after *index; sets *index to its index. NULL: no more. The object may
 * change between two calls.
 */
struct page *find_next_page(const struct address_space *mapping, u32 *index);

/*
 * Removes the entry of an absent page, and frees its slot in swap. `item` is that of the tree at
 * the index.
 */
void mapping_remove_absent(struct address_space *mapping, u32 index, void *item);

/* The page is in memory: in the cache, or in the swap cache. */
bool mapping_resident(const struct address_space *mapping, u32 index);

/* The number of pages of [first, end) that are in swap. */
u32 mapping_count_in_swap(const struct address_space *mapping, u32 first, u32 end);

/*
 * Brings the pages of [first, end) into the cache that are in swap or that readpage() can fill.
 * Holes of objects in memory stay. Ends early on an error: it is advice.
 */
void mapping_read_ahead(struct address_space *mapping, u32 first, u32 end);

/* The pages can be filled again from where they came: reclaim may drop them. */
static inline bool mapping_refills(const struct address_space *mapping)
{
	return mapping->a_ops->readpage && !mapping->written;
}

/*
 * For reclaim: takes a page out of the object that nothing maps, and leaves its entry. A page of
 * mapping_refills() may be freed then. Any other must be in the swap cache, and is only there
 * afterwards.
 */
void mapping_evict(struct page *page);

/*
 * Brings in pages of the object that are in this area, from index *from on: `most` of them, or
 * all. Sets *pages to their number and *from to the index that comes next; returns 0, or the
 * error that ended it: -ENOMEM, -EIO. Reclaim may take pages meanwhile, to other areas.
 */
int mapping_unuse(struct address_space *mapping, u32 type, u32 *from, u32 most, u32 *pages);

/*
 * Makes and fills a page at an index before the object's end that is not in the cache. Returns as
 * get_cache_page().
 */
int add_cache_page(struct address_space *mapping, u32 index, struct page **page);

/*
 * Enters a page at an index without an item. The cache takes over the caller's reference. 0,
 * -ENOMEM, -EEXIST.
 */
int enter_page(struct address_space *mapping, u32 index, struct page *page);

/* get_cache_page() for a page that is not in the cache. */
int read_cache_page(struct address_space *mapping, u32 index, struct page **page);

/*
 * Finds the page at an index; makes and fills it if it is not in the cache. Takes no reference.
 * Returns 0, -EINVAL at or after the end of the object, -ENOMEM, or readpage()'s error.
 */
static inline int get_cache_page(struct address_space *mapping, u32 index, struct page **page)
{
	*page = find_page(mapping, index);
	return likely(*page) ? 0 : read_cache_page(mapping, index, page);
}

/*
 * Copies `bytes` between kernel memory, such as part of a page, and the place that `context`
 * describes, in order. Returns the number of bytes NOT copied, as copy_to_user(). It may take
 * page faults on the same object, but must not sleep or shrink the object.
 */
typedef u32 (*mapping_copy_t)(void *kernel, u32 bytes, void *context);

/* Between the page cache and a kernel buffer: context is a char **, advanced. */
u32 copy_to_buffer(void *kernel, u32 bytes, void *context);
u32 copy_from_buffer(void *kernel, u32 bytes, void *context);

/*
 * Copy from or to the object, page by page. A read stops at i_size; a write may raise i_size. A
 * hole that is read gets no page. Return the bytes copied, or -errno if there were none: -EFAULT
 * if copy() copied none, -EFBIG at MAPPING_SIZE_MAX, -ENOMEM, or readpage()'s error.
 */
s32 mapping_copy_from(struct address_space *mapping, u64 position, u32 bytes, mapping_copy_t copy,
		      void *context);
s32 mapping_copy_to(struct address_space *mapping, u64 position, u32 bytes, mapping_copy_t copy,
		    void *context);

/* mapping_copy_from() to a kernel buffer. */
s32 mapping_read(struct address_space *mapping, void *buffer, u32 bytes, u64 position);

/* NULL, or the first violated of (1) and (2). mapping_validate_areas() checks (4). */
const char *mapping_validate(const struct address_space *mapping);

#endif
