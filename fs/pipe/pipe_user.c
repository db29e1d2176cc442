/* SPDX-License-Identifier: MIT */
/* Users of pipes. Few have any at a time, so a list is enough. */
#include "fs/pipe/pipe_user.h"
#include "abi/linux/capability.h"
#include "lib/assert.h"
#include "mm/slab/slab.h"
#include "mm/user_space/limits.h"

u32 pipe_user_pages_soft = 16384, pipe_user_pages_hard; /* Linux's */

static struct list_head users = LIST_HEAD_INIT(users);

struct pipe_user *pipe_user_get(u32 uid)
{
	/* Before the search: another task may make one while this one waits for memory. */
	struct pipe_user *user, *made = kmalloc(sizeof(*made), GFP_KERNEL);

	if (!made)
		return NULL;
	list_for_each_entry (user, &users, link) {
		if (user->uid == uid) {
			kfree(made);
			user->pipes++;
			return user;
		}
	}
	*made = (struct pipe_user){ .uid = uid, .pipes = 1 };
	list_add(&made->link, &users);
	return made;
}

void pipe_user_put(struct pipe_user *user)
{
	if (--user->pipes)
		return;
	BUG_ON(user->pages); /* (1) */
	list_del(&user->link);
	kfree(user);
}

bool pipe_user_exceeds(const struct pipe_user *user, u32 pages, u32 limit)
{
	return limit && user->pages + pages > limit && !capable(CAP_SYS_RESOURCE) &&
	       !capable(CAP_SYS_ADMIN);
}
