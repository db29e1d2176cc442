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

static const struct task *next_task(const struct task *task)
{
	const struct list_head *link = task->link.next;

	return list_entry(link == &task_list ? link->next : link, struct task, link);
}

/*
 * Several processes may live in one space, after vfork(): the oldest one names it. All spaces are
 * asked for one after the other, and their order is nearly that of the tasks. So the search begins
 * at the task that was found last, and ends with the last user of the space: of thousands of
 * processes it looks at few.
 */
static bool process_of(const struct mm_struct *mm, struct oom_process *process)
{
	static int last;
	const struct task *start = task_find(last), *task, *first = NULL;
	u32 users = mm->mm_users;

	start = start ? start : &idle_task;
	task = start;
	process->ending = true;
	do {
		if (task->mm == mm) {
			if (!may_end(task))
				return false;
			process->ending = process->ending && fatal_signal_pending(task);
			if (!first || task->born < first->born)
				first = task;
			users--;
		}
		task = next_task(task);
	} while (users && task != start);
	if (!first)
		return false;
	last = first->pid;
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
