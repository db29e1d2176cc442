/* SPDX-License-Identifier: MIT */
/*
 * How many pages the pipes of one user may hold: pipe(7). Otherwise a user without rights could
 * fill memory with pipes, which no limit of a process counts.
 *
 *   pipe --> pipe_user: uid, pages of all its pipes <-- pipe
 *
 * A pipe counts with its capacity, full or empty, as on Linux. Beyond the soft limit new pipes
 * have PIPE_PAGES_LEAST pages and none gets larger; beyond the hard one there is no new pipe.
 * CAP_SYS_RESOURCE and CAP_SYS_ADMIN lift both.
 *
 *  (1) A pipe_user exists as long as it has pipes; `pages` is the sum of what they have charged.
 */
#ifndef FS_PIPE_PIPE_USER_H
#define FS_PIPE_PIPE_USER_H

#include "lib/list.h"

#define PIPE_PAGES_LEAST 2u

/* Pages; 0: no limit. /proc/sys/fs/pipe-user-pages-soft and -hard. */
extern u32 pipe_user_pages_soft, pipe_user_pages_hard;

struct pipe_user {
	struct list_head link;
	u32 uid, pipes, pages;
};

/* The user of a new pipe, counted. NULL: no memory. */
struct pipe_user *pipe_user_get(u32 uid);

/* A pipe that has charged nothing any more ends. */
void pipe_user_put(struct pipe_user *user);

/* Would `pages` more exceed the limit? Not for a caller whose capabilities lift it. */
bool pipe_user_exceeds(const struct pipe_user *user, u32 pages, u32 limit);

#endif
