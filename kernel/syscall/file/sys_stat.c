/* SPDX-License-Identifier: MIT */
/*
 * System calls that report a file's attributes: in the i386's struct stat64 and in struct statx,
 * which C libraries use today.
 */
#include "kernel/task/files.h"
#include "kernel/syscall/syscall.h"
#include "kernel/syscall/file/user_path.h"
#include "kernel/cpu/uaccess.h"
#include "lib/clock.h"
#include "abi/linux/errno.h"
#include "lib/math64.h"

#define STAT_BLOCK 4096

static s32 put_stat(const struct file_stat *stat, vaddr_t to)
{
	const u64 times[] = { stat->times.access, stat->times.modify, stat->times.change };
	struct stat64 out = {
		.dev = stat->dev,
		.ino32 = stat->ino,
		.mode = stat->mode,
		.nlink = stat->nlink,
		.uid = stat->uid,
		.gid = stat->gid,
		.rdev = stat->rdev,
		.size = stat->size,
		.blksize = STAT_BLOCK,
		.blocks = stat->blocks,
		.ino = stat->ino,
	};

	for (u32 i = 0; i < ARRAY_SIZE(times); i++) {
		u32 *pair = &out.times[2 * i];

		/* A division costs a tenth of the call, and most times are equal. */
		if (i && times[i] == times[i - 1]) {
			pair[0] = pair[-2];
			pair[1] = pair[-1];
		} else {
			pair[0] = (u32)div_u64_rem(times[i], NSEC_PER_SEC, &pair[1]);
		}
	}
	return copy_to_user(to, &out, sizeof(out)) ? -EFAULT : 0;
}

static int stat_descriptor(u32 fd, struct file_stat *stat)
{
	const struct file *file = fd_any(fd);

	if (!file)
		return -EBADF;
	file_stat(file, stat);
	return 0;
}

s32 sys_fstat64(struct pt_regs *regs)
{
	struct file_stat stat;
	int err = stat_descriptor(regs->ebx, &stat);

	return err ? err : put_stat(&stat, regs->ecx);
}

/* With AT_EMPTY_PATH an empty path means the descriptor's own file. It need not have an inode. */
static int stat_at(u32 directory, vaddr_t from, u32 flags, struct file_stat *stat)
{
	struct inode *inode;
	int err = user_inode(directory, from, flags, &inode);

	if (err == -EINVAL)
		return stat_descriptor(directory, stat);
	if (err)
		return err;
	inode_stat(inode, stat);
	inode_put(inode);
	return 0;
}

static s32 stat_path(struct pt_regs *regs, u32 flags)
{
	struct file_stat stat;
	int err = stat_at((u32)AT_FDCWD, regs->ebx, flags, &stat);

	return err ? err : put_stat(&stat, regs->ecx);
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
	return err ? err : put_stat(&stat, regs->edx);
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
