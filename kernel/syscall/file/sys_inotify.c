/* SPDX-License-Identifier: MIT */
/* System calls on inotify. */
#include "abi/linux/errno.h"
#include "fs/events/inotify.h"
#include "kernel/syscall/file/user_path.h"
#include "kernel/syscall/syscall.h"
#include "kernel/task/task.h"

static s32 open_inotify(u32 flags)
{
	struct file *file;
	int err = flags & ~(u32)(O_CLOEXEC | O_NONBLOCK) ? -EINVAL : inotify_open(flags, &file);

	return err ? err : fd_new(file, flags & O_CLOEXEC);
}

s32 sys_inotify_init(struct pt_regs *regs)
{
	(void)regs;
	return open_inotify(0);
}

s32 sys_inotify_init1(struct pt_regs *regs)
{
	return open_inotify(regs->ebx);
}

static int check_mask(u32 mask)
{
	const u32 known = IN_ALL_EVENTS | IN_UNMOUNT | IN_Q_OVERFLOW | IN_IGNORED | IN_ISDIR |
			  IN_ONLYDIR | IN_DONT_FOLLOW | IN_EXCL_UNLINK | IN_MASK_CREATE |
			  IN_MASK_ADD | IN_ONESHOT;

	if (!(mask & known) || (mask & IN_MASK_ADD && mask & IN_MASK_CREATE))
		return -EINVAL;
	return 0;
}

s32 sys_inotify_add_watch(struct pt_regs *regs)
{
	struct file *file = fd_file(regs->ebx);
	u32 mask = regs->edx;
	struct inode *inode;
	s32 result = check_mask(mask);

	if (result)
		return result;
	if (!file)
		return -EBADF;
	if (!file_is_inotify(file))
		return -EINVAL;
	file_get(file); /* another thread may close it meanwhile */
	result = user_inode((u32)AT_FDCWD, regs->ecx,
			    mask & IN_DONT_FOLLOW ? AT_SYMLINK_NOFOLLOW : 0, &inode);
	if (!result) {
		result = inotify_add(file, inode, mask);
		inode_put(inode);
	}
	file_put(file);
	return result;
}

s32 sys_inotify_rm_watch(struct pt_regs *regs)
{
	struct file *file = fd_file(regs->ebx);

	return file ? inotify_remove(file, (s32)regs->ecx) : -EBADF;
}
