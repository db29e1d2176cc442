/* SPDX-License-Identifier: MIT */
/*
 * IPC_STAT and IPC_SET in both forms: structures of today, and those with IDs of 16 bits; which
 * users may make them.
 */
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
	form.now = (struct ipc64_perm){ .uid = 65535, .gid = 65536, .mode = 0600 };
	EXPECT_EQ(control(call, id, IPC_SET | IPC_64), 0);
	EXPECT_EQ(control(call, id, IPC_STAT), 0);
	EXPECT(form.old.uid == 65535 && form.old.gid == 65534);
}

/* Owners that no process can have, places that are not there: nothing changes. */
static void refused_forms(u32 call, int id)
{
	static const u32 commands[] = { IPC_STAT, IPC_SET, IPC_STAT | IPC_64, IPC_SET | IPC_64 };
	u32 bad = 16;

	for (u32 i = 0; i < ARRAY_SIZE(commands); i++)
		EXPECT_EQ(system_call(NR_ipc, call, id, call == SEMCTL ? 0 : (long)commands[i],
				      call == SEMCTL ? (long)commands[i] : 0,
				      call == SEMCTL ? (long)&bad : (long)bad, 0),
			  -EFAULT);
	form.now = (struct ipc64_perm){ .uid = ~0u, .gid = 5, .mode = 0666 };
	EXPECT_EQ(control(call, id, IPC_SET | IPC_64), -EINVAL);
	form.now = (struct ipc64_perm){ .uid = 5, .gid = ~0u, .mode = 0666 };
	EXPECT_EQ(control(call, id, IPC_SET | IPC_64), -EINVAL);
	expect_now(call, id, 65535, 65536, 0600);
	EXPECT_EQ(control(call, id, 99), -EINVAL);
	EXPECT_EQ(control(call, -1, IPC_STAT), -EINVAL);
	EXPECT_EQ(control(call, id + 32768, IPC_STAT), -EINVAL); /* another sequence */
}

static void segment(void)
{
	int id = (int)system_call(NR_ipc, SHMGET, 0, 4096, 0600, 0, 0);

	both_forms(SHMCTL, id);
	refused_forms(SHMCTL, id);
	EXPECT_EQ(control(SHMCTL, id, IPC_RMID), 0);
}

static void semaphores(void)
{
	int id = (int)system_call(NR_ipc, SEMGET, 0, 1, 0600, 0, 0);

	both_forms(SEMCTL, id);
	refused_forms(SEMCTL, id);
	EXPECT_EQ(control(SEMCTL, id, IPC_RMID), 0);
}

static void queue(void)
{
	int id = (int)system_call(NR_ipc, MSGGET, 0, 0600, 0, 0, 0);

	both_forms(MSGCTL, id);
	refused_forms(MSGCTL, id);
	EXPECT_EQ(control(MSGCTL, id, IPC_STAT), 0);
	EXPECT_EQ(form.queue_old.most, 16384);
	form.queue_old.most = 5;
	EXPECT_EQ(control(MSGCTL, id, IPC_SET), 0);
	EXPECT_EQ(control(MSGCTL, id, IPC_STAT | IPC_64), 0);
	EXPECT_EQ(form.queue.most, 5);
	EXPECT_EQ(control(MSGCTL, id, IPC_RMID), 0);
}

/* ---- Rights ---- */

enum { OWNER = 1001, MAKER, MEMBER, STRANGER, GROUP = 2001, MAKERS_GROUP };

struct subject {
	u32 user, group, more; /* and a supplementary group */
	u32 bit;	       /* of the mode: it may read */
	bool controls;
};

static const struct subject subjects[] = {
	{ OWNER, 5, 5, 0400, true },
	{ MAKER, 5, 5, 0400, true },
	{ MEMBER, GROUP, 5, 0040, false },
	{ MEMBER, 5, GROUP, 0040, false },
	{ MEMBER, MAKERS_GROUP, 5, 0040, false },
	{ STRANGER, 5, 5, 0004, false },
	{ OWNER, GROUP, 5, 0400, true },
};

static int rights_of;

static void as_subject(void *argument)
{
	const struct subject *subject = argument;
	u32 mode;

	EXPECT_EQ(control(MSGCTL, rights_of, IPC_STAT | IPC_64), 0);
	mode = form.now.mode;
	EXPECT_EQ(system_call(NR_setgroups32, 1, (long)&subject->more, 0, 0, 0, 0), 0);
	EXPECT_EQ(system_call(NR_setresgid32, subject->group, subject->group, subject->group, 0, 0,
			      0),
		  0);
	EXPECT_EQ(system_call(NR_setresuid32, subject->user, subject->user, subject->user, 0, 0, 0),
		  0);
	EXPECT_EQ(control(MSGCTL, rights_of, IPC_STAT | IPC_64), mode & subject->bit ? 0 : -EACCES);
	form.now = (struct ipc64_perm){ .uid = OWNER, .gid = GROUP, .mode = (u16)mode };
	form.queue.most = 100;
	EXPECT_EQ(control(MSGCTL, rights_of, IPC_SET | IPC_64), subject->controls ? 0 : -EPERM);
	if (!subject->controls)
		EXPECT_EQ(control(MSGCTL, rights_of, IPC_RMID), -EPERM);
}

static void makes_queue(void *place)
{
	EXPECT_EQ(system_call(NR_setresgid32, -1, MAKERS_GROUP, -1, 0, 0, 0), 0);
	EXPECT_EQ(system_call(NR_setresuid32, -1, MAKER, -1, 0, 0, 0), 0);
	*(int *)place = (int)system_call(NR_ipc, MSGGET, 0, 0600, 0, 0, 0);
}

static void rights(void)
{
	int *made = (int *)sys_mmap2(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
				     -1, 0);

	EXPECT_CHILD(makes_queue, made, EXITED(0));
	rights_of = *made;
	for (u32 bit = 0400; bit; bit >>= 3) {
		for (u32 i = 0; i < ARRAY_SIZE(subjects); i++) {
			memset(&form, 0, sizeof(form));
			form.now = (struct ipc64_perm){ .uid = OWNER, .gid = GROUP };
			form.now.mode = (u16)bit;
			form.queue.most = 100;
			EXPECT_EQ(control(MSGCTL, rights_of, IPC_SET | IPC_64), 0);
			EXPECT_CHILD(as_subject, (void *)&subjects[i], EXITED(0));
		}
	}
	EXPECT_EQ(control(MSGCTL, rights_of, IPC_RMID), 0);
	EXPECT_EQ(sys_munmap((u32)made, 4096), 0);
}

static const struct tap_case cases[] = {
	{ "a segment", segment },
	{ "a set of semaphores", semaphores },
	{ "a queue of messages", queue },
	{ "rights of users and groups", rights },
};

int main(void);
int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
