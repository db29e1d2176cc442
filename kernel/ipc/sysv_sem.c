/* SPDX-License-Identifier: MIT */
/* Semaphores: create, change, undo. The numbers are the invariants in sysv_sem.h. */
#include "kernel/ipc/sysv_sem.h"
#include "abi/linux/errno.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/process/exit.h"
#include "kernel/task/task.h"
#include "lib/assert.h"
#include "lib/clock.h"
#include "lib/math64.h"
#include "mm/slab/slab.h"

struct ipc_table sem_table = IPC_TABLE(sem_table);

u32 semmni = SEMMNI;

static bool undos_exist;

u32 sem_time(void)
{
	return (u32)div_u64(clock_coarse(), 1000000000);
}

static s32 existing_set(const struct sem_set *set, u32 count, u32 flags)
{
	int err;

	if ((flags & (IPC_CREAT | IPC_EXCL)) == (IPC_CREAT | IPC_EXCL))
		return -EEXIST;
	if (count > set->count)
		return -EINVAL;
	err = ipc_access(&set->ipc, flags);
	return err ? err : ipc_id(&set->ipc);
}

static s32 new_set(u32 key, u32 count, u32 flags)
{
	struct sem_set *set;

	if (!count)
		return -EINVAL;
	if (sem_table.count >= semmni)
		return -ENOSPC;
	set = kzalloc(sizeof(*set) + count * sizeof(set->semaphores[0]), GFP_KERNEL);
	if (!set)
		return -ENOMEM;
	/* Other tasks may have made it, or the last there may be, while there was no memory. */
	if (ipc_find_key(&sem_table, key) || sem_table.count >= semmni) {
		kfree(set);
		return do_semget(key, (s32)count, flags);
	}
	set->count = count;
	set->ctime = sem_time();
	list_init(&set->sleepers);
	list_init(&set->undos);
	ipc_enter(&sem_table, &set->ipc, key, flags);
	return ipc_id(&set->ipc);
}

s32 do_semget(u32 key, s32 count, u32 flags)
{
	const struct sem_set *set = sem_set_of(ipc_find_key(&sem_table, key));

	if (count < 0 || count > (s32)SEMMSL)
		return -EINVAL;
	if (set)
		return existing_set(set, (u32)count, flags);
	if (key != IPC_PRIVATE && !(flags & IPC_CREAT))
		return -ENOENT;
	return new_set(key, (u32)count, flags);
}

void sem_wake(struct sem_set *set)
{
	struct sem_sleeper *sleeper;

	list_for_each_entry (sleeper, &set->sleepers, link)
		waiter_wake(&sleeper->waiter);
}

void sem_remove(struct sem_set *set)
{
	struct sem_sleeper *sleeper;

	list_for_each_entry (sleeper, &set->sleepers, link)
		sleeper->removed = true;
	sem_wake(set);
	/* They take themselves off the list, and must not touch the set. */
	while (!list_empty(&set->sleepers))
		list_del_init(set->sleepers.next);
	while (!list_empty(&set->undos)) {
		struct sem_undo *undo = list_first_entry(&set->undos, struct sem_undo, link);

		list_del(&undo->link);
		kfree(undo);
	}
	ipc_leave(&sem_table, &set->ipc);
	kfree(set);
}

static struct sem_undo *find_undo(struct sem_set *set)
{
	struct sem_undo *undo;

	list_for_each_entry (undo, &set->undos, link)
		if (undo->group == current->group)
			return undo;
	return NULL;
}

/* Gives the process an undo for the set, if both are still without one. 0, -ENOMEM, -EIDRM. */
static int add_undo(s32 id, u32 count)
{
	struct sem_undo *undo =
		kzalloc(sizeof(*undo) + count * sizeof(undo->adjust[0]), GFP_KERNEL);
	struct sem_set *set;
	int err;

	if (!undo)
		return -ENOMEM;
	set = sem_set_of(ipc_find(&sem_table, id, &err));
	if (!set || find_undo(set)) {
		kfree(undo);
		return set ? 0 : -EIDRM;
	}
	undo->group = current->group;
	list_add(&undo->link, &set->undos);
	undos_exist = true;
	return 0;
}

/* Takes back what the process did with SEM_UNDO; a value stays within its bounds. */
void ipc_exit(struct thread_group *group)
{
	struct sem_undo *undo, *next;
	struct sem_set *set;

	if (likely(!undos_exist))
		return;
	list_for_each_entry (set, &sem_table.objects, ipc.link) {
		list_for_each_entry_safe (undo, next, &set->undos, link) {
			if (undo->group != group)
				continue;
			for (u32 i = 0; i < set->count; i++) {
				struct semaphore *semaphore = &set->semaphores[i];

				if (!undo->adjust[i])
					continue;
				semaphore->value += undo->adjust[i];
				semaphore->value = max(min(semaphore->value, SEMVMX), 0);
				semaphore->pid = group->leader->pid;
			}
			set->otime = sem_time();
			list_del(&undo->link);
			kfree(undo);
			sem_wake(set);
		}
	}
}

/* One operation. 0; -ERANGE; -EAGAIN: it would have to wait. */
static int operate(struct sem_set *set, struct sem_undo *undo, const struct sembuf *operation)
{
	struct semaphore *semaphore = &set->semaphores[operation->number];
	s32 value = semaphore->value + operation->op, adjust;

	if (operation->op ? value < 0 : value != 0)
		return -EAGAIN;
	if (value > SEMVMX)
		return -ERANGE;
	if (operation->flags & SEM_UNDO) {
		adjust = undo->adjust[operation->number] - operation->op;
		if (adjust < -SEMVMX - 1 || adjust > SEMVMX)
			return -ERANGE;
		undo->adjust[operation->number] = (s16)adjust;
	}
	semaphore->value = value;
	return 0;
}

static void take_back(struct sem_set *set, struct sem_undo *undo, const struct sembuf *operation)
{
	set->semaphores[operation->number].value -= operation->op;
	if (operation->flags & SEM_UNDO)
		undo->adjust[operation->number] += operation->op;
}

/* (1) 0; -ERANGE; -EAGAIN: *blocked has to wait. */
static int operate_all(struct sem_set *set, struct sem_undo *undo, const struct sembuf *operations,
		       u32 count, const struct sembuf **blocked)
{
	for (u32 i = 0; i < count; i++) {
		int err = operate(set, undo, &operations[i]);

		if (!err)
			continue;
		*blocked = &operations[i];
		while (i--)
			take_back(set, undo, &operations[i]);
		return err;
	}
	for (u32 i = 0; i < count; i++)
		set->semaphores[operations[i].number].pid = current->tgid;
	set->otime = sem_time();
	return 0;
}

/* Finds the set and checks the operations against it. */
static struct sem_set *set_for(s32 id, const struct sembuf *operations, u32 count, bool *undo,
			       int *err)
{
	struct sem_set *set = sem_set_of(ipc_find(&sem_table, id, err));
	bool changes = false;

	if (!set)
		return NULL;
	*err = 0;
	*undo = false;
	for (u32 i = 0; i < count; i++) {
		if (operations[i].number >= set->count)
			*err = -EFBIG;
		changes |= operations[i].op;
		*undo |= operations[i].flags & SEM_UNDO;
	}
	if (!*err)
		*err = ipc_access(&set->ipc, changes ? IPC_WRITE : IPC_READ);
	return *err ? NULL : set;
}

/* Sleeps until the values change. 0, -EIDRM, -EINTR or -EAGAIN: the time is over. */
static int sleep_until_changed(struct sem_sleeper *sleeper, u64 deadline)
{
	int err = waiter_sleep(&sleeper->waiter, deadline);

	if (sleeper->removed)
		return -EIDRM;
	if (err == -ETIMEDOUT)
		return -EAGAIN;
	return err ? -EINTR : 0;
}

static s32 operate_or_wait(s32 id, const struct sembuf *operations, u32 count, u64 deadline)
{
	struct sem_sleeper sleeper = { .removed = false };
	struct sem_undo *undo;
	bool needs_undo;
	int err;
	struct sem_set *set = set_for(id, operations, count, &needs_undo, &err);

	if (!set)
		return err;
	if (needs_undo && !find_undo(set)) {
		err = add_undo(id, set->count);
		if (err)
			return err;
		set = set_for(id, operations, count, &needs_undo, &err);
		if (!set)
			return err;
	}
	undo = needs_undo ? find_undo(set) : NULL;
	waiter_init(&sleeper.waiter);
	list_add_tail(&sleeper.link, &set->sleepers);
	for (;;) {
		err = operate_all(set, undo, operations, count, &sleeper.blocked);
		if (err != -EAGAIN || sleeper.blocked->flags & IPC_NOWAIT)
			break;
		err = sleep_until_changed(&sleeper, deadline);
		if (err)
			break;
	}
	list_del_init(&sleeper.link);
	if (!err)
		sem_wake(set);
	return err;
}

s32 do_semop(s32 id, vaddr_t from, u32 count, u64 deadline)
{
	struct sembuf *operations;
	s32 result;

	if (!count)
		return -EINVAL;
	if (count > SEMOPM)
		return -E2BIG;
	operations = kmalloc(count * sizeof(*operations), GFP_KERNEL);
	if (!operations)
		return -ENOMEM;
	if (copy_from_user(operations, from, count * sizeof(*operations)))
		result = -EFAULT;
	else if (id < 0)
		result = -EINVAL;
	else
		result = operate_or_wait(id, operations, count, deadline);
	kfree(operations);
	return result;
}
