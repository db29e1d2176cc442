/* SPDX-License-Identifier: MIT */
/*
 * Overcommit: committed pages, and their limit.
 *
 * mmap() and fork() promise pages that are allocated only when they are written. If the promises
 * exceed RAM and swap, a program fails at a write and not at the call. So the kernel counts them.
 * The modes are those of Linux's Documentation/mm/overcommit-accounting.rst. The limit of mode 2
 * is half of the RAM by default, and all swap space but that in memory, which may not take a page.
 *
 *   (1) vm_committed, in pages, is the sum of all areas with VM_ACCOUNT, plus blocks_committed of
 *       all objects (mm/page_cache/filemap.h).
 *
 * Charged are private writable areas, and shared anonymous objects as a whole. An area stays
 * charged when it loses the write right: its pages may be private copies already. MAP_NORESERVE
 * is not charged in modes 0 and 1.
 */
#ifndef MM_USER_SPACE_OVERCOMMIT_H
#define MM_USER_SPACE_OVERCOMMIT_H

#include "lib/types.h"

struct mm_struct;

enum {
	OVERCOMMIT_GUESS = 0,  /* refuse a request larger than RAM and swap */
	OVERCOMMIT_ALWAYS = 1, /* refuse nothing */
	OVERCOMMIT_NEVER = 2,  /* refuse a request that would exceed vm_commit_limit() */
};

extern u32 overcommit_mode;
extern u32 overcommit_ratio; /* mode 2: percent of the RAM */
extern u32 vm_committed;     /* pages */

/* The limit of committed pages in mode 2. */
u32 vm_commit_limit(void);

/*
 * Charges pages to an address space (NULL: to none). Returns 0, or -ENOMEM and charges nothing.
 */
int vm_enough_memory(const struct mm_struct *mm, u32 pages);

/* Uncharges pages. */
void vm_unacct_memory(u32 pages);

#endif
