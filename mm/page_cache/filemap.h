/* SPDX-License-Identifier: MIT */
/*
 * The page cache: what memory wants of a file, and the pages of it that are in memory.
 *
 *   struct address_space                      one for each object that can be mapped, whatever it is called and whoever opened it
 *     pages    radix tree: index -> struct page   read, write and every mapping see the same frames
 *     i_mmap   areas that map it                  so that truncation finds the entries that name its pages
 *
 *   (1) a page at index i has mapping = the object and index = i, its owner is OWNER_PAGECACHE, and the cache holds one reference to it; each
 *       page-table entry that names it holds one more.
 *   (2) nrpages is the number of pages in the tree; none lies at or behind the end of the object, rounded up to pages.
 *   (3) the bytes of the last page behind i_size are zero, unless a shared mapping wrote them.
 *   (4) i_mmap holds exactly the areas whose vm_mapping is the object; each has a reference.
 *   (5) a page that truncation took away is in no tree, has no mapping, and no page-table entry that came from the cache names it.
 *   (6) an object that a program runs from is not open for writing, and the reverse: what is mapped as text does not change. As on Linux, an
 *       area of a file that was open for writing counts as that, whatever it may do itself: it keeps the open file.
 *   (7) size and contents are changed by calls under `lock` one after the other; faults and holes (mapping_punch_hole()) need it not.
 *
 * fs/ makes the objects and says by its operations where contents come from; objects that live in memory alone are mm/user_space/shmem.h. Everything here
 * runs in a task's context. What takes long lets other tasks run between two pages (lib/resched.h); pages come from GFP_PAGECACHE frames (kmap_atomic() to
 * reach them).
 */
#ifndef MM_PAGE_CACHE_FILEMAP_H
#define MM_PAGE_CACHE_FILEMAP_H

#include "lib/assert.h"
#include "lib/list.h"
#include "lib/radix_tree.h"
#include "lib/resched.h"
#include "mm/frames/page.h"

/* The largest size of an object, bytes: the last index stays free, so that a number of pages fits (Linux's MAX_LFS_FILESIZE for 32 bits). */
#define MAPPING_SIZE_MAX ((u64)UINT32_MAX << PAGE_SHIFT)

struct address_space;

struct address_space_operations {
	/*
	 * Fills the whole page, which holds junk, with the object's contents at page->index, and with zeros behind their end. 0 or -errno.
	 * NULL: what was never written is zero.
	 */
	int (*readpage)(struct address_space *mapping, struct page *page);
	/* The last reference has gone and the pages with it: frees the object. */
	void (*release)(struct address_space *mapping);
};

struct address_space {
	const struct address_space_operations *a_ops;
	u32 count;  /* references: of names, open files and areas */
	u64 i_size; /* bytes */
	u32 nrpages;
	struct radix_tree pages;
	/* By vm_area_struct.shared; also cursors of walks, which have no vm_mm and are empty. */
	struct list_head i_mmap;
	struct mutex lock;
	struct list_head link; /* in mapping_list */
	u32 dev, ino;	       /* as /proc/PID/maps shows them */
	const char *name;      /* the same; lives as long as the object, may be NULL */
	s32 writers; /* > 0: open files that may write, and areas of such; < 0: programs that run from it, (6) */
	u32 blocks_committed; /* pages that overcommit accounts to the object */
};

extern struct list_head mapping_list; /* of all objects: the census counts their pages */

/* Sets up the cache of tree nodes; after kmem_cache_init(). */
void filemap_init(void);

/* An object of `size` bytes without pages, with one reference. */
void mapping_init(struct address_space *mapping, const struct address_space_operations *a_ops,
		  u64 size);

static inline void mapping_get(struct address_space *mapping)
{
	BUG_ON(!mapping->count);
	mapping->count++;
}

/* Keep (6): false, with nothing done, where the other side is there (-ETXTBSY). Each that succeeded is undone by the one below it. */
static inline bool mapping_get_write(struct address_space *mapping)
{
	return mapping->writers >= 0 && ++mapping->writers;
}

static inline void mapping_put_write(struct address_space *mapping)
{
	mapping->writers--;
}

static inline bool mapping_deny_write(struct address_space *mapping)
{
	return mapping->writers <= 0 && --mapping->writers;
}

static inline void mapping_allow_write(struct address_space *mapping)
{
	mapping->writers++;
}

/* One reference less; with the last one pages and object go, and others may run: one that finds the object meanwhile leaves it alone. */
void mapping_put(struct address_space *mapping);

/* Removes a page from its object, and drops the cache's reference; the page may outlive it by the others. No page-table entry names it as the object's. */
void delete_from_page_cache(struct page *page);

/* The object's size in pages, the last one perhaps a part: the first index that is behind its end. */
static inline u32 mapping_pages(const struct address_space *mapping)
{
	return (u32)((mapping->i_size + PAGE_SIZE - 1) >> PAGE_SHIFT);
}

/* The page at an index if the cache has it, or NULL. No reference is taken: good until the next call that may drop pages. */
static inline struct page *find_page(const struct address_space *mapping, u32 index)
{
	return radix_tree_lookup(&mapping->pages, index);
}

/* get_cache_page() of a page that the cache does not have. */
int read_cache_page(struct address_space *mapping, u32 index, struct page **page);

/*
 * The page at an index, made and filled if it isn't there. 0; -EINVAL at or behind the end of the object; -ENOMEM, or what readpage() said. No
 * reference is taken.
 */
static inline int get_cache_page(struct address_space *mapping, u32 index, struct page **page)
{
	*page = find_page(mapping, index);
	return likely(*page) ? 0 : read_cache_page(mapping, index, page);
}

/*
 * Moves `bytes` between kernel memory, such as a part of a page, and wherever `context` says, in order. Returns the number that could NOT be
 * moved, as copy_to_user() does: that may take page faults on the same object, but nothing in it may shrink the object or sleep.
 */
typedef u32 (*mapping_copy_t)(void *kernel, u32 bytes, void *context);

/* Such functions for a buffer of the kernel's; context is a char **, which moves on: out of the page cache, or into it. */
u32 copy_to_buffer(void *kernel, u32 bytes, void *context);
u32 copy_from_buffer(void *kernel, u32 bytes, void *context);

/*
 * Copies from or to the object, page by page. Returns the bytes that were moved: a read stops at i_size, a write moves i_size up. -errno if none were:
 * -EFAULT where copy() moved none, -EFBIG at MAPPING_SIZE_MAX, -ENOMEM, or what readpage() said. A hole that is read gets no page.
 */
s32 mapping_copy_from(struct address_space *mapping, u64 position, u32 bytes, mapping_copy_t copy,
		      void *context);
s32 mapping_copy_to(struct address_space *mapping, u64 position, u32 bytes, mapping_copy_t copy,
		    void *context);

/* The same for a buffer of the kernel's. */
s32 mapping_read(struct address_space *mapping, void *buffer, u32 bytes, u64 position);
s32 mapping_write(struct address_space *mapping, const void *buffer, u32 bytes, u64 position);

/* NULL, or the first violated invariant of the pages: (1), (2). mapping_validate_areas() has that of the areas. */
const char *mapping_validate(const struct address_space *mapping);

#endif
