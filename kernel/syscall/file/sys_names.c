/* SPDX-License-Identifier: MIT */
/* System calls that make, remove, change and read names. */
#include "fs/names.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/syscall/syscall.h"
#include "kernel/syscall/file/user_path.h"
#include "abi/linux/capability.h"
#include "abi/linux/errno.h"
#include "lib/string.h"
#include "mm/slab/slab.h"
#include "mm/user_space/limits.h"

#define CWD ((u32)AT_FDCWD)

static s32 make_at(u32 directory, vaddr_t from, u32 mode, u32 rdev)
{
	struct user_path path;
	int err = user_path(&path, directory, from);

	if (err)
		return err;
	err = path_make(path.base, path.text, mode & ~current_umask(), rdev);
	user_path_end(&path);
	return err;
}

s32 sys_mkdir(struct pt_regs *regs)
{
	return make_at(CWD, regs->ebx, S_IFDIR | (regs->ecx & 01777), 0);
}

s32 sys_mkdirat(struct pt_regs *regs)
{
	return make_at(regs->ebx, regs->ecx, S_IFDIR | (regs->edx & 01777), 0);
}

static s32 make_node(u32 directory, vaddr_t from, u32 mode, u32 rdev)
{
	switch (mode & S_IFMT) {
	case 0:
		mode |= S_IFREG;
		break;
	case S_IFREG:
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK:
		break;
	case S_IFDIR:
		return -EPERM;
	default:
		return -EINVAL;
	}
	return make_at(directory, from, mode & (S_IFMT | 07777), rdev);
}

s32 sys_mknod(struct pt_regs *regs)
{
	return make_node(CWD, regs->ebx, regs->ecx, regs->edx);
}

s32 sys_mknodat(struct pt_regs *regs)
{
	return make_node(regs->ebx, regs->ecx, regs->edx, regs->esi);
}

static s32 remove_at(u32 directory, vaddr_t from, bool folder)
{
	struct user_path path;
	int err = user_path(&path, directory, from);

	if (err)
		return err;
	err = folder ? path_rmdir(path.base, path.text) : path_unlink(path.base, path.text);
	user_path_end(&path);
	return err;
}

s32 sys_unlink(struct pt_regs *regs)
{
	return remove_at(CWD, regs->ebx, false);
}

s32 sys_rmdir(struct pt_regs *regs)
{
	return remove_at(CWD, regs->ebx, true);
}

s32 sys_unlinkat(struct pt_regs *regs)
{
	if (regs->edx & ~AT_REMOVEDIR)
		return -EINVAL;
	return remove_at(regs->ebx, regs->ecx, regs->edx & AT_REMOVEDIR);
}

static s32 link_at(u32 from_directory, vaddr_t from, u32 to_directory, vaddr_t to, u32 flags)
{
	struct user_path path;
	struct inode *inode;
	int err = user_inode(from_directory, from, flags, &inode);

	if (err)
		return err;
	err = user_path(&path, to_directory, to);
	if (!err) {
		err = inode_link(inode, path.base, path.text);
		user_path_end(&path);
	}
	inode_put(inode);
	return err;
}

s32 sys_link(struct pt_regs *regs)
{
	return link_at(CWD, regs->ebx, CWD, regs->ecx, AT_SYMLINK_NOFOLLOW);
}

s32 sys_linkat(struct pt_regs *regs)
{
	u32 flags = regs->edi;

	if (flags & ~(u32)(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	/*
	 * Not everyone who gets a descriptor may give its file a name. Linux since 6.10 also
	 * allows it to the process that opened the file; here a file does not know its opener's
	 * rights.
	 */
	return link_at(
		regs->ebx, regs->ecx, regs->edx, regs->esi,
		(capable(CAP_DAC_READ_SEARCH) || regs->ebx == CWD ? flags & AT_EMPTY_PATH : 0) |
			(flags & AT_SYMLINK_FOLLOW ? 0 : AT_SYMLINK_NOFOLLOW));
}

static s32 symlink_at(vaddr_t target, u32 directory, vaddr_t from)
{
	struct user_path text, path;
	int err = user_path(&text, CWD, target);

	if (err)
		return err;
	err = user_path(&path, directory, from);
	if (!err) {
		err = path_symlink(text.text, path.base, path.text);
		user_path_end(&path);
	}
	user_path_end(&text);
	return err;
}

s32 sys_symlink(struct pt_regs *regs)
{
	return symlink_at(regs->ebx, CWD, regs->ecx);
}

s32 sys_symlinkat(struct pt_regs *regs)
{
	return symlink_at(regs->ebx, regs->ecx, regs->edx);
}

static s32 rename_at(u32 from_directory, vaddr_t from, u32 to_directory, vaddr_t to, u32 flags)
{
	struct user_path old, new;
	int err = rename_check_flags(flags);

	if (!err)
		err = user_path(&old, from_directory, from);

	if (err)
		return err;
	err = user_path(&new, to_directory, to);
	if (!err) {
		err = path_rename(old.base, old.text, new.base, new.text, flags);
		user_path_end(&new);
	}
	user_path_end(&old);
	return err;
}

s32 sys_rename(struct pt_regs *regs)
{
	return rename_at(CWD, regs->ebx, CWD, regs->ecx, 0);
}

s32 sys_renameat(struct pt_regs *regs)
{
	return rename_at(regs->ebx, regs->ecx, regs->edx, regs->esi, 0);
}

s32 sys_renameat2(struct pt_regs *regs)
{
	return rename_at(regs->ebx, regs->ecx, regs->edx, regs->esi, regs->edi);
}

/* The text of a link that leads to an object. */
static s32 put_object_path(struct inode *link, vaddr_t to, u32 size)
{
	char *text = kmalloc(PATH_MAX, GFP_KERNEL);
	s32 length;

	if (!text)
		return -ENOMEM;
	length = link->operations->readlink(link, text, PATH_MAX);
	if (length >= 0) {
		length = min(length, (s32)size);
		length = copy_to_user(to, text, (u32)length) ? -EFAULT : length;
	}
	kfree(text);
	return length;
}

static s32 put_target(struct inode *link, vaddr_t to, u32 size)
{
	u32 length;

	if (!is_kind(link, S_IFLNK))
		return -EINVAL;
	inode_accessed(link);
	if (link->operations->readlink)
		return put_object_path(link, to, size);
	length = min((u32)strlen(link->target), size);
	return copy_to_user(to, link->target, length) ? -EFAULT : (s32)length;
}

static bool is_empty(vaddr_t path)
{
	char first;

	return !copy_from_user(&first, path, 1) && !first;
}

static s32 readlink_at(u32 directory, vaddr_t from, vaddr_t to, u32 size)
{
	struct inode *inode;
	s32 result;

	if ((s32)size <= 0)
		return -EINVAL;
	result = user_inode(directory, from, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, &inode);
	if (result) /* a descriptor that was never in a folder */
		return result == -EINVAL && is_empty(from) ? -ENOENT : result;
	result = put_target(inode, to, size);
	/* The descriptor itself, by an empty path, is no file here if it is no link (Linux). */
	if (result == -EINVAL && is_empty(from))
		result = -ENOENT;
	inode_put(inode);
	return result;
}

s32 sys_readlink(struct pt_regs *regs)
{
	return readlink_at(CWD, regs->ebx, regs->ecx, regs->edx);
}

s32 sys_readlinkat(struct pt_regs *regs)
{
	return readlink_at(regs->ebx, regs->ecx, regs->edx, regs->esi);
}
