/* SPDX-License-Identifier: MIT */
/*
 * System calls that report a file's attributes: in the i386's struct stat64 and in struct statx,
 * which C libraries use today.
 */
#include "kernel/task/task.h"
#include "kernel/syscall/syscall.h"
#include "kernel/syscall/file/user_path.h"
#include "kernel/cpu/uaccess.h"
#include "lib/clock.h"
#include "abi/linux/errno.h"
#include "lib/math64.h"

#define STAT_BLOCK 4096

/* A division costs a tenth of the call, and most times are equal. */
static inline void put_times(const struct file_times *times, u32 out[6])
{
	out[0] = (u32)div_u64_rem(times->access, NSEC_PER_SEC, &out[1]);
	out[2] = out[0];
	out[3] = out[1];
	if (times->modify != times->access)
		out[2] = (u32)div_u64_rem(times->modify, NSEC_PER_SEC, &out[3]);
	out[4] = out[2];
	out[5] = out[3];
	if (times->change != times->modify)
		out[4] = (u32)div_u64_rem(times->change, NSEC_PER_SEC, &out[5]);
}

static inline void fill_stat64(const struct file_stat *stat, struct stat64 *out)
{
	out->dev = stat->dev;
	out->pad0 = 0;
	out->ino32 = stat->ino;
	out->mode = stat->mode;
	out->nlink = stat->nlink;
	out->uid = stat->uid;
	out->gid = stat->gid;
	out->rdev = stat->rdev;
	out->pad1 = 0;
	out->size = stat->size;
	out->blksize = STAT_BLOCK;
	out->blocks = stat->blocks;
	put_times(&stat->times, out->times);
	out->ino = stat->ino;
}

static int stat_descriptor(u32 fd, struct file_stat *stat)
{
	const struct file *file = fd_any(fd);

	if (!file)
		return -EBADF;
	file_stat(file, stat);
	return 0;
}

/*
 * With AT_EMPTY_PATH an empty path, or since Linux 6.11 none, means the descriptor's own file. It
 * need not have an inode.
 */
static int stat_at(u32 directory, vaddr_t from, u32 flags, struct file_stat *stat)
{
	struct inode *inode;
	int err;

	if (!from && flags & AT_EMPTY_PATH && (int)directory == AT_FDCWD) {
		inode_stat(path_cwd(), stat);
		return 0;
	}
	if (!from && flags & AT_EMPTY_PATH)
		return stat_descriptor(directory, stat);
	err = user_inode(directory, from, flags, &inode);
	if (err == -EINVAL)
		return stat_descriptor(directory, stat);
	if (err)
		return err;
	inode_stat(inode, stat);
	inode_put(inode);
	return 0;
}

static s32 put_stat64(const struct file_stat *stat, vaddr_t to)
{
	struct stat64 out;

	fill_stat64(stat, &out);
	return copy_to_user(to, &out, sizeof(out)) ? -EFAULT : 0;
}

s32 sys_fstat64(struct pt_regs *regs)
{
	struct file_stat stat;
	int err = stat_descriptor(regs->ebx, &stat);

	return err ? err : put_stat64(&stat, regs->ecx);
}

/* stat64() of a path: programs call it often. What is filled is copied once. */
static inline s32 stat_path(const struct pt_regs *regs, u32 flags)
{
	struct file_stat stat;
	struct stat64 out;
	struct inode *inode;
	int err = user_inode((u32)AT_FDCWD, regs->ebx, flags, &inode);

	if (err)
		return err;
	inode_stat(inode, &stat);
	fill_stat64(&stat, &out);
	inode_put(inode);
	return copy_to_user(regs->ecx, &out, sizeof(out)) ? -EFAULT : 0;
}

s32 sys_stat64(struct pt_regs *regs)
{
	return stat_path(regs, 0);
}

s32 sys_lstat64(struct pt_regs *regs)
{
	return stat_path(regs, AT_SYMLINK_NOFOLLOW);
}

s32 sys_fstatat64(struct pt_regs *regs)
{
	struct file_stat stat;
	int err;

	if (regs->esi & ~(u32)(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH))
		return -EINVAL;
	err = stat_at(regs->ebx, regs->ecx, regs->esi, &stat);
	return err ? err : put_stat64(&stat, regs->edx);
}

static struct statx_time to_statx_time(u64 time)
{
	struct statx_time out = { 0 };

	out.seconds = (s64)div_u64_rem(time, NSEC_PER_SEC, &out.nanoseconds);
	return out;
}

static s32 put_statx(const struct file_stat *stat, vaddr_t to)
{
	const struct statx out = {
		.mask = STATX_BASIC_STATS,
		.blksize = STAT_BLOCK,
		.nlink = stat->nlink,
		.uid = stat->uid,
		.gid = stat->gid,
		.mode = (u16)stat->mode,
		.ino = stat->ino,
		.size = stat->size,
		.blocks = stat->blocks,
		.atime = to_statx_time(stat->times.access),
		.ctime = to_statx_time(stat->times.change),
		.mtime = to_statx_time(stat->times.modify),
		.rdev_major = stat->rdev >> 8,
		.rdev_minor = stat->rdev & 0xff,
		.dev_major = stat->dev >> 8,
		.dev_minor = stat->dev & 0xff,
	};

	return copy_to_user(to, &out, sizeof(out)) ? -EFAULT : 0;
}

s32 sys_statx(struct pt_regs *regs)
{
	struct file_stat stat;
	u32 flags = regs->edx;
	int err;

	if (regs->esi & STATX__RESERVED)
		return -EINVAL;
	if (flags & ~(u32)(AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH |
			   AT_STATX_SYNC_TYPE) ||
	    (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE)
		return -EINVAL;
	err = stat_at(regs->ebx, regs->ecx, flags, &stat);
	return err ? err : put_statx(&stat, regs->edi);
}
