/* SPDX-License-Identifier: MIT */
/* The end of a task, and waiting for it. */
#include "kernel/signal.h"
#include "kernel/task.h"
#include "lib/assert.h"
#include "lib/errno.h"

static void close_files(struct task *task)
{
	for (int i = 0; i < OPEN_MAX; i++) {
		if (task->files[i])
			file_put(task->files[i]);
		task->files[i] = NULL;
	}
}

/* Orphans become init's children; init hears of those that have ended already. */
static void give_away_children(struct task *task)
{
	struct task *child, *next;

	list_for_each_entry_safe (child, next, &task->children, sibling) {
		child->parent = init_task;
		list_move_tail(&child->sibling, &init_task->children);
		if (child->state == TASK_ZOMBIE && init_task->state == TASK_WAITING)
			task_wake(init_task);
	}
}

/* A parent that wants no zombies has it reaped by init. */
static void tell_parent(int status)
{
	int signal = status & 0x7f;
	bool no_zombie = signal ? signal_parent(current, CLD_KILLED, signal)
				: signal_parent(current, CLD_EXITED, status >> 8);

	if (!no_zombie)
		return;
	current->parent = init_task;
	list_move_tail(&current->sibling, &init_task->children);
	if (init_task->state == TASK_WAITING)
		task_wake(init_task);
}

void do_exit(int status)
{
	struct mm_struct *mm = current->mm;

	if (current == init_task)
		panic("init has ended");
	close_files(current);
	current->mm = NULL;
	if (mm)
		mm_put(mm);
	give_away_children(current);
	signal_exit(current);
	current->exit_status = status;
	current->state = TASK_ZOMBIE;
	tell_parent(status);
	schedule();
	panic("a zombie was scheduled");
}

/* Frees a zombie. Returns its pid. */
static int reap(struct task *child, int *status)
{
	int pid = child->pid;

	*status = child->exit_status;
	task_free(child);
	return pid;
}

int do_wait(int pid, int *status, int options)
{
	if ((u32)options &
	    ~(u32)(WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | __WALL | __WCLONE))
		return -EINVAL;
	for (;;) {
		bool found = false;
		struct task *child, *next;

		list_for_each_entry_safe (child, next, &current->children, sibling) {
			if (pid > 0 && child->pid != pid)
				continue;
			found = true;
			if (child->state == TASK_ZOMBIE)
				return reap(child, status);
			if (options & WUNTRACED && child->stop_signal) {
				*status = child->stop_signal << 8 | 0x7f;
				child->stop_signal = 0;
				return child->pid;
			}
			if (options & WCONTINUED && child->continued) {
				*status = 0xffff;
				child->continued = false;
				return child->pid;
			}
		}
		if (!found)
			return -ECHILD;
		if (options & WNOHANG)
			return 0;
		if (signal_pending(current))
			return -ERESTARTSYS;
		current->state = TASK_WAITING;
		schedule();
	}
}
