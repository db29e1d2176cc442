/* SPDX-License-Identifier: MIT */
/*
 * System V shared memory: objects in memory that a key or an id names. Source: shmget(2),
 * shmop(2), shmctl(2); Linux's ipc/shm.c.
 *
 *   key --shmget--> id --shmat--> area --> segment.mapping <-- area of another process
 *
 *  (1) Each segment is in the table once. IPC_RMID drops the table's reference.
 *  (2) A segment lives while the table or an area refers to it. After IPC_RMID it lives until the
 *      last area is gone, by shmdt, munmap, execve or exit.
 *  (3) shm_nattch is the number of areas that map the segment, as on Linux: one that mprotect()
 *      split counts twice.
 */
#ifndef KERNEL_IPC_SYSV_SHM_H
#define KERNEL_IPC_SYSV_SHM_H

#include "abi/linux/shm.h"
#include "kernel/ipc/ipc_object.h"
#include "mm/page_cache/filemap.h"

/* Linux's limits: number of segments; bytes of one; pages of all. Set in /proc/sys/kernel. */
#define SHMMNI 4096u
#define SHMMAX (UINT32_MAX - MiB(16))
#define SHMALL (UINT32_MAX - MiB(16))

struct shm_segment {
	struct ipc_object ipc; /* in shm_table; its mode has SHM_DEST and SHM_LOCKED too */
	struct address_space mapping;
	u32 size;		 /* bytes, as passed to shmget() */
	u32 atime, dtime, ctime; /* seconds */
	u32 cpid, lpid;		 /* pid of the creator; of the last to attach or detach */
	char name[32];
};

extern struct ipc_table shm_table;
extern u32 shmmax, shmall, shmmni;

static inline struct shm_segment *shm_segment_of(struct ipc_object *object)
{
	return object ? container_of(object, struct shm_segment, ipc) : NULL;
}

/* As ipc_find(). */
struct shm_segment *shm_find(s32 id, int *err);

/* Areas that map it. */
u32 shm_attached(const struct shm_segment *segment);

/* Its pages of 4 KiB that are in memory: not those of large pages that are only reserved. */
u32 shm_resident(const struct shm_segment *segment);

/* Seconds since 1970 for the times of segments. Never 0, which means "not yet". */
u32 shm_time(void);

/* The system calls, with Linux's errno values. do_shmat() returns an address or -errno. */
s32 do_shmget(u32 key, u32 size, u32 flags);
vaddr_t do_shmat(s32 id, vaddr_t address, u32 flags);
s32 do_shmdt(vaddr_t address);

/* kernel/ipc/sysv_shm_ctl.c. `buffer` is in ring 3; `old`: the structures before IPC_64. */
s32 do_shmctl(s32 id, u32 command, vaddr_t buffer, bool old);

#endif
