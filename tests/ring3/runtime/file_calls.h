/* SPDX-License-Identifier: MIT */
/*
 * The system calls about what files are and what programs are made of, in the way of syscall.h.
 * mapping.h has the older ones.
 */
#ifndef RING3_FILE_CALLS_H
#define RING3_FILE_CALLS_H

#include "tests/ring3/runtime/mapping.h"

#define NR_LINK	     9
#define NR_FCNTL     55
#define NR_READLINK  85
#define NR_TRUNCATE  92
#define NR_STAT64    195
#define NR_LSTAT64   196
#define NR_FSTATAT64 300
#define NR_LINKAT    303
#define NR_STATX     383

#define ENOEXEC 8
#define EXDEV	18
#define ETXTBSY 26
#define ENOSPC	28
#define ESPIPE	29
#define SIGXFSZ 25

#define O_NONBLOCK  04000
#define O_DIRECT    040000
#define O_LARGEFILE 0100000

#define F_GETFL 3
#define F_SETFL 4

#define S_IFCHR 0020000
#define S_IFLNK 0120000

#define AT_FDCWD	    -100
#define AT_SYMLINK_NOFOLLOW 0x100
#define AT_EMPTY_PATH	    0x1000

#define STATX_BASIC_STATS 0x7ffu

#define TCGETS	   0x5401
#define TCSETS	   0x5402
#define TIOCSWINSZ 0x5414
#define FIONREAD   0x541b

/* Linux include/uapi/linux/stat.h. */
struct statx {
	u32 mask, block_size;
	u64 attributes;
	u32 links, uid, gid;
	u16 mode, unused;
	u64 inode, size, blocks, attributes_mask;
	struct {
		s64 seconds;
		u32 nanoseconds, unused;
	} access, birth, change, modify;
	u32 special_major, special_minor, major, minor;
	u64 more[14];
};

static inline long sys_link(const char *from, const char *to)
{
	return system_call(NR_LINK, (long)from, (long)to, 0, 0, 0, 0);
}

static inline long sys_linkat(int from_directory, const char *from, int directory, const char *to,
			      int flags)
{
	return system_call(NR_LINKAT, from_directory, (long)from, directory, (long)to, flags, 0);
}

static inline long sys_readlink(const char *path, char *buffer, u32 size)
{
	return system_call(NR_READLINK, (long)path, (long)buffer, (long)size, 0, 0, 0);
}

static inline long sys_truncate(const char *path, long size)
{
	return system_call(NR_TRUNCATE, (long)path, size, 0, 0, 0, 0);
}

static inline long sys_stat64(const char *path, struct stat64 *stat)
{
	return system_call(NR_STAT64, (long)path, (long)stat, 0, 0, 0, 0);
}

static inline long sys_lstat64(const char *path, struct stat64 *stat)
{
	return system_call(NR_LSTAT64, (long)path, (long)stat, 0, 0, 0, 0);
}

static inline long sys_fstatat64(int directory, const char *path, struct stat64 *stat, int flags)
{
	return system_call(NR_FSTATAT64, directory, (long)path, (long)stat, flags, 0, 0);
}

static inline long sys_statx(int directory, const char *path, int flags, u32 mask,
			     struct statx *stat)
{
	return system_call(NR_STATX, directory, (long)path, flags, (long)mask, (long)stat, 0);
}

#endif
