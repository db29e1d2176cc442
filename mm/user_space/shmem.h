/* SPDX-License-Identifier: MIT */
/*
 * Objects of shared anonymous memory (MAP_SHARED | MAP_ANONYMOUS). Processes that share it after
 * fork() must see the same frames, so it has a page cache like a file.
 */
#ifndef MM_USER_SPACE_SHMEM_H
#define MM_USER_SPACE_SHMEM_H

#include "mm/page_cache/filemap.h"

/* The device of these objects in /proc/PID/maps, 00:01 as on Linux. */
#define SHMEM_DEV 1

/* Sets up the slab cache of objects. After filemap_init(). */
void shmem_init(void);

/*
 * Makes an object of `size` bytes that reads as zeros, with one reference for the caller. `name`
 * as in struct address_space. NULL: no memory.
 */
struct address_space *shmem_object(u64 size, const char *name);

#endif
