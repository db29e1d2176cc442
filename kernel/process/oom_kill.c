/* SPDX-License-Identifier: MIT */
/* Processes as mm/reclaim/oom.h sees them. */
#include "kernel/process/oom_kill.h"
#include "fs/process.h"
#include "kernel/signal/signal.h"
#include "mm/reclaim/oom.h"

/* A suite lets init live in a space of its own; only a table of actions makes a process. */
static bool may_end(const struct task *task)
{
	return task->sighand && task->group->leader != init_task;
}

/* Several processes may live in one space, after vfork(): the first one names it. */
static bool process_of(const struct mm_struct *mm, struct oom_process *process)
{
	const struct task *task, *first = NULL;

	process->ending = true;
	list_for_each_entry (task, &task_list, link) {
		if (task->mm != mm)
			continue;
		if (!may_end(task))
			return false;
		process->ending = process->ending && fatal_signal_pending(task);
		if (!first)
			first = task;
	}
	if (!first)
		return false;
	process->pid = first->tgid;
	process->name = first->name;
	process->adj = first->group->oom.adj;
	return true;
}

/* Each thread gets the signal, so that none returns to ring 3. */
static void kill(const struct mm_struct *mm)
{
	struct task *task;

	list_for_each_entry (task, &task_list, link)
		if (task->mm == mm)
			signal_send(task, SIGKILL);
}

static const struct mm_struct *current_space(void)
{
	return current->ends_none ? NULL : current->mm;
}

static const struct oom_ops ops = { process_of, kill, current_space };

void oom_kill_init(void)
{
	oom_init(&ops);
}
