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
	s32 err, id;

	if (!set)
		return -EINVAL;
	id = ipc_id(&set->ipc); /* it may be gone after put_state() */
	err = any ? 0 : ipc_access(&set->ipc, IPC_READ);
	if (!err)
		err = put_state(set, to, old);
	return err ? err : id;
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

static struct sem_set *set_for(s32 id, u32 wanted, int *err)
{
	struct sem_set *set = sem_set_of(ipc_find(&sem_table, id, err));

	if (set)
		*err = ipc_access(&set->ipc, wanted);
	return *err ? NULL : set;
}

static void get_all(const struct sem_set *set, u16 *values)
{
	for (u32 i = 0; i < set->count; i++)
		values[i] = (u16)set->semaphores[i].value;
}

/* All values are checked before one is set. */
static s32 set_all(struct sem_set *set, const u16 *values)
{
	for (u32 i = 0; i < set->count; i++)
		if (values[i] > SEMVMX)
			return -ERANGE;
	for (u32 i = 0; i < set->count; i++)
		set_value(set, i, values[i]);
	sem_wake(set);
	return 0;
}

/* The set is found again after each step that may sleep: the id of another set differs. */
static s32 of_all(s32 id, bool writes, vaddr_t place)
{
	u32 wanted = writes ? IPC_WRITE : IPC_READ, count, bytes;
	struct sem_set *set;
	u16 *values;
	int err;

	set = set_for(id, wanted, &err);
	if (!set)
		return err;
	count = set->count;
	bytes = count * sizeof(*values);
	values = kmalloc(bytes, GFP_KERNEL);
	if (!values)
		return -ENOMEM;
	if (writes && copy_from_user(values, place, bytes)) {
		kfree(values);
		return -EFAULT;
	}
	set = set_for(id, wanted, &err);
	if (set && set->count != count)
		err = -EIDRM; /* ids come again after very many sets */
	if (!err && writes)
		err = set_all(set, values);
	else if (!err)
		get_all(set, values);
	if (!err && !writes && copy_to_user(place, values, bytes))
		err = -EFAULT;
	kfree(values);
	return err;
}

/* IPC_SET. As above. */
static s32 set_state(s32 id, vaddr_t from, bool old)
{
	struct ipc64_perm perm;
	struct sem_set *set;
	int err = ipc_read_perm(&perm, from, old);

	if (err)
		return err;
	set = sem_set_of(ipc_find(&sem_table, id, &err));
	if (!set)
		return err;
	err = ipc_set(&set->ipc, &perm);
	if (!err)
		set->ctime = sem_time();
	return err;
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
	int err;

	if (command == IPC_RMID) {
		err = ipc_control(&set->ipc);
		if (!err)
			sem_remove(set);
		return err;
	}
	err = ipc_access(&set->ipc, command == SETVAL ? IPC_WRITE : IPC_READ);
	if (err)
		return err;
	if (command == IPC_STAT)
		return put_state(set, argument, old);
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
	case IPC_SET:
		return set_state(id, argument, old);
	case GETALL:
	case SETALL:
		return of_all(id, command == SETALL, argument);
	case IPC_RMID:
	case IPC_STAT:
	case GETNCNT:
	case GETPID:
	case GETVAL:
	case GETZCNT:
		break;
	default:
		return -EINVAL;
	}
	set = sem_set_of(ipc_find(&sem_table, id, &err));
	return set ? control_set(set, number, command, argument, old) : err;
}
