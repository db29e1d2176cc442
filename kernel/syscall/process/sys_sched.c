/* SPDX-License-Identifier: MIT */
/*
 * Scheduling: the processors, of which there is one, and the policies of tasks
 * (kernel/task/sched.c). sysconf(_SC_NPROCESSORS_ONLN) and the sizes of thread pools depend on
 * sched_getaffinity().
 */
#include "abi/linux/sched.h"
#include "kernel/task/sched.h"
#include "kernel/syscall/process/sys_priority.h"
#include "kernel/syscall/time/sys_time.h"
#include "kernel/syscall/syscall.h"
#include "kernel/task/task.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/devices/time.h"
#include "abi/linux/errno.h"

#define CPU_MASK_BYTES 4u /* Linux's for up to 32 processors */
#define CPU_MASK       1u

/* Of SCHED_DEADLINE, in ns; those of Linux's sched_deadline_period_min_us and _max_us. */
#define RUNTIME_MIN 1024u
#define PERIOD_MIN  100000u
#define PERIOD_MAX  4194304000u

static const struct task *task_of(int pid)
{
	return pid ? task_find(pid) : current;
}

/* Returns the number of bytes written. */
s32 sys_sched_getaffinity(struct pt_regs *regs)
{
	if (!regs->ecx || regs->ecx % CPU_MASK_BYTES)
		return -EINVAL;
	if (!task_of((int)regs->ebx))
		return -ESRCH;
	return put_user(CPU_MASK, regs->edx) ? -EFAULT : (s32)CPU_MASK_BYTES;
}

static bool same_owner(const struct task *task)
{
	u32 own = current->group->user.effective;

	return own == task->group->user.effective || own == task->group->user.real;
}

/* A mask may be shorter; the missing bits are 0. */
s32 sys_sched_setaffinity(struct pt_regs *regs)
{
	const struct task *task;
	u32 mask = 0;

	if (copy_from_user(&mask, regs->edx, min(regs->ecx, CPU_MASK_BYTES)))
		return -EFAULT;
	task = task_of((int)regs->ebx);
	if (!task)
		return -ESRCH;
	if (!same_owner(task) && !capable(CAP_SYS_NICE))
		return -EPERM;
	return mask & CPU_MASK ? 0 : -EINVAL;
}

/* Processor 0 of node 0. The third argument is unused since Linux 2.6.24. */
s32 sys_getcpu(struct pt_regs *regs)
{
	if ((regs->ebx && put_user(0, regs->ebx)) || (regs->ecx && put_user(0, regs->ecx)))
		return -EFAULT;
	return 0;
}

/* The policy as a program sees it. */
static u32 kind_of(const struct task *task)
{
	return (u32)task->policy.kind | (task->policy.reset_on_fork ? SCHED_RESET_ON_FORK : 0u);
}

s32 sys_sched_getscheduler(struct pt_regs *regs)
{
	const struct task *task = task_of((int)regs->ebx);

	if ((int)regs->ebx < 0)
		return -EINVAL;
	return task ? (s32)kind_of(task) : -ESRCH;
}

/* Tasks of SCHED_DEADLINE have priority 0, although they run before all others. */
static u32 told_priority(const struct task *task)
{
	return task->policy.kind == SCHED_DEADLINE ? 0 : task->policy.priority;
}

s32 sys_sched_getparam(struct pt_regs *regs)
{
	const struct task *task = task_of((int)regs->ebx);

	if (!regs->ecx || (int)regs->ebx < 0)
		return -EINVAL;
	if (!task)
		return -ESRCH;
	return put_user(told_priority(task), regs->ecx);
}

static bool is_realtime(int kind)
{
	return kind == SCHED_FIFO || kind == SCHED_RR;
}

static int check_policy(const struct sched_policy *new)
{
	bool known = is_realtime(new->kind) || new->kind == SCHED_OTHER ||
		     new->kind == SCHED_BATCH || new->kind == SCHED_IDLE;

	return !known || new->priority > 99 || is_realtime(new->kind) != !!new->priority ? -EINVAL
											 : 0;
}

/*
 * SCHED_DEADLINE: the task runs as one of SCHED_RR with the highest priority. Its times are
 * checked as on Linux and told, and not enforced.
 */
static int check_deadline(const struct sched_attr *attr)
{
	u64 period = attr->period ? attr->period : attr->deadline;

	if (attr->priority || !attr->deadline || attr->runtime < RUNTIME_MIN ||
	    attr->deadline < attr->runtime || period < attr->deadline || period < PERIOD_MIN ||
	    period > PERIOD_MAX)
		return -EINVAL;
	return capable(CAP_SYS_NICE) ? 0 : -EPERM;
}

static int set_deadline(struct task *task, const struct sched_attr *attr)
{
	struct sched_policy new = task->policy;
	int err = check_deadline(attr);

	if (err)
		return err;
	new.kind = SCHED_DEADLINE;
	new.priority = 99;
	new.reset_on_fork = attr->flags &SCHED_FLAG_RESET_ON_FORK;
	new.runtime = attr->runtime;
	new.deadline = attr->deadline;
	new.period = attr->period ? attr->period : attr->deadline;
	task_set_policy(task, &new);
	return 0;
}

static int may_set_policy(const struct task *task, const struct sched_policy *new)
{
	u32 limit = task->group->rlim[RLIMIT_RTPRIO].cur;

	if (capable(CAP_SYS_NICE))
		return 0;
	if (!same_owner(task) || (task->policy.reset_on_fork && !new->reset_on_fork))
		return -EPERM;
	if (is_realtime(new->kind) &&
	    ((!limit && new->kind != task->policy.kind) ||
	     (new->priority > task->policy.priority &&new->priority > limit)))
		return -EPERM;
	if (task->policy.kind == SCHED_IDLE && new->kind != SCHED_IDLE &&
	    !nice_is_in_limit(task, task->policy.nice))
		return -EPERM;
	return may_nice(task, new->nice) ? 0 : -EPERM;
}

static int check_new_policy(const struct task *task, const struct sched_policy *new)
{
	int err = check_policy(new);

	return err ? err : may_set_policy(task, new);
}

static int set_policy(struct task *task, const struct sched_policy *new)
{
	int err = check_new_policy(task, new);

	if (!err)
		task_set_policy(task, new);
	return err;
}

/* `kind` below 0: it stays. */
static s32 set_kind(int pid, int kind, vaddr_t param)
{
	struct sched_policy new;
	struct task *task;
	u32 priority;

	if (!param || pid < 0)
		return -EINVAL;
	if (get_user(&priority, param))
		return -EFAULT;
	task = (struct task *)task_of(pid); /* it could end during the copy */
	if (!task)
		return -ESRCH;
	new = task->policy;
	new.priority = priority;
	if (kind >= 0) {
		new.reset_on_fork = kind &SCHED_RESET_ON_FORK;
		new.kind = kind & ~SCHED_RESET_ON_FORK;
	}
	return set_policy(task, &new);
}

s32 sys_sched_setscheduler(struct pt_regs *regs)
{
	return (int)regs->ecx < 0 ? -EINVAL : set_kind((int)regs->ebx, (int)regs->ecx, regs->edx);
}

s32 sys_sched_setparam(struct pt_regs *regs)
{
	return set_kind((int)regs->ebx, -1, regs->ecx);
}

s32 sys_sched_rr_get_interval(struct pt_regs *regs)
{
	const struct task *task = task_of((int)regs->ebx);

	if ((int)regs->ebx < 0)
		return -EINVAL;
	if (!task)
		return -ESRCH;
	return put_time(regs->ecx, has_wide_times(regs),
			(u64)task_slice(task) * (NSEC_PER_SEC / HZ));
}

/* The known size is told; as on Linux, a place that cannot be written is no error. */
static int refuse_size(vaddr_t place)
{
	put_user(sizeof(struct sched_attr), place);
	return -E2BIG;
}

/* A size of 0 means the first one. Beyond what is known here all must be 0. */
static int read_attr(vaddr_t place, struct sched_attr *attr)
{
	u32 size, rest;

	if (get_user(&size, place))
		return -EFAULT;
	size = size ? size : SCHED_ATTR_SIZE_FIRST;
	if (size < SCHED_ATTR_SIZE_FIRST || size > PAGE_SIZE)
		return refuse_size(place);
	if (copy_from_user(attr, place, sizeof(*attr)))
		return -EFAULT;
	for (u32 at = sizeof(*attr); at + sizeof(rest) <= size; at += sizeof(rest)) {
		if (get_user(&rest, place + at))
			return -EFAULT;
		if (rest)
			return refuse_size(place);
	}
	return 0;
}

s32 sys_sched_setattr(struct pt_regs *regs)
{
	const u64 known =
		SCHED_FLAG_RESET_ON_FORK | SCHED_FLAG_KEEP_POLICY | SCHED_FLAG_KEEP_PARAMS;
	struct sched_attr attr;
	struct sched_policy new;
	struct task *task;
	int err;

	if (!regs->ecx || (int)regs->ebx < 0 || regs->edx)
		return -EINVAL;
	err = read_attr(regs->ecx, &attr);
	if (err)
		return err;
	if ((int)attr.policy < 0 || attr.flags & ~known)
		return -EINVAL;
	task = (struct task *)task_of((int)regs->ebx);
	if (!task)
		return -ESRCH;
	if (attr.flags & SCHED_FLAG_KEEP_POLICY)
		attr.policy = (u32)task->policy.kind;
	if (attr.policy == SCHED_DEADLINE && !(attr.flags & SCHED_FLAG_KEEP_PARAMS))
		return set_deadline(task, &attr);
	new = task->policy;
	new.reset_on_fork = attr.flags &SCHED_FLAG_RESET_ON_FORK;
	if (!(attr.flags & SCHED_FLAG_KEEP_POLICY))
		new.kind = (int)attr.policy;
	if (!(attr.flags & SCHED_FLAG_KEEP_PARAMS)) {
		new.priority = attr.priority;
		if (new.kind == SCHED_OTHER || new.kind == SCHED_BATCH)
			new.nice = attr.nice < -20 ? -20 : min(attr.nice, 19);
	}
	err = check_new_policy(task, &new);
	if (err)
		return err;
	/* As on Linux, the policy is one of the parameters. */
	if (attr.flags & SCHED_FLAG_KEEP_PARAMS)
		new.kind = task->policy.kind;
	task_set_policy(task, &new);
	return 0;
}

s32 sys_sched_getattr(struct pt_regs *regs)
{
	const struct task *task = task_of((int)regs->ebx);
	u32 size = regs->edx;
	struct sched_attr attr = { .size = min(size, (u32)sizeof(attr)) };

	if (!regs->ecx || (int)regs->ebx < 0 || size > PAGE_SIZE || size < SCHED_ATTR_SIZE_FIRST ||
	    regs->esi)
		return -EINVAL;
	if (!task)
		return -ESRCH;
	attr.policy = (u32)task->policy.kind;
	attr.flags = task->policy.reset_on_fork ? SCHED_FLAG_RESET_ON_FORK : 0;
	attr.priority = told_priority(task);
	attr.nice = task->policy.priority ? 0 : task->policy.nice;
	if (task->policy.kind == SCHED_DEADLINE) {
		attr.runtime = task->policy.runtime;
		attr.deadline = task->policy.deadline;
		attr.period = task->policy.period;
	}
	return copy_to_user(regs->ecx, &attr, attr.size) ? -EFAULT : 0;
}

/* A bound of a policy's priorities on Linux. */
static s32 priority_of(u32 policy, s32 realtime)
{
	switch (policy) {
	case SCHED_FIFO:
	case SCHED_RR:
		return realtime;
	case SCHED_OTHER:
	case SCHED_BATCH:
	case SCHED_IDLE:
	case SCHED_DEADLINE:
		return 0;
	}
	return -EINVAL;
}

s32 sys_sched_get_priority_max(struct pt_regs *regs)
{
	return priority_of(regs->ebx, 99);
}

s32 sys_sched_get_priority_min(struct pt_regs *regs)
{
	return priority_of(regs->ebx, 1);
}
