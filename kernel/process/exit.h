/* SPDX-License-Identifier: MIT */
/* The end of tasks, and waiting for it. */
#ifndef KERNEL_PROCESS_EXIT_H
#define KERNEL_PROCESS_EXIT_H

#include "abi/linux/wait.h"
#include "kernel/process/usage.h"

struct task;

/* Ends the current task; status as wait() reports it. */
void do_exit(int status) __noreturn;

/* Ends all threads of the current process. */
void do_group_exit(int status) __noreturn;

/* Ends all other threads and waits for that. 0, or -EAGAIN: the current one must end itself. */
int end_other_threads(void);

/* Wakes the threads of this leader's group that wait for a child. */
void wake_waiters(struct task *leader);

/* __WNOTHREAD has no effect: all threads wait for the children of all. */
#define EXIT_STATUS(code) (((code)&0xff) << 8)

/*
 * Waits for a child: pid > 0 that one, -1 any, 0 one of the caller's process group, below -1 one
 * of the group -pid. Returns its pid and its wait status in *status; 0 with WNOHANG if none has
 * ended; -ECHILD, -EINVAL, or -ERESTARTSYS if a signal came.
 */
int do_wait(int pid, int *status, int options);

/* The same, and the resource use of that child and of the children that it has waited for. */
int do_wait_usage(int pid, int *status, int options, struct usage *usage);

#endif
