/* SPDX-License-Identifier: MIT */
/* Credentials. */
#include "kernel/process/cred.h"
#include "kernel/process/task.h"

bool privileged(void)
{
	return !current->group->user.effective;
}

bool may_inspect(const struct task *task)
{
	const struct thread_group *own = current->group, *other = task->group;
	const struct id_set *user = &other->user, *group = &other->groups.ids;
	u32 uid = own->user.real, gid = own->groups.ids.real;

	return other == own || privileged() ||
	       (user->real == uid && user->effective == uid && user->saved == uid &&
		group->real == gid && group->effective == gid && group->saved == gid);
}
