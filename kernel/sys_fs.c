/* SPDX-License-Identifier: MIT */
/* System calls on names of files, and on what a file is rather than what is in it. */
#include "kernel/sys_fs.h"
#include "fs/file.h"
#include "kernel/syscall.h"
#include "kernel/uaccess.h"
#include "lib/errno.h"

#define AT_FDCWD     (-100)
#define AT_REMOVEDIR 0x200u

/* What Linux takes away from the permissions of new files until a program says otherwise. */
#define UMASK 022u

#define STAT_BLOCK 4096

/* Of access(). */
enum { F_OK = 0, X_OK = 1, W_OK = 2, R_OK = 4 };

/* Fetches a path from ring 3. 0, -EFAULT, -ENOENT for the empty one, -ENAMETOOLONG. */
static int get_path(vaddr_t from, char path[PATH_MAX])
{
	int length = strncpy_from_user(path, from, PATH_MAX);

	if (length < 0)
		return length;
	if (!length)
		return -ENOENT;
	return length == PATH_MAX ? -ENAMETOOLONG : 0;
}

/* The calls with `at` look from the root only, or from where the process is, which is there too. */
static int get_path_at(u32 directory, vaddr_t from, char path[PATH_MAX])
{
	int err = get_path(from, path);

	if (err || path[0] == '/' || (int)directory == AT_FDCWD)
		return err;
	return file_of(directory) ? -ENOTDIR : -EBADF;
}

static s32 open_path(const char *path, u32 flags, u32 mode)
{
	struct file *file;
	int err, fd = fd_alloc(current->files, 0, current->group->rlim[RLIMIT_NOFILE].cur,
			       flags & O_CLOEXEC);

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
		/* No directory can go. */
		err = path_stat(path, &stat);
		if (!err)
			err = (stat.mode & S_IFMT) == S_IFDIR ? -EBUSY : -ENOTDIR;
		return err;
	}
	return err ? err : path_unlink(path);
}

/* struct stat64 of the i386 (Linux arch/x86/include/uapi/asm/stat.h). */
struct stat64 {
	u64 dev;
	u32 pad0, ino32;
	u32 mode, nlink, uid, gid;
	u64 rdev;
	u32 pad1;
	u32 size[2];
	u32 blksize;
	u32 blocks[2];
	u32 atime, atime_nsec, mtime, mtime_nsec, ctime, ctime_nsec;
	u32 ino[2];
};
_Static_assert(sizeof(struct stat64) == 96, "struct stat64 is not Linux's");

/* Owner and times are 0: nobody keeps them. */
static s32 put_stat(const struct file_stat *stat, vaddr_t to)
{
	struct stat64 out = {
		.dev = stat->dev,
		.ino32 = stat->ino,
		.mode = stat->mode,
		.nlink = stat->nlink,
		.rdev = stat->rdev,
		.size = { (u32)stat->size, (u32)(stat->size >> 32) },
		.blksize = STAT_BLOCK,
		.blocks = { (u32)stat->blocks, (u32)(stat->blocks >> 32) },
		.ino = { stat->ino },
	};

	return copy_to_user(to, &out, sizeof(out)) ? -EFAULT : 0;
}

/* Also lstat64(): there are no links. */
s32 sys_stat64(struct pt_regs *regs)
{
	struct file_stat stat;
	char path[PATH_MAX];
	int err = get_path(regs->ebx, path);

	if (!err)
		err = path_stat(path, &stat);
	return err ? err : put_stat(&stat, regs->ecx);
}

s32 sys_fstat64(struct pt_regs *regs)
{
	struct file *file = file_of(regs->ebx);
	struct file_stat stat;

	if (!file)
		return -EBADF;
	file_stat(file, &stat);
	return put_stat(&stat, regs->ecx);
}

/* Programs have root's rights: they may read and write everything, and execute what somebody may. */
s32 sys_access(struct pt_regs *regs)
{
	struct file_stat stat;
	char path[PATH_MAX];
	int err;

	if (regs->ecx & ~(u32)(R_OK | W_OK | X_OK))
		return -EINVAL;
	err = get_path(regs->ebx, path);
	if (!err)
		err = path_stat(path, &stat);
	if (err)
		return err;
	if (regs->ecx & W_OK && path_read_only(path))
		return -EROFS;
	return regs->ecx & X_OK && !(stat.mode & S_IXUGO) ? -EACCES : 0;
}

static s32 truncate_file(u32 fd, u64 size)
{
	struct file *file = file_of(fd);

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

/* fsync() and fdatasync(): nothing is kept anywhere else. */
s32 sys_fsync(struct pt_regs *regs)
{
	struct file *file = file_of(regs->ebx);

	if (!file)
		return -EBADF;
	return file->mapping || (file->operations->mode & S_IFMT) == S_IFDIR ? 0 : -EINVAL;
}
