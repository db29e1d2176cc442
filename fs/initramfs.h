/* SPDX-License-Identifier: MIT */
/*
 * The initramfs: a cpio archive in memory ("newc", 070701, or "crc", 070702: the same with a sum for each file; see
 * cpio(5) and Linux's Documentation/driver-api/early-userspace/buffer-format.rst), read in place.
 *
 * Paths are absolute; the archive's names may begin with "/", "./" or neither. Of two entries with one name the first counts.
 */
#ifndef FS_INITRAMFS_H
#define FS_INITRAMFS_H

#include "lib/types.h"

struct file;
struct inode;

struct initramfs_entry {
	const char *name; /* without a leading "/" or "./", ends in NUL */
	const void *data;
	u32 size;  /* bytes */
	u32 mode;  /* as st_mode */
	u32 ino;   /* which entry: its place in the archive */
	u32 mtime; /* seconds since 1970 */
};

/*
 * Checks the whole archive and keeps it: the memory stays the caller's and must stay as it is. Returns 0, or -EINVAL after a line
 * that says what is wrong and where; then there is no file. An empty archive (0 bytes) is fine.
 */
int initramfs_init(const void *archive, size_t bytes);

/* The entry of this path: 0, -ENOENT, or, filled in as well, -EISDIR for what is no regular file. */
int initramfs_find(const char *path, struct initramfs_entry *entry);

/* The entry that follows *cursor (0 at first) in the archive; false at the end. */
bool initramfs_next(size_t *cursor, struct initramfs_entry *entry);

/* A name in the archive goes through this directory, without a leading slash; it needs no entry of its own. */
bool initramfs_has_below(const char *directory);

/* --- fs/initramfs_file.c: files of the archive as objects --- */

/* Sets up the cache of inodes. */
void initramfs_files_init(void);

/*
 * The object of a regular file, which can be mapped, with a reference for the caller; all who ask while there are references get the same one. NULL: no
 * memory.
 */
struct inode *initramfs_inode(const struct initramfs_entry *entry);

/* Opens a file for reading: 0, -ENOMEM, or -ELOOP for what is neither file nor directory (links are not followed). */
int initramfs_open(const struct initramfs_entry *entry, struct file **file);

struct file_stat;
void initramfs_stat(const struct initramfs_entry *entry, struct file_stat *stat);

#endif
