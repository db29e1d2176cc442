/* SPDX-License-Identifier: MIT */
/* msgctl(): states of queues, in Linux's current structures (IPC_64) and the older ones. */
#include "kernel/ipc/sysv_msg.h"
#include "abi/linux/capability.h"
#include "abi/linux/errno.h"
#include "kernel/cpu/uaccess.h"
#include "mm/user_space/limits.h"

/* Linux's, without a meaning there either. */
#define SEGMENT_BYTES 16

static s32 put_state_old(const struct msg_queue *queue, vaddr_t to)
{
	const struct msqid_old state = {
		.perm = ipc_perm_old(&queue->ipc),
		.stime = queue->stime,
		.rtime = queue->rtime,
		.ctime = queue->ctime,
		.long_bytes = queue->bytes,
		.long_most = queue->most,
		.bytes = (u16)min(queue->bytes, (u32)UINT16_MAX),
		.count = (u16)min(queue->count, (u32)UINT16_MAX),
		.most = (u16)min(queue->most, (u32)UINT16_MAX),
		.lspid = (u16)queue->lspid,
		.lrpid = (u16)queue->lrpid,
	};

	return copy_to_user(to, &state, sizeof(state)) ? -EFAULT : 0;
}

static s32 put_state(const struct msg_queue *queue, vaddr_t to, bool old)
{
	const struct msqid64 state = {
		.perm = ipc_perm(&queue->ipc),
		.stime = queue->stime,
		.rtime = queue->rtime,
		.ctime = queue->ctime,
		.bytes = queue->bytes,
		.count = queue->count,
		.most = queue->most,
		.lspid = queue->lspid,
		.lrpid = queue->lrpid,
	};

	if (old)
		return put_state_old(queue, to);
	return copy_to_user(to, &state, sizeof(state)) ? -EFAULT : 0;
}

/* IPC_INFO: the limits; MSG_INFO: what is in use. Returns the highest index in use. */
static s32 put_info(bool in_use, vaddr_t to)
{
	struct msginfo info = {
		.pool = (s32)(msgmni / 1024 * msgmnb),
		.map = (s32)msgmnb,
		.largest = (s32)msgmax,
		.in_queue = (s32)msgmnb,
		.queues = (s32)msgmni,
		.segment = SEGMENT_BYTES,
		.messages = (s32)msgmnb,
		.segments = UINT16_MAX,
	};
	const struct msg_queue *queue;

	if (in_use) {
		info.pool = (s32)msg_table.count;
		info.map = info.messages = 0;
		list_for_each_entry (queue, &msg_table.objects, ipc.link) {
			info.map += (s32)queue->count;
			info.messages += (s32)queue->bytes;
		}
	}
	return copy_to_user(to, &info, sizeof(info)) ? -EFAULT : ipc_highest(&msg_table);
}

static s32 state_by_index(s32 index, vaddr_t to, bool any, bool old)
{
	const struct msg_queue *queue = msg_queue_of(ipc_find_index(&msg_table, index));
	s32 err, id;

	if (!queue)
		return -EINVAL;
	id = ipc_id(&queue->ipc); /* it may be gone after put_state() */
	err = any ? 0 : ipc_access(&queue->ipc, IPC_READ);
	if (!err)
		err = put_state(queue, to, old);
	return err ? err : id;
}

static s32 read_most(vaddr_t from, bool old, u32 *most)
{
	struct msqid64 state;
	struct msqid_old state_old;

	if (old ? copy_from_user(&state_old, from, sizeof(state_old))
		: copy_from_user(&state, from, sizeof(state)))
		return -EFAULT;
	if (!old)
		*most = state.most;
	else
		*most = state_old.most ? state_old.most : state_old.long_most;
	return 0;
}

/*
 * IPC_SET: owner, permissions, and how much fits; only the super-user raises that. The queue is
 * found after the copies from ring 3, which may sleep.
 */
static s32 set_state(s32 id, vaddr_t from, bool old)
{
	struct msg_queue *queue;
	struct ipc64_perm perm;
	u32 most;
	s32 err = read_most(from, old, &most);

	if (!err)
		err = ipc_read_perm(&perm, from, old);
	if (err)
		return err;
	queue = msg_queue_of(ipc_find(&msg_table, id, &err));
	if (!queue)
		return err;
	err = ipc_control(&queue->ipc);
	if (!err && most > msgmnb && !capable(CAP_SYS_RESOURCE))
		err = -EPERM;
	if (!err)
		err = ipc_set(&queue->ipc, &perm);
	if (err)
		return err;
	queue->most = most;
	queue->ctime = msg_time();
	msg_wake(queue);
	return 0;
}

static s32 control_queue(struct msg_queue *queue, u32 command, vaddr_t buffer, bool old)
{
	int err;

	switch (command) {
	case IPC_STAT:
		err = ipc_access(&queue->ipc, IPC_READ);
		return err ? err : put_state(queue, buffer, old);
	default:
		err = ipc_control(&queue->ipc);
		if (!err)
			msg_remove(queue);
		return err;
	}
}

s32 do_msgctl(s32 id, u32 command, vaddr_t buffer, bool old)
{
	struct msg_queue *queue;
	int err;

	if (id < 0)
		return -EINVAL;
	switch (command) {
	case IPC_INFO:
	case MSG_INFO:
		return put_info(command == MSG_INFO, buffer);
	case MSG_STAT:
	case MSG_STAT_ANY:
		return state_by_index(id, buffer, command == MSG_STAT_ANY, old);
	case IPC_SET:
		return set_state(id, buffer, old);
	case IPC_RMID:
	case IPC_STAT:
		queue = msg_queue_of(ipc_find(&msg_table, id, &err));
		return queue ? control_queue(queue, command, buffer, old) : err;
	default:
		return -EINVAL;
	}
}
