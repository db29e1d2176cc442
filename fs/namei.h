/* SPDX-License-Identifier: MIT */
/*
 * Path lookup: from a path to a file system and a file in it.
 *
 *   /proc/NAME         fs/proc.c
 *   /dev/NAME          fs/device.c
 *   /tmp, /dev/shm     directories that always exist
 *   names of files and directories of the initramfs, which is read-only
 *   all other names in existing directories: tmpfs
 */
#ifndef FS_NAMEI_H
#define FS_NAMEI_H

#include "fs/file.h"
#include "fs/initramfs.h"

enum path_kind {
	PATH_ABSENT, /* no such name, but its directory exists */
	PATH_DIRECTORY,
	PATH_TMPFS,
	PATH_INITRAMFS,
	PATH_PROC,
	PATH_DEVICE,
};

struct path {
	enum path_kind kind;
	bool slash;		      /* the path ended in a slash: it must be a directory */
	bool link;		      /* /proc/self/exe: the other members are the link's target */
	char name[PATH_MAX];	      /* normalised, without the leading slash; the root is "" */
	struct inode *inode;	      /* PATH_TMPFS; no reference */
	struct initramfs_entry entry; /* PATH_INITRAMFS */
};

/*
 * Follows a path from the root. Returns 0; -ENOENT for an empty path or a missing directory;
 * -ENOTDIR if a component but the last, or before a slash, is a file; -ENAMETOOLONG.
 */
int path_lookup(const char *path, struct path *at);

/* True if the path is in /proc. */
bool path_in_proc(const struct path *at);

#endif
