/* SPDX-License-Identifier: MIT */
/*
 * How many pages memory has promised: those that a program may make its own without asking again.
 *
 *   (1) vm_committed is the sum over all areas with VM_ACCOUNT, of all address spaces, and of blocks_committed over all objects
 *       (mm/page_cache/filemap.h), in pages.
 *
 * What is charged: areas that are private and writable, and keep it when they lose the right (their pages may be their own by now);
 * shared anonymous objects, whole. MAP_NORESERVE is not charged in modes 0 and 1. The modes are those of Linux's
 * Documentation/mm/overcommit-accounting.rst; there is no swap, so that the limit of mode 2 is half of the RAM.
 */
#ifndef MM_USER_SPACE_OVERCOMMIT_H
#define MM_USER_SPACE_OVERCOMMIT_H

#include "lib/types.h"

struct mm_struct;

enum {
	OVERCOMMIT_GUESS = 0,  /* refuse a request larger than the RAM */
	OVERCOMMIT_ALWAYS = 1, /* refuse nothing */
	OVERCOMMIT_NEVER = 2,  /* refuse what goes over vm_commit_limit() */
};

extern u32 overcommit_mode;
extern u32 overcommit_ratio; /* mode 2: percent of the RAM */
extern u32 vm_committed;     /* pages */

/* What mode 2 promises at most, pages. */
u32 vm_commit_limit(void);

/* Charges pages on behalf of an address space (NULL: of none). Returns 0 or -ENOMEM, with nothing charged. */
int vm_enough_memory(const struct mm_struct *mm, u32 pages);

/* Takes a charge back. */
void vm_unacct_memory(u32 pages);

#endif
