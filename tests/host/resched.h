/* SPDX-License-Identifier: MIT */
/* Other tasks of the host, which has one task: for lib/resched.h and fs/poll.h. */
#ifndef HOST_RESCHED_H
#define HOST_RESCHED_H

#include "lib/types.h"

/* Called, if not NULL, wherever a long call lets other tasks run. */
extern void (*host_others)(void);

/* A signal is about to end the task: what task_killed() returns. */
extern bool host_killed;

/* Calls of mutex_wake(). */
extern u32 host_mutexes_woken;

/* The clock, nanoseconds. A sleep during which nothing happens moves it to its end. */
extern u64 host_now;

#endif
