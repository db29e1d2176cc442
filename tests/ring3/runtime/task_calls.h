/* SPDX-License-Identifier: MIT */
/*
 * The system calls about what tasks have of their own or share: threads, futexes, TLS,
 * descriptors, limits; in the way of syscall.h.
 */
#ifndef RING3_TASK_CALLS_H
#define RING3_TASK_CALLS_H

#include "tests/ring3/runtime/syscall.h"

#define NR_DUP		   41
#define NR_DUP2		   63
#define NR_SETRLIMIT	   75
#define NR_GETRLIMIT	   76
#define NR_CLONE	   120
#define NR_VFORK	   190
#define NR_UGETRLIMIT	   191
#define NR_GETUID32	   199
#define NR_FCNTL64	   221
#define NR_GETTID	   224
#define NR_FUTEX	   240
#define NR_SET_THREAD_AREA 243
#define NR_GET_THREAD_AREA 244
#define NR_SET_TID_ADDRESS 258
#define NR_DUP3		   330
#define NR_PRLIMIT64	   340

#define __WALL	 0x40000000
#define __WCLONE ((int)0x80000000)

#define CLONE_VM	     0x00000100u
#define CLONE_FS	     0x00000200u
#define CLONE_FILES	     0x00000400u
#define CLONE_SIGHAND	     0x00000800u
#define CLONE_VFORK	     0x00004000u
#define CLONE_PARENT	     0x00008000u
#define CLONE_THREAD	     0x00010000u
#define CLONE_SYSVSEM	     0x00040000u
#define CLONE_SETTLS	     0x00080000u
#define CLONE_PARENT_SETTID  0x00100000u
#define CLONE_CHILD_CLEARTID 0x00200000u
#define CLONE_CHILD_SETTID   0x01000000u

#define FUTEX_WAIT	     0
#define FUTEX_WAKE	     1
#define FUTEX_REQUEUE	     3
#define FUTEX_CMP_REQUEUE    4
#define FUTEX_WAIT_BITSET    9
#define FUTEX_WAKE_BITSET    10
#define FUTEX_PRIVATE_FLAG   128
#define FUTEX_CLOCK_REALTIME 256

#define F_DUPFD	   0
#define F_GETFD	   1
#define F_SETFD	   2
#define FD_CLOEXEC 1

#define RLIMIT_FSIZE   1
#define RLIMIT_DATA    2
#define RLIMIT_STACK   3
#define RLIMIT_CORE    4
#define RLIMIT_NOFILE  7
#define RLIMIT_MEMLOCK 8
#define RLIMIT_AS      9
#define RLIM_INFINITY  0xffffffffu

struct rlimit {
	u32 current;
	u32 most;
};

struct rlimit64 {
	u64 current;
	u64 most;
};

/* set_thread_area(2). The flags are those of a bit field. */
#define DESC_32BIT	 0x01u
#define DESC_CODE	 0x04u
#define DESC_READ_ONLY	 0x08u
#define DESC_PAGES	 0x10u
#define DESC_NOT_PRESENT 0x20u
#define DESC_USEABLE	 0x40u

struct user_desc {
	u32 entry;
	u32 base;
	u32 limit;
	u32 flags;
};

static inline int sys_gettid(void)
{
	return system_call(NR_GETTID, 0, 0, 0, 0, 0, 0);
}

static inline int sys_set_tid_address(volatile int *place)
{
	return system_call(NR_SET_TID_ADDRESS, (long)place, 0, 0, 0, 0, 0);
}

static inline long sys_futex(volatile int *word, int operation, int value, const void *time,
			     volatile int *word2, u32 value3)
{
	return system_call(NR_FUTEX, (long)word, operation, value, (long)time, (long)word2,
			   (long)value3);
}

static inline long sys_set_thread_area(struct user_desc *desc)
{
	return system_call(NR_SET_THREAD_AREA, (long)desc, 0, 0, 0, 0, 0);
}

static inline long sys_get_thread_area(struct user_desc *desc)
{
	return system_call(NR_GET_THREAD_AREA, (long)desc, 0, 0, 0, 0, 0);
}

static inline long sys_dup(int fd)
{
	return system_call(NR_DUP, fd, 0, 0, 0, 0, 0);
}

static inline long sys_dup2(int fd, int to)
{
	return system_call(NR_DUP2, fd, to, 0, 0, 0, 0);
}

static inline long sys_dup3(int fd, int to, int flags)
{
	return system_call(NR_DUP3, fd, to, flags, 0, 0, 0);
}

static inline long sys_fcntl(int fd, int command, long argument)
{
	return system_call(NR_FCNTL64, fd, command, argument, 0, 0, 0);
}

static inline long sys_ugetrlimit(int resource, struct rlimit *limit)
{
	return system_call(NR_UGETRLIMIT, resource, (long)limit, 0, 0, 0, 0);
}

static inline long sys_getrlimit(int resource, struct rlimit *limit)
{
	return system_call(NR_GETRLIMIT, resource, (long)limit, 0, 0, 0, 0);
}

static inline long sys_setrlimit(int resource, const struct rlimit *limit)
{
	return system_call(NR_SETRLIMIT, resource, (long)limit, 0, 0, 0, 0);
}

static inline long sys_prlimit64(int pid, int resource, const struct rlimit64 *limit,
				 struct rlimit64 *old)
{
	return system_call(NR_PRLIMIT64, pid, resource, (long)limit, (long)old, 0, 0);
}

#endif
