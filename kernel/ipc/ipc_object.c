/* SPDX-License-Identifier: MIT */
/* Tables and permissions of System V IPC. The numbers are the invariants in ipc_object.h. */
#include "kernel/ipc/ipc_object.h"
#include "abi/linux/capability.h"
#include "abi/linux/errno.h"
#include "fs/process.h"
#include "kernel/cpu/uaccess.h"
#include "kernel/task/task.h"
#include "lib/assert.h"
#include "mm/user_space/limits.h"

/* Sequences stay below this, so that ids do not become negative. */
#define SEQUENCES (0x80000000u / IPC_INDEXES)

#define TURN 64u /* indexes that are used in turn, at least */

/* The lowest free index from this one on; *previous: the object before it. */
static u32 free_index(struct ipc_table *table, u32 index, struct list_head **previous)
{
	struct ipc_object *other;

	*previous = table->objects.prev;
	if (!table->count || index > (u32)ipc_highest(table))
		return index;
	*previous = &table->objects;
	list_for_each_entry (other, &table->objects, link) {
		if (other->index > index)
			break;
		index += other->index == index;
		*previous = &other->link;
	}
	return index;
}

/* An id that a program asked for, or the next ones if its index is in use. */
static void enter_wanted(struct ipc_table *table, struct ipc_object *object,
			 struct list_head **previous)
{
	object->sequence = (u32)table->next_id / IPC_INDEXES;
	object->index = free_index(table, (u32)table->next_id % IPC_INDEXES, previous);
	if (object->index >= IPC_INDEXES) /* all from the wanted one on are in use */
		object->index = free_index(table, 0, previous);
	table->next_id = -1;
}

/*
 * Indexes are used in turn, as on Linux: the id of an object that was removed is unknown for a
 * while, before its index belongs to another one.
 */
static void enter_next(struct ipc_table *table, struct ipc_object *object,
		       struct list_head **previous)
{
	u32 end = min(max(table->count * 3 / 2, TURN), IPC_INDEXES);

	object->index = free_index(table, table->next_index, previous);
	if (object->index >= end)
		object->index = free_index(table, 0, previous);
	/* An index that may have been used before gets a new sequence. */
	if (object->index < table->next_index)
		table->next_sequence = (table->next_sequence + 1) % SEQUENCES;
	table->next_index = object->index + 1;
	object->sequence = table->next_sequence;
}

void ipc_enter(struct ipc_table *table, struct ipc_object *object, u32 key, u32 mode)
{
	const struct thread_group *group = current->group;
	struct list_head *previous;

	*object = (struct ipc_object){
		.key = key,
		.uid = group->user.effective,
		.cuid = group->user.effective,
		.gid = group->groups.ids.effective,
		.cgid = group->groups.ids.effective,
		.mode = mode & IPC_MODE,
	};
	if (table->next_id >= 0)
		enter_wanted(table, object, &previous);
	else
		enter_next(table, object, &previous);
	BUG_ON(object->index >= IPC_INDEXES); /* (2) */
	list_add(&object->link, previous);
	table->count++;
}

void ipc_leave(struct ipc_table *table, struct ipc_object *object)
{
	BUG_ON(!table->count); /* (1) */
	table->count--;
	list_del(&object->link);
}

s32 ipc_id(const struct ipc_object *object)
{
	return (s32)(object->sequence * IPC_INDEXES + object->index);
}

struct ipc_object *ipc_find_index(const struct ipc_table *table, s32 index)
{
	struct ipc_object *object;

	list_for_each_entry (object, &table->objects, link)
		if ((s32)object->index == index % (s32)IPC_INDEXES)
			return object;
	return NULL;
}

struct ipc_object *ipc_find(const struct ipc_table *table, s32 id, int *err)
{
	struct ipc_object *object = id < 0 ? NULL : ipc_find_index(table, id);

	*err = -EINVAL;
	return object && ipc_id(object) == id ? object : NULL;
}

struct ipc_object *ipc_find_key(const struct ipc_table *table, u32 key)
{
	struct ipc_object *object;

	if (key == IPC_PRIVATE)
		return NULL;
	list_for_each_entry (object, &table->objects, link)
		if (object->key == key)
			return object;
	return NULL;
}

s32 ipc_highest(const struct ipc_table *table)
{
	return list_empty(&table->objects)
		       ? 0
		       : (s32)list_last_entry(&table->objects, struct ipc_object, link)->index;
}

int ipc_access(const struct ipc_object *object, u32 wanted)
{
	u32 user = current->group->user.effective, granted = object->mode;

	/* Linux ignores for which of owner, group and others a mode of shmget() wants access. */
	wanted = (wanted >> 6 | wanted >> 3 | wanted) & 7;
	if (user == object->uid || user == object->cuid)
		granted >>= 6;
	else if (process_in_group(object->gid) || process_in_group(object->cgid))
		granted >>= 3;
	return wanted & ~granted && !capable(CAP_IPC_OWNER) ? -EACCES : 0;
}

bool ipc_owned(const struct ipc_object *object)
{
	u32 user = current->group->user.effective;

	return user == object->uid || user == object->cuid;
}

int ipc_control(const struct ipc_object *object)
{
	return ipc_owned(object) || capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
}

struct ipc64_perm ipc_perm(const struct ipc_object *object)
{
	return (struct ipc64_perm){
		.key = object->key,
		.uid = object->uid,
		.gid = object->gid,
		.cuid = object->cuid,
		.cgid = object->cgid,
		.mode = (u16)object->mode,
		.sequence = (u16)object->sequence,
	};
}

/* An ID for a field of 16 bits: Linux's overflow ID says that it does not fit. */
static u16 narrow_id(u32 id)
{
	return id > UINT16_MAX ? 65534 : (u16)id;
}

struct ipc_perm_old ipc_perm_old(const struct ipc_object *object)
{
	return (struct ipc_perm_old){
		.key = object->key,
		.uid = narrow_id(object->uid),
		.gid = narrow_id(object->gid),
		.cuid = narrow_id(object->cuid),
		.cgid = narrow_id(object->cgid),
		.mode = (u16)object->mode,
		.sequence = (u16)object->sequence,
	};
}

int ipc_read_perm(struct ipc64_perm *perm, vaddr_t from, bool old)
{
	struct ipc_perm_old perm_old;

	if (old ? copy_from_user(&perm_old, from, sizeof(perm_old))
		: copy_from_user(perm, from, sizeof(*perm)))
		return -EFAULT;
	if (old)
		*perm = (struct ipc64_perm){ .uid = perm_old.uid,
					     .gid = perm_old.gid,
					     .mode = perm_old.mode };
	return 0;
}

int ipc_set(struct ipc_object *object, const struct ipc64_perm *perm)
{
	if (ipc_control(object))
		return -EPERM;
	if (perm->uid == (u32)-1 || perm->gid == (u32)-1)
		return -EINVAL;
	object->uid = perm->uid;
	object->gid = perm->gid;
	object->mode = (object->mode & ~IPC_MODE) | (perm->mode & IPC_MODE);
	return 0;
}
