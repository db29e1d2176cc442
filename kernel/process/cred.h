/* SPDX-License-Identifier: MIT */
/* Which user and which groups a process acts for, credentials(7). kernel/syscall/sys_ids.c has the calls that tell and set them. */
#ifndef KERNEL_PROCESS_CRED_H
#define KERNEL_PROCESS_CRED_H

#include "lib/types.h"

/*
 * At most 32 supplementary groups; more are -EINVAL. Linux allows 65536, up to 2.6.3 it allowed
 * 32.
 */
#define GROUPS_MAX 32u

/* 0 is the super-user, or root's group. */
struct id_set {
	u32 real, effective, saved;
	u32 file; /* for file access: the effective ID, until setfsuid() or setfsgid() */
};

struct group_ids {
	struct id_set ids;
	u32 count, list[GROUPS_MAX]; /* supplementary groups, sorted */
};

struct task;

/* The current process acts for the super-user. */
bool privileged(void);

/*
 * May the current process inspect that one? Yes for itself, for the super-user, and if all user
 * and group IDs of the task are the caller's real ones.
 */
bool may_inspect(const struct task *task);

#endif
