/* SPDX-License-Identifier: MIT */
/* System calls that open and close files, and that set their size. */
#include "fs/process.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/task/task.h"
#include "kernel/syscall/syscall.h"
#include "kernel/syscall/file/user_path.h"
#include "abi/linux/errno.h"

u32 current_umask(void)
{
	return current->fs ? current->fs->umask : UMASK_DEFAULT;
}

static s32 open_at(u32 directory, vaddr_t from, u32 flags, u32 mode)
{
	struct user_path path;
	struct file *file;
	int err = user_path(&path, directory, from), fd;

	if (err)
		return err;
	fd = fd_alloc(current->files, 0, rlimit(RLIMIT_NOFILE), flags & O_CLOEXEC);
	err = fd < 0 ? fd : 0;
	if (!err)
		err = file_open_at(path.base, path.text, flags, mode & 07777 & ~current_umask(),
				   &file);
	user_path_end(&path);
	if (err && fd >= 0)
		fd_release(current->files, (u32)fd);
	else if (!err)
		fd_install(current->files, (u32)fd, file);
	return err ? err : fd;
}

s32 sys_open(struct pt_regs *regs)
{
	return open_at((u32)AT_FDCWD, regs->ebx, regs->ecx, regs->edx);
}

s32 sys_openat(struct pt_regs *regs)
{
	return open_at(regs->ebx, regs->ecx, regs->edx, regs->esi);
}

s32 sys_creat(struct pt_regs *regs)
{
	return open_at((u32)AT_FDCWD, regs->ebx, O_CREAT | O_WRONLY | O_TRUNC, regs->ecx);
}

s32 sys_close(struct pt_regs *regs)
{
	return fd_close(current->files, regs->ebx);
}

static s32 truncate_file(u32 fd, u64 size)
{
	struct file *file = fd_file(fd);

	if ((s64)size < 0)
		return -EINVAL;
	return file ? file_truncate(file, size) : -EBADF;
}

static s32 truncate_path(vaddr_t from, u64 size)
{
	struct user_path path;
	int err = -EINVAL;

	if ((s64)size >= 0)
		err = user_path(&path, (u32)AT_FDCWD, from);
	if (err)
		return err;
	err = path_truncate(path.base, path.text, size);
	user_path_end(&path);
	return err;
}

s32 sys_ftruncate(struct pt_regs *regs)
{
	return truncate_file(regs->ebx, (u64)(s64)(s32)regs->ecx);
}

s32 sys_ftruncate64(struct pt_regs *regs)
{
	return truncate_file(regs->ebx, regs->ecx | (u64)regs->edx << 32);
}

s32 sys_truncate(struct pt_regs *regs)
{
	return truncate_path(regs->ebx, (u64)(s64)(s32)regs->ecx);
}

s32 sys_truncate64(struct pt_regs *regs)
{
	return truncate_path(regs->ebx, regs->ecx | (u64)regs->edx << 32);
}

/* fsync() and fdatasync(): memory is the only storage, so there is nothing to write. */
s32 sys_fsync(struct pt_regs *regs)
{
	const struct file *file = fd_file(regs->ebx);

	if (!file)
		return -EBADF;
	return file->inode && (is_kind(file->inode, S_IFREG) || is_kind(file->inode, S_IFDIR))
		       ? 0
		       : -EINVAL;
}

/* sync(): the same for all files. */
s32 sys_sync(struct pt_regs *regs)
{
	(void)regs;
	return 0;
}

s32 sys_syncfs(struct pt_regs *regs)
{
	return fd_file(regs->ebx) ? 0 : -EBADF;
}

/* The same for a part of a file, whose bounds are checked. */
s32 sys_sync_file_range(struct pt_regs *regs)
{
	s64 start = (s64)(regs->ecx | (u64)regs->edx << 32);
	s64 bytes = (s64)(regs->esi | (u64)regs->edi << 32);
	const struct file *file = fd_file(regs->ebx);
	struct file_stat stat;

	if (!file)
		return -EBADF;
	if (regs->ebp & ~7u || start < 0 || bytes < 0 || start > INT64_MAX - bytes)
		return -EINVAL;
	file_stat(file, &stat);
	return (stat.mode & S_IFMT) == S_IFIFO || (stat.mode & S_IFMT) == S_IFCHR ? -ESPIPE : 0;
}
