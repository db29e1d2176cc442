/* SPDX-License-Identifier: MIT */
/*
 * System V message queues. Source: msgget(2), msgop(2), msgctl(2); Linux's ipc/msg.c.
 *
 *   msgsnd --> queue: message (type, text) --> message --> msgrcv(type)
 *
 *  (1) bytes and count are those of the messages in the queue.
 *  (2) A change of a queue wakes all that wait for it; each tries again.
 */
#ifndef KERNEL_IPC_SYSV_MSG_H
#define KERNEL_IPC_SYSV_MSG_H

#include "abi/linux/msg.h"
#include "fs/poll.h"
#include "kernel/ipc/ipc_object.h"

/* Limits: queues; bytes of a message; bytes in a queue. */
#define MSGMNI 32000u
#define MSGMAX 8192u
#define MSGMNB 16384u

struct msg_queue {
	struct ipc_object ipc;	 /* in msg_table */
	u32 stime, rtime, ctime; /* seconds */
	s32 lspid, lrpid;	 /* the last that sent, and received */
	u32 bytes, count, most;	 /* of the texts; `most`: bytes that fit */
	struct list_head messages, sleepers;
};

extern struct ipc_table msg_table;
extern u32 msgmni, msgmax, msgmnb; /* set in /proc/sys/kernel */

static inline struct msg_queue *msg_queue_of(struct ipc_object *object)
{
	return object ? container_of(object, struct msg_queue, ipc) : NULL;
}

/* Wakes those that wait for this queue. */
void msg_wake(struct msg_queue *queue);

/* Frees the queue and its messages: its sleepers return -EIDRM. */
void msg_remove(struct msg_queue *queue);

/* Seconds since 1970. */
u32 msg_time(void);

/*
 * The system calls, with Linux's errno values. `place`: in ring 3, a word with the type and then
 * the text, whose bytes are counted.
 */
s32 do_msgget(u32 key, u32 flags);
s32 do_msgsnd(s32 id, vaddr_t place, u32 bytes, u32 flags);
s32 do_msgrcv(s32 id, vaddr_t place, u32 bytes, s32 type, u32 flags);

/* kernel/ipc/sysv_msg_ctl.c */
s32 do_msgctl(s32 id, u32 command, vaddr_t buffer, bool old);

#endif
