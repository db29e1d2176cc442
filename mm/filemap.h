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
 *
 * fs/ makes the objects and says by its operations where contents come from; objects that live in memory alone are mm/shmem.h. Everything here
 * runs in a task's context and sleeps nowhere; pages come from GFP_HIGHUSER frames (kmap_atomic() to reach them).
 */
#ifndef MM_FILEMAP_H
#define MM_FILEMAP_H

#include "lib/list.h"
#include "lib/radix_tree.h"
#include "mm/page.h"

struct address_space;

struct address_space_operations {
	/* Fills a page, which is cleared, with the object's contents at page->index. 0 or -errno. NULL: what was never written is zero. */
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
	struct list_head i_mmap; /* by vm_area_struct.shared */
	struct list_head link;	 /* in mapping_list */
	u32 dev, ino;		 /* as /proc/PID/maps shows them */
	const char *name;	 /* the same; lives as long as the object, may be NULL */
	u32 blocks_committed;	 /* pages that overcommit accounts to the object */
};

extern struct list_head mapping_list; /* of all objects: the census counts their pages */

/* An object of `size` bytes without pages, with one reference. */
void mapping_init(struct address_space *mapping, const struct address_space_operations *a_ops,
		  u64 size);

void mapping_get(struct address_space *mapping);

/* One reference less; with the last one pages and object go. */
void mapping_put(struct address_space *mapping);

/* The page at an index if the cache has it, or NULL. No reference is taken: good until the next call that may drop pages. */
struct page *find_page(struct address_space *mapping, u32 index);

/*
 * The page at an index, made and filled if it isn't there. It must lie before the end of the object. 0, -ENOMEM, or what readpage() said. No
 * reference is taken.
 */
int get_cache_page(struct address_space *mapping, u32 index, struct page **page);

/* Copies from or to the object. Returns the bytes copied: read stops at i_size, write moves i_size up. Or -ENOMEM, -EFBIG, -errno. */
s32 mapping_read(struct address_space *mapping, void *buffer, u32 bytes, u64 position);
s32 mapping_write(struct address_space *mapping, const void *buffer, u32 bytes, u64 position);

/*
 * Sets the size. When it shrinks, pages behind the end are unmapped from every space (private copies of them too, as Linux does) and freed, and the rest
 * of the last page is cleared. 0 or -EFBIG; shrinking can't fail.
 */
int mapping_truncate(struct address_space *mapping, u64 size);

/* NULL, or the first violated invariant. */
const char *mapping_validate(struct address_space *mapping);

#endif
