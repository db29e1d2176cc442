/* SPDX-License-Identifier: MIT */
/*
 * Mappings: the flags of mmap(), mprotect(), mremap(), madvise(), msync() and mlock().
 *
 * Source: Linux include/uapi/asm-generic/mman-common.h, mman.h.
 */
#ifndef ABI_LINUX_MMAN_H
#define ABI_LINUX_MMAN_H

#include "abi/types.h"

enum {
	PROT_NONE = 0,
	PROT_READ = 1,
	PROT_WRITE = 2,
	PROT_EXEC = 4,
	PROT_SEM = 8, /* no effect */
	PROT_GROWSDOWN = 0x01000000,
	PROT_GROWSUP = 0x02000000,
};

enum {
	MAP_SHARED = 0x01,
	MAP_PRIVATE = 0x02,
	MAP_SHARED_VALIDATE = 0x03,
	MAP_TYPE = 0x0f,
	MAP_FIXED = 0x10,
	MAP_ANONYMOUS = 0x20,
	MAP_32BIT = 0x40, /* no effect: all addresses have 32 bits */
	MAP_GROWSDOWN = 0x100,
	MAP_DENYWRITE = 0x800,	 /* no effect */
	MAP_EXECUTABLE = 0x1000, /* no effect */
	MAP_LOCKED = 0x2000,
	MAP_NORESERVE = 0x4000,
	MAP_POPULATE = 0x8000,
	MAP_NONBLOCK = 0x10000,
	MAP_STACK = 0x20000,
	MAP_HUGETLB = 0x40000,
	MAP_FIXED_NOREPLACE = 0x100000,
	MAP_HUGE_SHIFT = 26, /* log2 of the size of huge pages is in the upper 6 bits */
	MAP_HUGE_MASK = 0x3f,
	MAP_HUGE_2MB = 21 << 26,
	MAP_HUGE_4MB = 22 << 26,
	MAP_HUGE_1GB = 30 << 26,
};

enum { MREMAP_MAYMOVE = 1, MREMAP_FIXED = 2, MREMAP_DONTUNMAP = 4 };

enum {
	MADV_NORMAL,
	MADV_RANDOM,
	MADV_SEQUENTIAL,
	MADV_WILLNEED,
	MADV_DONTNEED,
	MADV_FREE = 8,
	MADV_REMOVE,
	MADV_DONTFORK,
	MADV_DOFORK,
	MADV_HUGEPAGE = 14,
	MADV_NOHUGEPAGE,
	MADV_DONTDUMP,
	MADV_DODUMP,
	MADV_WIPEONFORK,
	MADV_KEEPONFORK,
	MADV_COLD,
	MADV_PAGEOUT,
	MADV_POPULATE_READ,
	MADV_POPULATE_WRITE,
	MADV_DONTNEED_LOCKED,
};

enum { MS_ASYNC = 1, MS_INVALIDATE = 2, MS_SYNC = 4 };
enum { MCL_CURRENT = 1, MCL_FUTURE = 2, MCL_ONFAULT = 4 };
enum { MLOCK_ONFAULT = 1 };

/* The argument of call 90, mmap: its six arguments in memory. `offset` is in bytes. */
struct mmap_arguments {
	u32 address, length, prot, flags, fd, offset;
};

#endif
