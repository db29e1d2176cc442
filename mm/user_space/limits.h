/* SPDX-License-Identifier: MIT */
/*
 * Limits and rights of the current process, which count as on Linux, whatever space mm/ works on.
 * Defined in kernel/process/ for each thread group, and in tests/host/user.c.
 */
#ifndef MM_USER_SPACE_LIMITS_H
#define MM_USER_SPACE_LIMITS_H

#include "abi/linux/capability.h"
#include "abi/linux/resource.h"
#include "lib/types.h"

/* RLIM_NLIMITS limits. Each switch of tasks sets it: mmap() and stack faults read it often. */
extern const struct rlimit *current_rlim;

/* The soft limit; RLIM_INFINITY: none. */
static inline u32 rlimit(enum rlimit_resource resource)
{
	return current_rlim[resource].cur;
}

/* The process has this capability (CAP_*, capabilities(7)): a right of the super-user. */
bool capable(u32 capability);

/* READ_IMPLIES_EXEC of personality(2): the task's new areas that can be read can be executed. */
bool read_implies_exec(void);

#endif
