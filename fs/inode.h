/* SPDX-License-Identifier: MIT */
/*
 * Inodes: files as objects, apart from their names. An inode lives as long as a name, an open file
 * or a mapping refers to it. Its contents are a page cache (mm/page_cache/filemap.h).
 */
#ifndef FS_INODE_H
#define FS_INODE_H

#include "abi/linux/fcntl.h"
#include "abi/linux/stat.h"
#include "mm/page_cache/filemap.h"

/* st_dev of file systems: numbers of unnamed devices, as in Linux. */
enum { INITRAMFS_DEV = 2, PROC_DEV = 4, DEVICES_DEV = 5, PIPE_DEV = 13, TMPFS_DEV = 16 };

/* Nanoseconds since 1970: last read, last change of the contents, last change of anything. */
struct file_times {
	u64 access, modify, change;
};

struct inode {
	struct address_space mapping;
	u32 mode;
	u32 nlink; /* number of names */
	struct file_times times;
};

static inline struct inode *inode_of(struct address_space *mapping)
{
	return container_of(mapping, struct inode, mapping);
}

/* The result of stat(2). */
struct file_stat {
	u32 dev, ino, mode, nlink, rdev;
	u64 size;   /* bytes */
	u64 blocks; /* allocated, of 512 bytes */
	struct file_times times;
};

/* Sets all three times to `time`. */
static inline struct file_times times_all(u64 time)
{
	return (struct file_times){ time, time, time };
}

void inode_stat(const struct inode *inode, struct file_stat *stat);

/* The 32-bit FNV-1a hash (Fowler, Noll, Vo). */
static inline u32 name_hash(const char *name)
{
	u32 hash = 2166136261u;

	while (*name)
		hash = (hash ^ (u8)*name++) * 16777619u;
	return hash;
}

#endif
