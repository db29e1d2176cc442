/* SPDX-License-Identifier: MIT */
/*
 * A user half for a test: an address space that the current task, a kernel task, lives in for a
 * while.
 */
#ifndef TESTS_KERNEL_USER_SPACE_H
#define TESTS_KERNEL_USER_SPACE_H

#include "kernel/harness/suite.h"
#include "mm/user_space/mm.h"

#define PROT_RW (PROT_READ | PROT_WRITE)

/*
 * Makes an empty address space the current task's and the active one.
 */
struct mm_struct *user_enter(void);

/* Checks it, leaves it and puts it. */
void user_leave(struct mm_struct *mm);

/* The task goes on in another address space (NULL: in none). Nothing is put. */
void user_switch(struct mm_struct *mm);

/*
 * Private anonymous memory: `pages` pages at `address`, or somewhere if that is 0. The address or
 * -errno.
 */
vaddr_t map_anonymous(struct mm_struct *mm, vaddr_t address, u32 pages, u32 prot);

/* The same with more flags and a length in bytes. */
vaddr_t map_flags(struct mm_struct *mm, vaddr_t address, u32 length, u32 prot, u32 flags);

/* mm_validate() and the checker of page tables have nothing to say. */
void expect_valid(struct mm_struct *mm);

/* The areas are exactly these, in this order; the sums agree. */
struct area {
	vaddr_t start;
	u32 pages;
	u32 flags; /* VM_* */
};

void expect_areas(struct mm_struct *mm, const struct area *areas, u32 count);

/*
 * One word of a user address, by way of uaccess: faults are resolved as for a program. False: they
 * can't be.
 */
bool user_write(vaddr_t address, u32 value);
bool user_read(vaddr_t address, u32 *value);

/* What is read there; the case fails where nothing can be read. */
u32 user_word(vaddr_t address);

/* The frame that is mapped there, or NULL. */
struct page *user_page_at(struct mm_struct *mm, vaddr_t address);

#endif
