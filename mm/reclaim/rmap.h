/* SPDX-License-Identifier: MIT */
/*
 * From a frame to the page-table entries that map it, for reclaim. mm/user_space/anon.h explains
 * how they are found; the object of a mapped file lists its areas.
 */
#ifndef MM_RECLAIM_RMAP_H
#define MM_RECLAIM_RMAP_H

#include "mm/frames/page.h"

/*
 * References to the frame that are not page-table entries: by the page cache or the swap cache.
 */
u32 page_cache_references(const struct page *page);

/* An entry that maps the frame lies in a locked area. */
bool page_mlocked(struct page *page);

/*
 * The page is in a cache. Replaces all entries that map the frame: by its entry in swap, if it is
 * in the swap cache, else by empty ones. Flushes the TLB. Returns true if none is left. Some may
 * be left after mremap(), or because a slot has too many entries; those that were replaced stay
 * so.
 */
bool try_to_unmap(struct page *page);

#endif
