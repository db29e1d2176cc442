/* SPDX-License-Identifier: MIT */
/* System calls on processes. */
#include "kernel/exec/exec.h"
#include "kernel/process/exit.h"
#include "kernel/process/job.h"
#include "kernel/task/sched.h"
#include "kernel/syscall/syscall.h"
#include "kernel/syscall/file/user_path.h"
#include "kernel/cpu/uaccess.h"
#include "abi/linux/errno.h"
#include "abi/linux/fcntl.h"
#include "lib/printf.h"
#include "lib/text.h"
#include "mm/slab/slab.h"

s32 sys_exit(struct pt_regs *regs)
{
	do_exit(EXIT_STATUS(regs->ebx));
}

s32 sys_exit_group(struct pt_regs *regs)
{
	do_group_exit(EXIT_STATUS(regs->ebx));
}

s32 sys_execve(struct pt_regs *regs)
{
	struct exec_strings argv = { .user = regs->ecx }, envp = { .user = regs->edx };
	struct user_path path;
	int err = user_path(&path, (u32)AT_FDCWD, regs->ebx);

	if (err)
		return err;
	err = do_execve(path.text, &argv, &envp, regs);
	user_path_end(&path);
	return err;
}

/* The name that a program of a descriptor is told, as Linux's. */
static void descriptor_name(char *name, u32 size, u32 fd, const char *path)
{
	if (*path == '/' || (int)fd == AT_FDCWD)
		strscpy(name, path, size);
	else
		scnprintf(name, size, *path ? "/dev/fd/%d/%s" : "/dev/fd/%d", fd, path);
}

s32 sys_execveat(struct pt_regs *regs)
{
	struct exec_strings argv = { .user = regs->edx }, envp = { .user = regs->esi };
	u32 directory = regs->ebx, flags = regs->edi;
	struct user_path path = { .few = "" };
	struct inode *inode;
	char *name;
	int err;

	if (flags & ~(u32)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	err = user_inode(directory, regs->ecx, flags, &inode);
	if (err)
		return err;
	err = inode_program(inode);
	name = err ? NULL : kmalloc(PATH_MAX, GFP_KERNEL);
	if (!name) {
		inode_put(inode);
		return err ? err : -ENOMEM;
	}
	if (user_path(&path, (u32)AT_FDCWD, regs->ecx))
		path = (struct user_path){ .text = path.few };
	descriptor_name(name, PATH_MAX, directory, path.text);
	user_path_end(&path);
	err = execve_file(&inode->mapping, name, &argv, &envp, regs);
	kfree(name);
	return err;
}

s32 sys_getpid(struct pt_regs *regs)
{
	(void)regs;
	return current->tgid;
}

s32 sys_getppid(struct pt_regs *regs)
{
	(void)regs;
	return current->parent->tgid;
}

s32 sys_sched_yield(struct pt_regs *regs)
{
	(void)regs;
	schedule();
	return 0;
}

s32 sys_getpgrp(struct pt_regs *regs)
{
	(void)regs;
	return current->group->job.group;
}

/* The process of a number, 0: the caller; or NULL. */
static const struct task *task_of(u32 pid)
{
	return pid ? task_find((int)pid) : current;
}

s32 sys_getpgid(struct pt_regs *regs)
{
	const struct task *task = task_of(regs->ebx);

	return task ? task->group->job.group : -ESRCH;
}

s32 sys_getsid(struct pt_regs *regs)
{
	const struct task *task = task_of(regs->ebx);

	return task ? task->group->job.session : -ESRCH;
}

s32 sys_setpgid(struct pt_regs *regs)
{
	return job_set_group((int)regs->ebx, (int)regs->ecx);
}

s32 sys_setsid(struct pt_regs *regs)
{
	(void)regs;
	return job_new_session();
}
