/* SPDX-License-Identifier: MIT */
/*
 * tmpfs: files that live in memory alone. Their contents are the page cache, which nothing writes back and nothing but truncation empties.
 *
 *   name --\
 *   name ---> inode: its names, page cache      an open file or a mapping holds a reference too
 *
 *   (1) an inode has nlink names, each in the table of names and with a reference to it; mapping.name is one of them, or, where there are none any
 *       more, the last one with " (deleted)" behind it;
 *   (2) an inode lives until nobody has a name for it, has it open or maps it.
 */
#ifndef FS_TMPFS_H
#define FS_TMPFS_H

#include "fs/inode.h"

/* An empty file system. */
void tmpfs_init(void);

/* The file of a path without its leading slash, or NULL. No reference is taken. */
struct inode *tmpfs_find(const char *path);

/*
 * A new empty file with these permissions. The caller gets a reference; the name, which no other file has, another one. NULL: no
 * memory.
 */
struct inode *tmpfs_create(const char *path, u32 mode);

/* One of the names, with the leading slash, or NULL: there is none. */
const char *tmpfs_any_name(void);

/* One more name, which no other file has, for a file. 0, or -ENOENT for one that has no name any more, -ENOMEM. */
int tmpfs_link(struct inode *inode, const char *path);

/* Takes a name away, which a file has. */
void tmpfs_unlink(const char *path);

#endif
