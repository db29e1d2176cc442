/* SPDX-License-Identifier: MIT */
/*
 * File attributes: st_mode, struct stat64 of the i386 and struct statx.
 *
 * Source: Linux include/uapi/linux/stat.h, arch/x86/include/uapi/asm/stat.h.
 */
#ifndef ABI_LINUX_STAT_H
#define ABI_LINUX_STAT_H

#include "abi/types.h"

enum {
	S_IFMT = 0170000,
	S_IFREG = 0100000,
	S_IFSOCK = 0140000,
	S_IFLNK = 0120000,
	S_IFBLK = 0060000,
	S_IFDIR = 0040000,
	S_IFCHR = 0020000,
	S_IFIFO = 0010000,
	S_ISUID = 04000,
	S_ISGID = 02000,
	S_ISVTX = 01000,
	S_IXGRP = 010,
	S_IXUGO = 0111,
};

struct stat64 {
	u64 dev;
	u32 pad0, ino32;
	u32 mode, nlink, uid, gid;
	u64 rdev;
	u32 pad1;
	u64 size; /* bytes */
	u32 blksize;
	u64 blocks;   /* of 512 bytes */
	u32 times[6]; /* access, modify and change time: seconds, nanoseconds */
	u64 ino;
} __packed __aligned(4);
_Static_assert(sizeof(struct stat64) == 96, "struct stat64 is not Linux's");

#define STATX_BASIC_STATS 0x7ffu
#define STATX__RESERVED	  0x80000000u

struct statx_time {
	s64 seconds;
	u32 nanoseconds, reserved;
};

struct statx {
	u32 mask, blksize;
	u64 attributes;
	u32 nlink, uid, gid;
	u16 mode, spare0;
	u64 ino, size, blocks, attributes_mask;
	struct statx_time atime, btime, ctime, mtime;
	u32 rdev_major, rdev_minor, dev_major, dev_minor;
	u64 spare[14];
};
_Static_assert(sizeof(struct statx) == 256, "struct statx is not Linux's");

#endif
