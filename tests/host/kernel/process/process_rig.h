/* SPDX-License-Identifier: MIT */
/*
 * Related processes that do not run, and what kernel/process/ needs of the rest of the kernel:
 * signals and sleeps are recorded.
 */
#ifndef TESTS_HOST_KERNEL_PROCESS_PROCESS_RIG_H
#define TESTS_HOST_KERNEL_PROCESS_PROCESS_RIG_H

/* tests/host/console.c has simpler ones of these names. */
#define process_becomes_owner job_becomes_owner
#define process_tell_owner    job_tell_owner
#define process_check_group   job_check_group
#define process_signal_group  job_signal_group
#define process_number	      job_number
#define process_session	      job_session
#define process_group	      job_group
#define process_in_background job_in_background
#include "fs/owner.h"
#include "fs/process.h"

#include "kernel/signal/signal.h"

struct oom_ops;

#define PROCESSES 8

/* Process n has the number n + 1, and a second thread n + 101 that is not always in it. */
extern struct process {
	struct thread_group group;
	struct task leader, thread;
} all[PROCESSES];

extern struct mm_struct spaces[PROCESSES]; /* of the leaders */

extern char sent[400]; /* "3:01 " is signal 1 to process 3; to a task "3.01 " */
extern struct siginfo last;
extern int queue_full; /* the error of the next sends with data */
extern bool ignores;   /* what signal_ignored() returns */

extern int session_ended;	   /* the last argument of tty_session_ends() */
extern u32 sleeps, freed;	   /* the number of calls of schedule(), task_free() */
extern void (*while_asleep)(void); /* runs in schedule() */
extern const struct oom_ops *oom;  /* the argument of oom_init() */

/*
 * Process 1 is init, 2 a shell of session 2, 3 and 4 its pipeline in group 3, 5 a child of 3, 6 a
 * program of another session, 7 and 8 orphans that init has inherited, in session 2.
 */
void processes_start(void);

/* Forgets the signals that were sent. */
void clear_sent(void);

#endif
