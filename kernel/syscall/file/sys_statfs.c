/* SPDX-License-Identifier: MIT */
/* System calls that report the attributes of a file system. */
#include "abi/linux/errno.h"
#include "abi/linux/statfs.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/syscall/syscall.h"
#include "kernel/syscall/file/user_path.h"
#include "kernel/task/task.h"

#define ST_RDONLY   0x1u
#define ST_VALID    0x20 /* the flags are filled in */
#define ST_RELATIME 0x1000

/* The file systems of what was never in a folder. */
#define PIPEFS_MAGIC	    0x50495045u
#define ANON_INODE_FS_MAGIC 0x09041934u

static u32 magic_of(const struct file *file)
{
	if (!file || file->inode)
		return 0;
	return file->pipe ? PIPEFS_MAGIC : ANON_INODE_FS_MAGIC;
}

/* Takes over the reference. magic: 0, or in place of the file system's. */
static struct statfs64 describe(struct inode *inode, u32 magic)
{
	const struct file_system *fs = inode->fs;
	u32 free = fs->max_pages > fs->pages ? fs->max_pages - fs->pages : 0;
	u32 files_free = fs->max_inodes > fs->inodes ? fs->max_inodes - fs->inodes : 0;
	struct statfs64 out = {
		.type = magic ? magic : fs->magic,
		.block_size = PAGE_SIZE,
		.blocks = fs->max_pages,
		.blocks_free = free,
		.blocks_available = free,
		.files = fs->max_inodes,
		.files_free = files_free,
		.id = { fs->dev },
		.name_length = NAME_MAX,
		.fragment_size = PAGE_SIZE,
		.flags = ST_VALID | ST_RELATIME | (fs->readonly ? ST_RDONLY : 0),
	};

	inode_put(inode);
	return out;
}

static s32 put(struct inode *inode, u32 magic, vaddr_t to)
{
	struct statfs64 wide = describe(inode, magic);
	struct statfs out = {
		.type = wide.type,
		.block_size = wide.block_size,
		.blocks = (u32)wide.blocks,
		.blocks_free = (u32)wide.blocks_free,
		.blocks_available = (u32)wide.blocks_available,
		.files = (u32)wide.files,
		.files_free = (u32)wide.files_free,
		.id = { wide.id[0] },
		.name_length = wide.name_length,
		.fragment_size = wide.fragment_size,
		.flags = wide.flags,
	};

	return copy_to_user(to, &out, sizeof(out)) ? -EFAULT : 0;
}

static s32 put64(struct inode *inode, u32 magic, vaddr_t to)
{
	struct statfs64 out = describe(inode, magic);

	return copy_to_user(to, &out, sizeof(out)) ? -EFAULT : 0;
}

/* The inode of a descriptor; that of the root for a file that has none. */
static int any_inode(u32 fd, struct inode **inode)
{
	int err = place_inode(fd, inode);

	if (err == -EINVAL) { /* never in a folder */
		*inode = root_inode;
		inode_get(root_inode);
		err = 0;
	}
	return err;
}

s32 sys_statfs(struct pt_regs *regs)
{
	struct inode *inode;
	int err = user_inode((u32)AT_FDCWD, regs->ebx, 0, &inode);

	return err ? err : put(inode, 0, regs->ecx);
}

s32 sys_fstatfs(struct pt_regs *regs)
{
	struct inode *inode;
	int err = any_inode(regs->ebx, &inode);

	return err ? err : put(inode, magic_of(fd_any(regs->ebx)), regs->ecx);
}

/* The second argument is the size of the structure that the program knows. */
s32 sys_statfs64(struct pt_regs *regs)
{
	struct inode *inode;
	int err;

	if (regs->ecx != sizeof(struct statfs64))
		return -EINVAL;
	err = user_inode((u32)AT_FDCWD, regs->ebx, 0, &inode);
	return err ? err : put64(inode, 0, regs->edx);
}

s32 sys_fstatfs64(struct pt_regs *regs)
{
	struct inode *inode;
	int err;

	if (regs->ecx != sizeof(struct statfs64))
		return -EINVAL;
	err = any_inode(regs->ebx, &inode);
	return err ? err : put64(inode, magic_of(fd_any(regs->ebx)), regs->edx);
}
