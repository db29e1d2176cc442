/* SPDX-License-Identifier: MIT */
/*
 * Semaphores of System V below their calls, and what all its objects have in common: numbers of
 * objects through all indexes, limits, each allocation that fails, what other tasks do while one
 * sleeps.
 *
 * sources: kernel/ipc/ipc_object.c kernel/ipc/sysv_sem.c kernel/ipc/sysv_sem_ctl.c
 * sources: tests/host/kernel/ipc/ipc_rig.c
 */
#include <string.h>

#include "abi/linux/errno.h"
#include "kernel/ipc/ipc_object.h"
#include "kernel/ipc/sysv_sem.h"
#include "kernel/process/exit.h"
#include "kernel/task/task.h"
#include "mm/frames/fail_alloc.h"
#include "tests/host/console.h"
#include "tests/host/kernel/ipc/ipc_rig.h"
#include "tests/host/machine.h"
#include "tests/host/owner.h"
#include "tests/host/resched.h"
#include "tests/host/tap.h"
#include "tests/host/user.h"

static struct task other;
static struct thread_group other_group = { .leader = &other };
static struct task other = { .pid = 30, .group = &other_group };

/* ---- Numbers and rights ---- */

static struct ipc_table table = IPC_TABLE(table);
static struct ipc_object objects[300];

static u32 enter(u32 i)
{
	ipc_enter(&table, &objects[i], IPC_PRIVATE, 0);
	return objects[i].index;
}

static void indexes_in_turn(void)
{
	start();
	EXPECT_EQ(ipc_highest(&table), 0);
	for (u32 i = 0; i < 64; i++) {
		EXPECT_EQ(enter(i), i);
		EXPECT_EQ(objects[i].sequence, 0);
		EXPECT_EQ(ipc_id(&objects[i]), (s32)i);
		if (i) /* one at a time: each has the next index */
			ipc_leave(&table, &objects[i - 1]);
	}
	EXPECT_EQ(table.count, 1);
	EXPECT_EQ(ipc_highest(&table), 63);
	/* After the 64th the first again, with another sequence. */
	EXPECT_EQ(enter(0), 0);
	EXPECT_EQ(objects[0].sequence, 1);
	EXPECT_EQ(ipc_id(&objects[0]), 32768);
	ipc_leave(&table, &objects[0]);
	EXPECT_EQ(enter(1), 1);
	EXPECT_EQ(objects[1].sequence, 1);
	/* 63 is in use: the next turn goes around it. */
	table.next_index = 63;
	EXPECT_EQ(enter(2), 0);
	EXPECT_EQ(objects[2].sequence, 2);
	EXPECT_EQ(enter(3), 2);
	/* The list ascends. */
	EXPECT(table.objects.next == &objects[2].link && objects[2].link.next == &objects[1].link);
	EXPECT(objects[1].link.next == &objects[3].link);
	EXPECT(objects[3].link.next == &objects[63].link);
	EXPECT_EQ(enter(4), 3);
}

static void many_indexes(void)
{
	start();
	for (u32 i = 0; i < 100; i++)
		EXPECT_EQ(enter(i), i);
	/* With many objects the turn is longer: half as many again. */
	for (u32 i = 100; i < 150; i++) {
		EXPECT_EQ(enter(i), i);
		ipc_leave(&table, &objects[i]);
	}
	EXPECT_EQ(enter(150), 100);
	EXPECT_EQ(objects[150].sequence, 1);
	table.next_sequence = 65535;
	table.next_index = 200;
	EXPECT_EQ(enter(151), 101);
	EXPECT_EQ(objects[151].sequence, 0); /* the last one was 65535 */
}

static void wanted_numbers(void)
{
	start();
	table.next_id = 5 * 32768 + 40;
	EXPECT_EQ(enter(0), 40);
	EXPECT_EQ(ipc_id(&objects[0]), 5 * 32768 + 40);
	EXPECT_EQ(table.next_id, -1);
	/* Its index is in use: the next one that is free. */
	table.next_id = 6 * 32768 + 40;
	EXPECT_EQ(enter(1), 41);
	EXPECT_EQ(objects[1].sequence, 6);
	table.next_id = 39;
	EXPECT_EQ(enter(2), 39);
	table.next_id = 39;
	EXPECT_EQ(enter(3), 42);
	/* From the last index on to the first. */
	table.next_id = 32767;
	EXPECT_EQ(enter(4), 32767);
	table.next_id = 3 * 32768 + 32767;
	EXPECT_EQ(enter(5), 0);
	EXPECT_EQ(objects[5].sequence, 3);
	table.next_id = 0;
	EXPECT_EQ(enter(6), 1);
}

static void found(void)
{
	int err = 7;

	start();
	own_group.user.effective = 1000;
	ipc_enter(&table, &objects[0], 77, 01777);
	ipc_enter(&table, &objects[1], IPC_PRIVATE, 0);
	EXPECT(objects[0].mode == 0777 && objects[0].uid == 1000 && objects[0].cuid == 1000);
	EXPECT(objects[0].gid == 100 && objects[0].cgid == 100);
	EXPECT(ipc_find_key(&table, 77) == &objects[0] && !ipc_find_key(&table, 78));
	EXPECT(!ipc_find_key(&table, IPC_PRIVATE));
	EXPECT(ipc_find_index(&table, 1) == &objects[1] && !ipc_find_index(&table, 2));
	EXPECT(ipc_find_index(&table, 32768 + 1) == &objects[1]);
	EXPECT(ipc_find(&table, 1, &err) == &objects[1]);
	EXPECT(!ipc_find(&table, 32768 + 1, &err) && err == -EINVAL);
	EXPECT(!ipc_find(&table, 2, &err) && err == -EINVAL);
	EXPECT(!ipc_find(&table, -32768, &err) && err == -EINVAL);
}

/* The rights of owner, creator, their groups and others, and of the super-user. */
static void rights_of_users(void)
{
	struct ipc_object object = { .uid = 1, .cuid = 2, .gid = 3, .cgid = 4, .mode = 0421 };

	start();
	host_fsgid = 9;
	for (u32 user = 0; user < 4; user++) {
		own_group.user.effective = user;
		EXPECT_EQ(ipc_access(&object, IPC_READ), user == 1 || user == 2 ? 0 : -EACCES);
		EXPECT_EQ(ipc_access(&object, IPC_EXEC), user == 1 || user == 2 ? -EACCES : 0);
		EXPECT_EQ(ipc_control(&object), user == 1 || user == 2 ? 0 : -EPERM);
	}
	for (u32 group = 3; group < 5; group++) {
		host_fsgid = group;
		EXPECT_EQ(ipc_access(&object, IPC_WRITE), 0);
		EXPECT_EQ(ipc_access(&object, IPC_READ), -EACCES);
		EXPECT_EQ(ipc_access(&object, 020), 0);
		EXPECT_EQ(ipc_access(&object, 0200), 0);
		EXPECT_EQ(ipc_access(&object, 02), 0);
		EXPECT_EQ(ipc_access(&object, 022 | 04), -EACCES);
	}
	host_privileged = true;
	EXPECT_EQ(ipc_access(&object, 0777), 0);
	EXPECT_EQ(ipc_control(&object), 0);
}

static void owners(void)
{
	struct ipc64_perm perm = { .uid = 7, .gid = 8, .mode = 01640 };
	struct ipc_object object = { .cuid = 1000, .mode = 02777, .sequence = 5, .key = 9 };
	struct ipc_perm_old *old = (struct ipc_perm_old *)user_bytes;

	start();
	EXPECT_EQ(ipc_set(&object, &perm), 0);
	EXPECT(object.uid == 7 && object.gid == 8 && object.mode == 02640);
	perm.uid = (u32)-1;
	EXPECT_EQ(ipc_set(&object, &perm), -EINVAL);
	perm.uid = 5;
	perm.gid = (u32)-1;
	EXPECT_EQ(ipc_set(&object, &perm), -EINVAL);
	perm.gid = 5;
	object.cuid = 999;
	EXPECT_EQ(ipc_set(&object, &perm), -EPERM);
	EXPECT(object.uid == 7 && object.gid == 8);
	perm = ipc_perm(&object);
	EXPECT(perm.key == 9 && perm.uid == 7 && perm.gid == 8 && perm.cuid == 999);
	EXPECT(!perm.cgid && perm.mode == 02640 && perm.sequence == 5);
	/* The old form has 16 bits for an ID. */
	object.uid = 65535;
	object.gid = 65536;
	object.cuid = UINT32_MAX;
	object.cgid = 3;
	*old = ipc_perm_old(&object);
	EXPECT(old->key == 9 && old->uid == 65535 && old->gid == 65534 && old->cuid == 65534);
	EXPECT(old->cgid == 3 && old->mode == 02640 && old->sequence == 5);
	EXPECT_EQ(ipc_read_perm(&perm, USER_BYTES, true), 0);
	EXPECT(perm.uid == 65535 && perm.gid == 65534 && perm.mode == 02640 && !perm.key);
	EXPECT_EQ(ipc_read_perm(&perm, OUTSIDE, true), -EFAULT);
	EXPECT_EQ(ipc_read_perm(&perm, OUTSIDE, false), -EFAULT);
}

/* ---- Semaphores ---- */

static s32 operate(s32 id, const struct sembuf *operations, u32 count)
{
	memcpy(user_bytes, operations, count * sizeof(*operations));
	return do_semop(id, USER_BYTES, count, WAIT_FOREVER);
}

static s32 one(s32 id, u16 number, s16 op, s16 flags)
{
	const struct sembuf operation = { number, op, flags };

	return operate(id, &operation, 1);
}

static s32 value(s32 id, s32 number)
{
	return do_semctl(id, number, GETVAL, 0, false);
}

static void sets(void)
{
	s32 id;

	start();
	EXPECT_EQ(do_semget(77, -1, IPC_CREAT), -EINVAL);
	EXPECT_EQ(do_semget(77, 8001, IPC_CREAT), -EINVAL);
	EXPECT_EQ(do_semget(77, 0, IPC_CREAT), -EINVAL);
	fail(1);
	EXPECT_EQ(do_semget(77, 3, IPC_CREAT | 0600), -ENOMEM);
	fail(0);
	semmni = 1;
	id = do_semget(77, 8000, IPC_CREAT | 0600);
	EXPECT(id >= 0 && do_semget(77, 0, 0600) == id);
	EXPECT_EQ(do_semget(78, 1, IPC_CREAT | 0600), -ENOSPC);
	own_group.user.effective = 5;
	host_fsgid = 5;
	EXPECT_EQ(do_semget(77, 0, 0400), -EACCES);
	own_group.user.effective = 1000;
	EXPECT_EQ(do_semctl(id, 0, IPC_RMID, 0, false), 0);
	EXPECT_EQ(sem_table.count, 0);
}

static void sleeping_operations(void)
{
	const struct sembuf two[] = { { 0, 1, SEM_UNDO }, { 1, -1, 0 } };
	s32 id;

	start();
	id = do_semget(IPC_PRIVATE, 2, 0600);
	/* A signal, and the end of the time; the first operation is taken back. */
	EXPECT_EQ(operate(id, two, 2), -EINTR);
	EXPECT_EQ(value(id, 0), 0);
	memcpy(user_bytes, two, sizeof(two));
	EXPECT_EQ(do_semop(id, USER_BYTES, 2, host_now + 5), -EAGAIN);
	EXPECT_EQ(do_semctl(id, 1, GETNCNT, 0, false), 0);
	EXPECT_EQ(do_semctl(id, 1, SETVAL, 1, false), 0);
	console_date += 7 * SECOND;
	EXPECT_EQ(operate(id, two, 2), 0);
	EXPECT_EQ(sem_set_of(ipc_find_index(&sem_table, id))->otime, 1007);
	EXPECT(value(id, 0) == 1 && value(id, 1) == 0);
	EXPECT_EQ(do_semctl(id, 0, GETPID, 0, false), 20);
	EXPECT_EQ(do_semctl(id, 1, GETPID, 0, false), 20);
	ipc_exit(&own_group);
	EXPECT_EQ(value(id, 0), 0);
	EXPECT_EQ(do_semctl(id, 0, IPC_RMID, 0, false), 0);
}

static s32 slept_on;
static s32 waits_to_grow, waits_for_zero;

static void raise(void)
{
	waits_to_grow = do_semctl(slept_on, 0, GETNCNT, 0, false);
	waits_for_zero = do_semctl(slept_on, 0, GETZCNT, 0, false);
	EXPECT_EQ(do_semctl(slept_on, 1, GETNCNT, 0, false), 0);
	do_semctl(slept_on, 0, SETVAL, waits_to_grow ? 5 : 0, false);
}

static void remove_slept_on(void)
{
	do_semctl(slept_on, 0, IPC_RMID, 0, false);
}

static void other_tasks(void)
{
	start();
	slept_on = do_semget(IPC_PRIVATE, 2, 0600);
	host_others = raise;
	EXPECT_EQ(one(slept_on, 0, -2, 0), 0);
	EXPECT(waits_to_grow == 1 && waits_for_zero == 0);
	EXPECT_EQ(value(slept_on, 0), 3);
	EXPECT_EQ(one(slept_on, 0, 0, 0), 0);
	EXPECT(waits_to_grow == 0 && waits_for_zero == 1);
	host_others = remove_slept_on;
	EXPECT_EQ(one(slept_on, 0, -1, 0), -EIDRM);
	EXPECT_EQ(sem_table.count, 0);
}

static void undo_of(struct thread_group *group, s32 id, u16 number, s16 op)
{
	struct thread_group *before = current->group;

	current->group = group;
	EXPECT_EQ(one(id, number, op, SEM_UNDO), 0);
	current->group = before;
}

static void undos(void)
{
	s32 id, second;

	start();
	other_group.user.effective = 1000;
	id = do_semget(IPC_PRIVATE, 2, 0600);
	second = do_semget(IPC_PRIVATE, 2, 0600);
	ipc_exit(&own_group);
	EXPECT_EQ(one(id, 0, 0, 0), 0); /* now each allocation is one object */
	fail(2);
	EXPECT_EQ(one(id, 0, 1, SEM_UNDO), -ENOMEM);
	fail(0);
	EXPECT_EQ(value(id, 0), 0);
	undo_of(&own_group, id, 0, 5);
	undo_of(&other_group, id, 0, 7);
	undo_of(&own_group, second, 1, 9);
	console_date += 3 * SECOND;
	ipc_exit(&other_group);
	EXPECT(value(id, 0) == 5 && value(second, 1) == 9);
	EXPECT_EQ(do_semctl(id, 0, GETPID, 0, false), 30);
	EXPECT_EQ(do_semctl(id, 1, GETPID, 0, false), 0); /* it had no part in it */
	EXPECT_EQ(sem_set_of(ipc_find_index(&sem_table, id))->otime, 1003);
	EXPECT_EQ(sem_set_of(ipc_find_index(&sem_table, second))->otime, 1000);
	ipc_exit(&own_group);
	EXPECT(value(id, 0) == 0 && value(second, 1) == 0);
	/* Values stay within their bounds. */
	undo_of(&own_group, id, 0, 5);
	EXPECT_EQ(one(id, 0, -3, 0), 0);
	undo_of(&other_group, second, 0, 32767);
	undo_of(&other_group, second, 0, -32767);
	undo_of(&own_group, second, 1, 30000);
	EXPECT_EQ(one(second, 1, -30000, 0), 0);
	ipc_exit(&own_group);
	EXPECT(value(id, 0) == 0 && value(second, 1) == 0);
	ipc_exit(&other_group);
	/* What is to be undone has bounds too. */
	undo_of(&own_group, id, 0, 32767);
	EXPECT_EQ(do_semctl(id, 0, SETVAL, 0, false), 0); /* forgets the undo */
	undo_of(&own_group, id, 0, 32767);
	EXPECT_EQ(one(id, 0, -32767, 0), 0);
	EXPECT_EQ(one(id, 0, 1, SEM_UNDO), 0);
	EXPECT_EQ(one(id, 0, 1, SEM_UNDO), -ERANGE);
	EXPECT_EQ(value(id, 0), 1);
	do_semctl(id, 0, SETVAL, 32767, false);
	EXPECT_EQ(one(id, 0, -32767, SEM_UNDO), 0);
	EXPECT_EQ(one(id, 0, 1, 0), 0);
	EXPECT_EQ(one(id, 0, -1, SEM_UNDO), -ERANGE);
	EXPECT_EQ(do_semctl(id, 0, IPC_RMID, 0, false), 0);
	EXPECT_EQ(do_semctl(second, 0, IPC_RMID, 0, false), 0);
	ipc_exit(&own_group);
}

/* The end of a process changes only semaphores of the set, not what lies behind them. */
static void undo_to_the_end(void)
{
	struct sem_set *set;
	s32 id;

	start();
	id = do_semget(IPC_PRIVATE, 3, 0600);
	set = sem_set_of(ipc_find_index(&sem_table, (u32)id));
	undo_of(&own_group, id, 0, 1);
	undo_of(&own_group, id, 1, 2);
	undo_of(&own_group, id, 2, 3);
	set->count = 2; /* now the third one and its undo lie behind */
	ipc_exit(&own_group);
	EXPECT(!set->semaphores[0].value && !set->semaphores[1].value);
	EXPECT_EQ(set->semaphores[2].value, 3);
	EXPECT_EQ(do_semctl(id, 0, IPC_RMID, 0, false), 0);
}

static void sem_refused(void)
{
	const struct sembuf operations[] = { { 0, 1, 0 }, { 1, 1, 0 } };
	struct semid64 *state = (struct semid64 *)user_bytes;
	u16 *values = (u16 *)user_bytes;
	s32 id;

	start();
	id = do_semget(IPC_PRIVATE, 2, 0400);
	fail(1);
	EXPECT_EQ(operate(id, operations, 1), -ENOMEM);
	EXPECT_EQ(do_semctl(id, 0, GETALL, USER_BYTES, false), -ENOMEM);
	fail(0);
	EXPECT_EQ(operate(id, operations, 1), -EACCES);
	EXPECT_EQ(one(id, 0, 0, 0), 0); /* to wait for 0 is to read */
	EXPECT_EQ(do_semctl(id, 0, SETVAL, 1, false), -EACCES);
	EXPECT_EQ(do_semctl(id, 0, SETALL, USER_BYTES, false), -EACCES);
	EXPECT_EQ(do_semctl(id, 0, GETALL, END - 2, false), -EFAULT);
	EXPECT_EQ(do_semctl(id, 0, IPC_STAT, OUTSIDE, false), -EFAULT);
	EXPECT_EQ(do_semctl(id, 0, IPC_STAT, OUTSIDE, true), -EFAULT);
	EXPECT_EQ(do_semctl(id, 0, IPC_SET, OUTSIDE, false), -EFAULT);
	EXPECT_EQ(do_semctl(-1, 0, GETVAL, 0, false), -EINVAL);
	EXPECT_EQ(do_semctl(id, -1, GETVAL, 0, false), -EINVAL);
	EXPECT_EQ(do_semctl(id, 2, GETVAL, 0, false), -EINVAL);
	EXPECT_EQ(do_semctl(id + 5, 0, IPC_SET, USER_BYTES, false), -EINVAL);
	EXPECT_EQ(do_semctl(id + 5, 0, GETALL, USER_BYTES, false), -EINVAL);
	EXPECT_EQ(do_semctl(id + 5, 0, SEM_STAT, USER_BYTES, false), -EINVAL);
	EXPECT_EQ(do_semctl(id, 0, SEM_INFO, OUTSIDE, false), -EFAULT);
	/* Another user. */
	own_group.user.effective = 5;
	own_group.groups.ids.effective = host_fsgid = 5;
	EXPECT_EQ(do_semctl(id, 0, IPC_RMID, 0, false), -EPERM);
	EXPECT_EQ(do_semctl(id, 0, GETVAL, 0, false), -EACCES);
	EXPECT_EQ(do_semctl(id, 0, SEM_STAT, USER_BYTES, false), -EACCES);
	EXPECT_EQ(do_semctl(id, 0, SEM_STAT_ANY, USER_BYTES, false), id);
	EXPECT(state->count == 2 && state->ctime == 1000 && state->otime == 1000);
	EXPECT_EQ(do_semctl(id, 0, IPC_SET, USER_BYTES, false), -EPERM);
	own_group.user.effective = 1000;
	console_date += 5 * SECOND;
	state->perm.mode = 0600;
	EXPECT_EQ(do_semctl(id, 0, IPC_SET, USER_BYTES, false), 0);
	EXPECT_EQ(do_semctl(id, 0, IPC_STAT, USER_BYTES, false), 0);
	EXPECT(state->ctime == 1005 && state->perm.mode == 0600);
	/* All values or none. */
	values[0] = 3;
	values[1] = 32768;
	EXPECT_EQ(do_semctl(id, 0, SETALL, USER_BYTES, false), -ERANGE);
	EXPECT_EQ(value(id, 0), 0);
	EXPECT_EQ(do_semctl(id, 0, SETALL, END - 2, false), -EFAULT);
	values[1] = 32767;
	EXPECT_EQ(do_semctl(id, 0, SETALL, USER_BYTES, false), 0);
	EXPECT(value(id, 0) == 3 && value(id, 1) == 32767);
	EXPECT_EQ(do_semctl(id, 0, IPC_RMID, 0, false), 0);
}

static void sem_figures(void)
{
	const struct seminfo *info = (const struct seminfo *)user_bytes;
	const struct semid_old *old = (const struct semid_old *)user_bytes;
	s32 id, second;

	start();
	EXPECT_EQ(do_semctl(0, 0, IPC_INFO, USER_BYTES, false), 0);
	EXPECT(info->map == 256000000 && info->sets == 32000 && info->semaphores == 256000000);
	EXPECT(info->undos == 256000000 && info->in_set == 8000 && info->in_call == 500);
	EXPECT(info->undo_entries == 500 && info->undo_size == 20);
	EXPECT(info->largest == 32767 && info->adjust == 32767);
	id = do_semget(IPC_PRIVATE, 2, 0600);
	second = do_semget(IPC_PRIVATE, 5, 0600);
	EXPECT_EQ(do_semctl(0, 0, SEM_INFO, USER_BYTES, false), 1);
	EXPECT(info->undo_size == 2 && info->adjust == 7);
	EXPECT_EQ(one(second, 4, 9, 0), 0);
	EXPECT_EQ(do_semctl(second, 0, IPC_STAT, USER_BYTES, true), 0);
	EXPECT(old->count == 5 && old->otime == 1000 && old->ctime == 1000 &&
	       old->perm.uid == 1000);
	EXPECT_EQ(do_semctl(id, 0, IPC_RMID, 0, false), 0);
	EXPECT_EQ(do_semctl(second, 0, IPC_RMID, 0, false), 0);
}

TAP_MAIN({ "indexes in turn", indexes_in_turn }, { "many indexes", many_indexes },
	 { "wanted numbers", wanted_numbers }, { "objects are found", found },
	 { "rights of users", rights_of_users }, { "owners", owners }, { "sets", sets },
	 { "operations that wait", sleeping_operations }, { "what other tasks do", other_tasks },
	 { "undos", undos }, { "undos to the last semaphore", undo_to_the_end },
	 { "refused", sem_refused }, { "figures of semaphores", sem_figures })
