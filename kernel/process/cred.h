/* SPDX-License-Identifier: MIT */
/* Which user and which groups a process acts for, credentials(7). kernel/syscall/sys_ids.c has the calls that tell and set them. */
#ifndef KERNEL_PROCESS_CRED_H
#define KERNEL_PROCESS_CRED_H

#include "lib/types.h"

/* Linux has room for 65536 groups; more than these is -EINVAL here. It was Linux's own number up to 2.6.3. */
#define GROUPS_MAX 32u

/* 0 is the super-user, or root's group. */
struct id_set {
	u32 real, effective, saved;
	u32 file; /* for access to files: the effective one, but for setfsuid() and setfsgid() */
};

struct group_ids {
	struct id_set ids;
	u32 count, list[GROUPS_MAX]; /* supplementary groups, sorted */
};

struct task;

/* The current process acts for the super-user. */
bool privileged(void);

/* The current process may look into this one: it is the super-user's or the same user's and group's in every respect, or the same process. */
bool may_inspect(const struct task *task);

#endif
