/* SPDX-License-Identifier: MIT */
/* The system calls about pipes and readiness, in the way of syscall.h. */
#ifndef RING3_POLL_CALLS_H
#define RING3_POLL_CALLS_H

#include "abi/linux/poll.h"
#include "tests/ring3/runtime/task_calls.h"
#include "tests/ring3/runtime/time_calls.h"

static inline long sys_pipe(int *fds)
{
	return system_call(NR_pipe, (long)fds, 0, 0, 0, 0, 0);
}

static inline long sys_pipe2(int *fds, int flags)
{
	return system_call(NR_pipe2, (long)fds, flags, 0, 0, 0, 0);
}

static inline long sys_poll(struct pollfd *fds, u32 count, int timeout)
{
	return system_call(NR_poll, (long)fds, (long)count, timeout, 0, 0, 0);
}

static inline long sys_ppoll(struct pollfd *fds, u32 count, struct timespec *timeout,
			     const u64 *mask)
{
	return system_call(NR_ppoll, (long)fds, (long)count, (long)timeout, (long)mask, 8, 0);
}

/* Sets of descriptors below 32. */
static inline long sys_select(int n, u32 *in, u32 *out, u32 *except, struct timeval *timeout)
{
	return system_call(NR__newselect, n, (long)in, (long)out, (long)except, (long)timeout, 0);
}

static inline long sys_pselect6(int n, u32 *in, u32 *out, u32 *except, struct timespec *timeout,
				const u64 *mask)
{
	u32 sixth[2] = { (u32)mask, 8 };

	return system_call(NR_pselect6, n, (long)in, (long)out, (long)except, (long)timeout,
			   (long)sixth);
}

#endif
