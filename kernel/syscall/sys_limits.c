/* SPDX-License-Identifier: MIT */
/* Limits of resources, and the system calls that ask for and set them. Only the super-user may raise the upper one of a pair. */
#include "kernel/syscall/syscall.h"
#include "kernel/process/task.h"
#include "kernel/cpu/uaccess.h"
#include "lib/errno.h"

/* Linux's defaults, where it has some. */
#define STACK_DEFAULT	MiB(8)
#define MEMLOCK_DEFAULT MiB(8)
#define NPROC_DEFAULT	32768u

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

void limits_apply(const struct thread_group *group, struct mm_struct *mm)
{
	const struct rlimit *rlim = group->rlim;

	mm->privileged = !group->user.effective;
	mm->stack_limit = rlim[RLIMIT_STACK].cur;
	mm->data_limit = rlim[RLIMIT_DATA].cur;
	mm->data_limit_max = rlim[RLIMIT_DATA].max;
	mm->rlimit_as = rlim[RLIMIT_AS].cur;
	mm->rlimit_memlock = rlim[RLIMIT_MEMLOCK].cur;
}

/* Sets a limit at once. Returns 0, or Linux's errno for an invalid pair. */
static int set_limit(struct thread_group *group, u32 resource, const struct rlimit *limit)
{
	if (limit->cur > limit->max)
		return -EINVAL;
	if (limit->max > group->rlim[resource].max && !current->mm->privileged)
		return -EPERM;
	/* More descriptors than the table holds, as with Linux's fs.nr_open. */
	if (resource == RLIMIT_NOFILE && limit->max > OPEN_MAX)
		return -EPERM;
	group->rlim[resource] = *limit;
	if (group->leader->mm)
		limits_apply(group, group->leader->mm);
	else if (group == current->group)
		limits_apply(group, current->mm);
	return 0;
}

s32 sys_ugetrlimit(struct pt_regs *regs)
{
	const struct rlimit *limit;

	if (regs->ebx >= RLIM_NLIMITS)
		return -EINVAL;
	limit = &current->group->rlim[regs->ebx];
	return copy_to_user(regs->ecx, limit, sizeof(*limit)) ? -EFAULT : 0;
}

/* The old call has signed numbers. */
s32 sys_getrlimit(struct pt_regs *regs)
{
	struct rlimit limit;

	if (regs->ebx >= RLIM_NLIMITS)
		return -EINVAL;
	limit = current->group->rlim[regs->ebx];
	limit.cur = min(limit.cur, (u32)INT32_MAX);
	limit.max = min(limit.max, (u32)INT32_MAX);
	return copy_to_user(regs->ecx, &limit, sizeof(limit)) ? -EFAULT : 0;
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

/* The limits of prlimit64() have 64 bits; none that is kept here needs them. */
struct rlimit64 {
	u64 cur, max;
};

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
	const struct task *task = regs->ebx ? task_find((int)regs->ebx) : current;
	struct rlimit64 new, old;
	struct rlimit limit;
	int err = 0;

	if (regs->edx && copy_from_user(&new, regs->edx, sizeof(new)))
		return -EFAULT;
	if (!task || !task->mm)
		return -ESRCH;
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
