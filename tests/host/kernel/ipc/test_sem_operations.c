/* SPDX-License-Identifier: MIT */
/*
 * Operations on semaphores: which tasks each change wakes, each allocation that fails in turn,
 * what other threads do while memory is reclaimed, and what lies behind the operations of a
 * call.
 *
 * sources: kernel/ipc/ipc_object.c kernel/ipc/sysv_sem.c kernel/ipc/sysv_sem_ctl.c
 * sources: tests/host/kernel/ipc/ipc_rig.c
 */
#include <string.h>

#include "abi/linux/errno.h"
#include "kernel/ipc/sysv_sem.h"
#include "kernel/process/exit.h"
#include "mm/frames/shrinker.h"
#include "mm/slab/slab.h"
#include "tests/host/kernel/ipc/ipc_rig.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

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

static struct sem_set *set_of(s32 id)
{
	return sem_set_of(ipc_find_index(&sem_table, (u32)id));
}

/* A task that sleeps at the set. */
static struct sem_sleeper sleeper;

static void let_sleep(s32 id)
{
	memset(&sleeper, 0, sizeof(sleeper));
	waiter_init(&sleeper.waiter);
	list_add_tail(&sleeper.link, &set_of(id)->sleepers);
}

/* Was it woken? It leaves the set. */
static bool woken(void)
{
	list_del_init(&sleeper.link);
	return sleeper.waiter.woken;
}

/* Each way in which a value changes wakes; what failed changes none. */
static void wakes(void)
{
	s32 id;

	start();
	id = do_semget(IPC_PRIVATE, 2, 0600);
	let_sleep(id);
	EXPECT_EQ(one(id, 0, 3, SEM_UNDO), 0);
	EXPECT(woken());
	let_sleep(id);
	EXPECT_EQ(one(id, 0, -4, IPC_NOWAIT), -EAGAIN);
	EXPECT_EQ(one(id, 0, 32767, 0), -ERANGE);
	EXPECT(!woken());
	let_sleep(id);
	EXPECT_EQ(do_semctl(id, 1, SETVAL, 2, false), 0);
	EXPECT(woken());
	let_sleep(id);
	memset(user_bytes, 0, 4);
	EXPECT_EQ(do_semctl(id, 0, SETALL, USER_BYTES, false), 0);
	EXPECT(woken());
	EXPECT_EQ(one(id, 0, 3, SEM_UNDO), 0);
	let_sleep(id);
	ipc_exit(&own_group);
	EXPECT(woken() && !sleeper.removed);
	let_sleep(id);
	EXPECT_EQ(do_semctl(id, 0, IPC_RMID, 0, false), 0);
	EXPECT(woken() && sleeper.removed);
}

/* A set is found by a number of semaphores up to its own. */
static void counts(void)
{
	s32 id;

	start();
	id = do_semget(77, 3, IPC_CREAT | 0600);
	EXPECT_EQ(do_semget(77, 2, 0600), id);
	EXPECT_EQ(do_semget(77, 3, 0600), id);
	EXPECT_EQ(do_semget(77, 4, 0600), -EINVAL);
	EXPECT_EQ(do_semget(77, 4, IPC_CREAT | IPC_EXCL | 0600), -EEXIST);
	EXPECT_EQ(do_semctl(id, 0, IPC_RMID, 0, false), 0);
}

/* Each allocation of an operation in turn. */
static void without_memory(void)
{
	u32 nth = 1;
	s32 id, err;

	start();
	id = do_semget(IPC_PRIVATE, 2, 0600);
	/* The caches have objects: each allocation is one. */
	EXPECT_EQ(one(id, 0, 0, 0), 0);
	for (;; nth++) {
		fail(nth);
		err = one(id, 0, 1, SEM_UNDO);
		fail(0);
		if (!err)
			break;
		EXPECT_EQ(err, -ENOMEM);
		EXPECT_EQ(value(id, 0), 0);
		EXPECT(list_empty(&set_of(id)->undos) && list_empty(&set_of(id)->sleepers));
	}
	EXPECT_EQ(nth, 3); /* the operations, and what is to be undone */
	/* The process has an undo for the set now, and needs no other. */
	fail(2);
	EXPECT_EQ(one(id, 1, 1, SEM_UNDO), 0);
	fail(0);
	ipc_exit(&own_group);
	EXPECT(list_empty(&set_of(id)->undos));
	/* Without SEM_UNDO none is allocated. */
	fail(2);
	EXPECT_EQ(one(id, 1, 1, 0), 0);
	fail(0);
	EXPECT(list_empty(&set_of(id)->undos));
	EXPECT_EQ(do_semctl(id, 0, IPC_RMID, 0, false), 0);
}

/* ---- Another thread runs while memory is reclaimed ---- */

#define MANY 100u /* what is to be undone lies in another cache than the operations */

static void (*other_thread)(void);
static s32 shared_id;

static u32 run_other_thread(void)
{
	void (*run)(void) = other_thread;

	other_thread = NULL;
	if (run) {
		machine_relax();
		run();
	}
	return run != NULL;
}

static void makes_it(void)
{
	shared_id = do_semget(77, MANY, IPC_CREAT | 0600);
}

static void makes_another(void)
{
	shared_id = do_semget(78, MANY, IPC_CREAT | 0600);
}

static void removes_it(void)
{
	EXPECT_EQ(do_semctl(shared_id, 0, IPC_RMID, 0, false), 0);
}

static void has_undo(void)
{
	const struct sembuf operation = { 1, 2, SEM_UNDO };

	memcpy(user_bytes, &operation, sizeof(operation));
	EXPECT_EQ(do_semop(shared_id, USER_BYTES, 1, WAIT_FOREVER), 0);
}

/* Takes all objects of this size, so that the next allocation reclaims; frees them again. */
static void **taken;

static void take_all(u32 size, void (*thread)(void))
{
	void **object;

	machine_exhaust();
	while ((object = kmalloc(size, GFP_KERNEL))) {
		*object = taken;
		taken = object;
	}
	other_thread = thread;
}

static void free_all(void)
{
	void **object;

	EXPECT(!other_thread);
	while ((object = taken)) {
		taken = *object;
		kfree(object);
	}
	machine_relax();
}

static void sets_take_time(void)
{
	static struct shrinker shrinker = { .name = "other thread", .shrink = run_other_thread };
	const u32 size = sizeof(struct sem_set) + MANY * sizeof(struct semaphore);

	start();
	register_shrinker(&shrinker);
	/* The other thread has made the same set. */
	take_all(size, makes_it);
	EXPECT_EQ(do_semget(77, MANY, IPC_CREAT | 0600), shared_id);
	free_all();
	EXPECT_EQ(sem_table.count, 1);
	removes_it();
	take_all(size, makes_it);
	EXPECT_EQ(do_semget(77, MANY, IPC_CREAT | IPC_EXCL | 0600), -EEXIST);
	free_all();
	removes_it();
	/* The last one there may be. */
	semmni = 1;
	take_all(size, makes_another);
	EXPECT_EQ(do_semget(77, MANY, IPC_CREAT | 0600), -ENOSPC);
	free_all();
	EXPECT_EQ(sem_table.count, 1);
	removes_it();
}

static void undos_take_time(void)
{
	static struct shrinker shrinker = { .name = "other thread", .shrink = run_other_thread };
	const u32 size = sizeof(struct sem_undo) + MANY * sizeof(s16);
	void *kept;

	start();
	register_shrinker(&shrinker);
	kept = kmalloc(sizeof(struct sembuf), GFP_KERNEL); /* the operations have memory */
	makes_it();
	take_all(size, has_undo);
	EXPECT_EQ(one(shared_id, 0, 3, SEM_UNDO), 0);
	free_all();
	EXPECT(value(shared_id, 0) == 3 && value(shared_id, 1) == 2);
	EXPECT(set_of(shared_id)->undos.next == set_of(shared_id)->undos.prev); /* one */
	ipc_exit(&own_group);
	EXPECT(value(shared_id, 0) == 0 && value(shared_id, 1) == 0);
	take_all(size, removes_it);
	EXPECT_EQ(one(shared_id, 0, 3, SEM_UNDO), -EIDRM);
	free_all();
	EXPECT_EQ(sem_table.count, 0);
	kfree(kept);
}

/* The process is the last of the semaphores of its call only. */
static void behind_the_operations(void)
{
	const struct sembuf operations[3] = { { 0, 1, 0 }, { 0, 1, 0 }, { 0, 1, 0 } };
	struct sembuf *memory;
	s32 id;

	start();
	id = do_semget(IPC_PRIVATE, 2, 0600);
	/* The call gets the same object, which has a fourth operation from before. */
	memory = kmalloc(sizeof(operations), GFP_KERNEL);
	memory[3].number = 1;
	kfree(memory);
	EXPECT_EQ(operate(id, operations, 3), 0);
	EXPECT(memory[2].op == 1 && memory[3].number == 1);
	EXPECT_EQ(do_semctl(id, 0, GETPID, 0, false), 20);
	EXPECT_EQ(do_semctl(id, 1, GETPID, 0, false), 0);
	EXPECT_EQ(do_semctl(id, 0, IPC_RMID, 0, false), 0);
}

TAP_MAIN({ "changes wake", wakes }, { "as many as there are", counts },
	 { "without memory", without_memory }, { "sets take time", sets_take_time },
	 { "undos take time", undos_take_time }, { "behind the operations", behind_the_operations })
