/* SPDX-License-Identifier: MIT */
/*
 * System V IPC: calls of ipc(), commands, flags.
 *
 * Source: Linux include/uapi/linux/ipc.h, include/uapi/asm-generic/ipcbuf.h.
 */
#ifndef ABI_LINUX_IPC_H
#define ABI_LINUX_IPC_H

#include "abi/types.h"

/* The first argument of ipc(); its upper half is a version. */
enum { SEMOP = 1, SEMGET = 2, SEMCTL = 3, SEMTIMEDOP = 4 };
enum { MSGSND = 11, MSGRCV = 12, MSGGET = 13, MSGCTL = 14 };
enum { SHMAT = 21, SHMDT = 22, SHMGET = 23, SHMCTL = 24 };

enum { IPC_RMID = 0, IPC_SET = 1, IPC_STAT = 2, IPC_INFO = 3 };

#define IPC_PRIVATE 0u
#define IPC_CREAT   01000u
#define IPC_EXCL    02000u
#define IPC_NOWAIT  04000
#define IPC_64	    0x100u /* in a command through ipc(): the current structures */

struct ipc64_perm {
	u32 key, uid, gid, cuid, cgid;
	u16 mode, pad1, sequence, pad2;
	u32 unused[2];
};

/* Before IPC_64. */
struct ipc_perm_old {
	u32 key;
	u16 uid, gid, cuid, cgid, mode, sequence;
};

#endif
