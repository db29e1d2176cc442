/* SPDX-License-Identifier: MIT */
/* Process groups and sessions. Numbers cite the invariants of the header. */
#include "kernel/process/job.h"
#include "fs/process.h"
#include "fs/tty/tty.h"
#include "kernel/task/pid.h"
#include "kernel/signal/signal.h"
#include "abi/linux/errno.h"

/* 0; -ESRCH: no process is in the group; -EPERM: it is in another session. */
int process_check_group(int group)
{
	const struct thread_group *process;

	for_each_in_group(process, group) return process->job.session == current->group->job.session
		? 0
		: -EPERM;
	return -ESRCH;
}

/* The process that setpgid() means, the caller or a child that still runs its program; or NULL. */
static struct thread_group *find_member(int pid, int *err)
{
	struct thread_group *own = current->group;
	const struct task *task = pid == own->leader->pid ? own->leader : task_find(pid);

	*err = -ESRCH;
	if (!task || task->state == TASK_DEAD)
		return NULL;
	*err = -EINVAL;
	if (task->group->leader != task)
		return NULL;
	if (task->group == own)
		return own;
	*err = -ESRCH;
	if (task->parent->group != own)
		return NULL;
	*err = -EPERM;
	if (task->group->job.session != own->job.session)
		return NULL;
	*err = -EACCES;
	return task->group->executes ? NULL : task->group;
}

int job_set_group(int pid, int group)
{
	struct thread_group *member;
	int err;

	pid = pid ? pid : current->tgid;
	group = group ? group : pid;
	if (group < 0)
		return -EINVAL;
	member = find_member(pid, &err);
	if (!member)
		return err;
	if (member->job.session == pid || (group != pid && process_check_group(group)))
		return -EPERM;
	job_move(member, group, member->job.session);
	return 0;
}

int job_new_session(void)
{
	int pid = current->tgid;

	if (process_check_group(pid) != -ESRCH)
		return -EPERM;
	job_move(current->group, pid, pid);
	return pid;
}

bool job_signal(int group, const struct siginfo *info)
{
	struct thread_group *process;
	bool found = false;

	for_each_in_group(process, group)
	{
		signal_send_process(process, info);
		found = true;
	}
	return found;
}

void process_signal_group(int group, int signal)
{
	job_signal(group, &(struct siginfo){ .signo = signal, .code = SI_KERNEL });
}

/* Is the process a reason that its group is not orphaned, with this one as its parent? */
static bool ties_group(const struct thread_group *group, const struct thread_group *parent)
{
	return parent->job.group != group->job.group && parent->job.session == group->job.session &&
	       (parent->leader != init_task || group->of_run);
}

/* (2), as if `ending` had ended. */
static bool is_orphaned(int group, const struct thread_group *ending)
{
	const struct thread_group *process;

	for_each_in_group(process, group)
	{
		const struct task *leader = process->leader;

		if (process != ending && leader->state != TASK_ZOMBIE &&
		    leader->parent->group != ending && ties_group(process, leader->parent->group))
			return false;
	}
	return true;
}

bool job_is_orphaned(void)
{
	return is_orphaned(current->group->job.group, NULL);
}

static bool has_stopped(int group)
{
	const struct thread_group *process;

	for_each_in_group(process, group) if (process->stopped) return true;
	return false;
}

/* The group of `member` loses the tie that its `parent` was, because `ending` ends. */
static void release_group(const struct thread_group *member, const struct thread_group *parent,
			  const struct thread_group *ending)
{
	int group = member->job.group;

	if (!ties_group(member, parent) || !is_orphaned(group, ending) || !has_stopped(group))
		return;
	process_signal_group(group, SIGHUP);
	process_signal_group(group, SIGCONT);
}

void job_exit(struct task *leader)
{
	struct thread_group *ending = leader->group;
	struct task *child;

	if (ending->job.session == leader->pid)
		tty_session_ends(leader->pid);
	release_group(ending, leader->parent->group, ending);
	list_for_each_entry (child, &leader->children, sibling)
		release_group(child->group, ending, ending);
}

/* --- What the terminal asks (fs/process.h) --- */

int process_number(void)
{
	return current->tgid;
}

int process_session(void)
{
	return current->group->job.session;
}

int process_group(void)
{
	return current->group->job.group;
}

int process_in_background(int signal)
{
	if (signal_ignored(current, signal) || current->blocked & SIGMASK(signal))
		return signal == SIGTTIN ? -EIO : 0;
	if (job_is_orphaned())
		return -EIO;
	process_signal_group(process_group(), signal);
	return -ERESTARTSYS;
}
