/* SPDX-License-Identifier: MIT */
/* The end of tasks. */
#ifndef KERNEL_PROCESS_EXIT_H
#define KERNEL_PROCESS_EXIT_H

#include "kernel/process/wait_child.h"

struct task;

/* Ends the current task; status as wait() reports it. */
void do_exit(int status) __noreturn;

/* Ends all threads of the current process. */
void do_group_exit(int status) __noreturn;

/* Ends all other threads and waits for that. 0, or -EAGAIN: the current one must end itself. */
int end_other_threads(void);

/* A process ends: takes back what it did to semaphores. Defined by kernel/ipc/. */
struct thread_group;
void ipc_exit(struct thread_group *group);

/* A status as wait() reports it. */
#define STATUS_CORE	  0x80 /* beside the signal: there is a core file */
#define EXIT_STATUS(code) (((code)&0xff) << 8)

#endif
