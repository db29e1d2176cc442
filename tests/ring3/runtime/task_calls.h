/* SPDX-License-Identifier: MIT */
/*
 * The system calls about what tasks have of their own or share: threads, futexes, TLS,
 * descriptors, limits; in the way of syscall.h.
 */
#ifndef RING3_TASK_CALLS_H
#define RING3_TASK_CALLS_H

#include "abi/linux/futex.h"
#include "abi/linux/ldt.h"
#include "abi/linux/resource.h"
#include "abi/linux/sched.h"
#include "tests/ring3/runtime/syscall.h"

static inline int sys_gettid(void)
{
	return system_call(NR_gettid, 0, 0, 0, 0, 0, 0);
}

static inline int sys_set_tid_address(volatile int *place)
{
	return system_call(NR_set_tid_address, (long)place, 0, 0, 0, 0, 0);
}

static inline long sys_futex(volatile int *word, int operation, int value, const void *time,
			     volatile int *word2, u32 value3)
{
	return system_call(NR_futex, (long)word, operation, value, (long)time, (long)word2,
			   (long)value3);
}

static inline long sys_set_thread_area(struct user_desc *desc)
{
	return system_call(NR_set_thread_area, (long)desc, 0, 0, 0, 0, 0);
}

static inline long sys_get_thread_area(struct user_desc *desc)
{
	return system_call(NR_get_thread_area, (long)desc, 0, 0, 0, 0, 0);
}

static inline long sys_dup(int fd)
{
	return system_call(NR_dup, fd, 0, 0, 0, 0, 0);
}

static inline long sys_dup2(int fd, int to)
{
	return system_call(NR_dup2, fd, to, 0, 0, 0, 0);
}

static inline long sys_dup3(int fd, int to, int flags)
{
	return system_call(NR_dup3, fd, to, flags, 0, 0, 0);
}

static inline long sys_fcntl(int fd, int command, long argument)
{
	return system_call(NR_fcntl64, fd, command, argument, 0, 0, 0);
}

static inline long sys_ugetrlimit(int resource, struct rlimit *limit)
{
	return system_call(NR_ugetrlimit, resource, (long)limit, 0, 0, 0, 0);
}

static inline long sys_getrlimit(int resource, struct rlimit *limit)
{
	return system_call(NR_getrlimit, resource, (long)limit, 0, 0, 0, 0);
}

static inline long sys_setrlimit(int resource, const struct rlimit *limit)
{
	return system_call(NR_setrlimit, resource, (long)limit, 0, 0, 0, 0);
}

static inline long sys_prlimit64(int pid, int resource, const struct rlimit64 *limit,
				 struct rlimit64 *old)
{
	return system_call(NR_prlimit64, pid, resource, (long)limit, (long)old, 0, 0);
}

#endif
