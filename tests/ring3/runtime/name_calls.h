/* SPDX-License-Identifier: MIT */
/* The system calls on names, folders and rights, in the way of syscall.h. */
#ifndef RING3_NAME_CALLS_H
#define RING3_NAME_CALLS_H

#include "tests/ring3/runtime/syscall.h"

static inline long sys_mkdir(const char *path, u32 mode)
{
	return system_call(NR_mkdir, (long)path, (long)mode, 0, 0, 0, 0);
}

static inline long sys_mkdirat(int directory, const char *path, u32 mode)
{
	return system_call(NR_mkdirat, directory, (long)path, (long)mode, 0, 0, 0);
}

static inline long sys_mknod(const char *path, u32 mode, u32 device)
{
	return system_call(NR_mknod, (long)path, (long)mode, (long)device, 0, 0, 0);
}

static inline long sys_rmdir(const char *path)
{
	return system_call(NR_rmdir, (long)path, 0, 0, 0, 0, 0);
}

static inline long sys_unlinkat(int directory, const char *path, int flags)
{
	return system_call(NR_unlinkat, directory, (long)path, flags, 0, 0, 0);
}

static inline long sys_openat(int directory, const char *path, int flags, u32 mode)
{
	return system_call(NR_openat, directory, (long)path, flags, (long)mode, 0, 0);
}

static inline long sys_symlink(const char *target, const char *path)
{
	return system_call(NR_symlink, (long)target, (long)path, 0, 0, 0, 0);
}

static inline long sys_rename(const char *from, const char *to)
{
	return system_call(NR_rename, (long)from, (long)to, 0, 0, 0, 0);
}

static inline long sys_renameat(int from_directory, const char *from, int directory, const char *to)
{
	return system_call(NR_renameat, from_directory, (long)from, directory, (long)to, 0, 0);
}

static inline long sys_renameat2(int from_directory, const char *from, int directory,
				 const char *to, u32 flags)
{
	return system_call(NR_renameat2, from_directory, (long)from, directory, (long)to,
			   (long)flags, 0);
}

static inline long sys_chdir(const char *path)
{
	return system_call(NR_chdir, (long)path, 0, 0, 0, 0, 0);
}

static inline long sys_fchdir(int fd)
{
	return system_call(NR_fchdir, fd, 0, 0, 0, 0, 0);
}

static inline long sys_getcwd(char *buffer, u32 size)
{
	return system_call(NR_getcwd, (long)buffer, (long)size, 0, 0, 0, 0);
}

static inline long sys_getdents64(int fd, void *buffer, u32 size)
{
	return system_call(NR_getdents64, fd, (long)buffer, (long)size, 0, 0, 0);
}

static inline long sys_umask(u32 mask)
{
	return system_call(NR_umask, (long)mask, 0, 0, 0, 0, 0);
}

static inline long sys_chmod(const char *path, u32 mode)
{
	return system_call(NR_chmod, (long)path, (long)mode, 0, 0, 0, 0);
}

static inline long sys_chown(const char *path, u32 user, u32 group)
{
	return system_call(NR_chown32, (long)path, (long)user, (long)group, 0, 0, 0);
}

static inline long sys_execveat(int directory, const char *path, const char *const *argv,
				const char *const *envp, u32 flags)
{
	return system_call(NR_execveat, directory, (long)path, (long)argv, (long)envp, (long)flags,
			   0);
}

static inline long sys_access(const char *path, u32 rights)
{
	return system_call(NR_access, (long)path, (long)rights, 0, 0, 0, 0);
}

static inline long sys_fallocate(int fd, u32 mode, s64 offset, s64 length)
{
	return system_call(NR_fallocate, fd, (long)mode, (long)offset, (long)(offset >> 32),
			   (long)length, (long)(length >> 32));
}

static inline long sys_flock(int fd, int operation)
{
	return system_call(NR_flock, fd, operation, 0, 0, 0, 0);
}

static inline long sys_sendfile64(int out, int in, u64 *offset, u32 count)
{
	return system_call(NR_sendfile64, out, in, (long)offset, (long)count, 0, 0);
}

static inline long sys_copy_file_range(int in, u64 *in_offset, int out, u64 *out_offset, u32 count)
{
	return system_call(NR_copy_file_range, in, (long)in_offset, out, (long)out_offset,
			   (long)count, 0);
}

struct statfs;
struct statfs64;

static inline long sys_statfs(const char *path, struct statfs *stat)
{
	return system_call(NR_statfs, (long)path, (long)stat, 0, 0, 0, 0);
}

static inline long sys_statfs64(const char *path, u32 size, struct statfs64 *stat)
{
	return system_call(NR_statfs64, (long)path, (long)size, (long)stat, 0, 0, 0);
}

static inline long sys_fstatfs64(int fd, u32 size, struct statfs64 *stat)
{
	return system_call(NR_fstatfs64, fd, (long)size, (long)stat, 0, 0, 0);
}

#endif
