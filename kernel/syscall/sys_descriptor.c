/* SPDX-License-Identifier: MIT */
/* System calls on descriptors, for all kinds of files. */
#include "kernel/syscall/syscall.h"
#include "kernel/process/task.h"
#include "abi/linux/errno.h"

/* The flags that F_SETFL may change. O_DIRECT is refused: all data goes through the page cache. */
#define SETFL_MASK ((u32)(O_APPEND | O_NONBLOCK | O_NOATIME))

static u32 fd_limit(void)
{
	return min(rlimit(RLIMIT_NOFILE), OPEN_MAX);
}

/* Duplicates fd to the lowest free descriptor from `least` on. */
static s32 duplicate(u32 fd, u32 least, bool close_on_exec)
{
	struct file *file = fd_file(fd);
	int copy;

	if (!file)
		return -EBADF;
	copy = fd_alloc(current->files, least, fd_limit(), close_on_exec);
	if (copy < 0)
		return copy;
	file_get(file);
	fd_install(current->files, (u32)copy, file);
	return copy;
}

/* Duplicates `from` to the descriptor `to`, which may be open. They differ. */
static s32 duplicate_to(u32 from, u32 to, bool close_on_exec)
{
	struct files_struct *files = current->files;
	struct file *file = fd_file(from);

	if (!file || to >= fd_limit())
		return -EBADF;
	/* Another thread has reserved this descriptor for a file. */
	if (bitmap_test(files->open, to) && !fd_file(to))
		return -EBUSY;
	file_get(file);
	fd_replace(files, to, file, close_on_exec);
	return (s32)to;
}

s32 sys_dup(struct pt_regs *regs)
{
	return duplicate(regs->ebx, 0, false);
}

s32 sys_dup2(struct pt_regs *regs)
{
	if (regs->ebx == regs->ecx)
		return fd_file(regs->ebx) ? (s32)regs->ebx : -EBADF;
	return duplicate_to(regs->ebx, regs->ecx, false);
}

s32 sys_dup3(struct pt_regs *regs)
{
	if (regs->edx & ~(u32)O_CLOEXEC || regs->ebx == regs->ecx)
		return -EINVAL;
	return duplicate_to(regs->ebx, regs->ecx, regs->edx & O_CLOEXEC);
}

static s32 set_status_flags(struct file *file, u32 flags)
{
	if (flags & O_DIRECT)
		return -EINVAL;
	file->flags = (file->flags & ~SETFL_MASK) | (flags & SETFL_MASK);
	return 0;
}

/* fcntl() too: the two differ only in locks. */
s32 sys_fcntl64(struct pt_regs *regs)
{
	u32 fd = regs->ebx, argument = regs->edx;
	struct file *file = fd_file(fd);

	if (!file)
		return -EBADF;
	switch (regs->ecx) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		/* Linux's errno for a descriptor beyond the limit. */
		if (argument >= fd_limit())
			return -EINVAL;
		return duplicate(fd, argument, regs->ecx == F_DUPFD_CLOEXEC);
	case F_GETFD:
		return fd_close_on_exec(current->files, fd) ? FD_CLOEXEC : 0;
	case F_SETFD:
		fd_set_close_on_exec(current->files, fd, argument & FD_CLOEXEC);
		return 0;
	case F_GETFL:
		return (s32)file->flags;
	case F_SETFL:
		return set_status_flags(file, argument);
	}
	return -EINVAL;
}

s32 sys_ioctl(struct pt_regs *regs)
{
	struct file *file = fd_file(regs->ebx);

	if (!file)
		return -EBADF;
	return file->operations->ioctl ? file->operations->ioctl(file, regs->ecx, regs->edx)
				       : -ENOTTY;
}
