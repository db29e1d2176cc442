/* SPDX-License-Identifier: MIT */
/*
 * Ring 3: accesses to an address space through the software MMU. A page fault calls mm_fault(), as
 * processor and kernel do together.
 */
#ifndef TESTS_HOST_USER_H
#define TESTS_HOST_USER_H

#include "mm/user_space/limits.h"
#include "mm/user_space/mm.h"
#include "mm/user_space/page_fault.h"

/*
 * The results of rlimit(), capable() and read_implies_exec(): at first Linux's defaults for the
 * super-user.
 */
extern struct rlimit host_rlim[RLIM_NLIMITS];
extern bool host_privileged, host_read_exec;

/* Makes the space the active one, as a task switch does; NULL: the kernel's own. */
void user_switch(struct mm_struct *mm);

/*
 * Reads or writes [address, address + bytes) in ring 3, a page at a time, after user_switch().
 * Returns FAULT_OK, or why the process would be killed; what lies before the fault is done.
 */
enum fault_result user_read(struct mm_struct *mm, vaddr_t address, void *buffer, u32 bytes);
enum fault_result user_write(struct mm_struct *mm, vaddr_t address, const void *buffer, u32 bytes);

/* The same for the fetch of an instruction of one byte. */
enum fault_result user_fetch(struct mm_struct *mm, vaddr_t address);

/* One byte: its value, or -1 - enum fault_result. */
int user_peek(struct mm_struct *mm, vaddr_t address);
enum fault_result user_poke(struct mm_struct *mm, vaddr_t address, u8 value);

/* mmap() of private anonymous memory, which must succeed. Returns the address. */
vaddr_t user_map(struct mm_struct *mm, u32 bytes, u32 prot);

#endif
