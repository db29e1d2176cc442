/* SPDX-License-Identifier: MIT */
/*
 * Who allocated each frame: with the option `page_owner=on` (Linux's name) the caller of every allocation is kept, one
 * word and one number a frame, and a leak can be traced to the line that asked for it.
 */
#ifndef MM_FRAMES_PAGE_OWNER_H
#define MM_FRAMES_PAGE_OWNER_H

#include "mm/frames/page.h"

extern bool page_owner_on;

/* Makes the table for frames [0, end) with the early allocator and switches recording on. 0 or -ENOMEM. */
int page_owner_init(pfn_t end);

/* Notes who got these 2^order frames. */
void page_owner_set(const struct page *page, u32 order, const void *caller);

/* The number of the next allocation: a mark for page_owner_report(). */
u32 page_owner_mark(void);

/*
 * Prints `page_owner: caller=... owner=... frames=...` for the frames in use that were allocated since `mark`, grouped by caller and
 * owner. Changes page->audit. Returns how many frames that are; 0 if nothing was recorded.
 */
u32 page_owner_report(u32 mark);

#endif
