/* SPDX-License-Identifier: MIT */
/*
 * System calls on folders: the working directory, and reading names.
 *
 * A position in a folder is the number of the next name (fs/folder.h); 0 is "." and 1 is "..". So
 * it stays right while names come and go, and seekdir() may use it. It fits in 31 bits, because
 * the older struct dirent has no more.
 */
#include "abi/linux/dirent.h"
#include "abi/linux/errno.h"
#include "fs/events/inotify.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/process/fs_struct.h"
#include "kernel/syscall/syscall.h"
#include "kernel/syscall/file/user_path.h"
#include "lib/resched.h"
#include "lib/string.h"
#include "mm/slab/slab.h"

s32 sys_chdir(struct pt_regs *regs)
{
	struct inode *folder;
	int err = user_inode((u32)AT_FDCWD, regs->ebx, 0, &folder);

	return err ? err : fs_set_cwd(folder);
}

s32 sys_chroot(struct pt_regs *regs)
{
	struct inode *folder;
	int err = user_inode((u32)AT_FDCWD, regs->ebx, 0, &folder);

	return err ? err : fs_set_root(folder);
}

s32 sys_fchdir(struct pt_regs *regs)
{
	struct inode *folder;
	int err = place_inode(regs->ebx, &folder);

	if (err)
		return err == -EINVAL ? -ENOTDIR : err;
	return fs_set_cwd(folder);
}

/* A folder outside the process's root gets a path that is none, as on Linux. NULL: too long. */
static char *path_of_cwd(struct inode *folder, char *buffer)
{
	static const char outside[] = "(unreachable)";
	u32 length = sizeof(outside) - 1;
	char *path = inode_path(folder, buffer, PATH_MAX);

	if (!path || folder_lies_in(folder, path_root()))
		return path;
	if (path < buffer + length)
		return NULL;
	memcpy(path - length, outside, length);
	return path - length;
}

/* Returns the length with the NUL, as Linux's call does. */
s32 sys_getcwd(struct pt_regs *regs)
{
	char *buffer = kmalloc(PATH_MAX, GFP_KERNEL), *path;
	struct inode *folder = path_cwd(); /* after the pause: others may change it */
	s32 result;
	u32 bytes;

	if (!buffer)
		return -ENOMEM;
	path = path_of_cwd(folder, buffer);
	result = -ENAMETOOLONG;
	if (!folder->nlink) {
		result = -ENOENT;
	} else if (path) {
		bytes = (u32)strlen(path) + 1;
		if (bytes > regs->ecx)
			result = -ERANGE;
		else
			result = copy_to_user(regs->ebx, path, bytes) ? -EFAULT : (s32)bytes;
	}
	kfree(buffer);
	return result;
}

s32 sys_umask(struct pt_regs *regs)
{
	struct fs_struct *fs = fs_own();
	u32 old = current_umask();

	if (fs)
		fs->umask = regs->ebx & 0777;
	return (s32)old;
}

/* The next entry at *position, and the position after it. */
static bool next_entry(struct inode *folder, u32 *position, struct folder_entry *entry)
{
	if (*position >= FIRST_ORDER)
		return folder->operations->next ? folder->operations->next(folder, position, entry)
						: folder_next(folder, position, entry);
	entry->ino = (*position ? folder_parent(folder) : folder)->mapping.ino;
	entry->mode = S_IFDIR;
	entry->length = ++*position;
	memcpy(entry->text, "..", entry->length);
	entry->text[entry->length] = '\0';
	return true;
}

struct reader {
	struct folder_entry entry;
	vaddr_t to;
	u32 room; /* bytes */
};

/* Writes one record; its length, 0 if it does not fit, or -EFAULT. */
static s32 put_entry64(const struct reader *reader, u32 position)
{
	const struct folder_entry *entry = &reader->entry;
	struct dirent64 head = { .ino = entry->ino,
				 .offset = position,
				 .type = (u8)(entry->mode >> 12) };
	u32 head_bytes = offsetof(struct dirent64, name);

	head.bytes = (u16)ALIGN_UP(head_bytes + entry->length + 1, 8);
	if (head.bytes > reader->room)
		return 0;
	if (copy_to_user(reader->to, &head, head_bytes) ||
	    copy_to_user(reader->to + head_bytes, entry->text, entry->length + 1))
		return -EFAULT;
	return head.bytes;
}

/* The older record has the type behind the name, in its last byte. */
static s32 put_entry(const struct reader *reader, u32 position)
{
	const struct folder_entry *entry = &reader->entry;
	struct dirent head = { .ino = entry->ino, .offset = position };
	u8 type = (u8)(entry->mode >> 12);
	u32 head_bytes = offsetof(struct dirent, name);

	head.bytes = (u16)ALIGN_UP(head_bytes + entry->length + 2, 4);
	if (head.bytes > reader->room)
		return 0;
	if (copy_to_user(reader->to, &head, head_bytes) ||
	    copy_to_user(reader->to + head_bytes, entry->text, entry->length + 1) ||
	    copy_to_user(reader->to + head.bytes - 1, &type, 1))
		return -EFAULT;
	return head.bytes;
}

typedef s32 put_entry_t(const struct reader *reader, u32 position);

static s32 read_entries(struct file *file, struct reader *reader, put_entry_t *put)
{
	struct inode *folder = file->inode;
	u32 position = (u32)min(file->position, (u64)INT32_MAX), done = 0;
	s32 bytes = 0;

	if (!folder->nlink)
		return -ENOENT;
	inode_accessed(folder);
	while (next_entry(folder, &position, &reader->entry) && !task_killed()) {
		bytes = put(reader, position);
		if (!bytes)
			bytes = -EINVAL; /* if it is the first: there is no room for any */
		if (bytes < 0)
			break;
		file->position = position;
		reader->to += (u32)bytes;
		reader->room -= (u32)bytes;
		done += (u32)bytes;
		cond_resched();
	}
	if (done)
		inotify_tell(folder, IN_ACCESS);
	return done ? (s32)done : min(bytes, 0);
}

static s32 get_entries(struct pt_regs *regs, put_entry_t *put)
{
	struct file *file = fd_file(regs->ebx);
	struct reader *reader;
	s32 result;

	if (!file)
		return -EBADF;
	if (!file->inode || !is_kind(file->inode, S_IFDIR))
		return -ENOTDIR;
	file_get(file); /* another thread may close it meanwhile */
	reader = kmalloc(sizeof(*reader), GFP_KERNEL);
	result = -ENOMEM;
	if (reader) {
		reader->to = regs->ecx;
		reader->room = regs->edx;
		result = read_entries(file, reader, put);
	}
	file_put(file);
	kfree(reader);
	return result;
}

s32 sys_getdents(struct pt_regs *regs)
{
	return get_entries(regs, put_entry);
}

s32 sys_getdents64(struct pt_regs *regs)
{
	return get_entries(regs, put_entry64);
}
