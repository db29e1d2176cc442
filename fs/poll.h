/* SPDX-License-Identifier: MIT */
/*
 * Readiness: the one way to wait for a pipe or a terminal. A blocking read or write, poll(2) and
 * select(2) all use it.
 *
 *   struct poll_table: one wait of one task
 *     entry --\
 *     entry ---> wait queue of a pipe <--- entry of another table
 *      ...
 *
 * A wait has four steps:
 *
 *   poll_begin()                 with as many entries as files
 *   file_poll() of each file     enters the table in the queue of the file, and returns what is
 *                                ready now
 *   poll_sleep(); file_poll()    until something is ready
 *   poll_end()                   leaves all queues
 *
 *  (1) A table is in the queue before the first look: a change after that look is not missed.
 *  (2) Whoever makes something ready wakes the whole queue; each waiter looks again.
 *  (3) A queue outlives its entries: a waiter holds a reference to the file.
 *
 * Entries are changed with interrupts off: an interrupt handler may wake a queue.
 */
#ifndef FS_POLL_H
#define FS_POLL_H

#include "abi/linux/poll.h"
#include "lib/list.h"

#define WAIT_FOREVER UINT64_MAX

/* Ready for everything: regular files, and all others without an operation of their own. */
#define POLL_ALWAYS ((u32)(POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM))

struct task;
struct file;

struct wait_queue {
	struct list_head entries;
};

/*
 * The sleeping task; it sleeps only while it was not woken since its last look. Or, without a
 * task, a queue to wake in turn (fs/events/epoll.h).
 */
struct waiter {
	struct task *task;
	struct wait_queue *chain;
	u32 wants;	/* events; 0: all */
	bool exclusive; /* of such waiters, one is woken that sleeps */
	volatile bool woken;
};

struct wait_entry {
	struct list_head link;
	struct waiter *waiter;
};

struct poll_table {
	struct waiter waiter;
	struct wait_entry *entries;
	u32 used, room;
};

static inline void wait_queue_init(struct wait_queue *queue)
{
	list_init(&queue->entries);
}

/* Wakes all waiters; those that want one of these events. Any context. */
void wait_queue_wake_for(struct wait_queue *queue, u32 events);

static inline void wait_queue_wake(struct wait_queue *queue)
{
	wait_queue_wake_for(queue, ~0u);
}

/* Begins a wait of the current task on up to `room` queues. */
void poll_begin(struct poll_table *table, struct wait_entry *entries, u32 room);

/* For a file's poll operation: enters the table, which may be NULL, in the queue. */
void poll_wait(struct poll_table *table, struct wait_queue *queue);

/*
 * Sleeps until a queue is woken. `deadline` is a time of the monotonic clock in nanoseconds. 0,
 * -ETIMEDOUT, or -ERESTARTSYS if a signal came.
 */
int poll_sleep(struct poll_table *table, u64 deadline);

void poll_end(struct poll_table *table);

/*
 * Sleeps until the queue is woken. Only tasks may wake it: one that an interrupt wakes could be
 * woken before. 0 or -ERESTARTSYS.
 */
int wait_queue_sleep(struct wait_queue *queue);

/* The events (POLLIN, ...) that are ready. With a table: enters it in the file's queue. */
u32 file_poll(struct file *file, struct poll_table *table);

/* kernel/task/waiter.c, and tests/host/ for the host: */

/* The waiter is the current task. */
void waiter_init(struct waiter *waiter);

/* Makes the task run if it sleeps in waiter_sleep(). Was there one that slept? Any context. */
bool waiter_wake(struct waiter *waiter);

/* The time of the monotonic clock after these nanoseconds. */
u64 poll_deadline(u64 nanoseconds);

/* As poll_sleep(). */
int waiter_sleep(struct waiter *waiter, u64 deadline);

#endif
