/* SPDX-License-Identifier: MIT */
/* What the tests of address spaces share. */
#ifndef TESTS_HOST_SPACE_H
#define TESTS_HOST_SPACE_H

#include "mm/user_space/mm.h"

/*
 * Expects that the space is valid and that the model's TLB agrees with its page tables.
 */
void check_space(struct mm_struct *space);

/* Expects so many free pages in the pool of large pages, of which some are reserved. */
void expect_large(u32 free, u32 reserved);

/* How many of so many pages, from an address on, mincore() finds in memory. */
u32 resident_pages(struct mm_struct *space, vaddr_t from, u32 pages);

/* An object of large pages, as mmap() makes for MAP_HUGETLB. NULL: no memory. */
struct address_space *large_object(u32 bytes);

#endif
