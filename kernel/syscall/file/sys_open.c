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

/*
 * O_TMPFILE is two bits, and wants a right to write; no folder is made by open(). Checked before
 * the path, as on Linux, so that a program learns from any path whether the flag is known.
 */
static bool is_wrong(u32 flags)
{
	const u32 bit = (u32)O_TMPFILE & ~(u32)O_DIRECTORY, both = O_CREAT | O_DIRECTORY;

	if (likely(!(flags & (bit | O_DIRECTORY)) || flags & O_PATH))
		return false;
	return (flags & both) == both ||
	       (flags & bit && (!(flags & O_DIRECTORY) || !(flags & O_ACCMODE)));
}

/* Most paths lead to a file that is there. */
static inline int open_path(const struct user_path *path, u32 flags, u32 mode, u32 resolve,
			    struct file **file)
{
	struct inode *inode = NULL;

	if (likely(!resolve && !(flags & (u32)O_TMPFILE)))
		inode = path_quick(path->base, path->text, path->length);
	if (likely(inode))
		return file_open_inode(inode, flags, file);
	return file_open_resolved(path->base, path->text, flags, mode & 07777 & ~current_umask(),
				  resolve, file);
}

/* As on Linux a descriptor is looked for before the folder, but after the text. */
static int refuse_path(int err, u32 flags)
{
	int fd;

	if (err != -EBADF && err != -ENOTDIR)
		return err;
	fd = fd_alloc(current->files, 0, rlimit(RLIMIT_NOFILE), flags & O_CLOEXEC);
	if (fd < 0)
		return fd;
	fd_release(current->files, (u32)fd);
	return err;
}

static s32 open_resolved(u32 directory, vaddr_t from, u32 flags, u32 mode, u32 resolve)
{
	struct user_path path;
	struct file *file;
	int err, fd;

	if (is_wrong(flags))
		return -EINVAL;
	err = unlikely(resolve & RESOLVE_IN_ROOT) ? user_path_below(&path, directory, from)
						  : user_path(&path, directory, from);
	if (unlikely(err))
		return refuse_path(err, flags);
	fd = fd_alloc(current->files, 0, rlimit(RLIMIT_NOFILE), flags & O_CLOEXEC);
	err = fd < 0 ? fd : open_path(&path, flags, mode, resolve, &file);
	user_path_end(&path);
	if (likely(!err))
		fd_install(current->files, (u32)fd, file);
	else if (fd >= 0)
		fd_release(current->files, (u32)fd);
	return err ? err : fd;
}

static s32 open_at(u32 directory, vaddr_t from, u32 flags, u32 mode)
{
	return open_resolved(directory, from, flags, mode, 0);
}

/* struct open_how. A larger one of a newer Linux must have zeros behind it. */
struct open_how {
	u64 flags, mode, resolve;
};

static int read_how(struct open_how *how, vaddr_t from, u32 bytes)
{
	if (bytes < sizeof(*how))
		return -EINVAL;
	if (bytes > PAGE_SIZE)
		return -E2BIG;
	if (copy_from_user(how, from, sizeof(*how)))
		return -EFAULT;
	for (u32 at = sizeof(*how); at < bytes; at++) {
		u8 byte;

		if (copy_from_user(&byte, from + at, 1))
			return -EFAULT;
		if (byte)
			return -E2BIG;
	}
	return 0;
}

/* Unlike open(), it refuses what it does not know. */
static int check_how(const struct open_how *how)
{
	const u32 makes = O_CREAT | ((u32)O_TMPFILE & ~(u32)O_DIRECTORY),
		  place = O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC;
	const u32 known = O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND |
			  O_NONBLOCK | 010000 | O_ASYNC | O_DIRECT | O_LARGEFILE | O_DIRECTORY |
			  O_NOFOLLOW | O_NOATIME | O_CLOEXEC | 04000000 | O_PATH | (u32)O_TMPFILE;
	const u32 both = RESOLVE_BENEATH | RESOLVE_IN_ROOT;

	if (how->flags & ~(u64)known || how->resolve & ~(u64)0x3f || (how->resolve & both) == both)
		return -EINVAL;
	if (how->flags & makes ? how->mode & ~(u64)07777 : how->mode)
		return -EINVAL;
	if (how->flags & O_PATH && how->flags & ~(u64)place)
		return -EINVAL;
	/* What may wait for a disk is not cached. Wrong flags are refused after this. */
	if (how->resolve & RESOLVE_CACHED && how->flags & (makes | O_TRUNC) &&
	    !is_wrong((u32)how->flags))
		return -EAGAIN;
	return 0;
}

s32 sys_openat2(struct pt_regs *regs)
{
	struct open_how how;
	int err = read_how(&how, regs->edx, regs->esi);

	if (!err)
		err = check_how(&how);
	return err ? err
		   : open_resolved(regs->ebx, regs->ecx, (u32)how.flags, (u32)how.mode,
				   (u32)how.resolve);
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
	switch (stat.mode & S_IFMT) {
	case S_IFREG:
	case S_IFDIR:
	case S_IFLNK:
	case S_IFBLK:
		return 0;
	}
	return -ESPIPE;
}
