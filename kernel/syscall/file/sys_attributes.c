/* SPDX-License-Identifier: MIT */
/* System calls on a file's rights, owner and times. */
#include "abi/linux/errno.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/task/task.h"
#include "kernel/syscall/time/sys_time.h"
#include "kernel/syscall/syscall.h"
#include "kernel/syscall/file/user_path.h"
#include "lib/math64.h"

#define CWD ((u32)AT_FDCWD)

/* access() asks for the real IDs, and for the capabilities that go with them. */
static struct file_ids real_ids(void)
{
	const struct thread_group *own = current->group;
	struct file_ids real = { own->user.real, own->groups.ids.real, own->caps.effective };

	if (!(own->caps.secure & SECBIT_NO_SETUID_FIXUP))
		real.capabilities = real.user ? 0 : own->caps.permitted;
	return real;
}

/* The file is looked up with these IDs: those of the process stay, for its other threads. */
static s32 check_access(u32 directory, vaddr_t from, u32 rights, u32 flags)
{
	const struct file_ids real = real_ids();
	struct inode *inode;
	int err;

	if (rights & ~(u32)(R_OK | W_OK | X_OK) ||
	    flags & ~(u32)(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (!(flags & AT_EACCESS))
		current->file_ids = &real;
	err = user_inode(directory, from, flags, &inode);
	if (!err) {
		err = inode_permission(inode, rights);
		inode_put(inode);
	}
	current->file_ids = NULL;
	return err;
}

s32 sys_access(struct pt_regs *regs)
{
	return check_access(CWD, regs->ebx, regs->ecx, 0);
}

s32 sys_faccessat(struct pt_regs *regs)
{
	return check_access(regs->ebx, regs->ecx, regs->edx, 0);
}

s32 sys_faccessat2(struct pt_regs *regs)
{
	return check_access(regs->ebx, regs->ecx, regs->edx, regs->esi);
}

/* What chmod() and chown() do with the inode that they found, with one or two values. */
typedef int change_t(struct inode *inode, u32 first, u32 second);

static int change_mode(struct inode *inode, u32 mode, u32 unused)
{
	(void)unused;
	return is_kind(inode, S_IFLNK) ? -EOPNOTSUPP : inode_chmod(inode, mode);
}

static s32 change_at(u32 directory, vaddr_t from, u32 flags, change_t *change, u32 first,
		     u32 second)
{
	struct inode *inode;
	int err;

	if (flags & ~(u32)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	err = user_inode(directory, from, flags, &inode);
	if (err)
		return err;
	err = change(inode, first, second);
	inode_put(inode);
	return err;
}

static s32 change_descriptor(u32 fd, change_t *change, u32 first, u32 second)
{
	struct inode *inode;
	int err = descriptor_inode(fd, &inode);

	if (err)
		return err == -EINVAL ? -EOPNOTSUPP : err; /* never in a folder */
	err = change(inode, first, second);
	inode_put(inode);
	return err;
}

s32 sys_chmod(struct pt_regs *regs)
{
	return change_at(CWD, regs->ebx, 0, change_mode, regs->ecx, 0);
}

s32 sys_fchmodat(struct pt_regs *regs)
{
	return change_at(regs->ebx, regs->ecx, 0, change_mode, regs->edx, 0);
}

s32 sys_fchmodat2(struct pt_regs *regs)
{
	return change_at(regs->ebx, regs->ecx, regs->esi, change_mode, regs->edx, 0);
}

s32 sys_fchmod(struct pt_regs *regs)
{
	return change_descriptor(regs->ebx, change_mode, regs->ecx, 0);
}

/* The older calls have IDs of 16 bits; all ones mean "unchanged". */
static u32 wide_id(u32 id)
{
	return (u16)id == UINT16_MAX ? UINT32_MAX : (u16)id;
}

s32 sys_chown(struct pt_regs *regs)
{
	return change_at(CWD, regs->ebx, 0, inode_chown, wide_id(regs->ecx), wide_id(regs->edx));
}

s32 sys_lchown(struct pt_regs *regs)
{
	return change_at(CWD, regs->ebx, AT_SYMLINK_NOFOLLOW, inode_chown, wide_id(regs->ecx),
			 wide_id(regs->edx));
}

s32 sys_fchown(struct pt_regs *regs)
{
	return change_descriptor(regs->ebx, inode_chown, wide_id(regs->ecx), wide_id(regs->edx));
}

s32 sys_chown32(struct pt_regs *regs)
{
	return change_at(CWD, regs->ebx, 0, inode_chown, regs->ecx, regs->edx);
}

s32 sys_lchown32(struct pt_regs *regs)
{
	return change_at(CWD, regs->ebx, AT_SYMLINK_NOFOLLOW, inode_chown, regs->ecx, regs->edx);
}

s32 sys_fchown32(struct pt_regs *regs)
{
	return change_descriptor(regs->ebx, inode_chown, regs->ecx, regs->edx);
}

s32 sys_fchownat(struct pt_regs *regs)
{
	return change_at(regs->ebx, regs->ecx, regs->edi, inode_chown, regs->edx, regs->esi);
}

struct two_times {
	u64 access, modify;
	bool wrong; /* not times: -EINVAL, if there is such a file */
};

/* A pipe keeps no times. The others without an inode are root's, and refuse them. */
static int set_times_without_inode(const struct file *file, const struct two_times *times)
{
	bool both_now = times->access == TIME_NOW && times->modify == TIME_NOW;
	struct file_stat stat;
	bool owned;

	if (times->wrong)
		return -EINVAL;
	file_stat(file, &stat);
	owned = process_fsuid() == stat.uid || capable(CAP_FOWNER);
	if (!owned && both_now)
		return -EACCES;
	if (!file->pipe)
		return -EOPNOTSUPP;
	return owned ? 0 : -EPERM;
}

static s32 set_times_at(u32 directory, vaddr_t from, const struct two_times *times, u32 flags)
{
	struct inode *inode;
	int err;

	/* Without a path, the descriptor's own file. */
	if (!from && directory != CWD && !flags && fd_file(directory) && !fd_file(directory)->inode)
		return set_times_without_inode(fd_file(directory), times);
	if (!from && directory != CWD)
		err = flags ? -EINVAL : descriptor_inode(directory, &inode);
	else
		err = user_inode(directory, from, flags, &inode);
	if (err)
		return err;
	err = times->wrong ? -EINVAL : inode_set_times(inode, times->access, times->modify);
	inode_put(inode);
	return err;
}

static const struct two_times both_now = { TIME_NOW, TIME_NOW, false };

/* Whole seconds. */
s32 sys_utime(struct pt_regs *regs)
{
	struct two_times times = both_now;
	u32 seconds[2];

	if (regs->ecx && copy_from_user(seconds, regs->ecx, sizeof(seconds)))
		return -EFAULT;
	if (regs->ecx)
		times = (struct two_times){ (u64)seconds[0] * NSEC_PER_SEC,
					    (u64)seconds[1] * NSEC_PER_SEC, false };
	return set_times_at(CWD, regs->ebx, &times, 0);
}

/* Seconds and microseconds. */
static int read_timevals(vaddr_t from, struct two_times *times)
{
	struct timeval values[2];

	*times = both_now;
	if (!from)
		return 0;
	if (copy_from_user(values, from, sizeof(values)))
		return -EFAULT;
	for (int i = 0; i < 2; i++)
		if ((u32)values[i].microseconds >= 1000000)
			return -EINVAL;
	times->access =
		(u64)(s64)values[0].seconds * NSEC_PER_SEC + (u32)values[0].microseconds * 1000u;
	times->modify =
		(u64)(s64)values[1].seconds * NSEC_PER_SEC + (u32)values[1].microseconds * 1000u;
	return 0;
}

s32 sys_utimes(struct pt_regs *regs)
{
	struct two_times times;
	int err = read_timevals(regs->ecx, &times);

	return err ? err : set_times_at(CWD, regs->ebx, &times, 0);
}

s32 sys_futimesat(struct pt_regs *regs)
{
	struct two_times times;
	int err = read_timevals(regs->edx, &times);

	return err ? err : set_times_at(regs->ebx, regs->ecx, &times, 0);
}

#define UTIME_NOW  ((1u << 30) - 1)
#define UTIME_OMIT ((1u << 30) - 2)

/* Is it a time? -EFAULT. */
static int read_utime(vaddr_t from, bool wide, u64 *time)
{
	struct timespec64 value = { 0 };
	struct timespec narrow;

	if (wide ? copy_from_user(&value, from, sizeof(value))
		 : copy_from_user(&narrow, from, sizeof(narrow)))
		return -EFAULT;
	if (!wide)
		value = (struct timespec64){ .seconds = narrow.seconds,
					     .nanoseconds = (u32)narrow.nanoseconds };
	*time = (u64)value.seconds * NSEC_PER_SEC + (u32)value.nanoseconds;
	if ((u32)value.nanoseconds == UTIME_NOW)
		*time = TIME_NOW;
	else if ((u32)value.nanoseconds == UTIME_OMIT)
		*time = TIME_OMIT;
	else
		return (u32)value.nanoseconds < NSEC_PER_SEC;
	return true;
}

/* utimensat() with 32-bit times, and with 64-bit ones. */
s32 sys_utimensat(struct pt_regs *regs)
{
	bool wide = has_wide_times(regs);
	struct two_times times = both_now;
	u32 bytes = wide ? sizeof(struct timespec64) : sizeof(struct timespec);
	int access = 1, modify = 1;

	if (regs->edx)
		access = read_utime(regs->edx, wide, &times.access);
	if (access >= 0 && regs->edx)
		modify = read_utime(regs->edx + bytes, wide, &times.modify);
	if (access < 0 || modify < 0)
		return -EFAULT;
	/* As on Linux, then nothing else is looked at. */
	if (times.access == TIME_OMIT && times.modify == TIME_OMIT)
		return 0;
	if (regs->esi & ~(u32)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	times.wrong = !access || !modify;
	return set_times_at(regs->ebx, regs->ecx, &times, regs->esi);
}
