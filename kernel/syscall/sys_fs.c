/* SPDX-License-Identifier: MIT */
/* System calls on file names, and on attributes of files. */
#include "fs/process.h"
#include "kernel/process/signal.h"
#include "kernel/syscall/syscall.h"
#include "kernel/cpu/uaccess.h"
#include "abi/linux/errno.h"
#include "lib/string.h"

/* Linux's initial umask. */
#define UMASK 022u

int get_path(vaddr_t from, char path[PATH_MAX])
{
	int length = strncpy_from_user(path, from, PATH_MAX);

	if (length < 0)
		return length;
	if (!length)
		return -ENOENT;
	return length == PATH_MAX ? -ENAMETOOLONG : 0;
}

int get_path_at(u32 directory, vaddr_t from, char path[PATH_MAX])
{
	int err = get_path(from, path);

	if (err || path[0] == '/' || (int)directory == AT_FDCWD)
		return err;
	return fd_file(directory) ? -ENOTDIR : -EBADF;
}

static s32 open_path(const char *path, u32 flags, u32 mode)
{
	struct file *file;
	int err, fd = fd_alloc(current->files, 0, rlimit(RLIMIT_NOFILE), flags & O_CLOEXEC);

	if (fd < 0)
		return fd;
	err = file_open(path, flags, mode & 07777 & ~UMASK, current->mm, &file);
	if (err)
		fd_release(current->files, (u32)fd);
	else
		fd_install(current->files, (u32)fd, file);
	return err ? err : fd;
}

s32 sys_open(struct pt_regs *regs)
{
	char path[PATH_MAX];
	int err = get_path(regs->ebx, path);

	return err ? err : open_path(path, regs->ecx, regs->edx);
}

s32 sys_openat(struct pt_regs *regs)
{
	char path[PATH_MAX];
	int err = get_path_at(regs->ebx, regs->ecx, path);

	return err ? err : open_path(path, regs->edx, regs->esi);
}

s32 sys_creat(struct pt_regs *regs)
{
	char path[PATH_MAX];
	int err = get_path(regs->ebx, path);

	return err ? err : open_path(path, O_CREAT | O_WRONLY | O_TRUNC, regs->ecx);
}

static s32 read_link(const char *path, vaddr_t to, u32 size)
{
	const char *target;
	int err = (s32)size <= 0 ? -EINVAL : path_link_target(path, &target);
	u32 length;

	if (err)
		return err;
	length = min((u32)strlen(target), size);
	return copy_to_user(to, target, length) ? -EFAULT : (s32)length;
}

s32 sys_readlink(struct pt_regs *regs)
{
	char path[PATH_MAX];
	int err = get_path(regs->ebx, path);

	return err ? err : read_link(path, regs->ecx, regs->edx);
}

s32 sys_readlinkat(struct pt_regs *regs)
{
	char path[PATH_MAX];
	int err = get_path_at(regs->ebx, regs->ecx, path);

	return err ? err : read_link(path, regs->edx, regs->esi);
}

s32 sys_close(struct pt_regs *regs)
{
	return fd_close(current->files, regs->ebx);
}

s32 sys_unlink(struct pt_regs *regs)
{
	char path[PATH_MAX];
	int err = get_path(regs->ebx, path);

	return err ? err : path_unlink(path);
}

s32 sys_unlinkat(struct pt_regs *regs)
{
	struct file_stat stat;
	char path[PATH_MAX];
	int err;

	if (regs->edx & ~AT_REMOVEDIR)
		return -EINVAL;
	err = get_path_at(regs->ebx, regs->ecx, path);
	if (!err && regs->edx & AT_REMOVEDIR) {
		/* Directories cannot be removed. */
		err = path_stat(path, true, &stat);
		if (!err)
			err = (stat.mode & S_IFMT) == S_IFDIR ? -EBUSY : -ENOTDIR;
		return err;
	}
	return err ? err : path_unlink(path);
}

s32 sys_link(struct pt_regs *regs)
{
	char from[PATH_MAX], to[PATH_MAX];
	int err = get_path(regs->ebx, from);

	if (!err)
		err = get_path(regs->ecx, to);
	return err ? err : path_link(from, to);
}

/* An empty path, for the descriptor's own file, is not supported. */
s32 sys_linkat(struct pt_regs *regs)
{
	char from[PATH_MAX], to[PATH_MAX];
	int err;

	if (regs->edi & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	err = get_path_at(regs->ebx, regs->ecx, from);
	if (!err)
		err = get_path_at(regs->edx, regs->esi, to);
	return err ? err : path_link(from, to);
}

/* Programs are root: they may read and write everything, and execute with any execute bit. */
s32 sys_access(struct pt_regs *regs)
{
	struct file_stat stat;
	char path[PATH_MAX];
	int err;

	if (regs->ecx & ~(u32)(R_OK | W_OK | X_OK))
		return -EINVAL;
	err = get_path(regs->ebx, path);
	if (!err)
		err = path_stat(path, true, &stat);
	if (err)
		return err;
	if (regs->ecx & W_OK && path_read_only(path))
		return -EROFS;
	return regs->ecx & X_OK && !(stat.mode & S_IXUGO) ? -EACCES : 0;
}

struct address_space *process_exe(void)
{
	return current->mm ? current->mm->exe : NULL;
}

void process_exceeds_file_limit(void)
{
	signal_send(current, SIGXFSZ);
}

void process_signal(int signal)
{
	signal_send(current, signal);
}

int user_get(void *to, vaddr_t from, u32 bytes)
{
	return copy_from_user(to, from, bytes) ? -EFAULT : 0;
}

int user_put(vaddr_t to, const void *from, u32 bytes)
{
	return copy_to_user(to, from, bytes) ? -EFAULT : 0;
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
	char path[PATH_MAX];
	int err = -EINVAL;

	if ((s64)size >= 0)
		err = get_path(from, path);
	return err ? err : path_truncate(path, size);
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
	struct file *file = fd_file(regs->ebx);

	if (!file)
		return -EBADF;
	return file->mapping || (file->operations->mode & S_IFMT) == S_IFDIR ? 0 : -EINVAL;
}
