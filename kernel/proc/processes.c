/* SPDX-License-Identifier: MIT */
/* Who the processes are, for the folders of /proc. */
#include "kernel/proc/proc.h"
#include "kernel/task/cred.h"
#include "kernel/task/pid.h"
#include "mm/user_space/mm.h"

static struct task *thread_of(const struct task *leader, int tid)
{
	struct task *task = task_find(tid);

	return task && task->group == leader->group && task->state != TASK_DEAD ? task : NULL;
}

struct task *proc_task(const struct proc_subject *subject)
{
	struct task *task = task_find(subject->pid);

	if (!task || task != task->group->leader || task->born != subject->birth)
		return NULL;
	return subject->tid ? thread_of(task, subject->tid) : task;
}

static int self(void)
{
	return current->tgid;
}

static int next(int after)
{
	const struct task *task = task_after(after);

	while (task && task != task->group->leader)
		task = task_after(task->pid);
	return task ? task->pid : 0;
}

/* The files of a process that others must not inspect belong to root. */
static bool find(int pid, struct proc_subject *subject, u32 *uid, u32 *gid)
{
	const struct task *task = task_find(pid);

	if (!task || pid <= 0)
		return false;
	task = task->group->leader;
	subject->pid = task->pid;
	subject->birth = task->born;
	*uid = task->group->flags.not_dumpable ? 0 : task->group->user.effective;
	*gid = task->group->flags.not_dumpable ? 0 : task->group->groups.ids.effective;
	return true;
}

static struct mm_struct *grab_mm(const struct proc_subject *subject)
{
	const struct task *task = proc_task(subject);

	if (!task || !task->mm)
		return NULL;
	mm_grab(task->mm);
	return task->mm;
}

static bool inspect(const struct proc_subject *subject)
{
	const struct task *task = proc_task(subject);

	return task && may_inspect(task);
}

static const struct proc_processes processes = { self, next, find, grab_mm, inspect };

void proc_files_init(const char *options)
{
	proc_set_processes(&processes);
	proc_add_identity();
	proc_add_accounts();
	proc_add_links();
	proc_add_threads();
	proc_add_inspection();
	proc_add_devices();
	proc_add_machine(options);
}
