/* SPDX-License-Identifier: MIT */
/*
 * The Linux i386 system calls on mappings, files and shared memory, in the manner of syscall.h.
 */
#ifndef RING3_MAPPING_H
#define RING3_MAPPING_H

#include "abi/linux/shm.h"
#include "abi/linux/stat.h"
#include "tests/ring3/runtime/syscall.h"

static inline long sys_open_mode(const char *path, int flags, u32 mode)
{
	return system_call(NR_open, (long)path, flags, (long)mode, 0, 0, 0);
}

static inline long sys_creat(const char *path, u32 mode)
{
	return system_call(NR_creat, (long)path, (long)mode, 0, 0, 0, 0);
}

static inline long sys_unlink(const char *path)
{
	return system_call(NR_unlink, (long)path, 0, 0, 0, 0, 0);
}

static inline long sys_ftruncate(int fd, long length)
{
	return system_call(NR_ftruncate, fd, length, 0, 0, 0, 0);
}

static inline long sys_ftruncate64(int fd, u64 length)
{
	return system_call(NR_ftruncate64, fd, (long)(u32)length, (long)(u32)(length >> 32), 0, 0,
			   0);
}

static inline long sys_fstat64(int fd, struct stat64 *stat)
{
	return system_call(NR_fstat64, fd, (long)stat, 0, 0, 0, 0);
}

static inline long sys_pwrite64(int fd, const void *buffer, u32 length, u64 offset)
{
	return system_call(NR_pwrite64, fd, (long)buffer, length, (long)(u32)offset,
			   (long)(u32)(offset >> 32), 0);
}

static inline u32 sys_mremap(u32 old_address, u32 old_length, u32 new_length, int flags,
			     u32 new_address)
{
	return (u32)system_call(NR_mremap, (long)old_address, (long)old_length, (long)new_length,
				flags, (long)new_address, 0);
}

static inline long sys_msync(u32 address, u32 length, int flags)
{
	return system_call(NR_msync, (long)address, (long)length, flags, 0, 0, 0);
}

static inline long sys_mlock(u32 address, u32 length)
{
	return system_call(NR_mlock, (long)address, (long)length, 0, 0, 0, 0);
}

static inline long sys_mlock2(u32 address, u32 length, int flags)
{
	return system_call(NR_mlock2, (long)address, (long)length, flags, 0, 0, 0);
}

static inline long sys_munlock(u32 address, u32 length)
{
	return system_call(NR_munlock, (long)address, (long)length, 0, 0, 0, 0);
}

static inline long sys_mlockall(int flags)
{
	return system_call(NR_mlockall, flags, 0, 0, 0, 0, 0);
}

static inline long sys_munlockall(void)
{
	return system_call(NR_munlockall, 0, 0, 0, 0, 0, 0);
}

static inline long sys_shmget(u32 key, u32 size, int flags)
{
	return system_call(NR_ipc, SHMGET, (long)key, (long)size, flags, 0, 0);
}

/* The address comes through memory: 0 or -errno, and `*result`. */
static inline long sys_shmat(int id, u32 address, int flags, u32 *result)
{
	return system_call(NR_ipc, SHMAT, id, flags, (long)result, (long)address, 0);
}

static inline long sys_shmdt(u32 address)
{
	return system_call(NR_ipc, SHMDT, 0, 0, 0, (long)address, 0);
}

static inline long sys_shmctl(int id, int command, void *buffer)
{
	return system_call(NR_ipc, SHMCTL, id, command, 0, (long)buffer, 0);
}

#endif
