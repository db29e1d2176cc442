/* SPDX-License-Identifier: MIT */
/*
 * Nice values, setpriority(2): they decide the length of a task's slice. As on Linux each thread
 * has its own.
 */
#include "abi/linux/errno.h"
#include "abi/linux/sched.h"
#include "kernel/task/sched.h"
#include "kernel/syscall/process/sys_priority.h"
#include "kernel/syscall/syscall.h"

bool nice_is_in_limit(const struct task *task, s32 nice)
{
	return (u32)(20 - nice) <= task->group->rlim[RLIMIT_NICE].cur;
}

bool may_nice(const struct task *task, s32 nice)
{
	return nice >= task->policy.nice || capable(CAP_SYS_NICE) || nice_is_in_limit(task, nice);
}

/* The task that a call with PRIO_PROCESS means, or NULL. The kernel's tasks have a value too. */
static struct task *one_task(u32 who)
{
	return who ? task_find((int)who) : current;
}

/* Is the task one of those that a call with PRIO_PGRP or PRIO_USER means? */
static bool matches(const struct task *task, u32 which, u32 who)
{
	if (!task->mm)
		return false;
	if (which == PRIO_PGRP)
		return task->group->job.group == (who ? (int)who : current->group->job.group);
	return task->group->user.real == (who ? who : current->group->user.real);
}

/* The lowest nice value of those that match, as 20 - value, so that it is no error. */
s32 sys_getpriority(struct pt_regs *regs)
{
	const struct task *task;
	s32 best = -ESRCH;

	if (regs->ebx > PRIO_USER)
		return -EINVAL;
	if (regs->ebx == PRIO_PROCESS) {
		task = one_task(regs->ecx);
		return task ? 20 - task->policy.nice : -ESRCH;
	}
	list_for_each_entry (task, &task_list, link)
		if (matches(task, regs->ebx, regs->ecx))
			best = max(best, 20 - task->policy.nice);
	return best;
}

static int set_nice(struct task *task, s32 nice)
{
	struct sched_policy new = task->policy;
	u32 own = current->group->user.effective;

	if (!capable(CAP_SYS_NICE) && own != task->group->user.real &&
	    own != task->group->user.effective)
		return -EPERM;
	if (!may_nice(task, nice))
		return -EACCES;
	new.nice = nice;
	task_set_policy(task, &new);
	return 0;
}

static s32 clamp_nice(s32 nice)
{
	return nice < -20 ? -20 : min(nice, 19);
}

s32 sys_setpriority(struct pt_regs *regs)
{
	struct task *task;
	s32 result = -ESRCH;

	if (regs->ebx > PRIO_USER)
		return -EINVAL;
	if (regs->ebx == PRIO_PROCESS) {
		task = one_task(regs->ecx);
		return task ? set_nice(task, clamp_nice((s32)regs->edx)) : -ESRCH;
	}
	list_for_each_entry (task, &task_list, link) {
		int err;

		if (!matches(task, regs->ebx, regs->ecx))
			continue;
		err = set_nice(task, clamp_nice((s32)regs->edx));
		if (err || result == -ESRCH)
			result = err;
	}
	return result;
}

s32 sys_nice(struct pt_regs *regs)
{
	s32 step = (s32)regs->ebx < -40 ? -40 : min((s32)regs->ebx, 40);
	s32 nice = clamp_nice(current->policy.nice + step);

	if (!may_nice(current, nice))
		return -EPERM;
	return set_nice(current, nice);
}
