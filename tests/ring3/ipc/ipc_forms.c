/* SPDX-License-Identifier: MIT */
/* IPC_STAT and IPC_SET in both forms: structures of today, and those with IDs of 16 bits. */
#include "abi/linux/msg.h"
#include "abi/linux/sem.h"
#include "abi/linux/shm.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/syscall.h"
#include "tests/ring3/runtime/string.h"

/* The permissions come first in each structure; the largest is 100 bytes long. */
union form {
	struct ipc_perm_old old;
	struct ipc64_perm now;
	struct msqid_old queue_old;
	struct msqid64 queue;
	u8 bytes[256];
};

static union form form;

/* Of one kind of object. A set of semaphores has its argument one place behind, as a pointer. */
static long control(u32 call, int id, u32 command)
{
	u32 argument = (u32)&form;

	return system_call(NR_ipc, call, id, call == SEMCTL ? 0 : (long)command,
			   call == SEMCTL ? (long)command : 0,
			   call == SEMCTL ? (long)&argument : (long)&form, 0);
}

static void expect_now(u32 call, int id, u32 uid, u32 gid, u32 mode)
{
	memset(&form, 0x55, sizeof(form));
	EXPECT_EQ(control(call, id, IPC_STAT | IPC_64), 0);
	EXPECT_EQ(form.now.uid, uid);
	EXPECT_EQ(form.now.gid, gid);
	EXPECT_EQ(form.now.mode, mode);
	EXPECT(!form.now.cuid && !form.now.cgid && !form.now.key);
}

static void both_forms(u32 call, int id)
{
	memset(&form, 0x55, sizeof(form));
	EXPECT_EQ(control(call, id, IPC_STAT), 0);
	EXPECT(!form.old.key && !form.old.uid && !form.old.gid && !form.old.cuid && !form.old.cgid);
	EXPECT_EQ(form.old.mode, 0600);
	form.old.uid = 11;
	form.old.gid = 12;
	form.old.cuid = 13;
	form.old.mode = 07640;
	EXPECT_EQ(control(call, id, IPC_SET), 0);
	expect_now(call, id, 11, 12, 0640);
	form.now.uid = 70001;
	form.now.gid = 70002;
	form.now.mode = 0604;
	EXPECT_EQ(control(call, id, IPC_SET | IPC_64), 0);
	expect_now(call, id, 70001, 70002, 0604);
	EXPECT_EQ(control(call, id, IPC_STAT), 0);
	EXPECT_EQ(form.old.uid, 65534);
	EXPECT_EQ(form.old.gid, 65534);
	EXPECT_EQ(form.old.mode, 0604);
}

static void segment(void)
{
	int id = (int)system_call(NR_ipc, SHMGET, 0, 4096, 0600, 0, 0);

	both_forms(SHMCTL, id);
	EXPECT_EQ(control(SHMCTL, id, IPC_RMID), 0);
}

static void semaphores(void)
{
	int id = (int)system_call(NR_ipc, SEMGET, 0, 1, 0600, 0, 0);

	both_forms(SEMCTL, id);
	EXPECT_EQ(control(SEMCTL, id, IPC_RMID), 0);
}

static void queue(void)
{
	int id = (int)system_call(NR_ipc, MSGGET, 0, 0600, 0, 0, 0);

	both_forms(MSGCTL, id);
	EXPECT_EQ(control(MSGCTL, id, IPC_STAT), 0);
	EXPECT_EQ(form.queue_old.most, 16384);
	form.queue_old.most = 5;
	EXPECT_EQ(control(MSGCTL, id, IPC_SET), 0);
	EXPECT_EQ(control(MSGCTL, id, IPC_STAT | IPC_64), 0);
	EXPECT_EQ(form.queue.most, 5);
	EXPECT_EQ(control(MSGCTL, id, IPC_RMID), 0);
}

static const struct tap_case cases[] = {
	{ "a segment", segment },
	{ "a set of semaphores", semaphores },
	{ "a queue of messages", queue },
};

int main(void);
int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
