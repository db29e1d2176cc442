/* SPDX-License-Identifier: MIT */
/*
 * Large pages in address spaces (MAP_HUGETLB, SHM_HUGETLB), with the semantics of Linux's hugetlb.
 *
 * A program that uses much memory spends its time in page faults and TLB misses. A large page
 * needs one fault, one entry of the middle level, no page table, and one entry of the TLB.
 *
 *   area (VM_HUGETLB) --> object --> slots, one for each large page:
 *
 *     NULL            nothing
 *     HUGE_RESERVED   a page of the pool is promised: a fault will find it
 *     a page          of a shared object; the slot has a reference, each entry another
 *
 *   (1) an area with VM_HUGETLB consists of large pages and has no page table. Only such areas
 *       have entries for large pages. It cannot be split inside a page: that is -EINVAL.
 *   (2) huge_pool.reserved is the number of slots with HUGE_RESERVED.
 *   (3) the promises of a private object belong to the area with VM_ACCOUNT, where mmap() put it;
 *       a slot has one as long as the area has no entry there. fork's copies take what is free.
 *       Without a free page they get SIGBUS at a fault.
 *   (4) mm->nr_huge is the number of entries that map large pages. They do not count in rss.
 *
 * If the owner of (3) writes to a page that it shares with a child, and the pool has no page for
 * the copy, it keeps the page and the child loses it: the child's entry becomes HUGE_TAKEN, and an
 * access there is SIGBUS. It must not read as zeros.
 *
 * Frames of a private page name the family of their space (mm/user_space/anon.h), those of a
 * shared page their object and index, as other frames do. Process context only.
 */
#ifndef MM_USER_SPACE_HUGE_H
#define MM_USER_SPACE_HUGE_H

#include "mm/frames/huge_pool.h"
#include "mm/user_space/page_fault.h"
#include "mm/user_space/vma.h"

#define HUGE_RESERVED ((struct page *)1)

struct huge_object {
	u32 count; /* slots */
	struct page *slot[];
};

/* The slots of an object for its member `huge`. `bytes` are whole large pages. NULL: no memory. */
struct huge_object *huge_object_alloc(u32 bytes);

/* No area maps the object any more. NULL: nothing to do. */
void huge_object_free(struct huge_object *huge);

/* Promises a page to each slot that has nothing yet. 0 or -ENOMEM. */
int huge_reserve(struct huge_object *huge);

/* The area with VM_ACCOUNT loses [start, end): drops what was promised to it there. */
void huge_unreserve(const struct vm_area_struct *vma, vaddr_t start, vaddr_t end);

/* Handles a fault in an area with VM_HUGETLB. */
enum fault_result do_huge_page(struct vm_area_struct *vma, vaddr_t address,
			       enum fault_access access);

/* Empties the entries of large pages in [start, end). */
void zap_huge_range(struct mm_struct *mm, vaddr_t start, vaddr_t end);

/* Shares the pages of an area with `to`, write protected. The caller flushes. */
void copy_huge_area(struct mm_struct *to, const struct vm_area_struct *vma);

/* Gives the entries the rights of the area. */
void protect_huge_area(const struct vm_area_struct *vma);

/* Moves entries and promises to an area at `to`. The caller flushes. */
void move_huge_area(struct vm_area_struct *vma, vaddr_t to);

#endif
