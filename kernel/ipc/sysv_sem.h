/* SPDX-License-Identifier: MIT */
/*
 * System V semaphores: sets of counters, which one call changes together or not at all. Source:
 * semget(2), semop(2), semctl(2); Linux's ipc/sem.c.
 *
 *   key --semget--> id --> set: value, value, value <-- sleepers
 *                               ^
 *                          undo: what a process must take back when it ends (SEM_UNDO)
 *
 *  (1) All operations of a call are done, or none is.
 *  (2) A change of a value wakes all sleepers of the set; each tries again.
 *  (3) An undo belongs to one process and one set; it is freed with the first of them that ends.
 */
#ifndef KERNEL_IPC_SYSV_SEM_H
#define KERNEL_IPC_SYSV_SEM_H

#include "abi/linux/sem.h"
#include "fs/poll.h"
#include "kernel/ipc/ipc_object.h"

/* Limits: sets; semaphores in a set; operations of a call; the largest value. */
#define SEMMNI 32000u
#define SEMMSL 8000u
#define SEMOPM 500u
#define SEMVMX 32767

struct semaphore {
	s32 value;
	s32 pid; /* the last that changed it */
};

struct sem_set {
	struct ipc_object ipc; /* in sem_table */
	u32 otime, ctime;      /* seconds */
	struct list_head sleepers, undos;
	u32 count;
	struct semaphore semaphores[];
};

struct sem_sleeper {
	struct list_head link;
	struct waiter waiter;
	const struct sembuf *blocked; /* the operation that it waits for */
	bool removed;		      /* the set is gone */
};

struct thread_group;

struct sem_undo {
	struct list_head link;	    /* of the set */
	struct thread_group *group; /* of the process */
	s16 adjust[];		    /* is added when the process ends */
};

extern struct ipc_table sem_table;
extern u32 semmni; /* set in /proc/sys/kernel/sem */

static inline struct sem_set *sem_set_of(struct ipc_object *object)
{
	return object ? container_of(object, struct sem_set, ipc) : NULL;
}

/* Wakes those that wait for a value of this set. */
void sem_wake(struct sem_set *set);

/* Frees an empty table's set: its sleepers return -EIDRM. */
void sem_remove(struct sem_set *set);

/* Seconds since 1970. */
u32 sem_time(void);

/*
 * The system calls, with Linux's errno values. `deadline`: of the monotonic clock, WAIT_FOREVER
 * without one.
 */
s32 do_semget(u32 key, s32 count, u32 flags);
s32 do_semop(s32 id, vaddr_t operations, u32 count, u64 deadline);

/* kernel/ipc/sysv_sem_ctl.c. `argument`: a value or an address in ring 3. */
s32 do_semctl(s32 id, s32 number, u32 command, u32 argument, bool old);

#endif
