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
 *
 * id = sequence * 32768 + index: an index that is reused gives another id.
 */
#ifndef KERNEL_IPC_SYSV_SHM_H
#define KERNEL_IPC_SYSV_SHM_H

#include "abi/linux/shm.h"
#include "mm/page_cache/filemap.h"

#define IPC_MODE 0777u

/* Linux's limits: number of segments; bytes of one; pages of all. */
#define SHMMNI	    4096u
#define SHMMAX	    (UINT32_MAX - MiB(16))
#define SHMALL	    (UINT32_MAX - MiB(16))
#define SHM_INDEXES 32768u

struct shm_segment {
	struct address_space mapping;
	struct list_head link; /* in shm_segments, ascending by index */
	u32 index, sequence;
	u32 key;  /* IPC_PRIVATE: no key, or no longer */
	u32 size; /* bytes, as passed to shmget() */
	u32 mode; /* IPC_MODE | SHM_DEST | SHM_LOCKED */
	u32 uid, gid;
	u32 atime, dtime, ctime; /* seconds */
	u32 cpid, lpid;		 /* pid of the creator; of the last to attach or detach */
	char name[32];
};

extern struct list_head shm_segments;

/* The segment of an id. NULL: *err is -EINVAL, or -EIDRM if another one has the index now. */
struct shm_segment *shm_find(s32 id, int *err);

s32 shm_id(const struct shm_segment *segment);

/* Areas that map it. */
u32 shm_attached(const struct shm_segment *segment);

/* Seconds since 1970 for the times of segments. Never 0, which means "not yet". */
u32 shm_time(void);

/* The system calls, with Linux's errno values. do_shmat() returns an address or -errno. */
s32 do_shmget(u32 key, u32 size, u32 flags);
vaddr_t do_shmat(s32 id, vaddr_t address, u32 flags);
s32 do_shmdt(vaddr_t address);

/* kernel/ipc/sysv_shm_ctl.c. `buffer` is in ring 3; `old`: the structures before IPC_64. */
s32 do_shmctl(s32 id, u32 command, vaddr_t buffer, bool old);

#endif
