/* SPDX-License-Identifier: MIT */
/*
 * Objects in memory only: for MAP_SHARED | MAP_ANONYMOUS and for segments of shmget(). Processes
 * share their pages through a page cache without a file.
 */
#ifndef MM_USER_SPACE_SHMEM_H
#define MM_USER_SPACE_SHMEM_H

#include "mm/page_cache/filemap.h"

/* Sets up the slab cache of objects. After filemap_init(). */
void shmem_init(void);

/*
 * Makes an object of `size` bytes that reads as zeros, with one reference for the caller. `name`
 * as in struct address_space. NULL: no memory.
 */
struct address_space *shmem_object(u64 size, const char *name);

#endif
