/* SPDX-License-Identifier: MIT */
/*
 * Process groups and sessions, for job control: setpgid(2), credentials(7).
 *
 *   session 5: the shell 5, its leader, and all that it started
 *      group 5: the shell            group 7: a pipeline, 7 and 8           group 9: another one
 *
 *  (1) A group is in one session; its number is the pid of the process that made it, which may
 *      have ended. That pid is not used again as long as the group or the session has a process.
 *  (2) A group is orphaned if no process of it has a parent in another group of the session:
 *      nothing would continue it. It is not stopped by the terminal; and if a process ends, and
 *      leaves a group orphaned in which one is stopped, that group gets SIGHUP and SIGCONT.
 *
 * Init is in group and session 1. To each program of a run, which leads a group of that session,
 * it is as a shell; it is none to processes that it has only inherited.
 */
#ifndef KERNEL_PROCESS_JOB_H
#define KERNEL_PROCESS_JOB_H

#include "abi/linux/signal.h"
#include "lib/types.h"

struct task;

/* setpgid(2) and setsid(2), for the current process. */
int job_set_group(int pid, int group);
int job_new_session(void);

/* Sends a signal to all processes of a group, also ignoring errors; is there one? */
bool job_signal(int group, const struct siginfo *info);

/*
 * The process of this leader ends, with its children still its own. Keeps (2), and tells the tty.
 */
void job_exit(struct task *leader);

#endif
