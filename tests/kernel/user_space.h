/* SPDX-License-Identifier: MIT */
/*
 * A user half for a test: an address space that the current kernel task uses for a while.
 */
#ifndef TESTS_KERNEL_USER_SPACE_H
#define TESTS_KERNEL_USER_SPACE_H

#include "kernel/harness/suite.h"
#include "mm/mman/mman.h"
#include "mm/user_space/page_tables.h"
#include "mm/user_space/vma.h"

#define PROT_RW (PROT_READ | PROT_WRITE)

/*
 * Makes an empty address space the current task's and the active one.
 */
struct mm_struct *user_enter(void);

/* Checks the space, leaves it and drops its reference. */
void user_leave(struct mm_struct *mm);

/* Switches to another address space (NULL: none). No reference is dropped. */
void user_switch(struct mm_struct *mm);

/*
 * Private anonymous memory: `pages` pages at `address`, or anywhere if that is 0. Returns the
 * address or -errno.
 */
vaddr_t map_anonymous(struct mm_struct *mm, vaddr_t address, u32 pages, u32 prot);

/* The same with more flags and a length in bytes. */
vaddr_t map_flags(struct mm_struct *mm, vaddr_t address, u32 length, u32 prot, u32 flags);

/* Expects that mm_validate() and pgtable_validate() find nothing. */
void expect_valid(struct mm_struct *mm);

/*
 * One word at a user address, by uaccess: faults are resolved as for a program. False: a fault
 * cannot be resolved.
 */
bool user_write(vaddr_t address, u32 value);
bool user_read(vaddr_t address, u32 *value);

/* Returns the word there; the case fails if it cannot be read. */
u32 user_word(vaddr_t address);

/* The frame mapped there, or NULL. */
struct page *user_page_at(struct mm_struct *mm, vaddr_t address);

#endif
