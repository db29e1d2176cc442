/* SPDX-License-Identifier: MIT */
/*
 * Large pages in address spaces (MAP_HUGETLB, SHM_HUGETLB), with the semantics of Linux's hugetlb.
 *
 * A program that uses much memory spends its time in page faults and TLB misses. A large page
 * needs one fault, one entry of the middle level, no page table, and one entry of the TLB.
 *
 *   area (VM_HUGETLB) --> object --> page cache: at the index of its first 4 KiB, a large page
 *
 *     of a shared object     all its pages, as of a file
 *     of a private one       pages that are reserved for the area that mmap() made, and that no
 *                            access has moved into its page tables yet
 *
 *   (1) an area with VM_HUGETLB consists of large pages and has no page table. Only such areas
 *       have entries for large pages. It cannot be split inside a page: that is -EINVAL.
 *   (2) to reserve a page is to enter it in the object's page cache: a fault will find it.
 *   (3) the reserved pages of a private object belong to areas with VM_HUGE_OWNER: the one that
 *       mmap() made, and its parts. fork's copies take what is free. Without a free page they get
 *       SIGBUS at a fault.
 *
 * The entry of a large page serves as a pte. So rights, moves, fork, unmapping and the checkers
 * are those of small pages (visit_range()); a fault differs.
 *
 * If the owner of (3) writes to a page that it shares with a child, and the pool has no page for
 * the copy, it keeps the page and the child loses it. As on Linux, the child's area becomes
 * VM_HUGE_LOST: an empty entry there is SIGBUS. It must not read as zeros.
 *
 * Process context only.
 */
#ifndef MM_USER_SPACE_HUGE_H
#define MM_USER_SPACE_HUGE_H

#include "mm/frames/huge_pool.h"
#include "mm/user_space/page_fault.h"
#include "mm/user_space/vma.h"

/*
 * Reserves the pages of indices [first, end) that the object has not, in ascending order. 0, or
 * the error that ended it: -ENOSPC, the pool is empty; -ENOMEM, none for the object's tree.
 */
int huge_reserve_range(struct address_space *mapping, u32 first, u32 end);

/*
 * Reserves all pages of the object. 0, or -ENOMEM: the pool has too few, and nothing is reserved;
 * or the object's tree has no memory, and it keeps those that it got.
 */
int huge_reserve(struct address_space *mapping);

/* Handles a fault in an area with VM_HUGETLB. */
enum fault_result do_huge_page(struct vm_area_struct *vma, vaddr_t address,
			       enum fault_access access);

#endif
