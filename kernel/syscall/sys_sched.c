/* SPDX-License-Identifier: MIT */
/*
 * Scheduler queries of C libraries: there is one processor, and every thread has the policy
 * SCHED_OTHER. sysconf(_SC_NPROCESSORS_ONLN) and the sizes of thread pools depend on these calls.
 */
#include "abi/linux/sched.h"
#include "kernel/syscall/syscall.h"
#include "kernel/process/task.h"
#include "kernel/cpu/uaccess.h"
#include "abi/linux/errno.h"

#define CPU_MASK_BYTES 4u /* Linux's for up to 32 processors */
#define CPU_MASK       1u

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
	if (!may_inspect(task))
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

s32 sys_sched_getscheduler(struct pt_regs *regs)
{
	if ((int)regs->ebx < 0)
		return -EINVAL;
	return task_of((int)regs->ebx) ? SCHED_OTHER : -ESRCH;
}

/* SCHED_OTHER has only priority 0. */
s32 sys_sched_getparam(struct pt_regs *regs)
{
	if (!regs->ecx || (int)regs->ebx < 0)
		return -EINVAL;
	if (!task_of((int)regs->ebx))
		return -ESRCH;
	return put_user(0, regs->ecx) ? -EFAULT : 0;
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
