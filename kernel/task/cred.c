/* SPDX-License-Identifier: MIT */
#include "kernel/task/cred.h"
#include "kernel/task/task.h"
#include "mm/frames/page_alloc.h"

/* Linux's defaults. */
#define STACK_DEFAULT	 MiB(8)
#define MEMLOCK_DEFAULT	 MiB(8)
#define NPROC_DEFAULT	 32768u
#define MSGQUEUE_DEFAULT 819200u

const struct rlimit *current_rlim;

void limits_init(struct rlimit rlim[RLIM_NLIMITS])
{
	/* As on Linux: half of the threads whose stacks take an eighth of memory. */
	u32 pending = max(nr_present_pages() / 8 / (KERNEL_STACK / PAGE_SIZE) / 2, 10u);

	for (u32 i = 0; i < RLIM_NLIMITS; i++)
		rlim[i] = (struct rlimit){ RLIM_INFINITY, RLIM_INFINITY };
	rlim[RLIMIT_STACK].cur = STACK_DEFAULT;
	rlim[RLIMIT_CORE].cur = 0;
	rlim[RLIMIT_NPROC] = (struct rlimit){ NPROC_DEFAULT, NPROC_DEFAULT };
	rlim[RLIMIT_NOFILE] = (struct rlimit){ OPEN_MAX, OPEN_MAX };
	rlim[RLIMIT_SIGPENDING] = (struct rlimit){ pending, pending };
	rlim[RLIMIT_MSGQUEUE] = (struct rlimit){ MSGQUEUE_DEFAULT, MSGQUEUE_DEFAULT };
	rlim[RLIMIT_NICE] = (struct rlimit){ 0, 0 };
	rlim[RLIMIT_RTPRIO] = (struct rlimit){ 0, 0 };
	rlim[RLIMIT_MEMLOCK] = (struct rlimit){ MEMLOCK_DEFAULT, MEMLOCK_DEFAULT };
}

bool privileged(void)
{
	return !current->group->user.effective;
}

bool may_signal(const struct task *task)
{
	const struct id_set *own = &current->group->user, *other = &task->group->user;

	return task->group == current->group || privileged() || own->effective == other->real ||
	       own->effective == other->saved || own->real == other->real ||
	       own->real == other->saved;
}

bool same_user(const struct task *task)
{
	const struct thread_group *own = current->group, *other = task->group;
	const struct id_set *user = &other->user, *group = &other->groups.ids;
	u32 uid = own->user.real, gid = own->groups.ids.real;

	return other == own ||
	       (user->real == uid && user->effective == uid && user->saved == uid &&
		group->real == gid && group->effective == gid && group->saved == gid);
}

bool may_inspect(const struct task *task)
{
	return task->group == current->group || privileged() ||
	       (!task->group->flags.not_dumpable && same_user(task));
}
