/* SPDX-License-Identifier: MIT */
/*
 * Finds leaks: with the option `page_owner=on` (as in Linux) the caller of each allocation is
 * recorded, so that a leaked frame leads to the line that allocated it. Costs two words a frame.
 */
#ifndef MM_FRAMES_PAGE_OWNER_H
#define MM_FRAMES_PAGE_OWNER_H

#include "mm/frames/page.h"

extern bool page_owner_on;

/*
 * Makes the table for frames [0, end) in memory of the early allocator and switches recording on.
 * Returns 0 or -ENOMEM.
 */
int page_owner_init(pfn_t end);

/* Records the caller that allocated these 2^order frames. */
void page_owner_set(const struct page *page, u32 order, const void *caller);

/* The last caller that allocated the frame, or NULL: it is not known. */
const void *page_owner_caller(pfn_t pfn);

/* The number of the next allocation: a mark for page_owner_report(). */
u32 page_owner_mark(void);

/*
 * Logs `page_owner: caller=... owner=... frames=...` for the frames allocated since `mark` and not
 * freed, grouped by caller and owner. Returns their number, or 0 if recording is off. Changes
 * page->audit.
 */
u32 page_owner_report(u32 mark);

#endif
