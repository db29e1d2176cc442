/* SPDX-License-Identifier: MIT */
/*
 * Processes as files, pidfd_open(2): a number may be given to another process, a file keeps
 * naming the one that it was opened for.
 *
 *   file --> pid, time of birth: no two tasks agree in both
 *
 * So a file needs no reference to the task, which is freed as always; it then names none.
 */
#ifndef KERNEL_PROCESS_PIDFD_H
#define KERNEL_PROCESS_PIDFD_H

#include "fs/file.h"

struct task;

/* pidfd_open(): PIDFD_NONBLOCK is O_NONBLOCK. */
#define PIDFD_THREAD ((u32)O_EXCL)

/* A file for a task; with PIDFD_THREAD for it alone, else for its process. 0 or -ENOMEM. */
int pidfd_open(const struct task *task, u32 flags, struct file **opened);

/* Is the file a pidfd? Then *task is its task (the leader without PIDFD_THREAD); NULL: reaped. */
bool pidfd_task(const struct file *file, struct task **task);

/* The number of its task, also after that was reaped. */
int pidfd_number(const struct file *file);

/* Is it for a thread, not for a process? */
bool pidfd_of_thread(const struct file *file);

/* A thread or a process has ended: wakes those that wait for one. */
void pidfd_wake(void);

#endif
