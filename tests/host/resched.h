/* SPDX-License-Identifier: MIT */
/* Called, if not NULL, wherever a long call lets other tasks run (lib/resched.h). */
#ifndef HOST_RESCHED_H
#define HOST_RESCHED_H

extern void (*host_others)(void);

/* A signal is about to end the task: what task_killed() returns. */
extern bool host_killed;

/* The clock, nanoseconds. A sleep during which nothing happens moves it to its end. */
extern u64 host_now;

#endif
