/* SPDX-License-Identifier: MIT */
/*
 * Truncation: removes pages from an object and from every address space that maps them.
 *
 * A page is unmapped everywhere before it is removed from the page cache. Otherwise a program
 * would go on using a frame that the file no longer has. Truncation uses the page cache and the
 * page tables of the areas, so it lies above both.
 */
#ifndef MM_USER_SPACE_TRUNCATE_H
#define MM_USER_SPACE_TRUNCATE_H

#include "mm/page_cache/filemap.h"

/*
 * Sets the size. The caller holds the object's lock and a reference to it. Shrinking unmaps the
 * pages after the end from every address space, private copies too (as Linux), frees them, and
 * clears the rest of the last page. 0 or -EFBIG; shrinking cannot fail.
 */
int mapping_truncate(struct address_space *mapping, u64 size);

/*
 * Unmaps the pages [first, end) from every address space and frees them. They then read as new
 * pages. Private copies stay. Stops early if the task is killed.
 */
void mapping_punch_hole(struct address_space *mapping, u32 first, u32 end);

/* NULL, or the violated invariant (4) of mm/page_cache/filemap.h. */
const char *mapping_validate_areas(const struct address_space *mapping);

#endif
