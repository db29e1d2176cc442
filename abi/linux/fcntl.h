/* SPDX-License-Identifier: MIT */
/*
 * Open files: the flags of open(), fcntl(), access(), lseek() and of the `at` calls.
 *
 * Source: Linux include/uapi/asm-generic/fcntl.h, include/uapi/linux/fcntl.h, fs.h.
 */
#ifndef ABI_LINUX_FCNTL_H
#define ABI_LINUX_FCNTL_H

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
	O_ASYNC = 020000,
	O_DIRECT = 040000,
	O_LARGEFILE = 0100000,
	O_DIRECTORY = 0200000,
	O_NOFOLLOW = 0400000,
	O_NOATIME = 01000000,
	O_CLOEXEC = 02000000,
	O_PATH = 010000000,
	O_TMPFILE = 020000000, /* together with O_DIRECTORY */
};

enum fcntl_command {
	F_DUPFD = 0,
	F_GETFD = 1,
	F_SETFD = 2,
	F_GETFL = 3,
	F_SETFL = 4,
	F_GETLK = 5,
	F_SETLK = 6,
	F_SETLKW = 7,
	F_SETOWN = 8,
	F_GETOWN = 9,
	F_SETSIG = 10,
	F_GETSIG = 11,
	F_GETLK64 = 12,
	F_SETLK64 = 13,
	F_SETLKW64 = 14,
	F_SETOWN_EX = 15,
	F_GETOWN_EX = 16,
	F_GETOWNER_UIDS = 17,
	F_OFD_GETLK = 36,
	F_OFD_SETLK = 37,
	F_OFD_SETLKW = 38,
	F_SETLEASE = 1024,
	F_GETLEASE = 1025,
	F_DUPFD_CLOEXEC = 1030,
	F_SETPIPE_SZ = 1031,
	F_GETPIPE_SZ = 1032,
	F_ADD_SEALS = 1033,
	F_GET_SEALS = 1034,
};

enum {
	F_SEAL_SEAL = 0x1,
	F_SEAL_SHRINK = 0x2,
	F_SEAL_GROW = 0x4,
	F_SEAL_WRITE = 0x8,
	F_SEAL_FUTURE_WRITE = 0x10,
	F_SEAL_EXEC = 0x20,
};

/* openat2() */
enum {
	RESOLVE_NO_XDEV = 0x01,
	RESOLVE_NO_MAGICLINKS = 0x02,
	RESOLVE_NO_SYMLINKS = 0x04,
	RESOLVE_BENEATH = 0x08,
	RESOLVE_IN_ROOT = 0x10,
	RESOLVE_CACHED = 0x20,
};

/* memfd_create() */
enum {
	MFD_CLOEXEC = 0x1,
	MFD_ALLOW_SEALING = 0x2,
	MFD_NOEXEC_SEAL = 0x8,
	MFD_EXEC = 0x10,
};

enum { FD_CLOEXEC = 1 };

/* F_SETOWN_EX */
enum { F_OWNER_TID = 0, F_OWNER_PID = 1, F_OWNER_PGRP = 2 };

struct f_owner_ex {
	int type, pid;
};

/* As the C library of the host defines them, so that a host test can include both. */
#define SEEK_SET  0
#define SEEK_CUR  1
#define SEEK_END  2
#define SEEK_DATA 3
#define SEEK_HOLE 4
#define F_OK	  0
#define X_OK	  1
#define W_OK	  2
#define R_OK	  4

enum {
	AT_FDCWD = -100, /* the working directory */
	AT_SYMLINK_NOFOLLOW = 0x100,
	AT_REMOVEDIR = 0x200,
	AT_EACCESS = 0x200, /* the effective IDs */
	AT_SYMLINK_FOLLOW = 0x400,
	AT_NO_AUTOMOUNT = 0x800,
	AT_EMPTY_PATH = 0x1000, /* an empty path means the descriptor's own file */
	AT_STATX_SYNC_TYPE = 0x6000,
};

#endif
