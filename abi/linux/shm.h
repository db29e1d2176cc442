/* SPDX-License-Identifier: MIT */
/*
 * System V shared memory.
 *
 * Source: Linux include/uapi/linux/shm.h, include/uapi/asm-generic/shmbuf.h.
 */
#ifndef ABI_LINUX_SHM_H
#define ABI_LINUX_SHM_H

#include "abi/linux/ipc.h"

enum { SHM_LOCK = 11, SHM_UNLOCK = 12, SHM_STAT = 13, SHM_INFO = 14, SHM_STAT_ANY = 15 };

/* Flags of shmget(), then of shmat(). */
#define SHM_HUGETLB    04000u
#define SHM_NORESERVE  010000u
#define SHM_HUGE_SHIFT 26 /* log2 of the size of huge pages, in the upper 6 bits */
#define SHM_RDONLY     010000u
#define SHM_RND	       020000u
#define SHM_REMAP      040000u
#define SHM_EXEC       0100000u

/* Bits in the mode that IPC_STAT reports. */
#define SHM_DEST   01000u
#define SHM_LOCKED 02000u

/* Filled in by IPC_STAT. Times in seconds. */
struct shmid64 {
	struct ipc64_perm perm;
	u32 size;
	u32 atime, atime_high, dtime, dtime_high, ctime, ctime_high;
	u32 cpid, lpid, attached;
	u32 unused[2];
};
_Static_assert(sizeof(struct shmid64) == 84, "struct shmid64 is not Linux's");

#endif
