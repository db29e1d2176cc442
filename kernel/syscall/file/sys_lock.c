/* SPDX-License-Identifier: MIT */
/* Locks on files: fcntl() with F_GETLK and its kin, and flock(). */
#include "abi/linux/errno.h"
#include "abi/linux/flock.h"
#include "fs/locks.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/task/task.h"
#include "kernel/syscall/file/sys_lock.h"
#include "kernel/syscall/syscall.h"

static int get_flock(struct flock64 *lock, vaddr_t from, bool wide)
{
	struct flock narrow;

	if (wide)
		return copy_from_user(lock, from, sizeof(*lock)) ? -EFAULT : 0;
	if (copy_from_user(&narrow, from, sizeof(narrow)))
		return -EFAULT;
	*lock = (struct flock64){ narrow.type, narrow.whence, narrow.start, narrow.length,
				  narrow.pid };
	return 0;
}

static int put_flock(const struct flock64 *lock, vaddr_t to, bool wide)
{
	struct flock narrow = { lock->type, lock->whence, (s32)lock->start,
				(s32)min(lock->length, (s64)INT32_MAX), lock->pid };

	if (wide)
		return copy_to_user(to, lock, sizeof(*lock)) ? -EFAULT : 0;
	if (lock->start > INT32_MAX)
		return -EOVERFLOW;
	return copy_to_user(to, &narrow, sizeof(narrow)) ? -EFAULT : 0;
}

/* The bytes that the program names. 0, -EINVAL, -EOVERFLOW. */
static int range_of(const struct file *file, const struct flock64 *from, struct file_lock *lock)
{
	s64 start = from->start, length = from->length, base = 0;

	if (from->whence == SEEK_CUR)
		base = (s64)file->position;
	else if (from->whence == SEEK_END)
		base = (s64)file->inode->mapping.i_size;
	else if (from->whence != SEEK_SET)
		return -EINVAL;
	if (start > INT64_MAX - base)
		return -EOVERFLOW;
	start += base;
	if (start < 0 || (length < 0 && start + length < 0))
		return -EINVAL;
	if (length > 0 && length - 1 > INT64_MAX - start)
		return -EOVERFLOW;
	lock->first = (u64)(length < 0 ? start + length : start);
	lock->last = (u64)(length < 0 ? start - 1 : length ? start + (length - 1) : INT64_MAX);
	return 0;
}

/* Fills the answer of F_GETLK. */
static void describe(struct flock64 *to, const struct file_lock *conflict)
{
	if (!conflict) {
		to->type = LOCK_NONE;
		return;
	}
	*to = (struct flock64){
		.type = (s16)conflict->type,
		.whence = SEEK_SET,
		.start = (s64)conflict->first,
		.length = conflict->last == LOCK_END ? 0
						     : (s64)(conflict->last - conflict->first + 1),
		.pid = conflict->pid,
	};
}

static s32 set_lock(u32 fd, struct file *file, const struct file_lock *lock, bool wait)
{
	s32 result = lock_set(file->inode, lock, wait);

	/*
	 * Another thread may have closed the descriptor during a wait: then no close would end
	 * this lock (Linux: fcntl_setlk()).
	 */
	if (result || lock->owner == file || fd_file(fd) == file)
		return result;
	locks_remove(file->inode, lock->owner);
	return -EBADF;
}

/* Is the file open for such a lock? */
static bool may_lock(const struct file *file, enum lock_type type)
{
	return type == LOCK_NONE || (type == LOCK_READ ? file_readable(file) : file_writable(file));
}

/* Checks what the program gives, in Linux's order. 0, -EINVAL, -EOVERFLOW, -EBADF. */
static int check_record(const struct file *file, const struct flock64 *from, bool ask, bool by_file,
			struct file_lock *lock)
{
	bool known = from->type >= 0 && from->type <= LOCK_NONE;
	int err;

	if (ask && !by_file && (!known || from->type == LOCK_NONE))
		return -EINVAL;
	err = range_of(file, from, lock);
	if (err)
		return err;
	if (!known)
		return -EINVAL;
	lock->type = (enum lock_type)from->type;
	if (!ask && !may_lock(file, lock->type))
		return -EBADF;
	return by_file && from->pid ? -EINVAL : 0;
}

static s32 record_lock(u32 fd, struct file *file, u32 command, vaddr_t argument)
{
	bool by_file = command >= F_OFD_GETLK, wide = command >= F_GETLK64;
	bool ask = command == F_GETLK || command == F_GETLK64 || command == F_OFD_GETLK;
	bool wait = command == F_SETLKW || command == F_SETLKW64 || command == F_OFD_SETLKW;
	struct file_lock lock = { .owner = by_file ? (const void *)file : current->files,
				  .pid = by_file ? LOCK_OF_FILE : current->tgid };
	struct flock64 flock;
	int err = get_flock(&flock, argument, wide);

	if (!err)
		err = check_record(file, &flock, ask, by_file, &lock);
	if (err)
		return err;
	if (!ask)
		return set_lock(fd, file, &lock, wait);
	/* F_OFD_GETLK with F_UNLCK, since Linux 6.5: a lock that this file has itself. */
	describe(&flock, lock.type == LOCK_NONE ? lock_own(file->inode, &lock)
						: lock_conflict(file->inode, &lock));
	return put_flock(&flock, argument, wide);
}

s32 fcntl_lock(u32 fd, struct file *file, u32 command, vaddr_t argument)
{
	s32 result;

	if (!file->inode)
		return -EINVAL;
	file_get(file); /* another thread may close it meanwhile */
	result = record_lock(fd, file, command, argument);
	file_put(file);
	return result;
}

/* A lock is changed by removing it first, as on Linux: another process may get it meanwhile. */
s32 sys_flock(struct pt_regs *regs)
{
	struct file *file = fd_file(regs->ebx);
	u32 operation = regs->ecx & ~(u32)LOCK_NB;
	struct file_lock lock = {
		.owner = file, .pid = current->tgid, .whole = true, .last = LOCK_END
	};
	s32 result;

	if (regs->ecx & LOCK_MAND) /* Linux has had none of these since 5.16, and says nothing */
		return 0;
	if (operation != LOCK_SH && operation != LOCK_EX && operation != LOCK_UN)
		return -EINVAL;
	if (!file)
		return -EBADF;
	if (!file->inode) /* it can have no lock */
		return operation == LOCK_UN ? 0 : -EBADF;
	lock.type = operation == LOCK_SH   ? LOCK_READ
		    : operation == LOCK_EX ? LOCK_WRITE
					   : LOCK_NONE;
	if (lock.type != LOCK_NONE && !file_readable(file) && !file_writable(file))
		return -EBADF;
	file_get(file);
	result = lock_set(file->inode, &lock, !(regs->ecx & LOCK_NB));
	file_put(file);
	return result;
}
