/* SPDX-License-Identifier: MIT */
/*
 * The end of a task and of a process. kernel/process/wait_child.c has the waiting for it.
 *
 *   a thread ends    it is freed as soon as another task runs; no task waits for it
 *                    (pthread_join waits for a word: mm_release())
 *   the leader ends  it stays a zombie and keeps the pid until its parent has waited, which can
 *                    succeed only when no thread is left
 */
#include "kernel/task/fpu.h"
#include "kernel/task/ldt.h"
#include "kernel/process/exit.h"
#include "kernel/process/fork.h"
#include "kernel/process/job.h"
#include "kernel/process/pidfd.h"
#include "kernel/time/process_timers.h"
#include "kernel/process/fs_struct.h"
#include "kernel/process/futex.h"
#include "kernel/signal/signal.h"
#include "kernel/task/sched.h"
#include "kernel/task/trace_events.h"
#include "lib/assert.h"
#include "abi/linux/errno.h"
#include "kernel/process/wait_child.h"

/* The process has ended: notifies its parent. If the parent wants no zombies, init reaps it. */
static void notify_parent(struct task *leader)
{
	int status = leader->exit_status, signal = status & 0x7f;
	int killed = status & STATUS_CORE ? CLD_DUMPED : CLD_KILLED;
	bool no_zombie = signal ? signal_parent(leader, killed, signal)
				: signal_parent(leader, CLD_EXITED, status >> 8);

	if (!no_zombie)
		return;
	task_set_parent(leader, init_task);
	wake_waiters(init_task);
}

/* The nearest ancestor that takes orphans (prctl(PR_SET_CHILD_SUBREAPER)), or init. */
static struct task *new_parent(const struct task *leader)
{
	struct task *parent = leader->parent;

	while (parent != init_task && parent != &idle_task &&
	       !(parent->group->flags.subreaper && !parent->group->exiting &&
		 parent->group->threads))
		parent = parent->parent;
	return parent == &idle_task ? init_task : parent;
}

static void tell_threads(struct thread_group *group)
{
	struct task *thread;

	list_for_each_entry (thread, &group->list, thread)
		if (thread->parent_death_signal)
			signal_send_process(
				group, &(struct siginfo){ .signo = (s32)thread->parent_death_signal,
							  .code = SI_KERNEL });
}

/* As on Linux, the parent of a child is the thread that made it. */
static void tell_made_children(struct task *leader, int maker)
{
	struct task *child;

	list_for_each_entry (child, &leader->children, sibling)
		if (child->group->maker == maker)
			tell_threads(child->group);
}

/* Gives the children a new parent, and notifies it of those that have ended already. */
static void give_away_children(struct task *leader)
{
	struct task *parent = new_parent(leader), *child, *next;

	list_for_each_entry_safe (child, next, &leader->children, sibling) {
		tell_threads(child->group);
		task_set_parent(child, parent);
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
	if (current->fs)
		fs_leave(current);
}

static void leave_mm(void)
{
	struct mm_struct *mm = current->mm;

	if (!mm)
		return;
	mm_release();
	current->mm = NULL;
	futex_pi_exit();
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
	--group->threads;
	pidfd_wake();
	if (group->threads > 0) {
		if (unlikely(current->made_children))
			tell_made_children(leader, current->pid);
		if (group->threads == 1 && group->last_one)
			task_wake(group->last_one);
		return;
	}
	process_timers_free(group);
	ldt_free(group);
	ipc_exit(group);
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
	trace(sched_process_exit, current);
	/* Other tasks may run below: signals for the process must go to threads that continue. */
	current->ends = true;
	leave_files();
	leave_mm();
	if (current->fpu)
		fpu_release(current);
	if (unlikely(current->group->pending.signals))
		signal_retarget(~0ull);
	signal_exit(current);
	leave_group();
	schedule();
	panic("a zombie was scheduled");
}

/* Makes all threads but `except` end before they return to ring 3, and wakes them. */
static void end_threads(struct thread_group *group, const struct task *except)
{
	struct task *task;

	list_for_each_entry (task, &group->list, thread) {
		if (task == except || task->ends || task->state == TASK_ZOMBIE)
			continue;
		task->ends = true;
		signal_send(task, SIGKILL);
	}
}

void begin_exit_by(struct thread_group *group, int signal)
{
	BUG_ON(group->exiting);
	group->exiting = true;
	group->exit_status = signal;
	end_threads(group, NULL);
}

/* False: the process ends already, or this thread alone does. */
static bool begin_group_exit(int status)
{
	struct thread_group *group = current->group;

	if (group->exiting || current->ends)
		return false;
	group->exiting = true;
	group->exit_status = status;
	if (group->threads > 1)
		end_threads(group, current);
	return true;
}

void do_group_exit(int status)
{
	begin_group_exit(status);
	do_exit(current->group->exiting ? current->group->exit_status : status);
}

void do_signal_exit(const struct siginfo *info)
{
	struct thread_group *group = current->group;

	if (begin_group_exit(info->signo) && signal_default_dumps(info->signo) && core_dump(info))
		group->exit_status |= STATUS_CORE;
	do_exit(group->exiting ? group->exit_status : info->signo);
}

int end_other_threads(void)
{
	struct thread_group *group = current->group;

	/* A thread that has received SIGKILL for the whole process must live until it takes it. */
	if (current->ends || group->killed)
		return -EAGAIN;
	if (group->threads == 1)
		return 0;
	end_threads(group, current);
	group->last_one = current;
	while (group->threads > 1) {
		current->state = TASK_BLOCKED;
		schedule();
	}
	group->last_one = NULL;
	return 0;
}
