/* SPDX-License-Identifier: MIT */
/*
 * From a frame to the page-table entries that map it, for reclaim. mm/user_space/anon.h explains
 * how they are found; the object of a mapped file lists its areas.
 */
#ifndef MM_RECLAIM_RMAP_H
#define MM_RECLAIM_RMAP_H

#include "mm/frames/page.h"
#include "paging/pgtable.h"

enum unmap_result {
	UNMAPPED,     /* no entry is left */
	UNMAP_LOCKED, /* one lies in a locked area */
	UNMAP_BUSY,   /* some are left: after mremap(), or because a slot has too many entries */
};

/*
 * The page is in a cache. Replaces all entries that map the frame: by its entry in swap, if it is
 * in the swap cache, else by empty ones. Entries that were replaced stay so, whatever the result.
 * The TLB may still have them: the caller flushes it before the frame is written to a device or
 * freed, and before any task runs.
 */
enum unmap_result try_to_unmap(struct page *page);

/*
 * Empties the entries that map a page of MADV_FREE, and frees it. False: an entry is dirty, or the
 * page is locked or busy; it is a page as any other from then on.
 */
bool try_to_drop(struct page *page);

/*
 * The page-table entries that name the slot of an anonymous page of the swap cache: sets them to
 * `to`, unless that is NULL. Returns their number. After mremap() some are not found.
 */
u32 swap_entries_of(const struct page *page, const swp_entry_t *to);

#endif
