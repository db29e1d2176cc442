/* SPDX-License-Identifier: MIT */
#include "kernel/task/cred.h"
#include "abi/linux/prctl.h"
#include "fs/inode.h"
#include "fs/process.h"
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
	rlim[RLIMIT_NOFILE] = (struct rlimit){ OPEN_DEFAULT, OPEN_HARD };
	rlim[RLIMIT_SIGPENDING] = (struct rlimit){ pending, pending };
	rlim[RLIMIT_MSGQUEUE] = (struct rlimit){ MSGQUEUE_DEFAULT, MSGQUEUE_DEFAULT };
	rlim[RLIMIT_NICE] = (struct rlimit){ 0, 0 };
	rlim[RLIMIT_RTPRIO] = (struct rlimit){ 0, 0 };
	rlim[RLIMIT_MEMLOCK] = (struct rlimit){ MEMLOCK_DEFAULT, MEMLOCK_DEFAULT };
}

static void take_id(struct id_set *ids, bool set, u32 id)
{
	if (set)
		ids->effective = id;
	ids->saved = ids->file = ids->effective;
}

static bool is_secure(const struct exec_ids *ids)
{
	return ids->user.effective != ids->user.real || ids->group.effective != ids->group.real;
}

/* Source: Linux security/commoncap.c, cap_bprm_creds_from_file(). */
struct exec_ids exec_ids(const struct inode *file, bool shared)
{
	const struct thread_group *group = current->group;
	const u32 set_group = S_ISGID | S_IXGRP;
	struct exec_ids ids = { .user = group->user, .group = group->groups.ids };
	bool allowed = !group->flags.no_new_privs;
	bool sets_user = allowed && file->mode & S_ISUID;
	bool sets_group = allowed && (file->mode & set_group) == set_group;
	bool changes;

	ids.limited = shared || !allowed;
	ids.personality = current->personality;
	take_id(&ids.user, sets_user, file->uid);
	take_id(&ids.group, sets_group, file->gid);
	/* By the file's mode, even if the ID stays the same. */
	if (sets_user || sets_group)
		ids.personality &= ~PERSONALITY_CLEARED;
	changes = ids.user.effective != group->user.effective ||
		  !process_in_group(ids.group.effective);
	ids.secure = changes || is_secure(&ids);
	if (changes && shared && !capable(CAP_SETUID)) {
		take_id(&ids.user, true, ids.user.real);
		take_id(&ids.group, true, ids.group.real);
	}
	return ids;
}

void exec_set_ids(const struct exec_ids *ids)
{
	struct thread_group *group = current->group;
	u64 before = group->caps.permitted;

	group->user = ids->user;
	group->groups.ids = ids->group;
	capabilities_exec(&group->caps, &ids->user, ids->secure);
	if (ids->limited) {
		group->caps.permitted &= before;
		group->caps.effective &= before;
	}
	group->flags.not_dumpable = is_secure(ids);
	current->personality = ids->personality;
	if (ids->secure)
		current->parent_death_signal = 0;
}

bool read_implies_exec(void)
{
	return current->personality & READ_IMPLIES_EXEC;
}

bool may_signal(const struct task *task)
{
	const struct id_set *own = &current->group->user, *other = &task->group->user;

	return task->group == current->group || capable(CAP_KILL) ||
	       own->effective == other->real || own->effective == other->saved ||
	       own->real == other->real || own->real == other->saved;
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

/* As on Linux, a process that gave up capabilities does not get them back by another one. */
bool may_inspect(const struct task *task)
{
	u64 more = task->group->caps.permitted & ~current->group->caps.permitted;

	return task->group == current->group || capable(CAP_SYS_PTRACE) ||
	       (!task->group->flags.not_dumpable && same_user(task) && !more);
}
