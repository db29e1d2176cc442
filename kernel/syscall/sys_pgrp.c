/* SPDX-License-Identifier: MIT */
/*
 * Process groups and sessions. There is one of each, init's: programs can query them, and calls
 * that would create others fail.
 */
#include "kernel/syscall/syscall.h"
#include "kernel/process/task.h"
#include "abi/linux/errno.h"

s32 sys_getpgrp(struct pt_regs *regs)
{
	(void)regs;
	return init_task->pid;
}

s32 sys_getpgid(struct pt_regs *regs)
{
	if (regs->ebx && !task_find((int)regs->ebx))
		return -ESRCH;
	return init_task->pid;
}

s32 sys_getsid(struct pt_regs *regs)
{
	return sys_getpgid(regs);
}

/* Linux's errno for a process group leader. */
s32 sys_setsid(struct pt_regs *regs)
{
	(void)regs;
	return -EPERM;
}
