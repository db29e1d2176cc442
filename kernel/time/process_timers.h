/* SPDX-License-Identifier: MIT */
/*
 * The timers of a process: alarm() and the three of setitimer(2), the limit RLIMIT_CPU, and the
 * timers of timer_create(2) (kernel/time/posix_timer.h).
 *
 *      ITIMER_REAL      the date's pace       SIGALRM     a deferred timer
 *      ITIMER_VIRTUAL   time in ring 3        SIGVTALRM   \ looked at by the process, on its
 *      ITIMER_PROF      all processor time    SIGPROF      > return to ring 3 after each tick
 *      RLIMIT_CPU       all processor time    SIGXCPU     /
 *
 * execve() keeps the first four and deletes those of timer_create(); a child of fork has none.
 */
#ifndef KERNEL_TIME_PROCESS_TIMERS_H
#define KERNEL_TIME_PROCESS_TIMERS_H

#include "kernel/time/deferred_timer.h"
#include "kernel/task/task.h"

enum itimer_kind { ITIMER_REAL = 0, ITIMER_VIRTUAL = 1, ITIMER_PROF = 2, NR_ITIMERS };

/* Nanoseconds of the timer's clock; value 0: not running. */
struct itimer {
	u64 value, interval;
};

/* Allocated when a process first has a timer. */
struct process_timers {
	struct thread_group *group;
	struct deferred_timer real;
	struct itimer itimers[NR_ITIMERS]; /* value: the time of the next signal */
	struct list_head posix;		   /* of struct posix_timer */
	int next_id;
};

/* The current process's timers, made if need be. NULL: no memory. */
struct process_timers *process_timers_get(void);

/* Reads a timer: the time that is left, at least 1 us, and the interval. */
void itimer_get(enum itimer_kind kind, struct itimer *left);

/* Starts or stops a timer of the current process. 0 or -ENOMEM. */
int itimer_set(enum itimer_kind kind, const struct itimer *timer);

/* The current process has run: sends the signals of timers and limits that have been reached. */
void cpu_timers_run(void);

/* The process has ended. */
void process_timers_free(struct thread_group *group);

#endif
