/* SPDX-License-Identifier: MIT */
/*
 * fcntl(): flags of descriptors and of open files, their owner, and what other files implement.
 */
#include "abi/linux/capability.h"
#include "abi/linux/errno.h"
#include "fs/lease.h"
#include "fs/owner.h"
#include "fs/pipe/pipe.h"
#include "fs/process.h"
#include "fs/seals.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/process/job.h"
#include "kernel/signal/signal.h"
#include "kernel/syscall/file/sys_lock.h"
#include "kernel/syscall/syscall.h"

/* The flags that F_SETFL may change, beside O_ASYNC. */
#define SETFL_MASK ((u32)(O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME))

/* O_ASYNC stays off where nothing would send the signal, as on Linux. */
static int set_async(struct file *file, u32 fd, bool on)
{
	struct file_owner *owner;

	if (!file->operations->async)
		return 0;
	owner = file_owner_make(file);
	if (!owner)
		return -ENOMEM;
	owner->fd = fd;
	file->operations->async(file, on);
	file->flags = on ? file->flags | O_ASYNC : file->flags & ~(u32)O_ASYNC;
	return 0;
}

/* May it have O_NOATIME? A file without an inode has an owner too. */
static bool is_owned(const struct file *file)
{
	struct file_stat stat;

	if (file->inode)
		return inode_owned(file->inode);
	file_stat(file, &stat);
	return process_fsuid() == stat.uid || capable(CAP_FOWNER);
}

static s32 set_status_flags(struct file *file, u32 fd, u32 flags)
{
	int err = 0;

	if (flags & ~file->flags & O_NOATIME && !is_owned(file))
		return -EPERM;
	/* Files without contents of their own, but for pipes, have no use for O_DIRECT. */
	if (flags & O_DIRECT && !file->mapping && !file->pipe)
		return -EINVAL;
	if ((flags ^ file->flags) & O_ASYNC)
		err = set_async(file, fd, flags & O_ASYNC);
	if (!err)
		file->flags = (file->flags & ~SETFL_MASK) | (flags & SETFL_MASK);
	return err;
}

/* Is there such a process, group or thread? */
static bool owner_exists(u32 kind, int id)
{
	const struct task *task;

	if (kind != F_OWNER_PGRP) {
		task = task_find(id);
		return task && (kind == F_OWNER_TID || task->pid == task->tgid);
	}
	list_for_each_entry (task, &task_list, link)
		if (task->group->job.group == id)
			return true;
	return false;
}

/* Is the number that of a task, a group or a session? An owner need not be of its kind. */
static bool number_is_used(int id)
{
	const struct task *task;

	if (task_find(id))
		return true;
	list_for_each_entry (task, &task_list, link)
		if (task->group->job.group == id || task->group->job.session == id)
			return true;
	return false;
}

/* 0 for nobody. */
static s32 set_owner(struct file *file, u32 kind, int id)
{
	struct file_owner *owner;

	if (id && !number_is_used(id))
		return -ESRCH;
	owner = file_owner_make(file);
	if (!owner)
		return -ENOMEM;
	owner->id = 0;
	process_becomes_owner(owner);
	owner->kind = kind;
	owner->id = id;
	return 0;
}

/* A group is a negative number. */
static s32 set_owner_old(struct file *file, s32 id)
{
	if (id == INT32_MIN)
		return -EINVAL;
	return id < 0 ? set_owner(file, F_OWNER_PGRP, -id) : set_owner(file, F_OWNER_PID, id);
}

/* One that has ended is none. */
static struct f_owner_ex owner_of(const struct file *file)
{
	const struct file_owner *owner = file->owner;

	if (!owner)
		return (struct f_owner_ex){ F_OWNER_TID, 0 };
	return (struct f_owner_ex){ (s32)owner->kind,
				    owner_exists(owner->kind, owner->id) ? owner->id : 0 };
}

static s32 get_owner_old(const struct file *file)
{
	struct f_owner_ex owner = owner_of(file);

	return owner.type == F_OWNER_PGRP ? -owner.pid : owner.pid;
}

static s32 set_owner_ex(struct file *file, vaddr_t from)
{
	struct f_owner_ex owner;

	if (copy_from_user(&owner, from, sizeof(owner)))
		return -EFAULT;
	if ((u32)owner.type > F_OWNER_PGRP || owner.pid < 0)
		return owner.pid < 0 && (u32)owner.type <= F_OWNER_PGRP ? -ESRCH : -EINVAL;
	return set_owner(file, (u32)owner.type, owner.pid);
}

static s32 get_owner_ex(const struct file *file, vaddr_t to)
{
	struct f_owner_ex owner = owner_of(file);

	return copy_to_user(to, &owner, sizeof(owner)) ? -EFAULT : 0;
}

static s32 get_owner_users(const struct file *file, vaddr_t to)
{
	u32 users[2] = { 0, 0 };

	if (file->owner) {
		users[0] = file->owner->real;
		users[1] = file->owner->effective;
	}
	return copy_to_user(to, users, sizeof(users)) ? -EFAULT : 0;
}

static s32 set_signal(struct file *file, u32 signal)
{
	struct file_owner *owner;

	if (signal > NR_SIGNALS)
		return -EINVAL;
	owner = file_owner_make(file);
	if (!owner)
		return -ENOMEM;
	owner->signal = (int)signal;
	return 0;
}

/* The commands on the owner, and on a lease. */
static s32 fcntl_owner(struct file *file, u32 fd, u32 command, u32 argument)
{
	switch (command) {
	case F_SETOWN:
		return set_owner_old(file, (s32)argument);
	case F_GETOWN:
		return get_owner_old(file);
	case F_SETOWN_EX:
		return set_owner_ex(file, argument);
	case F_GETOWN_EX:
		return get_owner_ex(file, argument);
	case F_GETOWNER_UIDS:
		return get_owner_users(file, argument);
	case F_SETSIG:
		return set_signal(file, argument);
	case F_GETSIG:
		return file->owner ? file->owner->signal : 0;
	case F_SETLEASE:
		return argument > LOCK_NONE ? -EINVAL
					    : lease_set(file, fd, (enum lock_type)argument);
	case F_GETLEASE:
		return (s32)lease_get(file);
	}
	return -EINVAL;
}

/* The commands on the open file. */
static s32 fcntl_file(struct file *file, u32 fd, u32 command, u32 argument)
{
	switch (command) {
	case F_GETFL:
		return (s32)file->flags;
	case F_SETFL:
		return set_status_flags(file, fd, argument);
	case F_GETLK:
	case F_SETLK:
	case F_SETLKW:
	case F_GETLK64:
	case F_SETLK64:
	case F_SETLKW64:
	case F_OFD_GETLK:
	case F_OFD_SETLK:
	case F_OFD_SETLKW:
		return fcntl_lock(fd, file, command, argument);
	case F_GETPIPE_SZ:
		return pipe_size(file);
	case F_SETPIPE_SZ:
		return pipe_set_size(file, argument);
	case F_ADD_SEALS:
		return seals_add(file, argument);
	case F_GET_SEALS:
		return seals_get(file);
	}
	return fcntl_owner(file, fd, command, argument);
}

/* The commands that do not look at the contents. */
static bool for_places(u32 command)
{
	return command == F_DUPFD || command == F_DUPFD_CLOEXEC || command == F_GETFD ||
	       command == F_SETFD || command == F_GETFL;
}

/* fcntl() too: here it also knows the commands with 64-bit locks. */
s32 sys_fcntl64(struct pt_regs *regs)
{
	u32 fd = regs->ebx, argument = regs->edx;
	struct file *file = fd_any(fd);
	s32 result;

	if (!file || (file_is_place(file) && !for_places(regs->ecx)))
		return -EBADF;
	switch (regs->ecx) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		/* Linux's errno for a number beyond the limit. */
		if (argument >= min(rlimit(RLIMIT_NOFILE), OPEN_MAX))
			return -EINVAL;
		return fd_duplicate(fd, argument, regs->ecx == F_DUPFD_CLOEXEC);
	case F_GETFD:
		return fd_close_on_exec(current->files, fd) ? FD_CLOEXEC : 0;
	case F_SETFD:
		fd_set_close_on_exec(current->files, fd, argument & FD_CLOEXEC);
		return 0;
	}
	file_get(file); /* another thread may close it meanwhile */
	result = fcntl_file(file, fd, regs->ecx, argument);
	file_put(file);
	return result;
}
