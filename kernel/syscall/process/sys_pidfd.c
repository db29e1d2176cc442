/* SPDX-License-Identifier: MIT */
/* System calls on files that name a process (kernel/process/pidfd.h). */
#include "abi/linux/errno.h"
#include "fs/proc/proc.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/process/pidfd.h"
#include "kernel/syscall/process/sys_kill.h"
#include "kernel/syscall/syscall.h"
#include "kernel/task/task.h"

s32 sys_pidfd_open(struct pt_regs *regs)
{
	int pid = (int)regs->ebx, err;
	u32 flags = regs->ecx;
	const struct task *task;
	struct file *file;

	if (flags & ~((u32)O_NONBLOCK | PIDFD_THREAD) || pid <= 0)
		return -EINVAL;
	task = task_find(pid);
	if (!task)
		return -ESRCH;
	if (!(flags & PIDFD_THREAD) && task != task->group->leader)
		return -ENOENT; /* as since Linux 6.15 */
	err = pidfd_open(task, flags, &file);
	return err ? err : fd_new(file, true);
}

#define PIDFD_SIGNAL_THREAD	   1u
#define PIDFD_SIGNAL_THREAD_GROUP  2u
#define PIDFD_SIGNAL_PROCESS_GROUP 4u

/* The task of a folder /proc/PID. */
static bool folder_task(const struct file *file, struct task **task)
{
	const struct proc_subject *subject = file->inode ? proc_process_of(file->inode) : NULL;

	if (!subject)
		return false;
	*task = task_find(subject->pid);
	if (*task && (*task)->born != subject->birth)
		*task = NULL;
	return true;
}

/* The task of a pidfd, or of a folder /proc/PID. 0, -EBADF, -ESRCH: it was reaped. */
static int find_task(u32 fd, struct task **task, bool *thread)
{
	const struct file *file = fd_any(fd);
	bool is_pidfd = file && pidfd_task(file, task);

	*thread = is_pidfd && pidfd_of_thread(file);
	if (!is_pidfd && !(file && folder_task(file, task)))
		return -EBADF;
	return *task ? 0 : -ESRCH;
}

/* To what the signal goes: as the flags say, else to what the file is for. */
static u32 scope_of(u32 flags, bool thread)
{
	if (flags)
		return flags;
	return thread ? PIDFD_SIGNAL_THREAD : PIDFD_SIGNAL_THREAD_GROUP;
}

s32 sys_pidfd_send_signal(struct pt_regs *regs)
{
	struct siginfo info = { .signo = (s32)regs->ecx, .code = SI_USER };
	u32 flags = regs->esi;
	struct task *task;
	bool thread;
	int err;

	if (flags & (flags - 1) || flags > PIDFD_SIGNAL_PROCESS_GROUP)
		return -EINVAL;
	/* The file is looked up after the copy, which may sleep. */
	if (regs->edx && copy_from_user(&info, regs->edx, sizeof(info)))
		return fd_any(regs->ebx) ? -EFAULT : -EBADF;
	err = find_task(regs->ebx, &task, &thread);
	if (err == -EBADF)
		return err;
	if (!regs->edx)
		sign_info(&info);
	else if (info.signo != (s32)regs->ecx)
		return -EINVAL;
	else if ((info.code >= 0 || info.code == SI_TKILL) && task != current)
		return -EPERM;
	return err ? err : signal_by_scope(task, &info, scope_of(flags, thread));
}

s32 sys_pidfd_getfd(struct pt_regs *regs)
{
	const struct file *pidfd = fd_file(regs->ebx);
	struct task *task;
	struct file *file;

	if (regs->edx)
		return -EINVAL;
	if (!pidfd || !pidfd_task(pidfd, &task))
		return -EBADF;
	if (!task)
		return -ESRCH;
	if (!may_inspect(task))
		return -EPERM;
	if (!task->files)
		return -ESRCH;
	file = files_find(task->files, regs->ecx);
	if (!file)
		return -EBADF;
	file_get(file);
	return fd_new(file, true);
}
