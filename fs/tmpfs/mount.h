/* SPDX-License-Identifier: MIT */
/*
 * mount(2): a new, empty tmpfs in place of a folder.
 *
 *   before   parent --entry--> folder
 *   after    parent --entry--> root of the new file system        mount->covered: folder
 *
 * So the path walk, "..", and inode_path() need not know of it: the entry leads to the root.
 *
 *   (1) the root of a mounted file system has mount_point set, and one name: the entry; or none,
 *       while another one is mounted over it;
 *   (2) mount->covered has no name in `names`, but keeps its links and the entry's reference;
 *   (3) the structure is freed with the last inode of the file system, which may be open after
 *       umount().
 */
#ifndef FS_TMPFS_MOUNT_H
#define FS_TMPFS_MOUNT_H

#include "fs/folder.h"

struct mount {
	struct list_head link; /* in tmpfs_mounts */
	struct file_system fs;
	struct inode *root, *covered;
};

/* Those of mount_tmpfs(), the oldest first. */
extern struct list_head tmpfs_mounts;

/* What the file system will have. 0: Linux's default. */
struct mount_options {
	u32 mode, max_pages, max_inodes;
	bool readonly;
};

/* Mounts over the folder. 0, -EBUSY: the folder cannot be covered, -ENOENT, -ENOMEM. */
int mount_tmpfs(struct inode *folder, const struct mount_options *options);

/* MS_REMOUNT. 0; -EINVAL: this is not the root of such a file system. */
int mount_change(const struct inode *root, bool readonly);

/*
 * umount(2). The caller holds one reference to the root. -EINVAL: it is none; -EBUSY: something
 * in it is in use. With `detach` that does not matter: names go, open files stay until closed.
 */
int mount_remove(struct inode *root, bool detach);

#endif
