/* SPDX-License-Identifier: MIT */
/*
 * semctl(): values and states of sets, in Linux's current structures (IPC_64) and the older ones.
 */
#include "kernel/ipc/sysv_sem.h"
#include "abi/linux/errno.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/task/task.h"
#include "mm/slab/slab.h"

/* Linux's, without a meaning there either. */
#define SEM_UNDO_SIZE 20

static s32 put_state(const struct sem_set *set, vaddr_t to, bool old)
{
	const struct semid64 state = {
		.perm = ipc_perm(&set->ipc),
		.otime = set->otime,
		.ctime = set->ctime,
		.count = set->count,
	};
	const struct semid_old state_old = {
		.perm = ipc_perm_old(&set->ipc),
		.otime = set->otime,
		.ctime = set->ctime,
		.count = (u16)set->count,
	};

	if (old)
		return copy_to_user(to, &state_old, sizeof(state_old)) ? -EFAULT : 0;
	return copy_to_user(to, &state, sizeof(state)) ? -EFAULT : 0;
}

/* IPC_INFO: the limits; SEM_INFO: what is in use. Returns the highest index in use. */
static s32 put_info(bool in_use, vaddr_t to)
{
	struct seminfo info = {
		.map = (s32)(SEMMNI * SEMMSL),
		.sets = (s32)semmni,
		.semaphores = (s32)(SEMMNI * SEMMSL),
		.undos = (s32)(SEMMNI * SEMMSL),
		.in_set = (s32)SEMMSL,
		.in_call = (s32)SEMOPM,
		.undo_entries = (s32)SEMOPM,
		.undo_size = SEM_UNDO_SIZE,
		.largest = SEMVMX,
		.adjust = SEMVMX,
	};
	const struct sem_set *set;

	if (in_use) {
		info.undo_size = (s32)sem_table.count;
		info.adjust = 0;
		list_for_each_entry (set, &sem_table.objects, ipc.link)
			info.adjust += (s32)set->count;
	}
	return copy_to_user(to, &info, sizeof(info)) ? -EFAULT : ipc_highest(&sem_table);
}

static s32 state_by_index(s32 index, vaddr_t to, bool any, bool old)
{
	const struct sem_set *set = sem_set_of(ipc_find_index(&sem_table, index));
	s32 err;

	if (!set)
		return -EINVAL;
	err = any ? 0 : ipc_access(&set->ipc, IPC_READ);
	if (!err)
		err = put_state(set, to, old);
	return err ? err : ipc_id(&set->ipc);
}

/* How many wait for this semaphore to grow, or to become 0. */
static s32 count_sleepers(const struct sem_set *set, u32 number, bool zero)
{
	const struct sem_sleeper *sleeper;
	s32 count = 0;

	list_for_each_entry (sleeper, &set->sleepers, link)
		count += sleeper->blocked && sleeper->blocked->number == number &&
			 !sleeper->blocked->op == zero;
	return count;
}

static void set_value(struct sem_set *set, u32 number, s32 value)
{
	struct sem_undo *undo;

	set->semaphores[number] = (struct semaphore){ value, current->tgid };
	list_for_each_entry (undo, &set->undos, link)
		undo->adjust[number] = 0;
	set->ctime = sem_time();
}

static s32 get_all(const struct sem_set *set, vaddr_t to)
{
	for (u32 i = 0; i < set->count; i++) {
		u16 value = (u16)set->semaphores[i].value;

		if (copy_to_user(to + i * sizeof(value), &value, sizeof(value)))
			return -EFAULT;
	}
	return 0;
}

/* All values are checked before one is set. */
static s32 set_all(struct sem_set *set, vaddr_t from)
{
	u16 value;

	for (u32 pass = 0; pass < 2; pass++) {
		for (u32 i = 0; i < set->count; i++) {
			if (copy_from_user(&value, from + i * sizeof(value), sizeof(value)))
				return -EFAULT;
			if (value > SEMVMX)
				return -ERANGE;
			if (pass)
				set_value(set, i, value);
		}
	}
	sem_wake(set);
	return 0;
}

static s32 of_one(struct sem_set *set, s32 number, u32 command, s32 value)
{
	if (number < 0 || (u32)number >= set->count)
		return -EINVAL;
	switch (command) {
	case GETVAL:
		return set->semaphores[number].value;
	case GETPID:
		return set->semaphores[number].pid;
	case GETNCNT:
	case GETZCNT:
		return count_sleepers(set, (u32)number, command == GETZCNT);
	}
	set_value(set, (u32)number, value);
	sem_wake(set);
	return 0;
}

static s32 control_set(struct sem_set *set, s32 number, u32 command, u32 argument, bool old)
{
	bool writes = command == SETVAL || command == SETALL;
	int err;

	if (command == IPC_RMID) {
		err = ipc_control(&set->ipc);
		if (!err)
			sem_remove(set);
		return err;
	}
	if (command == IPC_SET) {
		err = ipc_set(&set->ipc, argument, old);
		if (!err)
			set->ctime = sem_time();
		return err;
	}
	err = ipc_access(&set->ipc, writes ? IPC_WRITE : IPC_READ);
	if (err)
		return err;
	switch (command) {
	case IPC_STAT:
		return put_state(set, argument, old);
	case GETALL:
		return get_all(set, argument);
	case SETALL:
		return set_all(set, argument);
	}
	return of_one(set, number, command, (s32)argument);
}

s32 do_semctl(s32 id, s32 number, u32 command, u32 argument, bool old)
{
	struct sem_set *set;
	int err;

	if (id < 0)
		return -EINVAL;
	switch (command) {
	case IPC_INFO:
	case SEM_INFO:
		return put_info(command == SEM_INFO, argument);
	case SEM_STAT:
	case SEM_STAT_ANY:
		return state_by_index(id, argument, command == SEM_STAT_ANY, old);
	case SETVAL:
		if ((s32)argument < 0 || (s32)argument > SEMVMX)
			return -ERANGE;
		break;
	case IPC_RMID:
	case IPC_SET:
	case IPC_STAT:
	case GETALL:
	case GETNCNT:
	case GETPID:
	case GETVAL:
	case GETZCNT:
	case SETALL:
		break;
	default:
		return -EINVAL;
	}
	set = sem_set_of(ipc_find(&sem_table, id, &err));
	return set ? control_set(set, number, command, argument, old) : err;
}
