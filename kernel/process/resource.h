/* SPDX-License-Identifier: MIT */
/*
 * Limits of resources, one set for each process; inherited by fork, kept by execve.
 *
 * Those of memory are enforced by mm/, which has its own copy in the address space; the number of descriptors by the calls that take
 * one, the size of files by fs/file.c. The others are kept and told: what they limit is not here.
 *
 * Source: Linux uapi/asm-generic/resource.h.
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

/* What the first process has. */
void limits_init(struct rlimit rlim[RLIM_NLIMITS]);

/* Tells an address space the limits of its process, and whether they hold. Called when it is made or they change. */
void limits_apply(const struct thread_group *group, struct mm_struct *mm);

#endif
