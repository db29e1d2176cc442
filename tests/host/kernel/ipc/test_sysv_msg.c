/* SPDX-License-Identifier: MIT */
/*
 * Message queues of System V below their calls: limits, each allocation that fails, what other
 * tasks do while one sleeps.
 *
 * sources: kernel/ipc/ipc_object.c kernel/ipc/sysv_msg.c kernel/ipc/sysv_msg_ctl.c
 * sources: tests/host/kernel/ipc/ipc_rig.c
 */
#include <string.h>

#include "abi/linux/errno.h"
#include "kernel/ipc/sysv_msg.h"
#include "kernel/task/task.h"
#include "mm/frames/fail_alloc.h"
#include "tests/host/console.h"
#include "tests/host/kernel/ipc/ipc_rig.h"
#include "tests/host/machine.h"
#include "tests/host/owner.h"
#include "tests/host/resched.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

/* ---- Message queues ---- */

static s32 send(s32 id, s32 type, u32 bytes, u32 flags)
{
	u32 *message = (u32 *)user_bytes;

	message[0] = (u32)type;
	memset(&message[1], type, bytes);
	return do_msgsnd(id, USER_BYTES, bytes, flags);
}

/* Returns the type of the message, or an error. */
static s32 receive(s32 id, u32 bytes, s32 type, u32 flags)
{
	s32 got;

	memset(user_bytes, 0xee, sizeof(user_bytes));
	got = do_msgrcv(id, USER_BYTES, bytes, type, flags);
	if (got >= 0)
		EXPECT_EQ(user_bytes[4 + got], 0xee);
	return got < 0 ? got : *(s32 *)user_bytes;
}

static struct msg_queue *queue_of(s32 id)
{
	return msg_queue_of(ipc_find_index(&msg_table, id));
}

static void queues(void)
{
	s32 id;

	start();
	fail(1);
	EXPECT_EQ(do_msgget(77, IPC_CREAT | 0600), -ENOMEM);
	fail(0);
	msgmni = 1;
	id = do_msgget(77, IPC_CREAT | 0600);
	EXPECT(id >= 0 && do_msgget(77, 0600) == id && do_msgget(77, IPC_CREAT) == id);
	EXPECT_EQ(do_msgget(77, IPC_CREAT | IPC_EXCL), -EEXIST);
	EXPECT_EQ(do_msgget(78, 0600), -ENOENT);
	EXPECT_EQ(do_msgget(78, IPC_CREAT), -ENOSPC);
	EXPECT_EQ(do_msgget(IPC_PRIVATE, 0), -ENOSPC);
	own_group.user.effective = host_fsgid = 5;
	EXPECT_EQ(do_msgget(77, 0400), -EACCES);
	EXPECT_EQ(do_msgctl(id, IPC_RMID, 0, false), -EPERM);
	EXPECT_EQ(send(id, 1, 4, 0), -EACCES);
	EXPECT_EQ(receive(id, 4, 0, IPC_NOWAIT), -EACCES);
	own_group.user.effective = 1000;
	EXPECT_EQ(send(id, 5, 40, 0), 0);
	EXPECT_EQ(do_msgctl(id, IPC_RMID, 0, false), 0);
	EXPECT_EQ(msg_table.count, 0);
}

static void messages(void)
{
	s32 id;

	start();
	id = do_msgget(IPC_PRIVATE, 0600);
	fail(1);
	EXPECT_EQ(send(id, 5, 40, 0), -ENOMEM);
	fail(0);
	EXPECT_EQ(do_msgsnd(id, OUTSIDE, 4, 0), -EFAULT);
	*(u32 *)(user_bytes + sizeof(user_bytes) - 8) = 1;
	EXPECT_EQ(do_msgsnd(id, END - 8, 5, 0), -EFAULT);
	EXPECT_EQ(send(id, 0, 4, 0), -EINVAL);
	EXPECT_EQ(send(-1, 1, 4, 0), -EINVAL);
	msgmax = 100;
	EXPECT_EQ(send(id, 1, 101, 0), -EINVAL);
	EXPECT_EQ(send(id, 1, 100, 0), 0);
	EXPECT_EQ(receive(id, 100, 0, 0), 1);
	console_date += 2 * SECOND;
	EXPECT_EQ(send(id, 5, 50, 0), 0);
	EXPECT_EQ(send(id, 3, 30, 0), 0);
	EXPECT_EQ(send(id, 9, 0, 0), 0);
	EXPECT_EQ(send(id, 3, 10, 0), 0);
	EXPECT(queue_of(id)->count == 4 && queue_of(id)->bytes == 90);
	EXPECT(queue_of(id)->stime == 1002 && queue_of(id)->lspid == 20);
	EXPECT_EQ(receive(id, 8, 4, IPC_NOWAIT), -ENOMSG);
	EXPECT_EQ(receive(id, 49, 5, 0), -E2BIG);
	EXPECT_EQ(receive(id, 100, 5, MSG_EXCEPT), 3);
	EXPECT_EQ(queue_of(id)->bytes, 60);
	EXPECT_EQ(receive(id, 100, -2, IPC_NOWAIT), -ENOMSG);
	EXPECT_EQ(receive(id, 100, -3, 0), 3);
	EXPECT_EQ(receive(id, 100, INT32_MIN, 0), 5);
	console_date += 2 * SECOND;
	EXPECT_EQ(receive(id, 0, -9, 0), 9);
	EXPECT(!queue_of(id)->count && !queue_of(id)->bytes);
	EXPECT(queue_of(id)->rtime == 1004 && queue_of(id)->lrpid == 20);
	EXPECT_EQ(receive(-1, 4, 0, 0), -EINVAL);
	EXPECT_EQ(receive(id, 0x80000000u, 0, 0), -EINVAL);
	EXPECT_EQ(receive(id, 4, 0, 0), -ERESTARTNOHAND);
	/* The lowest type first, of equals the oldest. */
	EXPECT_EQ(send(id, 4, 4, 0), 0);
	EXPECT_EQ(send(id, 2, 4, 0), 0);
	EXPECT_EQ(send(id, 2, 5, 0), 0);
	EXPECT_EQ(do_msgrcv(id, USER_BYTES, 100, -5, 0), 4);
	EXPECT_EQ(*(s32 *)user_bytes, 2);
	/* A text that is cut; a message that can't be written is lost. */
	EXPECT_EQ(do_msgrcv(id, USER_BYTES, 3, 2, MSG_NOERROR), 3);
	EXPECT_EQ(do_msgrcv(id, END - 4, 100, 0, 0), -EFAULT);
	EXPECT_EQ(queue_of(id)->count, 0);
	EXPECT_EQ(do_msgctl(id, IPC_RMID, 0, false), 0);
}

static void copies(void)
{
	s32 id;

	start();
	id = do_msgget(IPC_PRIVATE, 0600);
	EXPECT_EQ(send(id, 5, 50, 0), 0);
	EXPECT_EQ(send(id, 7, 30, 0), 0);
	EXPECT_EQ(receive(id, 100, 1, MSG_COPY), -EINVAL);
	EXPECT_EQ(receive(id, 100, 1, MSG_COPY | MSG_EXCEPT | IPC_NOWAIT), -EINVAL);
	fail(1);
	EXPECT_EQ(receive(id, 100, 1, MSG_COPY | IPC_NOWAIT), -ENOMEM);
	fail(0);
	EXPECT_EQ(receive(id, 100, 0, MSG_COPY | IPC_NOWAIT), 5);
	EXPECT_EQ(receive(id, 100, 1, MSG_COPY | IPC_NOWAIT), 7);
	EXPECT_EQ(receive(id, 100, 2, MSG_COPY | IPC_NOWAIT), -ENOMSG);
	EXPECT_EQ(receive(id, 29, 1, MSG_COPY | IPC_NOWAIT), -E2BIG);
	EXPECT(queue_of(id)->count == 2 && queue_of(id)->bytes == 80);
	/* The limit was lowered since. */
	msgmax = 20;
	memset(user_bytes, 0, sizeof(user_bytes));
	EXPECT_EQ(do_msgrcv(id, USER_BYTES, 100, 0, MSG_COPY | IPC_NOWAIT), 20);
	EXPECT_EQ(do_msgctl(id, IPC_RMID, 0, false), 0);
}

static s32 waited_on;

static void make_room(void)
{
	struct msg_queue *queue = queue_of(waited_on);

	if (queue->count)
		EXPECT_EQ(receive(waited_on, 100, 0, 0), 1);
	else
		EXPECT_EQ(send(waited_on, 6, 4, 0), 0);
}

static void remove_waited_on(void)
{
	EXPECT_EQ(do_msgctl(waited_on, IPC_RMID, 0, false), 0);
}

static void forbid(void)
{
	queue_of(waited_on)->ipc.mode = 0;
	msg_wake(queue_of(waited_on));
}

static void waits_for_others(void)
{
	start();
	waited_on = do_msgget(IPC_PRIVATE, 0600);
	queue_of(waited_on)->most = 2;
	EXPECT_EQ(send(waited_on, 1, 2, 0), 0);
	EXPECT_EQ(send(waited_on, 2, 1, IPC_NOWAIT), -EAGAIN);
	EXPECT_EQ(send(waited_on, 2, 1, 0), -ERESTARTNOHAND);
	host_others = make_room;
	EXPECT_EQ(send(waited_on, 2, 1, 0), 0);
	/* As many messages as bytes fit, also empty ones. */
	EXPECT_EQ(send(waited_on, 2, 0, IPC_NOWAIT), 0);
	EXPECT_EQ(send(waited_on, 2, 0, IPC_NOWAIT), -EAGAIN);
	EXPECT_EQ(receive(waited_on, 8, 0, 0), 2);
	EXPECT_EQ(receive(waited_on, 8, 0, 0), 2);
	queue_of(waited_on)->most = 100;
	EXPECT_EQ(receive(waited_on, 8, 0, 0), 6);
	/* Rights are looked at again. */
	host_others = forbid;
	EXPECT_EQ(receive(waited_on, 8, 0, 0), -EACCES);
	queue_of(waited_on)->ipc.mode = 0600;
	queue_of(waited_on)->most = 0;
	EXPECT_EQ(send(waited_on, 2, 1, 0), -EACCES);
	queue_of(waited_on)->ipc.mode = 0600;
	host_others = remove_waited_on;
	EXPECT_EQ(receive(waited_on, 8, 0, 0), -EIDRM);
	waited_on = do_msgget(IPC_PRIVATE, 0600);
	queue_of(waited_on)->most = 0;
	EXPECT_EQ(send(waited_on, 2, 1, 0), -EIDRM);
	EXPECT_EQ(msg_table.count, 0);
}

static void msg_states(void)
{
	struct msqid64 *state = (struct msqid64 *)user_bytes;
	struct msqid_old *old = (struct msqid_old *)user_bytes;
	s32 id;

	start();
	id = do_msgget(IPC_PRIVATE, 0600);
	EXPECT_EQ(send(id, 5, 50, 0), 0);
	EXPECT_EQ(do_msgctl(id, IPC_STAT, USER_BYTES, false), 0);
	EXPECT(state->bytes == 50 && state->count == 1 && state->most == 16384);
	EXPECT(state->lspid == 20 && !state->lrpid && state->stime == 1000 && !state->rtime);
	queue_of(id)->most = 70000;
	queue_of(id)->bytes = 70001;
	queue_of(id)->count = 70002;
	EXPECT_EQ(do_msgctl(id, MSG_STAT, USER_BYTES, true), id);
	EXPECT(old->bytes == 65535 && old->count == 65535 && old->most == 65535);
	EXPECT(old->long_bytes == 70001 && old->long_most == 70000 && old->lspid == 20);
	EXPECT(old->ctime == 1000 && old->stime == 1000);
	queue_of(id)->bytes = 50;
	queue_of(id)->count = 1;
	EXPECT_EQ(do_msgctl(id, IPC_STAT, OUTSIDE, true), -EFAULT);
	EXPECT_EQ(do_msgctl(id, IPC_STAT, OUTSIDE, false), -EFAULT);
	EXPECT_EQ(do_msgctl(id, IPC_SET, OUTSIDE, false), -EFAULT);
	EXPECT_EQ(do_msgctl(id, IPC_SET, OUTSIDE, true), -EFAULT);
	EXPECT_EQ(do_msgctl(id, MSG_INFO, OUTSIDE, false), -EFAULT);
	EXPECT_EQ(do_msgctl(id, 99, USER_BYTES, false), -EINVAL);
	EXPECT_EQ(do_msgctl(-1, IPC_STAT, USER_BYTES, false), -EINVAL);
	EXPECT_EQ(do_msgctl(id + 1, IPC_STAT, USER_BYTES, false), -EINVAL);
	EXPECT_EQ(do_msgctl(id + 1, IPC_SET, USER_BYTES, false), -EINVAL);
	EXPECT_EQ(do_msgctl(id + 1, MSG_STAT, USER_BYTES, false), -EINVAL);
	/* Only the super-user may let more fit than the limit. */
	*state = (struct msqid64){ .most = 16385, .perm = { .uid = 1000, .mode = 0640 } };
	EXPECT_EQ(do_msgctl(id, IPC_SET, USER_BYTES, false), -EPERM);
	EXPECT_EQ(queue_of(id)->most, 70000);
	host_privileged = true;
	console_date += SECOND;
	EXPECT_EQ(do_msgctl(id, IPC_SET, USER_BYTES, false), 0);
	EXPECT(queue_of(id)->most == 16385 && queue_of(id)->ipc.mode == 0640);
	EXPECT_EQ(queue_of(id)->ctime, 1001);
	host_privileged = false;
	state->most = 16384;
	EXPECT_EQ(do_msgctl(id, IPC_SET, USER_BYTES, false), 0);
	*old = (struct msqid_old){ .most = 7, .long_most = 9, .perm = { .uid = 1000 } };
	EXPECT_EQ(do_msgctl(id, IPC_SET, USER_BYTES, true), 0);
	EXPECT_EQ(queue_of(id)->most, 7);
	old->most = 0;
	EXPECT_EQ(do_msgctl(id, IPC_SET, USER_BYTES, true), 0);
	EXPECT_EQ(queue_of(id)->most, 9);
	EXPECT_EQ(do_msgctl(id, IPC_STAT, USER_BYTES, false), -EACCES);
	EXPECT_EQ(do_msgctl(id, MSG_STAT, USER_BYTES, false), -EACCES);
	EXPECT_EQ(do_msgctl(id, MSG_STAT_ANY, USER_BYTES, false), id);
	own_group.user.effective = 5;
	EXPECT_EQ(do_msgctl(id, IPC_SET, USER_BYTES, false), -EPERM);
	own_group.user.effective = 1000;
	EXPECT_EQ(do_msgctl(id, IPC_RMID, 0, false), 0);
}

static void msg_figures(void)
{
	const struct msginfo *info = (const struct msginfo *)user_bytes;
	s32 first, second;

	start();
	EXPECT_EQ(do_msgctl(0, IPC_INFO, USER_BYTES, false), 0);
	EXPECT(info->pool == 31 * 16384 && info->map == 16384 && info->largest == 8192);
	EXPECT(info->in_queue == 16384 && info->queues == 32000 && info->segment == 16);
	EXPECT(info->messages == 16384 && info->segments == 65535);
	first = do_msgget(IPC_PRIVATE, 0600);
	second = do_msgget(IPC_PRIVATE, 0600);
	EXPECT(!send(first, 1, 30, 0) && !send(second, 1, 5, 0) && !send(second, 1, 6, 0));
	EXPECT_EQ(do_msgctl(0, MSG_INFO, USER_BYTES, false), 1);
	EXPECT(info->pool == 2 && info->map == 3 && info->messages == 41);
	EXPECT_EQ(do_msgctl(first, IPC_RMID, 0, false), 0);
	EXPECT_EQ(do_msgctl(second, IPC_RMID, 0, false), 0);
}

TAP_MAIN({ "queues", queues }, { "messages", messages }, { "copies of messages", copies },
	 { "messages that wait", waits_for_others }, { "states of queues", msg_states },
	 { "figures of queues", msg_figures })
