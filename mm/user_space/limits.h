/* SPDX-License-Identifier: MIT */
/*
 * Limits and rights of the process on whose behalf mm/ works: the current one, as on Linux, whatever space it works on. A thread group
 * has them; kernel/process/cred.c defines what is declared here, and tests/host/ for the host.
 */
#ifndef MM_USER_SPACE_LIMITS_H
#define MM_USER_SPACE_LIMITS_H

#include "abi/linux/resource.h"
#include "lib/types.h"

/* The limits, RLIM_NLIMITS of them. Each switch of tasks sets it, because mmap() and faults of the stack have no time for calls. */
extern const struct rlimit *current_rlim;

/* The soft limit; RLIM_INFINITY: none. */
static inline u32 rlimit(enum rlimit_resource resource)
{
	return current_rlim[resource].cur;
}

/* The process acts for the super-user. */
bool privileged(void);

#endif
