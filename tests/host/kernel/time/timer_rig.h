/* SPDX-License-Identifier: MIT */
/*
 * Two processes, a wheel of timers that a case turns, and what else kernel/time/ needs of the rest
 * of the kernel. Signals are recorded, and taken when the case says.
 */
#ifndef TESTS_HOST_KERNEL_TIME_TIMER_RIG_H
#define TESTS_HOST_KERNEL_TIME_TIMER_RIG_H

#include "kernel/signal/signal.h"

#define MS 1000000ull
#define S  1000000000ull

/* Process 20 with the thread 21, and process 30 with a thread 31. Task 20 is the current one. */
extern struct thread_group own_group, other_group;
extern struct task own, thread, other;

extern struct timer_rig {
	u64 now;		   /* clock_monotonic(), nanoseconds */
	u32 sent, sent_to_process; /* signals of timers of timer_create(); other ones */
	struct siginfo last;	   /* the last one of both */
	struct task *last_thread;  /* the thread that got it; NULL: the process */
	struct task *woken;	   /* the last one */
	u32 nr_entries;		   /* of rig_entries[] */
	bool discards;		   /* the process ignores signals */
	bool no_entry, no_task;	   /* sigqueue_alloc(), kernel_task() fail */
} rig;

/* The entries for the signals of timers. */
extern struct sigqueue {
	struct posix_timer *timer;
	bool busy, disowned;
} rig_entries[4];

/* A fresh machine, 5 s after its start. */
void timers_start(void);

/* Runs what is due, as its task. */
void run_due(void);

/* Lets time pass; clock and date go together. */
void pass(u64 nanoseconds);

#endif
