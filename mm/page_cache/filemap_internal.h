/* SPDX-License-Identifier: MIT */
/*
 * What the files of the page cache share: the tree (filemap.c), pages that are not in memory
 * (absent.c), and read() and write() (read_write.c).
 */
#ifndef MM_PAGE_CACHE_FILEMAP_INTERNAL_H
#define MM_PAGE_CACHE_FILEMAP_INTERNAL_H

#include "mm/frames/page_alloc.h"
#include "mm/page_cache/filemap.h"

/* Counts a page that the object is about to get at an index without an item. 0 or -ENOSPC. */
static inline int charge(struct address_space *mapping, u32 index)
{
	return mapping->a_ops->charge ? mapping->a_ops->charge(mapping, index) : 0;
}

/* Makes a page and fills it. The caller holds one reference, for the cache. 0 or -errno. */
int make_page(struct address_space *mapping, u32 index, struct page **made);

/* Drops a reference to a page that did not get into the cache. */
static inline void drop_page(struct page *page)
{
	page->mapping = NULL;
	put_page(page);
}

/* Brings back the page of this item. 0, -ENOMEM, -EIO, or readpage()'s error. */
int return_page(struct address_space *mapping, u32 index, const void *item, struct page **returned);

#endif
