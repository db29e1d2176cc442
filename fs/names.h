/* SPDX-License-Identifier: MIT */
/*
 * Making, removing and changing names: mknod(2), mkdir(2), symlink(2), link(2), unlink(2),
 * rmdir(2), rename(2). `base` is as in path_start(); modes already lack the umask's rights.
 *
 * All return 0 or -errno as Linux: those of the path walk, -EACCES, -EPERM, -EEXIST, -ENOSPC,
 * -ENOMEM, -EXDEV, ... An error changes nothing.
 */
#ifndef FS_NAMES_H
#define FS_NAMES_H

#include "fs/namei.h"

/* Makes a file, folder, FIFO, socket or device, by the kind in `mode`. */
int path_make(struct inode *base, const char *path, u32 mode, u32 rdev);
int path_symlink(const char *target, struct inode *base, const char *path);

/* A new name for an inode, which need not have one. */
int inode_link(struct inode *inode, struct inode *base, const char *path);

int path_unlink(struct inode *base, const char *path);
int path_rmdir(struct inode *base, const char *path);

enum { RENAME_NOREPLACE = 1, RENAME_EXCHANGE = 2 };

/* 0, or -EINVAL for flags that no rename has. */
int rename_check_flags(u32 flags);

int path_rename(struct inode *from_base, const char *from, struct inode *to_base, const char *to,
		u32 flags);

/*
 * Makes a regular file under the last component of a path, for open(). The name must be unused.
 * Sets *made, with a reference.
 */
int path_create(const struct nameidata *nd, u32 mode, struct inode **made);

/*
 * Makes a regular file without a name, that is shown as one that was removed from this folder. It
 * may get a name later if the caller sets `linkable`. Sets *made, with a reference.
 */
int make_nameless(struct inode *folder, const char *shown, u32 mode, struct inode **made);

/*
 * The entry of the last component. 0, or -errno and *dentry is NULL; -EPERM: it was not found
 * by a name in memory, so it cannot be removed.
 */
int name_entry(struct nameidata *nd, struct dentry **dentry);

/* May the process remove this entry from its folder? 0, -EACCES, -EPERM. */
int may_remove(const struct inode *folder, const struct inode *victim);

#endif
