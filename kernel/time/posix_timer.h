/* SPDX-License-Identifier: MIT */
/*
 * The timers of timer_create(2): each with a clock, and a signal of its own.
 *
 *      start --> the time is reached --> signal queued --> signal taken --> interval: start
 *                       |                                     overrun: intervals missed meanwhile
 *                       \--> discarded by the program: the next interval starts at once
 *
 *  (1) A timer's entry in the queue is allocated with it, and is queued at most once: a short
 *      interval cannot fill the queue, and what was missed is counted.
 *  (2) A timer waits for the time that is left by the monotonic clock, and then looks again: see
 *      kernel/time/clock.h.
 */
#ifndef KERNEL_TIME_POSIX_TIMER_H
#define KERNEL_TIME_POSIX_TIMER_H

#include "kernel/time/process_timers.h"

struct sigqueue;

/* How a timer tells that its time is reached: SIGEV_* of abi/linux/signal.h. */
struct timer_event {
	int notify, signo;
	u32 value;
	int thread; /* with SIGEV_THREAD_ID, of the same process */
};

struct posix_timer {
	struct list_head link; /* in the process's list */
	struct deferred_timer timer;
	struct thread_group *group;
	int id, clock;
	int base; /* the clock of `deadline`: a length does not change when the date is set */
	struct timer_event event;
	u64 deadline, interval; /* ns of the clock; deadline 0: not running */
	u64 overrun, last_overrun;
	struct sigqueue *entry; /* with SIGEV_NONE it is only counted, by RLIMIT_SIGPENDING */
};

/*
 * Creates a timer of the current process, for a valid clock and event; without an event it sends
 * SIGALRM with its number. Returns the number, -ENOMEM, or -EAGAIN beyond RLIMIT_SIGPENDING.
 */
int posix_timer_create(int clock, const struct timer_event *event);

/* A timer that was refused after it had got its number: the next one has another. */
void posix_timer_skip_number(void);

/* A timer of the current process, or NULL. */
struct posix_timer *posix_timer_find(int id);

/* The time that is left, at least 1 ns if it runs, and the interval. */
void posix_timer_get(struct posix_timer *timer, struct itimer *left);

/* Starts or stops it; the value is a time of the clock if `absolute`. */
void posix_timer_set(struct posix_timer *timer, const struct itimer *setting, bool absolute);

void posix_timer_delete(struct posix_timer *timer);

/* Deletes all of a process: by execve, and at its end. */
void posix_timers_free(struct thread_group *group);

/* The date was set: starts the timers anew that run until a date. */
void posix_timers_follow_date(struct thread_group *group);

#endif
