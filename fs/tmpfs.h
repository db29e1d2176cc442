/* SPDX-License-Identifier: MIT */
/*
 * tmpfs: files in memory only. Their contents are in the page cache, and in swap when
 * memory is short; only truncation and the end of the file free them.
 *
 *   name --\
 *   name ---> inode: its names, page cache      open files and mappings hold references too
 *
 *   (1) an inode has nlink names; each is in the table of names and holds a reference;
 *       mapping.name is one of them, or without names the last one followed by " (deleted)";
 *   (2) an inode is freed when it has no name, no open file and no mapping.
 */
#ifndef FS_TMPFS_H
#define FS_TMPFS_H

#include "fs/inode.h"

/* Makes an empty file system. */
void tmpfs_init(void);

/* The file of a path (without the leading slash), or NULL. Takes no reference. */
struct inode *tmpfs_find(const char *path);

/*
 * Makes an empty file with these permissions. The name must be unused. It holds one reference,
 * the caller gets another. NULL: no memory.
 */
struct inode *tmpfs_create(const char *path, u32 mode);

/* Any name in the table, with the leading slash, or NULL if it is empty. */
const char *tmpfs_any_name(void);

/* Adds an unused name to a file. 0, -ENOENT if the file has no name any more, or -ENOMEM. */
int tmpfs_link(struct inode *inode, const char *path);

/* Removes a name, which must exist. */
void tmpfs_unlink(const char *path);

#endif
