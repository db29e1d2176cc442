/* SPDX-License-Identifier: MIT */
/*
 * Resource limits, one set for each process; inherited by fork, kept by execve.
 *
 * mm/ enforces those of memory, with a copy in the address space. The system calls that allocate a
 * descriptor enforce their number, and fs/file.c the size of files. The others are only stored:
 * their resource does not exist here.
 *
 * Source: Linux uapi/asm-generic/resource.h, getrlimit(2).
 */
#ifndef KERNEL_PROCESS_RESOURCE_H
#define KERNEL_PROCESS_RESOURCE_H

#include "lib/types.h"

enum rlimit_resource {
	RLIMIT_CPU = 0,
	RLIMIT_FSIZE = 1,
	RLIMIT_DATA = 2,
	RLIMIT_STACK = 3,
	RLIMIT_CORE = 4,
	RLIMIT_RSS = 5,
	RLIMIT_NPROC = 6,
	RLIMIT_NOFILE = 7,
	RLIMIT_MEMLOCK = 8,
	RLIMIT_AS = 9,
	RLIM_NLIMITS = 16,
};

#define RLIM_INFINITY 0xffffffffu

struct rlimit {
	u32 cur, max;
};

struct mm_struct;
struct thread_group;

/* Sets the limits of the first process. */
void limits_init(struct rlimit rlim[RLIM_NLIMITS]);

/*
 * Copies the limits of a process to its address space, and whether they apply. Called when it is
 * created and when they change.
 */
void limits_apply(const struct thread_group *group, struct mm_struct *mm);

#endif
