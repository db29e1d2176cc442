/* SPDX-License-Identifier: MIT */
/*
 * Groups of processes. There is one, and one session, those of init: a program can ask for them, and what would make new ones is
 * refused.
 */
#include "kernel/syscall/syscall.h"
#include "kernel/process/task.h"
#include "lib/errno.h"

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

/* What Linux says to a process that leads its group already. */
s32 sys_setsid(struct pt_regs *regs)
{
	(void)regs;
	return -EPERM;
}
