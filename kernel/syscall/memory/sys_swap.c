/* SPDX-License-Identifier: MIT */
/*
 * swapon(2) and swapoff(2). They know the paths of kernel/disks/swap_devices.h and no other ones:
 * a file, or any other partition, is refused as on Linux one without a swap header.
 */
#include "kernel/syscall/syscall.h"
#include "kernel/syscall/file/user_path.h"
#include "abi/linux/errno.h"
#include "abi/linux/swap.h"
#include "kernel/disks/swap_devices.h"
#include "kernel/task/task.h"
#include "mm/reclaim/reclaim.h"
#include "mm/swap/swap.h"
#include "mm/user_space/limits.h"
#include "mm/user_space/overcommit.h"
#include "mm/user_space/swapoff.h"

/* The error for a path that names no device: -ENOENT for one that names nothing. */
static int no_device(const char *path)
{
	struct inode *inode;
	int err = path_lookup(NULL, path, LOOKUP_FOLLOW, &inode);

	if (err)
		return err;
	inode_put(inode);
	return -EINVAL;
}

s32 sys_swapon(struct pt_regs *regs)
{
	u32 flags = regs->ecx;
	s32 prio = flags & SWAP_FLAG_PREFER ? (s32)(flags & SWAP_FLAG_PRIO_MASK) : -1;
	struct user_path path;
	int result;

	if (flags & ~SWAP_FLAGS_VALID)
		return -EINVAL;
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	result = user_path(&path, (u32)AT_FDCWD, regs->ebx);
	if (result)
		return result;
	result = swap_device_on(path.text, prio);
	if (result == -ENOENT)
		result = no_device(path.text);
	user_path_end(&path);
	return min(result, 0);
}

/* The memory that is committed must fit without the area, where that is a rule. */
static int may_go(u32 type)
{
	u32 pages = swap_info[type].slots;
	int err = vm_enough_memory(NULL, pages);

	if (!err)
		vm_unacct_memory(pages);
	return err;
}

s32 sys_swapoff(struct pt_regs *regs)
{
	struct user_path path;
	int type, err;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	err = user_path(&path, (u32)AT_FDCWD, regs->ebx);
	if (err)
		return err;
	type = swap_device_type(path.text);
	if (type == -ENOENT)
		type = no_device(path.text);
	user_path_end(&path);
	if (type < 0)
		return type;
	/* Another swapoff() may be at work on it. */
	if (swap_info[type].leaving)
		return -EINVAL;
	err = may_go((u32)type);
	if (err)
		return err;
	current->ends_none = true;
	err = swapoff_area((u32)type);
	current->ends_none = false;
	return err;
}
