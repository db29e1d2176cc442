/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the world `swap` share: its processes and what their pages contain, and a
 * disk; each of its transfers may fail.
 *
 *   swap.c         the operations
 *   swap_disk.c    the disk
 *   swap_state.c   comparing memory and disk with the contents, and the state
 */
#ifndef TESTS_EXPLORE_SWAP_WORLD_H
#define TESTS_EXPLORE_SWAP_WORLD_H

#include "mm/page_cache/filemap.h"
#include "mm/swap/swap.h"
#include "mm/user_space/mm.h"

#define PROCESSES  2u
#define PAGES_MAX  3u
#define DISK_PAGES 4u
#define BAD_SLOT   3u

struct contents {
	bool dropped; /* MADV_FREE: it may read as zero */
	bool locked;
	u32 head, tail;
};

extern struct process {
	struct mm_struct *mm;
	struct contents page[PAGES_MAX];
} processes[PROCESSES];

extern struct contents shared; /* the object's page */
extern struct address_space *object;
extern u32 pages; /* of a process; of two or more the last one is the object's */

static inline vaddr_t page_at(u32 page)
{
	return MMAP_BASE - pages / 2 * PAGE_SIZE + page * PAGE_SIZE;
}

static inline bool of_object(u32 page)
{
	return pages > 1 && page == pages - 1;
}

/* What the disk does in an operation. */
enum disk_mode { DISK_WORKS, DISK_READ_FAILS, DISK_WRITE_FAILS, DISK_REFUSES, DISK_MODES };

struct explored_disk {
	u32 words[DISK_PAGES][2]; /* of each slot: the words at HEAD and TAIL */
	bool written[DISK_PAGES];
	enum disk_mode mode;
	bool failed; /* since the mode was set */
};

extern struct explored_disk disk;
extern u32 swap_type; /* of the area on the disk */

/* Adds the disk as an area of swap, with a bad slot. */
void disk_swap_on(void);

/* What world_check() and world_describe() do (explore.h). */
void swap_check(void);
void swap_describe(void);

#endif
