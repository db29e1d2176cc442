/* SPDX-License-Identifier: MIT */
/*
 * Extended attributes and handles of files. No file system here has any: the calls check what
 * they are given, and then answer as Linux for such a file system.
 */
#include "abi/linux/capability.h"
#include "abi/linux/errno.h"
#include "fs/file.h"
#include "fs/process.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/syscall/file/user_path.h"
#include "kernel/syscall/syscall.h"
#include "kernel/task/task.h"
#include "lib/string.h"
#include "mm/user_space/limits.h"

#define XATTR_NAME_MAX 255u
#define XATTR_SIZE_MAX 65536u
#define HANDLE_MAX     128u
#define CWD	       ((u32)AT_FDCWD)

/* The class of an attribute, by the beginning of its name. For PLAIN the file's rights count. */
enum class { OF_SYSTEM, OF_SECURITY, OF_TRUSTED, OF_USER, PLAIN };

/* 0, or the error of a name. */
static int check_name(vaddr_t from, enum class *class)
{
	static const char *const words[] = { "system.", "security.", "trusted.", "user." };
	char name[XATTR_NAME_MAX + 1];
	int length = strncpy_from_user(name, from, sizeof(name));

	if (length < 0)
		return length;
	if (!length || (u32)length > XATTR_NAME_MAX)
		return -ERANGE;
	for (*class = OF_SYSTEM; *class < PLAIN; ++*class)
		if (!strncmp(name, words[*class], strlen(words[*class])))
			break;
	return 0;
}

/*
 * What depends on the class: Linux's xattr_permission(). `rights`: MAY_READ or MAY_WRITE. Returns
 * 0, -errno, or 1: the file's rights decide.
 */
static int check_class(enum class class, u32 mode, bool owned, u32 rights)
{
	bool folder = (mode & S_IFMT) == S_IFDIR;
	int refused = rights & MAY_WRITE ? -EPERM : -ENODATA;

	if (class <= OF_SECURITY)
		return 0;
	if (class == OF_TRUSTED)
		return capable(CAP_SYS_ADMIN) ? 0 : refused;
	if (class == OF_USER && !folder && (mode & S_IFMT) != S_IFREG)
		return refused;
	if (class == OF_USER && folder && mode & S_ISVTX && rights & MAY_WRITE && !owned)
		return -EPERM;
	return 1;
}

/* May the process do this with the file? */
static int check_inode(struct inode *inode, enum class class, u32 rights)
{
	int err = rights ? check_class(class, inode->mode, inode_owned(inode), rights) : 0;

	return err > 0 ? inode_permission(inode, rights) : err;
}

/* The same with the file that a path leads to. */
static int check_path(vaddr_t path, u32 flags, enum class class, u32 rights)
{
	struct inode *inode;
	int err = user_inode(CWD, path, flags, &inode);

	if (err)
		return err;
	err = check_inode(inode, class, rights);
	inode_put(inode);
	return err;
}

/* A file without an inode is its owner's. AT_FDCWD is the current folder, as since Linux 6.13. */
static int check_descriptor(u32 fd, enum class class, u32 rights)
{
	const struct file *file = fd_file(fd);
	struct file_stat stat;
	bool owned;
	int err;

	if (fd == CWD)
		return check_inode(path_cwd(), class, rights);
	if (!file)
		return -EBADF;
	if (!rights)
		return 0;
	file_stat(file, &stat);
	owned = file->inode ? inode_owned(file->inode) : process_fsuid() == stat.uid;
	err = check_class(class, stat.mode, owned, rights);
	if (err <= 0)
		return err;
	if (file->inode)
		return inode_permission(file->inode, rights);
	return owned || capable(CAP_DAC_OVERRIDE) ? 0 : -EACCES;
}

static int check_value(vaddr_t from, u32 bytes)
{
	u8 part[64];

	for (u32 at = 0; at < bytes; at += sizeof(part))
		if (copy_from_user(part, from + at, min((u32)sizeof(part), bytes - at)))
			return -EFAULT;
	return 0;
}

/* flags: XATTR_CREATE, XATTR_REPLACE. All that is in user memory comes before the file. */
static int check_set(const struct pt_regs *regs, enum class *class)
{
	int err = regs->edi & ~3u ? -EINVAL : check_name(regs->ecx, class);

	if (!err && regs->esi > XATTR_SIZE_MAX)
		err = -E2BIG;
	return err ? err : check_value(regs->edx, regs->esi);
}

static s32 refuse(int err)
{
	return err ? err : -EOPNOTSUPP;
}

/* The same for a call that sets or removes it. */
static s32 refuse_change(int err, enum class class)
{
	return err ? err : class == OF_SECURITY && !capable(CAP_SYS_ADMIN) ? -EPERM : -EOPNOTSUPP;
}

static s32 set_by_path(const struct pt_regs *regs, u32 flags)
{
	enum class class;
	int err = check_set(regs, &class);

	if (!err)
		err = check_path(regs->ebx, flags, class, MAY_WRITE);
	return refuse_change(err, class);
}

s32 sys_setxattr(struct pt_regs *regs)
{
	return set_by_path(regs, 0);
}

s32 sys_lsetxattr(struct pt_regs *regs)
{
	return set_by_path(regs, AT_SYMLINK_NOFOLLOW);
}

s32 sys_fsetxattr(struct pt_regs *regs)
{
	enum class class;
	int err = check_set(regs, &class);

	if (!err)
		err = check_descriptor(regs->ebx, class, MAY_WRITE);
	return refuse_change(err, class);
}

static s32 by_path(const struct pt_regs *regs, u32 flags, u32 rights)
{
	enum class class;
	int err = check_name(regs->ecx, &class);

	if (!err)
		err = check_path(regs->ebx, flags, class, rights);
	return rights == MAY_WRITE ? refuse_change(err, class) : refuse(err);
}

static s32 by_descriptor(const struct pt_regs *regs, u32 rights)
{
	enum class class;
	int err = check_name(regs->ecx, &class);

	if (!err)
		err = check_descriptor(regs->ebx, class, rights);
	return rights == MAY_WRITE ? refuse_change(err, class) : refuse(err);
}

s32 sys_getxattr(struct pt_regs *regs)
{
	return by_path(regs, 0, MAY_READ);
}

s32 sys_lgetxattr(struct pt_regs *regs)
{
	return by_path(regs, AT_SYMLINK_NOFOLLOW, MAY_READ);
}

s32 sys_fgetxattr(struct pt_regs *regs)
{
	return by_descriptor(regs, MAY_READ);
}

s32 sys_removexattr(struct pt_regs *regs)
{
	return by_path(regs, 0, MAY_WRITE);
}

s32 sys_lremovexattr(struct pt_regs *regs)
{
	return by_path(regs, AT_SYMLINK_NOFOLLOW, MAY_WRITE);
}

s32 sys_fremovexattr(struct pt_regs *regs)
{
	return by_descriptor(regs, MAY_WRITE);
}

/* The list of names is empty. */
s32 sys_listxattr(struct pt_regs *regs)
{
	return check_path(regs->ebx, 0, PLAIN, 0);
}

s32 sys_llistxattr(struct pt_regs *regs)
{
	return check_path(regs->ebx, AT_SYMLINK_NOFOLLOW, PLAIN, 0);
}

s32 sys_flistxattr(struct pt_regs *regs)
{
	return check_descriptor(regs->ebx, PLAIN, 0);
}

s32 sys_name_to_handle_at(struct pt_regs *regs)
{
	struct inode *inode;
	u32 flags = regs->edi;
	int err;

	if (flags & ~(u32)(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	err = user_inode(regs->ebx, regs->ecx,
			 (flags & AT_EMPTY_PATH) |
				 (flags & AT_SYMLINK_FOLLOW ? 0 : AT_SYMLINK_NOFOLLOW),
			 &inode);
	if (!err)
		inode_put(inode);
	return refuse(err);
}

s32 sys_open_by_handle_at(struct pt_regs *regs)
{
	u32 head[2]; /* bytes, type */

	if (copy_from_user(head, regs->ecx, sizeof(head)))
		return -EFAULT;
	if (!head[0] || head[0] > HANDLE_MAX)
		return -EINVAL;
	if (!capable(CAP_DAC_READ_SEARCH))
		return -EPERM;
	return refuse(check_descriptor(regs->ebx, PLAIN, 0));
}
