/* SPDX-License-Identifier: MIT */
/*
 * Truncation: pages leave an object, and every address space that maps them.
 *
 * It needs both sides, the page cache below and the areas with their page tables; so it lies above both. A page is unmapped from all
 * spaces before it leaves the cache: otherwise a program would go on reading a frame that is no longer the file's.
 */
#ifndef MM_USER_SPACE_TRUNCATE_H
#define MM_USER_SPACE_TRUNCATE_H

#include "mm/page_cache/filemap.h"

/*
 * Sets the size. When it shrinks, pages behind the end are unmapped from every space (private copies of them too, as Linux does) and freed, and the rest
 * of the last page is cleared. 0 or -EFBIG; shrinking can't fail.
 */
int mapping_truncate(struct address_space *mapping, u64 size);

/* Unmaps the pages [first, end) from every space and frees them: they read as what was never written. Private copies of them stay. Stops early where
 * the task is to end. */
void mapping_punch_hole(struct address_space *mapping, u32 first, u32 end);

/* NULL, or the first violated invariant of the areas that map the object: (4) of mm/page_cache/filemap.h. */
const char *mapping_validate_areas(const struct address_space *mapping);

#endif
