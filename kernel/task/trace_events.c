/* SPDX-License-Identifier: MIT */
#include "kernel/task/trace_events.h"

/* Linux's number: 120 for a nice value of 0, below 100 for real-time priorities. */
static u32 prio(const struct task *task)
{
	return task->policy.priority ? 99 - min(task->policy.priority, 99u)
				     : (u32)(120 + task->policy.nice);
}

void trace_sched_switch(const struct task *previous, const struct task *next)
{
	trace_record(TRACE_sched_switch, previous->name, (u32)previous->pid, prio(previous),
		     (u32)previous->state, next->name, (u32)next->pid, prio(next));
}

void trace_sched_wakeup(const struct task *task)
{
	trace_record(TRACE_sched_wakeup, task->name, (u32)task->pid, prio(task));
}

void trace_sched_process_fork(const struct task *child)
{
	trace_record(TRACE_sched_process_fork, current->name, (u32)current->pid, child->name,
		     (u32)child->pid);
}

void trace_sched_process_exec(const struct task *task)
{
	trace_record(TRACE_sched_process_exec, task->name, (u32)task->pid);
}

void trace_sched_process_exit(const struct task *task)
{
	trace_record(TRACE_sched_process_exit, task->name, (u32)task->pid, prio(task));
}
