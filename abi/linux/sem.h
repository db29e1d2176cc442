/* SPDX-License-Identifier: MIT */
/*
 * System V semaphores.
 *
 * Source: Linux include/uapi/linux/sem.h, include/uapi/asm-generic/sembuf.h.
 */
#ifndef ABI_LINUX_SEM_H
#define ABI_LINUX_SEM_H

#include "abi/linux/ipc.h"

enum {
	GETPID = 11,
	GETVAL = 12,
	GETALL = 13,
	GETNCNT = 14,
	GETZCNT = 15,
	SETVAL = 16,
	SETALL = 17,
	SEM_STAT = 18,
	SEM_INFO = 19,
	SEM_STAT_ANY = 20,
};

#define SEM_UNDO 0x1000

struct sembuf {
	u16 number;
	s16 op, flags;
};

/* Filled in by IPC_STAT. Times in seconds. */
struct semid64 {
	struct ipc64_perm perm;
	u32 otime, otime_high, ctime, ctime_high;
	u32 count;
	u32 unused[2];
};
_Static_assert(sizeof(struct semid64) == 64, "struct semid64 is not Linux's");

/* Before IPC_64. */
struct semid_old {
	struct ipc_perm_old perm;
	u32 otime, ctime;
	u32 unused[4];
	u16 count, pad;
};
_Static_assert(sizeof(struct semid_old) == 44, "struct semid_old is not Linux's");

/* Filled in by IPC_INFO and SEM_INFO. */
struct seminfo {
	s32 map, sets, semaphores, undos, in_set, in_call, undo_entries, undo_size, largest, adjust;
};

#endif
