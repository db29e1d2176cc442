/* SPDX-License-Identifier: MIT */
/*
 * tmpfs: files that live in memory alone. Their contents are the page cache, which nothing writes back and nothing but truncation empties.
 *
 *   (1) an inode is in the table of names exactly while it has one (nlink is 1), and that name holds a reference to it;
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

/* Takes the name away from a file that has one. */
void tmpfs_unlink(struct inode *inode);

#endif
