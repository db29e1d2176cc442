/* SPDX-License-Identifier: MIT */
/*
 * The root and what always exists in it: folders, devices, /proc, and the names of the initramfs.
 */
#ifndef FS_TMPFS_ROOTFS_H
#define FS_TMPFS_ROOTFS_H

#include "fs/folder.h"

/* Makes the root with its folders, devices and /proc. Panics without memory. */
void rootfs_init(void);

/* Makes the names of the initramfs, after initramfs_init(). 0 or -ENOMEM. */
int rootfs_unpack(void);

/*
 * Makes an inode below a folder of the root; or finds it, if it is of the same kind. `path`
 * may have more components: missing folders between are made. Root owns them, and they are no
 * leftovers (fs/tmpfs/tmpfs.h). No reference. NULL: no memory, or another kind is there.
 */
struct inode *rootfs_make(const char *folder, const char *path, u32 mode);

/* The same in a folder that was found already. */
struct inode *rootfs_make_in(struct inode *folder, const char *path, u32 mode);

/* Makes a folder below the root that begins a file system of its own. Panics without memory. */
struct inode *rootfs_mount(const char *path, u32 mode, struct file_system *fs);

#endif
