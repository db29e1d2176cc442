/* SPDX-License-Identifier: MIT */
/* System calls on resource limits, getrlimit(2). Only the super-user may raise a hard limit. */
#include "kernel/syscall/syscall.h"
#include "kernel/task/task.h"
#include "kernel/cpu/uaccess.h"
#include "abi/linux/errno.h"

/* Sets a limit at once. Returns 0, or Linux's errno for an invalid pair. */
static int set_limit(struct thread_group *group, u32 resource, const struct rlimit *limit)
{
	if (limit->cur > limit->max)
		return -EINVAL;
	if (limit->max > group->rlim[resource].max && !capable(CAP_SYS_RESOURCE))
		return -EPERM;
	/* More descriptors than the table holds, as with Linux's fs.nr_open. */
	if (resource == RLIMIT_NOFILE && limit->max > OPEN_MAX)
		return -EPERM;
	group->rlim[resource] = *limit;
	return 0;
}

static s32 get_limit(const struct pt_regs *regs, u32 most)
{
	struct rlimit limit;

	if (regs->ebx >= RLIM_NLIMITS)
		return -EINVAL;
	limit = current->group->rlim[regs->ebx];
	limit.cur = min(limit.cur, most);
	limit.max = min(limit.max, most);
	return copy_to_user(regs->ecx, &limit, sizeof(limit)) ? -EFAULT : 0;
}

s32 sys_ugetrlimit(struct pt_regs *regs)
{
	return get_limit(regs, UINT32_MAX);
}

/* The old call has signed numbers. */
s32 sys_getrlimit(struct pt_regs *regs)
{
	return get_limit(regs, INT32_MAX);
}

s32 sys_setrlimit(struct pt_regs *regs)
{
	struct rlimit limit;

	if (copy_from_user(&limit, regs->ecx, sizeof(limit)))
		return -EFAULT;
	if (regs->ebx >= RLIM_NLIMITS)
		return -EINVAL;
	return set_limit(current->group, regs->ebx, &limit);
}

/* prlimit64() has 64-bit limits; the values kept here fit in 32 bits. */
static u64 widen(u32 value)
{
	return value == RLIM_INFINITY ? UINT64_MAX : value;
}

static u32 narrow(u64 value)
{
	return value >= RLIM_INFINITY ? RLIM_INFINITY : (u32)value;
}

s32 sys_prlimit64(struct pt_regs *regs)
{
	const struct task *task;
	struct rlimit64 new, old;
	struct rlimit limit;
	int err = 0;

	if (regs->edx && copy_from_user(&new, regs->edx, sizeof(new)))
		return -EFAULT;
	task = regs->ebx ? task_find((int)regs->ebx) : current;
	/* A task of the kernel has no limits; a process that has ended still has its own. */
	if (!task || (!task->mm && task->state != TASK_ZOMBIE))
		return -ESRCH;
	if (!same_user(task) && !capable(CAP_SYS_RESOURCE))
		return -EPERM;
	if (regs->ecx >= RLIM_NLIMITS)
		return -EINVAL;
	limit = task->group->rlim[regs->ecx];
	old = (struct rlimit64){ widen(limit.cur), widen(limit.max) };
	if (regs->edx) {
		limit = (struct rlimit){ narrow(new.cur), narrow(new.max) };
		err = set_limit(task->group, regs->ecx, &limit);
	}
	if (!err && regs->esi && copy_to_user(regs->esi, &old, sizeof(old)))
		err = -EFAULT;
	return err;
}
