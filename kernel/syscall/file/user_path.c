/* SPDX-License-Identifier: MIT */
#include "kernel/syscall/file/user_path.h"
#include "abi/linux/errno.h"
#include "abi/linux/fcntl.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/task/task.h"
#include "mm/slab/slab.h"

static noinline int copy_long(struct user_path *path, vaddr_t from)
{
	char *text = kmalloc(PATH_MAX, GFP_KERNEL);
	int length;

	if (!text)
		return -ENOMEM;
	length = strncpy_from_user(text, from, PATH_MAX);
	if (length < 0 || length == PATH_MAX) {
		kfree(text);
		return length < 0 ? length : -ENAMETOOLONG;
	}
	path->text = text;
	path->length = (u32)length;
	return 0;
}

static inline int copy(struct user_path *path, vaddr_t from)
{
	int length = strncpy_from_user(path->few, from, PATH_SHORT);

	path->text = path->few;
	path->length = (u32)length;
	if (length < 0)
		return length;
	if (!length)
		return -ENOENT;
	return likely(length < (int)PATH_SHORT) ? 0 : copy_long(path, from);
}

/* Sets the base of a path that does not begin at the cwd. */
static noinline int find_base(struct user_path *path, u32 directory)
{
	int err = place_inode(directory, &path->base);

	if (!err && !is_kind(path->base, S_IFDIR))
		err = -EINVAL;
	if (err)
		user_path_end(path);
	return err == -EINVAL ? -ENOTDIR : err;
}

static inline int begin(struct user_path *path, u32 directory, vaddr_t from)
{
	int err = copy(path, from);

	path->base = NULL;
	if (unlikely(err))
		return err;
	if (likely(path->text[0] == '/' || (int)directory == AT_FDCWD))
		return 0;
	return find_base(path, directory);
}

int user_path(struct user_path *path, u32 directory, vaddr_t from)
{
	return begin(path, directory, from);
}

int user_path_below(struct user_path *path, u32 directory, vaddr_t from)
{
	int err = copy(path, from);

	path->base = NULL;
	return err || (int)directory == AT_FDCWD ? err : find_base(path, directory);
}

void user_path_free(const struct user_path *path)
{
	if (path->base)
		inode_put(path->base);
	if (path->text != path->few)
		kfree((void *)path->text);
}

static int own_inode(u32 directory, struct inode **inode)
{
	if ((int)directory != AT_FDCWD)
		return place_inode(directory, inode);
	*inode = path_cwd();
	inode_get(*inode);
	return 0;
}

int user_inode(u32 directory, vaddr_t from, u32 flags, struct inode **inode)
{
	struct user_path path;
	int err = begin(&path, directory, from);

	if (unlikely(err))
		return err == -ENOENT && flags & AT_EMPTY_PATH ? own_inode(directory, inode) : err;
	*inode = path_quick(path.base, path.text, path.length);
	if (unlikely(!*inode))
		err = path_resolve(path.base, path.text,
				   flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW, inode);
	user_path_end(&path);
	return err;
}

static int inode_of_file(const struct file *file, struct inode **inode)
{
	if (!file)
		return -EBADF;
	if (!file->inode)
		return -EINVAL;
	*inode = file->inode;
	inode_get(*inode);
	return 0;
}

int descriptor_inode(u32 fd, struct inode **inode)
{
	return inode_of_file(fd_file(fd), inode);
}

int place_inode(u32 fd, struct inode **inode)
{
	return inode_of_file(fd_any(fd), inode);
}
