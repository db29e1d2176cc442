/* SPDX-License-Identifier: MIT */
/* Message queues: create, send, receive. The numbers are the invariants in sysv_msg.h. */
#include "kernel/ipc/sysv_msg.h"
#include "abi/linux/errno.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/task/task.h"
#include "lib/assert.h"
#include "lib/clock.h"
#include "lib/math64.h"
#include "lib/string.h"
#include "mm/slab/slab.h"

struct message {
	struct list_head link;
	s32 type;
	u32 bytes;
	u8 text[];
};

struct sleeper {
	struct list_head link;
	struct waiter waiter;
	bool removed; /* the queue is gone */
};

struct ipc_table msg_table = IPC_TABLE(msg_table);

u32 msgmni = MSGMNI, msgmax = MSGMAX, msgmnb = MSGMNB;

u32 msg_time(void)
{
	return (u32)div_u64(clock_coarse(), 1000000000);
}

s32 do_msgget(u32 key, u32 flags)
{
	struct msg_queue *queue = msg_queue_of(ipc_find_key(&msg_table, key)), *new;
	int err;

	if (queue) {
		if ((flags & (IPC_CREAT | IPC_EXCL)) == (IPC_CREAT | IPC_EXCL))
			return -EEXIST;
		err = ipc_access(&queue->ipc, flags);
		return err ? err : ipc_id(&queue->ipc);
	}
	if (key != IPC_PRIVATE && !(flags & IPC_CREAT))
		return -ENOENT;
	if (msg_table.count >= msgmni)
		return -ENOSPC;
	new = kzalloc(sizeof(*new), GFP_KERNEL);
	if (!new)
		return -ENOMEM;
	/* Other tasks may have made it, or the last there may be, while there was no memory. */
	if (ipc_find_key(&msg_table, key) || msg_table.count >= msgmni) {
		kfree(new);
		return do_msgget(key, flags);
	}
	new->most = msgmnb;
	new->ctime = msg_time();
	list_init(&new->messages);
	list_init(&new->sleepers);
	ipc_enter(&msg_table, &new->ipc, key, flags);
	return ipc_id(&new->ipc);
}

void msg_wake(struct msg_queue *queue)
{
	struct sleeper *sleeper;

	list_for_each_entry (sleeper, &queue->sleepers, link)
		waiter_wake(&sleeper->waiter);
}

void msg_remove(struct msg_queue *queue)
{
	struct sleeper *sleeper, *next;
	struct message *message;

	list_for_each_entry_safe (sleeper, next, &queue->sleepers, link) {
		sleeper->removed = true;
		list_del_init(&sleeper->link);
		waiter_wake(&sleeper->waiter);
	}
	while (!list_empty(&queue->messages)) {
		message = list_first_entry(&queue->messages, struct message, link);
		list_del(&message->link);
		kfree(message);
	}
	ipc_leave(&msg_table, &queue->ipc);
	kfree(queue);
}

/* Sleeps until the queue changes. 0, -EIDRM, or -ERESTARTNOHAND: a signal came. */
static int sleep_on(struct msg_queue *queue)
{
	struct sleeper sleeper = { .removed = false };
	int err;

	waiter_init(&sleeper.waiter);
	list_add_tail(&sleeper.link, &queue->sleepers);
	err = waiter_sleep(&sleeper.waiter, WAIT_FOREVER);
	list_del_init(&sleeper.link);
	if (sleeper.removed)
		return -EIDRM;
	return err ? -ERESTARTNOHAND : 0;
}

static struct msg_queue *queue_for(s32 id, u32 wanted, int *err)
{
	struct msg_queue *queue = msg_queue_of(ipc_find(&msg_table, id, err));

	if (queue)
		*err = ipc_access(&queue->ipc, wanted);
	return *err ? NULL : queue;
}

static bool fits(const struct msg_queue *queue, u32 bytes)
{
	return queue->bytes + bytes <= queue->most && queue->count < queue->most;
}

/* The queue takes over the message, unless there is an error. */
static s32 put_message(s32 id, struct message *message, u32 flags)
{
	int err;
	struct msg_queue *queue = queue_for(id, IPC_WRITE, &err);

	if (!queue)
		return err;
	while (!fits(queue, message->bytes)) {
		if (flags & IPC_NOWAIT)
			return -EAGAIN;
		err = sleep_on(queue);
		if (!err)
			err = ipc_access(&queue->ipc, IPC_WRITE);
		if (err)
			return err;
	}
	list_add_tail(&message->link, &queue->messages);
	queue->bytes += message->bytes;
	queue->count++;
	queue->stime = msg_time();
	queue->lspid = current->tgid;
	msg_wake(queue);
	return 0;
}

s32 do_msgsnd(s32 id, vaddr_t place, u32 bytes, u32 flags)
{
	struct message *message;
	u32 type;
	s32 err = 0;

	if (get_user(&type, place))
		return -EFAULT;
	if (id < 0 || bytes > msgmax || (s32)type < 1)
		return -EINVAL;
	message = kmalloc(sizeof(*message) + bytes, GFP_KERNEL);
	if (!message)
		return -ENOMEM;
	message->type = (s32)type;
	message->bytes = bytes;
	if (copy_from_user(message->text, place + sizeof(type), bytes))
		err = -EFAULT;
	if (!err)
		err = put_message(id, message, flags);
	if (err)
		kfree(message);
	return err;
}

/* Is it of the wanted type? 0: any; below 0: any up to -type. */
static bool is_wanted(const struct message *message, s32 type, u32 flags)
{
	if (!type)
		return true;
	if (type < 0)
		return type == INT32_MIN || message->type <= -type;
	return (message->type == type) != !!(flags & MSG_EXCEPT);
}

static struct message *find_message(const struct msg_queue *queue, s32 type, u32 flags)
{
	struct message *message, *best = NULL;
	s32 at = 0;

	list_for_each_entry (message, &queue->messages, link) {
		if (flags & MSG_COPY) {
			if (at++ == type)
				return message;
			continue;
		}
		if (!is_wanted(message, type, flags))
			continue;
		if (type >= 0)
			return message;
		if (!best || message->type < best->type)
			best = message;
	}
	return best;
}

static void take_message(struct msg_queue *queue, struct message *message)
{
	list_del(&message->link);
	queue->bytes -= message->bytes;
	queue->count--;
	queue->rtime = msg_time();
	queue->lrpid = current->tgid;
	msg_wake(queue);
}

/* Waits for a message. NULL: *err. */
static struct message *await_message(struct msg_queue *queue, s32 type, u32 flags, int *err)
{
	for (;;) {
		struct message *message = find_message(queue, type, flags);

		if (message)
			return message;
		*err = flags & IPC_NOWAIT ? -ENOMSG : sleep_on(queue);
		if (!*err)
			*err = ipc_access(&queue->ipc, IPC_READ);
		if (*err)
			return NULL;
	}
}

s32 do_msgrcv(s32 id, vaddr_t place, u32 bytes, s32 type, u32 flags)
{
	struct message *message, *copied = NULL;
	struct msg_queue *queue;
	u32 taken;
	int err;

	if (id < 0 || (s32)bytes < 0)
		return -EINVAL;
	if (flags & MSG_COPY && (flags & MSG_EXCEPT || !(flags & IPC_NOWAIT)))
		return -EINVAL;
	/* Writing to ring 3 may sleep, and another process receive the message meanwhile. */
	if (flags & MSG_COPY) {
		copied = kmalloc(sizeof(*copied) + min(bytes, msgmax), GFP_KERNEL);
		if (!copied)
			return -ENOMEM;
	}
	queue = queue_for(id, IPC_READ, &err);
	message = queue ? await_message(queue, type, flags, &err) : NULL;
	if (message && bytes < message->bytes && !(flags & MSG_NOERROR))
		err = -E2BIG;
	if (!message || err) {
		kfree(copied);
		return err;
	}
	taken = min(bytes, message->bytes);
	if (copied) {
		taken = min(taken, msgmax); /* it may have been more when the message was sent */
		memcpy(copied, message, sizeof(*copied) + taken);
		message = copied;
	} else {
		take_message(queue, message);
	}
	/* As on Linux, a message that cannot be written to ring 3 is lost. */
	if (put_user((u32)message->type, place) ||
	    copy_to_user(place + sizeof(u32), message->text, taken))
		err = -EFAULT;
	kfree(message);
	return err ? err : (s32)taken;
}
