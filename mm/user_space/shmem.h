/* SPDX-License-Identifier: MIT */
/*
 * Objects that live in memory alone: what MAP_SHARED | MAP_ANONYMOUS maps, the segments of shmget(), the files of tmpfs.
 */
#ifndef MM_USER_SPACE_SHMEM_H
#define MM_USER_SPACE_SHMEM_H

#include "mm/page_cache/filemap.h"

/* Sets up the cache of objects; after filemap_init(). */
void shmem_init(void);

/* An object of `size` bytes that reads as zeros, with one reference; mapping_put() ends it. `name` as in struct address_space. NULL: no memory. */
struct address_space *shmem_object(u64 size, const char *name);

#endif
