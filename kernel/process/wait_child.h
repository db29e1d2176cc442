/* SPDX-License-Identifier: MIT */
/*
 * Waiting for children, wait4(2) and waitid(2): for their end, a stop, or the end of a stop.
 *
 * All threads of a process wait for the children of all. So __WNOTHREAD, to wait for those of the
 * calling thread, has no effect.
 */
#ifndef KERNEL_PROCESS_WAIT_CHILD_H
#define KERNEL_PROCESS_WAIT_CHILD_H

#include "abi/linux/wait.h"
#include "kernel/task/task.h"

struct wait_request {
	int which;     /* P_ALL, P_PID, P_PGID */
	int id;	       /* of the process or the group */
	int options;   /* of waitid(): WEXITED, WSTOPPED, ... */
	bool nonblock; /* for sys_wait.c: no news are -EAGAIN */
};

/* What was heard of a child; pid 0: nothing. */
struct wait_news {
	int pid;
	u32 uid;
	int status; /* as wait4() reports it */
	int code;   /* CLD_*; si_status is signal_or_exit */
	int signal_or_exit;
	struct usage usage; /* of the child and of the children that it has waited for */
};

/* The last thread of the process has ended: it can be waited for. */
static inline bool has_ended(const struct task *child)
{
	return child->state == TASK_ZOMBIE && !child->group->threads;
}

/*
 * Waits for news. Returns 0, with pid 0 if there are none and WNOHANG is set; -ECHILD; or
 * -ERESTARTSYS if a signal came. A child that has ended is freed, but for WNOWAIT.
 */
int wait_child(const struct wait_request *request, struct wait_news *news);

/*
 * Sleeps until a child of the process has news, a signal comes, or `ticks` are over, 0: no limit.
 * Returns the ticks that are left. The caller has looked for news and found none.
 */
u32 sleep_for_child(u32 ticks);

/*
 * wait4(): pid > 0 that child, -1 any, 0 those of the own process group, below -1 of that group.
 * Returns the pid, 0 with WNOHANG, or -errno; -EINVAL: unknown options; -ESRCH: no such number.
 */
int do_wait4(int pid, int options, struct wait_news *news);

/* The same for tasks of the kernel, with the status only. */
int do_wait(int pid, int *status, int options);

#endif
