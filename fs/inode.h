/* SPDX-License-Identifier: MIT */
/*
 * Inodes: files as objects, apart from their names. An inode lives as long as a name, an open file
 * or a mapping refers to it. Its contents are a page cache (mm/page_cache/filemap.h).
 */
#ifndef FS_INODE_H
#define FS_INODE_H

#include "mm/page_cache/filemap.h"

/* st_mode (Linux include/uapi/linux/stat.h). */
enum {
	S_IFMT = 0170000,
	S_IFREG = 0100000,
	S_IFDIR = 0040000,
	S_IFCHR = 0020000,
	S_IXUGO = 0111,
	S_IFLNK = 0120000,
};

/* open()'s flags (Linux include/uapi/asm-generic/fcntl.h). */
enum {
	O_RDONLY = 0,
	O_WRONLY = 01,
	O_RDWR = 02,
	O_ACCMODE = 03,
	O_CREAT = 0100,
	O_EXCL = 0200,
	O_NOCTTY = 0400,
	O_TRUNC = 01000,
	O_APPEND = 02000,
	O_NONBLOCK = 04000,
	O_DIRECT = 040000,
	O_LARGEFILE = 0100000,
	O_DIRECTORY = 0200000,
	O_NOFOLLOW = 0400000,
	O_NOATIME = 01000000,
	O_CLOEXEC = 02000000,
	O_TMPFILE = 020000000, /* used together with O_DIRECTORY */
};

/* st_dev of file systems: numbers of unnamed devices, as in Linux. */
enum { INITRAMFS_DEV = 2, PROC_DEV = 4, DEVICES_DEV = 5, TMPFS_DEV = 16 };

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

/*
 * Updates the access time as Linux's mount option relatime: only if it is not later than the last
 * change, or a day old.
 */
void inode_accessed(struct inode *inode);

/* Updates the times after a change of the contents. */
void inode_modified(struct inode *inode);

/* The 32-bit FNV-1a hash (Fowler, Noll, Vo). */
static inline u32 name_hash(const char *name)
{
	u32 hash = 2166136261u;

	while (*name)
		hash = (hash ^ (u8)*name++) * 16777619u;
	return hash;
}

#endif
