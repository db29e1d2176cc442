/* SPDX-License-Identifier: MIT */
/*
 * The Linux i386 system calls on mappings, files and shared memory, in the manner of syscall.h:
 * numbers, constants, structures, thin wrappers that return a result or -errno.
 */
#ifndef RING3_MAPPING_H
#define RING3_MAPPING_H

#include "tests/ring3/runtime/syscall.h"

#define NR_CREAT       8
#define NR_UNLINK      10
#define NR_DUP	       41
#define NR_FTRUNCATE   93
#define NR_IPC	       117
#define NR_MSYNC       144
#define NR_MLOCK       150
#define NR_MUNLOCK     151
#define NR_MLOCKALL    152
#define NR_MUNLOCKALL  153
#define NR_MREMAP      163
#define NR_PWRITE64    181
#define NR_FTRUNCATE64 194
#define NR_FSTAT64     197
#define NR_MLOCK2      376

#define EACCES	  13
#define EBUSY	  16
#define EEXIST	  17
#define ENODEV	  19
#define ENOTDIR	  20
#define EISDIR	  21
#define EFBIG	  27
#define EIDRM	  43
#define EOVERFLOW 75

#define PROT_GROWSDOWN 0x01000000
#define PROT_GROWSUP   0x02000000

#define MAP_SHARED	    0x01
#define MAP_SHARED_VALIDATE 0x03
#define MAP_TYPE	    0x0F
#define MAP_GROWSDOWN	    0x0100
#define MAP_DENYWRITE	    0x0800
#define MAP_LOCKED	    0x2000
#define MAP_POPULATE	    0x8000
#define MAP_NONBLOCK	    0x10000
#define MAP_STACK	    0x20000
#define MAP_FIXED_NOREPLACE 0x100000

#define MREMAP_MAYMOVE	 1
#define MREMAP_FIXED	 2
#define MREMAP_DONTUNMAP 4

#define MS_ASYNC      1
#define MS_INVALIDATE 2
#define MS_SYNC	      4

#define MCL_CURRENT   1
#define MCL_FUTURE    2
#define MCL_ONFAULT   4
#define MLOCK_ONFAULT 1

#define MADV_NORMAL	    0
#define MADV_RANDOM	    1
#define MADV_SEQUENTIAL	    2
#define MADV_WILLNEED	    3
#define MADV_FREE	    8
#define MADV_REMOVE	    9
#define MADV_DONTFORK	    10
#define MADV_DOFORK	    11
#define MADV_HUGEPAGE	    14
#define MADV_DONTDUMP	    16
#define MADV_DODUMP	    17
#define MADV_WIPEONFORK	    18
#define MADV_KEEPONFORK	    19
#define MADV_COLD	    20
#define MADV_PAGEOUT	    21
#define MADV_POPULATE_READ  22
#define MADV_POPULATE_WRITE 23

#define O_WRONLY    1
#define O_RDWR	    2
#define O_ACCMODE   3
#define O_CREAT	    0100
#define O_EXCL	    0200
#define O_TRUNC	    01000
#define O_APPEND    02000
#define O_DIRECTORY 0200000

#define S_IFMT	0170000
#define S_IFDIR 0040000
#define S_IFREG 0100000

/* Linux arch/x86/include/uapi/asm/stat.h. */
struct stat64 {
	u64 device;
	u32 unused0;
	u32 inode_low;
	u32 mode;
	u32 links;
	u32 uid;
	u32 gid;
	u64 special_device;
	u32 unused1;
	u64 size;
	u32 block_size;
	u64 blocks;
	u32 times[6];
	u64 inode;
} __attribute__((packed));

/*
 * The first argument of call 117, ipc: the shared-memory calls. Bit 16 asks for the 64-bit forms.
 */
#define IPC_SHMAT  21
#define IPC_SHMDT  22
#define IPC_SHMGET 23
#define IPC_SHMCTL 24

#define IPC_PRIVATE 0
#define IPC_CREAT   01000
#define IPC_EXCL    02000
#define IPC_RMID    0
#define IPC_SET	    1
#define IPC_STAT    2
#define IPC_64	    0x0100

#define SHM_RDONLY 010000
#define SHM_RND	   020000
#define SHM_REMAP  040000
#define SHM_EXEC   0100000
#define SHM_DEST   01000
#define SHMLBA	   PAGE_SIZE

/* The result of shmctl(IPC_STAT | IPC_64) gives: Linux's ipc64_perm and shmid64_ds of the i386. */
struct shmid64 {
	u32 key, uid, gid, cuid, cgid;
	u16 mode, pad1;
	u16 sequence, pad2;
	u32 unused1, unused2;
	u32 size;
	u32 times[6];
	u32 creator, last;
	u32 attached;
	u32 unused4, unused5;
};

static inline long sys_open_mode(const char *path, int flags, u32 mode)
{
	return system_call(NR_OPEN, (long)path, flags, (long)mode, 0, 0, 0);
}

static inline long sys_creat(const char *path, u32 mode)
{
	return system_call(NR_CREAT, (long)path, (long)mode, 0, 0, 0, 0);
}

static inline long sys_unlink(const char *path)
{
	return system_call(NR_UNLINK, (long)path, 0, 0, 0, 0, 0);
}

static inline long sys_ftruncate(int fd, long length)
{
	return system_call(NR_FTRUNCATE, fd, length, 0, 0, 0, 0);
}

static inline long sys_ftruncate64(int fd, u64 length)
{
	return system_call(NR_FTRUNCATE64, fd, (long)(u32)length, (long)(u32)(length >> 32), 0, 0,
			   0);
}

static inline long sys_fstat64(int fd, struct stat64 *stat)
{
	return system_call(NR_FSTAT64, fd, (long)stat, 0, 0, 0, 0);
}

static inline long sys_pwrite64(int fd, const void *buffer, u32 length, u64 offset)
{
	return system_call(NR_PWRITE64, fd, (long)buffer, length, (long)(u32)offset,
			   (long)(u32)(offset >> 32), 0);
}

static inline u32 sys_mremap(u32 old_address, u32 old_length, u32 new_length, int flags,
			     u32 new_address)
{
	return (u32)system_call(NR_MREMAP, (long)old_address, (long)old_length, (long)new_length,
				flags, (long)new_address, 0);
}

static inline long sys_msync(u32 address, u32 length, int flags)
{
	return system_call(NR_MSYNC, (long)address, (long)length, flags, 0, 0, 0);
}

static inline long sys_mlock(u32 address, u32 length)
{
	return system_call(NR_MLOCK, (long)address, (long)length, 0, 0, 0, 0);
}

static inline long sys_mlock2(u32 address, u32 length, int flags)
{
	return system_call(NR_MLOCK2, (long)address, (long)length, flags, 0, 0, 0);
}

static inline long sys_munlock(u32 address, u32 length)
{
	return system_call(NR_MUNLOCK, (long)address, (long)length, 0, 0, 0, 0);
}

static inline long sys_mlockall(int flags)
{
	return system_call(NR_MLOCKALL, flags, 0, 0, 0, 0, 0);
}

static inline long sys_munlockall(void)
{
	return system_call(NR_MUNLOCKALL, 0, 0, 0, 0, 0, 0);
}

static inline long sys_shmget(u32 key, u32 size, int flags)
{
	return system_call(NR_IPC, IPC_SHMGET, (long)key, (long)size, flags, 0, 0);
}

/* The address comes through memory: 0 or -errno, and `*result`. */
static inline long sys_shmat(int id, u32 address, int flags, u32 *result)
{
	return system_call(NR_IPC, IPC_SHMAT, id, flags, (long)result, (long)address, 0);
}

static inline long sys_shmdt(u32 address)
{
	return system_call(NR_IPC, IPC_SHMDT, 0, 0, 0, (long)address, 0);
}

static inline long sys_shmctl(int id, int command, void *buffer)
{
	return system_call(NR_IPC, IPC_SHMCTL, id, command, 0, (long)buffer, 0);
}

#endif
