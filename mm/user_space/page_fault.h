/* SPDX-License-Identifier: MIT */
/* Page faults, and accesses of the kernel to the memory of a process. */
#ifndef MM_USER_SPACE_PAGE_FAULT_H
#define MM_USER_SPACE_PAGE_FAULT_H

#include "lib/types.h"

struct mm_struct;
struct page;

/* FAULT_EXEC: to execute. Only where entries can forbid it (pte_nx); else it is a read. */
enum fault_access { FAULT_READ, FAULT_WRITE, FAULT_EXEC };

/* Why an access is refused; the first two are Linux's si_code of SIGSEGV. */
enum fault_result {
	FAULT_OK = 0,
	FAULT_MAPERR = 1, /* no area there */
	FAULT_ACCERR = 2, /* the area does not allow it */
	FAULT_OOM = 3,	  /* no memory for the page */
	FAULT_SIGBUS = 4, /* a mapped file ends before the page, or swap cannot be read */
};

/*
 * Makes a page accessible, if the areas allow it. After FAULT_OK the access can be tried again;
 * it may fault once more, because reclaim ran meanwhile.
 */
enum fault_result mm_fault(struct mm_struct *mm, vaddr_t address, enum fault_access access);

/* The page's entry allows the access now. */
bool mm_page_allows(const struct mm_struct *mm, vaddr_t address, enum fault_access access);

/*
 * Faults in the pages of [start, end), which areas cover; a private writable page as if written.
 * Stops at the first failure: -ENOMEM, -EFAULT, or -EINTR where the task is to end. 0: all are
 * in.
 */
int mm_populate(struct mm_struct *mm, vaddr_t start, vaddr_t end);

/* Faults taken since boot, by what was done. */
struct fault_counters {
	u32 zero_page, fresh_page, mapped_page, mapped_around, cow_copy, cow_reuse, stack_growth,
		swapped_in, spurious, refused;
	u32 resolved; /* all but those that were refused */
};

extern struct fault_counters fault_counters;

/*
 * The frame at an address below TASK_SIZE, as if its process had made the access; the space need
 * not be active. No reference is taken: valid until the next call that may unmap it.
 */
enum fault_result mm_page(struct mm_struct *mm, vaddr_t address, enum fault_access access,
			  struct page **page);

/*
 * Copies between a kernel buffer and a space, active or not, as if its process had made the
 * access. Returns the number of bytes that were copied.
 */
u32 access_process_vm(struct mm_struct *mm, vaddr_t address, void *buffer, u32 bytes,
		      enum fault_access access);

#endif
