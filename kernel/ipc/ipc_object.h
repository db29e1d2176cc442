/* SPDX-License-Identifier: MIT */
/*
 * What all kinds of System V IPC have in common: a table of objects, each with an id, perhaps a
 * key, an owner, a creator and permissions. Source: svipc(7); Linux's ipc/util.c.
 *
 *   table.objects --> index 0 --> index 1 --> index 5     ascending by index
 *                     key, owner, creator, mode
 *
 *  (1) Each object is in its table once, with an index of its own.
 *  (2) id = sequence * 32768 + index: an index that is reused gives another id.
 */
#ifndef KERNEL_IPC_IPC_OBJECT_H
#define KERNEL_IPC_IPC_OBJECT_H

#include "abi/linux/ipc.h"
#include "abi/types.h"
#include "lib/list.h"

#define IPC_MODE    0777u
#define IPC_INDEXES 32768u

/* Accesses for ipc_access(), as in a mode: for owner, group and others alike. */
#define IPC_READ  0444u
#define IPC_WRITE 0222u
#define IPC_EXEC  0111u

struct ipc_object {
	struct list_head link; /* in the table */
	u32 index, sequence;
	u32 key; /* IPC_PRIVATE: no key, or no longer */
	u32 uid, gid, cuid, cgid;
	u32 mode; /* IPC_MODE, and bits of the kind */
};

struct ipc_table {
	struct list_head objects;
	u32 count, next_index, next_sequence;
	s32 next_id; /* wanted for the next object; -1: none */
};

#define IPC_TABLE(name)                                                  \
	{                                                                \
		.objects = LIST_HEAD_INIT((name).objects), .next_id = -1 \
	}

/* Enters an object of the current process, with the next free index in turn. */
void ipc_enter(struct ipc_table *table, struct ipc_object *object, u32 key, u32 mode);

void ipc_leave(struct ipc_table *table, struct ipc_object *object);

s32 ipc_id(const struct ipc_object *object);

/* The object of an id. NULL: *err is -EINVAL; another one may have the index. */
struct ipc_object *ipc_find(const struct ipc_table *table, s32 id, int *err);

/* The object of a key; NULL: there is none, or the key is IPC_PRIVATE. */
struct ipc_object *ipc_find_key(const struct ipc_table *table, u32 key);

/* The object of an index; NULL: there is none. */
struct ipc_object *ipc_find_index(const struct ipc_table *table, s32 index);

/* The highest index in use, 0 if there is none. */
s32 ipc_highest(const struct ipc_table *table);

/* May the current process do that? `wanted`: IPC_READ, IPC_WRITE, or a mode. 0 or -EACCES. */
int ipc_access(const struct ipc_object *object, u32 wanted);

/* Is its user the owner or the creator of the object? */
bool ipc_owned(const struct ipc_object *object);

/* May it change or remove the object? 0 or -EPERM. */
int ipc_control(const struct ipc_object *object);

/* The permissions as a program sees them, in the current form and that before IPC_64. */
struct ipc64_perm ipc_perm(const struct ipc_object *object);
struct ipc_perm_old ipc_perm_old(const struct ipc_object *object);

/*
 * IPC_SET has two steps. The first reads owner and mode, the first part of a structure in ring 3:
 * that may sleep, and an object could end meanwhile, so it is found after it. 0, -EFAULT. The
 * second sets them. 0, -EPERM, or -EINVAL: no ID.
 */
int ipc_read_perm(struct ipc64_perm *perm, vaddr_t from, bool old);
int ipc_set(struct ipc_object *object, const struct ipc64_perm *perm);

#endif
