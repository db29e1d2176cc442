/* SPDX-License-Identifier: MIT */
/*
 * System V message queues.
 *
 * Source: Linux include/uapi/linux/msg.h, include/uapi/asm-generic/msgbuf.h.
 */
#ifndef ABI_LINUX_MSG_H
#define ABI_LINUX_MSG_H

#include "abi/linux/ipc.h"

enum { MSG_STAT = 11, MSG_INFO = 12, MSG_STAT_ANY = 13 };

/* Flags of msgrcv(). */
#define MSG_NOERROR 010000u
#define MSG_EXCEPT  020000u
#define MSG_COPY    040000u

/* Filled in by IPC_STAT. Times in seconds. */
struct msqid64 {
	struct ipc64_perm perm;
	u32 stime, stime_high, rtime, rtime_high, ctime, ctime_high;
	u32 bytes, count, most;
	s32 lspid, lrpid;
	u32 unused[2];
};
_Static_assert(sizeof(struct msqid64) == 88, "struct msqid64 is not Linux's");

/* Before IPC_64. */
struct msqid_old {
	struct ipc_perm_old perm;
	u32 unused[2];
	u32 stime, rtime, ctime;
	u32 long_bytes, long_most;
	u16 bytes, count, most;
	u16 lspid, lrpid, pad;
};
_Static_assert(sizeof(struct msqid_old) == 56, "struct msqid_old is not Linux's");

/* Filled in by IPC_INFO and MSG_INFO. */
struct msginfo {
	s32 pool, map, largest, in_queue, queues, segment, messages;
	u16 segments, pad;
};

#endif
