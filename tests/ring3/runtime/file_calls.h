/* SPDX-License-Identifier: MIT */
/*
 * The system calls about what files are and what programs are made of, in the way of syscall.h.
 * mapping.h has the older ones.
 */
#ifndef RING3_FILE_CALLS_H
#define RING3_FILE_CALLS_H

#include "abi/linux/termios.h"
#include "tests/ring3/runtime/mapping.h"

static inline long sys_link(const char *from, const char *to)
{
	return system_call(NR_link, (long)from, (long)to, 0, 0, 0, 0);
}

static inline long sys_linkat(int from_directory, const char *from, int directory, const char *to,
			      int flags)
{
	return system_call(NR_linkat, from_directory, (long)from, directory, (long)to, flags, 0);
}

static inline long sys_readlink(const char *path, char *buffer, u32 size)
{
	return system_call(NR_readlink, (long)path, (long)buffer, (long)size, 0, 0, 0);
}

static inline long sys_truncate(const char *path, long size)
{
	return system_call(NR_truncate, (long)path, size, 0, 0, 0, 0);
}

static inline long sys_stat64(const char *path, struct stat64 *stat)
{
	return system_call(NR_stat64, (long)path, (long)stat, 0, 0, 0, 0);
}

static inline long sys_lstat64(const char *path, struct stat64 *stat)
{
	return system_call(NR_lstat64, (long)path, (long)stat, 0, 0, 0, 0);
}

static inline long sys_fstatat64(int directory, const char *path, struct stat64 *stat, int flags)
{
	return system_call(NR_fstatat64, directory, (long)path, (long)stat, flags, 0, 0);
}

static inline long sys_statx(int directory, const char *path, int flags, u32 mask,
			     struct statx *stat)
{
	return system_call(NR_statx, directory, (long)path, flags, (long)mask, (long)stat, 0);
}

#endif
