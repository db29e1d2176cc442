/* SPDX-License-Identifier: MIT */
/*
 * The numbers of tasks, process groups and sessions.
 *
 *   used       a bit for each number of a task
 *   numbers    bucket n: the tasks with the numbers n, n + 4096, n + 2 * 4096, ...
 *   groups     bucket n: the processes of the groups n, n + 256, ...; sessions likewise
 *
 * Numbers are given in order, so tasks spread evenly: a bucket has 8 of them at most, and a task
 * is found in constant time. The next free number is found by words of 32 bits.
 *
 *  (1) A number is not given again while a task has it, or while a process is in the group or in
 *      the session of that number.
 *  (2) The list of a bucket of groups has each process once, also one that has ended and was not
 *      waited for; so has that of its session.
 */
#ifndef KERNEL_TASK_PID_H
#define KERNEL_TASK_PID_H

#include "kernel/task/task.h"

#define GROUP_BUCKETS 256u

/* Tasks that have a number: all but the idle task. */
extern u32 nr_tasks;

/* The number that was given last. */
extern u32 last_pid;

/* Gives the task a free number, 1 .. PID_MAX - 1, and makes it findable. 0 or -EAGAIN. */
int pid_alloc(struct task *task);

/* The task cannot be found any more. */
void pid_free(struct task *task);

/* Two tasks exchange their numbers. */
void pid_exchange(struct task *a, struct task *b);

/* The task with the lowest number above this one, or NULL. */
struct task *task_after(int pid);

/* Puts a process into a group and a session. It must be in none: new, or after job_leave(). */
void job_join(struct thread_group *process, int group, int session);
void job_leave(struct thread_group *process);

static inline void job_move(struct thread_group *process, int group, int session)
{
	job_leave(process);
	job_join(process, group, session);
}

/* For each process of a group, by `job.in_group`, in the order in which they joined it. */
extern struct list_head group_buckets[GROUP_BUCKETS];
#define for_each_in_group(process, number)                                                         \
	list_for_each_entry (process, &group_buckets[(u32)(number) % GROUP_BUCKETS], job.in_group) \
		if ((process)->job.group == (number))

/* Makes the empty lists. Once. */
void pid_init(void);

#endif
