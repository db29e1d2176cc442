/* SPDX-License-Identifier: MIT */
/*
 * The initramfs: the first files, before there is any disk.
 *
 * It is a cpio archive in memory, read in place: "newc" (070701), or "crc" (070702), the same
 * with a checksum for each file (cpio(5); Linux's Documentation/driver-api/early-
 * userspace/buffer-format.rst). Names in the archive may begin with "/", "./" or neither. Of two
 * entries with the same name the first counts.
 */
#ifndef FS_TMPFS_INITRAMFS_H
#define FS_TMPFS_INITRAMFS_H

#include "lib/types.h"

struct initramfs_entry {
	const char *name; /* without a leading "/" or "./", ends in NUL */
	const void *data;
	u32 size;      /* bytes */
	u32 name_size; /* bytes, with the NUL and others that may follow it */
	u32 mode;      /* as st_mode */
	u32 ino;       /* the entry's place in the archive */
	u32 mtime;     /* seconds since 1970 */
};

/*
 * Checks the whole archive and uses it from then on. The caller owns the memory and must not
 * change or free it. Returns 0, or -EINVAL after a log line with error and position; then there
 * are no files. An empty archive (0 bytes) is valid.
 */
int initramfs_init(const void *archive, size_t bytes);

/* Finds the entry of a path. 0, -ENOENT, or -EISDIR for no regular file (*entry filled too). */
int initramfs_find(const char *path, struct initramfs_entry *entry);

/* The entry that follows *cursor (0 at first) in the archive; false at the end. */
bool initramfs_next(size_t *cursor, struct initramfs_entry *entry);

#endif
