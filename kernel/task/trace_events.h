/* SPDX-License-Identifier: MIT */
/* The events of tasks, for trace() (lib/trace/trace.h). */
#ifndef KERNEL_TASK_TRACE_EVENTS_H
#define KERNEL_TASK_TRACE_EVENTS_H

#include "kernel/task/task.h"
#include "lib/trace/trace.h"

void trace_sched_switch(const struct task *previous, const struct task *next);
void trace_sched_wakeup(const struct task *task);

/* The current task has a new child; the current task runs another program, or ends. */
void trace_sched_process_fork(const struct task *child);
void trace_sched_process_exec(const struct task *task);
void trace_sched_process_exit(const struct task *task);

#endif
