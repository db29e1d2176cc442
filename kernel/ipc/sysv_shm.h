/* SPDX-License-Identifier: MIT */
/*
 * System V shared memory: objects in memory alone that are found by a key or an id (Linux's ipc/shm.c; shmget(2), shmop(2), shmctl(2)).
 *
 *   key --shmget--> id --shmat--> area --> segment.mapping <-- area of another process
 *
 *   (1) the table has each segment once; a segment's reference to itself, the table's, goes with IPC_RMID;
 *   (2) a segment lives while the table or an area refers to it: after IPC_RMID until the last one detaches, by shmdt, munmap, execve or exit;
 *   (3) shm_nattch is the number of areas that map the segment, as on Linux: one that mprotect() split counts twice.
 *
 * id = sequence * 32768 + index: an index that is used again gives another id.
 */
#ifndef KERNEL_IPC_SYSV_SHM_H
#define KERNEL_IPC_SYSV_SHM_H

#include "mm/page_cache/filemap.h"

enum { IPC_RMID = 0, IPC_SET = 1, IPC_STAT = 2, IPC_INFO = 3 };
enum { SHM_LOCK = 11, SHM_UNLOCK = 12, SHM_STAT = 13, SHM_INFO = 14, SHM_STAT_ANY = 15 };

#define IPC_PRIVATE 0u
#define IPC_CREAT   01000u
#define IPC_EXCL    02000u
#define IPC_64	    0x100u /* in shmctl's command through ipc(): the structures of today */

#define SHM_HUGETLB   04000u
#define SHM_NORESERVE 010000u
#define SHM_RDONLY    010000u
#define SHM_RND	      020000u
#define SHM_REMAP     040000u
#define SHM_EXEC      0100000u

/* In the mode that IPC_STAT shows. */
#define SHM_DEST   01000u
#define SHM_LOCKED 02000u

#define IPC_MODE 0777u

/* Linux's limits: segments; bytes of one; pages of all. */
#define SHMMNI	    4096u
#define SHMMAX	    (UINT32_MAX - MiB(16))
#define SHMALL	    (UINT32_MAX - MiB(16))
#define SHM_INDEXES 32768u

struct shm_segment {
	struct address_space mapping;
	struct list_head link; /* in shm_segments, ascending by index */
	u32 index, sequence;
	u32 key;  /* IPC_PRIVATE: none, or none any more */
	u32 size; /* bytes, as shmget() was told */
	u32 mode; /* IPC_MODE | SHM_DEST | SHM_LOCKED */
	u32 uid, gid;
	u32 atime, dtime, ctime; /* seconds */
	u32 cpid, lpid;		 /* who made it; who attached or detached last */
	char name[32];
};

extern struct list_head shm_segments;

/* The segment of an id. NULL, and *err is -EINVAL, or -EIDRM where the index belongs to another one by now. */
struct shm_segment *shm_find(s32 id, int *err);

s32 shm_id(const struct shm_segment *segment);

/* Areas that map it. */
u32 shm_attached(const struct shm_segment *segment);

/* Seconds since 1970, for the times of segments, of which 0 means never. */
u32 shm_time(void);

/* The calls, with Linux's errno values. do_shmat() returns an address or -errno. Addresses `buffer` are ring 3's. */
s32 do_shmget(u32 key, u32 size, u32 flags);
vaddr_t do_shmat(s32 id, vaddr_t address, u32 flags);
s32 do_shmdt(vaddr_t address);

/* kernel/ipc/sysv_shm_ctl.c; `old`: the structures from before IPC_64. */
s32 do_shmctl(s32 id, u32 command, vaddr_t buffer, bool old);

#endif
