/* SPDX-License-Identifier: MIT */
/*
 * tmpfs: files in memory only. Their contents are in the page cache, and in swap when memory is
 * short; only truncation and the end of the file free them.
 *
 * The root is a tmpfs too, as Linux's rootfs. At boot it gets the names of the initramfs
 * (fs/tmpfs/rootfs.c). The contents of those files stay where they are, in the archive:
 *
 *   archive (in memory) --readpage--> page cache of the inode --> mappings
 *                \------read()                    \--- pages that were written are kept
 *
 * A file system has at most half of the memory, as Linux's tmpfs; more is -ENOSPC. Its pages are
 * committed memory (mm/user_space/overcommit.h).
 *
 * A whole page that begins at a frame of the archive is mapped and written in place; any other is
 * copied when it is mapped or written. While the file was never open for writing, all its pages
 * can be filled again, and reclaim may drop the copies.
 */
#ifndef FS_TMPFS_TMPFS_H
#define FS_TMPFS_TMPFS_H

#include "fs/folder.h"

#define TMPFS_MAGIC 0x01021994u

#define TMPFS_OF(name, device)                                                          \
	{                                                                               \
		.type = (name), .dev = (device), .magic = TMPFS_MAGIC, .writable = true \
	}

/* The root, /dev and /dev/shm. A name cannot be linked or moved from one to another. */
extern struct file_system root_fs, device_fs, shm_fs;

/*
 * Makes an inode for a new name in this folder, which the process will own. `target`: of a
 * symbolic link, else NULL. Sets *made, with a reference. 0, -ENOSPC, -ENOMEM.
 */
int tmpfs_inode(const struct inode *folder, u32 mode, u32 rdev, const char *target,
		struct inode **made);

/* The operations of an open folder, of any file system. */
extern const struct file_operations folder_operations;

/* Gives a new regular file its contents. The caller keeps the archive as it is. */
void tmpfs_set_archive(struct inode *inode, const char *archive, u32 bytes);

/* An entry that was not made at boot, and is no folder that contains another one; or NULL. */
struct dentry *tmpfs_leftover(void);

/* Sets the limits, and registers the shrinker of pages that can be filled again. */
void tmpfs_init(void);

#endif
