/* SPDX-License-Identifier: MIT */
/*
 * Advice on files, which needs no work because all contents are in memory; and calls on the table
 * of descriptors as a whole.
 */
#include "abi/linux/errno.h"
#include "abi/linux/fcntl.h"
#include "abi/linux/sched.h"
#include "fs/file.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/task/files.h"
#include "kernel/process/fs_struct.h"
#include "kernel/signal/signal.h"
#include "kernel/task/task.h"
#include "kernel/syscall/syscall.h"

#define FADV_LAST 5u /* POSIX_FADV_NOREUSE */

static s32 advise(u32 fd, s64 bytes, u32 advice)
{
	struct file *file = fd_file(fd);
	struct file_stat stat;

	if (!file)
		return -EBADF;
	file_stat(file, &stat);
	if ((stat.mode & S_IFMT) == S_IFIFO)
		return -ESPIPE;
	return bytes < 0 || advice > FADV_LAST ? -EINVAL : 0;
}

s32 sys_fadvise64(struct pt_regs *regs)
{
	return advise(regs->ebx, regs->esi, regs->edi);
}

s32 sys_fadvise64_64(struct pt_regs *regs)
{
	return advise(regs->ebx, (s64)(regs->esi | (u64)regs->edi << 32), regs->ebp);
}

s32 sys_readahead(struct pt_regs *regs)
{
	struct file *file = fd_file(regs->ebx);
	struct file_stat stat;

	if (!file || !file_readable(file))
		return -EBADF;
	file_stat(file, &stat);
	return (stat.mode & S_IFMT) == S_IFREG ? 0 : -EINVAL;
}

/* Gives the process its own table, if it shares one. */
static int files_unshare(void)
{
	struct files_struct *own, *shared = current->files;

	if (shared->count == 1)
		return 0;
	own = files_copy(shared);
	if (!own)
		return -ENOMEM;
	current->files = own;
	files_put(shared);
	return 0;
}

#define CLOSE_RANGE_UNSHARE 2u
#define CLOSE_RANGE_CLOEXEC 4u

s32 sys_close_range(struct pt_regs *regs)
{
	u32 first = regs->ebx, last = regs->ecx, flags = regs->edx;
	int err;

	if (flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC) || first > last)
		return -EINVAL;
	err = flags & CLOSE_RANGE_UNSHARE ? files_unshare() : 0;
	if (err)
		return err;
	for (u32 fd = fd_next(current->files, first); fd <= last && fd < current->files->end;
	     fd = fd_next(current->files, fd + 1)) {
		if (flags & CLOSE_RANGE_CLOEXEC)
			fd_set_close_on_exec(current->files, fd, true);
		else
			fd_close(current->files, fd);
	}
	return 0;
}

#define WITH_ONE_THREAD (CLONE_THREAD | CLONE_SIGHAND | CLONE_VM)

/* Does the task share what it can't stop sharing? As Linux's check_unshare_flags(). */
static bool is_shared(u32 flags)
{
	return (flags & WITH_ONE_THREAD && current->group->threads > 1) ||
	       (flags & (CLONE_SIGHAND | CLONE_VM) && current->sighand->count > 1) ||
	       (flags & CLONE_VM && current->mm->mm_users > 1);
}

/*
 * Descriptors and the working directory can be made a task's own. What threads of a process must
 * share cannot, and there are no name spaces.
 */
s32 sys_unshare(struct pt_regs *regs)
{
	u32 flags = regs->ebx;

	if (flags & ~(WITH_ONE_THREAD | CLONE_FILES | CLONE_FS | CLONE_SYSVSEM))
		return -EINVAL;
	if (is_shared(flags))
		return -EINVAL;
	if (flags & CLONE_FS && fs_unshare())
		return -ENOMEM;
	return flags & CLONE_FILES ? files_unshare() : 0;
}
