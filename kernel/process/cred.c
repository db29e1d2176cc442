/* SPDX-License-Identifier: MIT */
#include "kernel/process/cred.h"
#include "kernel/process/task.h"

/* Linux's defaults. */
#define STACK_DEFAULT	MiB(8)
#define MEMLOCK_DEFAULT MiB(8)
#define NPROC_DEFAULT	32768u

const struct rlimit *current_rlim;

void limits_init(struct rlimit rlim[RLIM_NLIMITS])
{
	for (u32 i = 0; i < RLIM_NLIMITS; i++)
		rlim[i] = (struct rlimit){ RLIM_INFINITY, RLIM_INFINITY };
	rlim[RLIMIT_STACK].cur = STACK_DEFAULT;
	rlim[RLIMIT_CORE].cur = 0;
	rlim[RLIMIT_NPROC] = (struct rlimit){ NPROC_DEFAULT, NPROC_DEFAULT };
	rlim[RLIMIT_NOFILE] = (struct rlimit){ OPEN_MAX, OPEN_MAX };
	rlim[RLIMIT_MEMLOCK] = (struct rlimit){ MEMLOCK_DEFAULT, MEMLOCK_DEFAULT };
}

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
