/* SPDX-License-Identifier: MIT */
/*
 * Paths: which file system a name belongs to.
 *
 *   /proc/NAME         fs/proc.c
 *   /dev/NAME          fs/device.c
 *   names of the initramfs, files and directories; can't be changed
 *   /tmp, /dev/shm     directories of their own
 *   all other names in these directories and in the root: tmpfs
 */
#ifndef FS_NAMEI_H
#define FS_NAMEI_H

#include "fs/file.h"
#include "fs/initramfs.h"

enum path_kind {
	PATH_ABSENT, /* there is no such name, in a directory that is there */
	PATH_DIRECTORY,
	PATH_TMPFS,
	PATH_INITRAMFS,
	PATH_PROC,
	PATH_DEVICE,
};

struct path {
	enum path_kind kind;
	bool slash; /* ended in one: a directory is wanted */
	bool link;  /* /proc/self/exe: the rest says where it leads to */
	char name
		[PATH_MAX]; /* without the leading slash, ".", ".." and doubled slashes; the root is "" */
	struct inode *inode;	      /* PATH_TMPFS; no reference */
	struct initramfs_entry entry; /* PATH_INITRAMFS */
};

/*
 * Follows a path from the root. Returns 0; -ENOENT for the empty path or one through a directory that isn't there; -ENOTDIR for one through
 * a file, or for a file with a slash behind it; -ENAMETOOLONG.
 */
int path_lookup(const char *path, struct path *at);

/* The name lies in /proc. */
bool path_in_proc(const struct path *at);

#endif
