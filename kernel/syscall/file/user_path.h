/* SPDX-License-Identifier: MIT */
/*
 * Paths from ring 3. Most are short; a longer one, of up to PATH_MAX bytes, gets memory of its
 * own: it would not fit on a kernel stack.
 */
#ifndef KERNEL_SYSCALL_FILE_USER_PATH_H
#define KERNEL_SYSCALL_FILE_USER_PATH_H

#include "fs/namei.h"

#define PATH_SHORT 80u

struct user_path {
	struct inode *base; /* where it begins, with a reference; NULL: the cwd */
	const char *text;
	u32 length;
	char few[PATH_SHORT];
};

/*
 * Copies a path. `directory` is the descriptor of an `at` call, or AT_FDCWD. 0; then end it with
 * user_path_end(). Or -EFAULT, -ENOENT for an empty path, -ENAMETOOLONG, -ENOMEM, -EBADF.
 */
int user_path(struct user_path *path, u32 directory, vaddr_t from);

/* The same for a path that begins at the directory even with a "/": RESOLVE_IN_ROOT. */
int user_path_below(struct user_path *path, u32 directory, vaddr_t from);

void user_path_free(const struct user_path *path);

static inline void user_path_end(const struct user_path *path)
{
	if (unlikely(path->base || path->text != path->few))
		user_path_free(path);
}

/*
 * The inode of a path, with a reference. `flags`: AT_SYMLINK_NOFOLLOW, and AT_EMPTY_PATH: an empty
 * path means the descriptor's own file, or the cwd.
 */
int user_inode(u32 directory, vaddr_t from, u32 flags, struct inode **inode);

/*
 * The inode of a descriptor, with a reference. 0, -EBADF, or -EINVAL if it has none. The second
 * one finds places too (O_PATH).
 */
int descriptor_inode(u32 fd, struct inode **inode);
int place_inode(u32 fd, struct inode **inode);

#endif
