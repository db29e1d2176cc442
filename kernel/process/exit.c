/* SPDX-License-Identifier: MIT */
/*
 * The end of a task and of a process, and waiting for it.
 *
 *   a thread ends    it is freed as soon as another task runs; no task waits for it
 *                    (pthread_join waits for a word: mm_release())
 *   the leader ends  it stays a zombie and keeps the pid until its parent has waited, which can
 *                    succeed only when no thread is left
 */
#include "kernel/process/fpu.h"
#include "kernel/process/exit.h"
#include "kernel/process/fork.h"
#include "kernel/process/job.h"
#include "kernel/process/process_timers.h"
#include "kernel/process/fs_struct.h"
#include "kernel/process/signal.h"
#include "kernel/process/sched.h"
#include "lib/assert.h"
#include "abi/linux/errno.h"

/* Wakes the threads of the group that are in this state. */
static void wake_threads(struct thread_group *group, enum task_state state)
{
	struct task *task;

	list_for_each_entry (task, &group->list, thread)
		if (task->state == state)
			task_wake(task);
}

void wake_waiters(struct task *leader)
{
	wake_threads(leader->group, TASK_WAITING);
}

static bool has_ended(const struct task *child)
{
	return child->state == TASK_ZOMBIE && !child->group->threads;
}

/* The process has ended: notifies its parent. If the parent wants no zombies, init reaps it. */
static void notify_parent(struct task *leader)
{
	int status = leader->exit_status, signal = status & 0x7f;
	bool no_zombie = signal ? signal_parent(leader, CLD_KILLED, signal)
				: signal_parent(leader, CLD_EXITED, status >> 8);

	if (!no_zombie)
		return;
	task_set_parent(leader, init_task);
	wake_waiters(init_task);
}

/* Makes the children init's, and notifies init of those that have ended already. */
static void give_away_children(struct task *leader)
{
	struct task *child, *next;

	list_for_each_entry_safe (child, next, &leader->children, sibling) {
		task_set_parent(child, init_task);
		child->exit_signal = SIGCHLD;
		if (has_ended(child))
			notify_parent(child);
	}
}

static void leave_files(void)
{
	struct files_struct *files = current->files;

	current->files = NULL;
	files_put(files);
	fs_leave(current);
}

static void leave_mm(void)
{
	struct mm_struct *mm = current->mm;

	if (!mm)
		return;
	mm_release();
	current->mm = NULL;
	mm_put(mm);
}

/* Removes the current thread. The last one ends the process. */
static void leave_group(void)
{
	struct thread_group *group = current->group;
	struct task *leader = group->leader;

	BUG_ON(current->mm || current->files || !group->threads);
	if (current == leader)
		current->state = TASK_ZOMBIE;
	else
		task_bury(current);
	if (--group->threads > 0) {
		wake_threads(group, TASK_BLOCKED); /* in end_other_threads() */
		return;
	}
	process_timers_free(group);
	signal_flush(group, &group->pending, ~0ull);
	/* As on Linux since 5.19, the status is that of the thread that ended last. */
	leader->exit_status = group->exiting ? group->exit_status : current->exit_status;
	job_exit(leader);
	give_away_children(leader);
	notify_parent(leader);
}

void do_exit(int status)
{
	if (current->group->leader == init_task)
		panic("init has ended");
	BUG_ON(current->mm && current->mm->holder == current);
	current->exit_status = status;
	/* Other tasks may run below: signals for the process must go to threads that continue. */
	current->ends = true;
	leave_files();
	leave_mm();
	fpu_release(current);
	signal_retarget(~0ull);
	signal_exit(current);
	leave_group();
	schedule();
	panic("a zombie was scheduled");
}

/* Makes the other threads end before they return to ring 3, and wakes them. */
static void tell_other_threads(struct thread_group *group)
{
	struct task *task;

	list_for_each_entry (task, &group->list, thread) {
		if (task == current || task->ends || task->state == TASK_ZOMBIE)
			continue;
		task->ends = true;
		signal_send(task, SIGKILL);
	}
}

void do_group_exit(int status)
{
	struct thread_group *group = current->group;

	if (!group->exiting && !current->ends) {
		group->exiting = true;
		group->exit_status = status;
		if (group->threads > 1)
			tell_other_threads(group);
	}
	do_exit(group->exiting ? group->exit_status : status);
}

int end_other_threads(void)
{
	struct thread_group *group = current->group;

	/* A thread that has received SIGKILL for the whole process must live until it takes it. */
	if (current->ends || group->killed)
		return -EAGAIN;
	if (group->threads == 1)
		return 0;
	tell_other_threads(group);
	while (group->threads > 1) {
		current->state = TASK_BLOCKED;
		schedule();
	}
	return 0;
}

/* The resource use of a child and of its own children. */
static struct usage whole_usage(const struct task *child)
{
	struct usage usage = usage_of_group(child->group);

	usage_add(&usage, &child->group->children);
	return usage;
}

/* Frees a zombie. Returns its pid. */
static int reap(struct task *child, int *status)
{
	struct usage usage = whole_usage(child);
	int pid = child->pid;

	BUG_ON(!has_ended(child));
	usage_add(&current->group->children, &usage);
	*status = child->exit_status;
	task_free(child);
	return pid;
}

/* Does the call wait for this child? */
static bool eligible(const struct task *child, int pid, int options)
{
	int group = pid ? -pid : current->group->job.group;

	if (pid > 0 ? child->pid != pid : pid != -1 && child->group->job.group != group)
		return false;
	return options & __WALL || (child->exit_signal != SIGCHLD) == !!((u32)options & __WCLONE);
}

/* Has the child ended, stopped or continued, as the options ask? Returns its pid, or 0. */
static int hear(struct task *child, int *status, int options)
{
	if (has_ended(child))
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
	return 0;
}

int do_wait_usage(int pid, int *status, int options, struct usage *usage)
{
	struct list_head *children = &current->group->leader->children;

	if ((u32)options &
	    ~(u32)(WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | __WALL | __WCLONE))
		return -EINVAL;
	if (pid == INT32_MIN)
		return -ESRCH;
	for (;;) {
		bool found = false;
		struct task *child;

		list_for_each_entry (child, children, sibling) {
			int heard;

			if (!eligible(child, pid, options))
				continue;
			found = true;
			*usage = whole_usage(child);
			heard = hear(child, status, options);
			if (heard)
				return heard;
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

int do_wait(int pid, int *status, int options)
{
	struct usage usage;

	return do_wait_usage(pid, status, options, &usage);
}
