/* SPDX-License-Identifier: MIT */
/* The system calls on memory, with Linux's semantics and errno values. */
#ifndef MM_MMAN_MMAN_H
#define MM_MMAN_MMAN_H

#include "abi/linux/mman.h"
#include "lib/types.h"

struct address_space;
struct mm_struct;

struct mmap_request {
	vaddr_t address;
	u32 length, prot,
		flags; /* as the program gave them; MAP_HUGETLB: an object of such pages */
	/*
	 * Of the file; the area takes a reference of its own. NULL with MAP_ANONYMOUS, or where
	 * the file can't be mapped.
	 */
	struct address_space *mapping;
	u32 may;    /* of VM_MAY*: what the file was opened for, and VM_MAYEXEC */
	u32 pgoff;  /* page of the file at `address` */
	bool zeros; /* the file is /dev/zero: no mapping, but memory as with MAP_ANONYMOUS */
};

/* Returns the address or -errno. For MAP_POPULATE and MAP_LOCKED, mm_populate() is tried. */
vaddr_t do_mmap_pgoff(struct mm_struct *mm, const struct mmap_request *request);

/* The same for anonymous memory. */
vaddr_t do_mmap(struct mm_struct *mm, vaddr_t address, u32 length, u32 prot, u32 flags);
int do_munmap(struct mm_struct *mm, vaddr_t start, u32 length);

/* The checks of mprotect() that need no area: 1; 0: there is nothing to do; -EINVAL, -ENOMEM. */
int mprotect_check(vaddr_t start, u32 length, u32 prot);

int do_mprotect(struct mm_struct *mm, vaddr_t start, u32 length, u32 prot);

/* brk(): returns the new end of the heap, or the old one where it can't be moved. */
vaddr_t do_brk(struct mm_struct *mm, vaddr_t brk);

/* mlock(), mlock2(): `flags` of MLOCK_ONFAULT. The pages are brought in. */
int do_mlock(struct mm_struct *mm, vaddr_t start, u32 length, u32 flags);
int do_munlock(struct mm_struct *mm, vaddr_t start, u32 length);
int do_mlockall(struct mm_struct *mm, u32 flags);
int do_munlockall(struct mm_struct *mm);

/* `place` counts with MREMAP_FIXED and MREMAP_DONTUNMAP only. Returns the address or -errno. */
vaddr_t do_mremap(struct mm_struct *mm, vaddr_t address, u32 old_length, u32 new_length, u32 flags,
		  vaddr_t place);

int do_madvise(struct mm_struct *mm, vaddr_t start, u32 length, int advice);

int do_msync(struct mm_struct *mm, vaddr_t start, u32 length, u32 flags);

/* Gets a byte, 1 or 0, for each of some pages, and the number of the first. 0 or -errno. */
typedef int (*mincore_put_t)(u32 first, const u8 *resident, u32 pages, void *context);

/*
 * Tells put() which pages of [start, start + length) are in memory, ascending, many at a time.
 * Returns 0, -EINVAL, -ENOMEM where nothing is mapped, or the first result of put() that is not 0.
 */
int do_mincore(struct mm_struct *mm, vaddr_t start, u32 length, mincore_put_t put, void *context);

#endif
