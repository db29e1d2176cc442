/* SPDX-License-Identifier: MIT */
#include "tests/host/kernel/process/exit_rig.h"

#include <setjmp.h>
#include <string.h>

#include "abi/linux/errno.h"
#include "kernel/process/fork.h"
#include "kernel/process/fs_struct.h"
#include "kernel/process/futex.h"
#include "kernel/process/job.h"
#include "kernel/process/pidfd.h"
#include "kernel/signal/signal.h"
#include "kernel/task/fpu.h"
#include "kernel/task/ldt.h"
#include "kernel/task/sched.h"
#include "kernel/time/process_timers.h"
#include "tests/host/record.h"
#include "tests/host/tap.h"

struct task *current, *init_task;
struct task idle_task;

struct process all[PROCESSES];

struct mm_struct space;
struct files_struct *const files = (struct files_struct *)&space;
struct fs_struct *const folders = (struct fs_struct *)&space;
union fpu_state registers;

static jmp_buf ended;
bool wants_none, returns, core_written;
u32 sleeps, cores;

/* ---- What the task had ---- */

void files_put(struct files_struct *left)
{
	EXPECT(current->ends && !current->files);
	if (left)
		note("files ");
}

void fs_leave(struct task *task)
{
	EXPECT(task == current && task->fs);
	task->fs = NULL;
	note("fs ");
}

void mm_release(void)
{
	EXPECT(current->mm);
	note("release ");
}

void futex_pi_exit(void)
{
	EXPECT(!current->mm);
	note("locks ");
}

void mm_put(struct mm_struct *mm)
{
	EXPECT(mm == &space && !current->mm);
	note("space ");
}

void fpu_release(struct task *task)
{
	EXPECT(task == current && task->fpu);
	task->fpu = NULL;
	note("registers ");
}

void signal_retarget(u64 signals)
{
	EXPECT(signals == ~0ull && current->ends && current->sighand);
	note("retarget ");
}

void signal_exit(struct task *task)
{
	EXPECT(task == current);
	task->sighand = NULL;
	note("signals ");
}

void task_bury(struct task *task)
{
	EXPECT(task == current);
	task->state = TASK_DEAD;
	list_del(&task->thread);
	task->group = NULL;
	note("bury ");
}

void pidfd_wake(void)
{
	note("pidfd(%u) ", all[OWN].group.threads);
}

/* ---- What the process had ---- */

void process_timers_free(struct thread_group *group)
{
	EXPECT(group == &all[OWN].group);
	note("timers ");
}

void ldt_free(struct thread_group *group)
{
	EXPECT(group == &all[OWN].group);
	note("ldt ");
}

void ipc_exit(struct thread_group *group)
{
	EXPECT(group == &all[OWN].group);
	note("ipc ");
}

void signal_flush(struct thread_group *group, struct sigpending *pending, u64 mask)
{
	EXPECT(group == &all[OWN].group && pending == &group->pending && mask == ~0ull);
	note("pending ");
}

/* Its children are still its own, and its status is known. */
void job_exit(struct task *leader)
{
	EXPECT(leader == &all[OWN].thread[0] && leader->state == TASK_ZOMBIE);
	note("job(%#x) ", (u32)leader->exit_status);
}

/* ---- Others ---- */

bool signal_parent(struct task *child, int code, int status)
{
	note("parent(%d:%d,%d) ", child->pid, code, status);
	return wants_none;
}

void task_set_parent(struct task *child, struct task *parent)
{
	note("%d->%d ", child->pid, parent->pid);
	list_move_tail(&child->sibling, &parent->children);
	child->parent = parent;
}

void wake_waiters(struct task *leader)
{
	EXPECT(leader == init_task);
	note("init ");
}

int signal_send_process(struct thread_group *group, const struct siginfo *info)
{
	EXPECT_EQ(info->code, SI_KERNEL);
	note("%d:%d ", group->leader->pid, info->signo);
	return 0;
}

void signal_send(struct task *task, int signal)
{
	EXPECT(task->ends && signal == SIGKILL);
	note("kill(%d) ", task->pid);
}

void task_wake(struct task *task)
{
	note("wake(%d) ", task->pid);
}

bool signal_default_dumps(int signal)
{
	return signal == SIGSEGV;
}

bool core_dump(const struct siginfo *info)
{
	EXPECT(info->signo == SIGSEGV && current->group->exiting);
	cores++;
	return core_written;
}

/* A sleep ends when one thread more has ended. */
void schedule(void)
{
	if (current->state == TASK_ZOMBIE || current->state == TASK_DEAD) {
		if (!returns)
			longjmp(ended, 1);
		return;
	}
	EXPECT(current->state == TASK_BLOCKED && current->group->last_one == current);
	sleeps++;
	current->group->threads--;
	current->state = TASK_RUNNING;
}

/* ---- The family ---- */

static void make(u32 i, int pid, struct task *parent)
{
	struct process *process = &all[i];

	memset(process, 0, sizeof(*process));
	process->group.leader = &process->thread[0];
	process->group.threads = 1;
	list_init(&process->group.list);
	for (int t = 0; t < 3; t++) {
		struct task *task = &process->thread[t];

		task->pid = pid + t;
		task->group = &process->group;
		task->parent = parent;
		list_init(&task->children);
		list_init(&task->sibling);
	}
	list_add_tail(&process->thread[0].thread, &process->group.list);
	if (parent != &idle_task)
		list_add_tail(&process->thread[0].sibling, &parent->children);
}

/* Adds threads. */
void with_threads(u32 i, u32 threads)
{
	for (u32 t = 1; t < threads; t++)
		list_add_tail(&all[i].thread[t].thread, &all[i].group.list);
	all[i].group.threads = threads;
}

void start(u32 threads)
{
	make(INIT, 1, &idle_task);
	init_task = &all[INIT].thread[0];
	make(SHELL, 2, init_task);
	make(OWN, 10, &all[SHELL].thread[0]);
	with_threads(OWN, threads);
	current = &all[OWN].thread[0];
	sleeps = cores = 0;
	wants_none = returns = false;
	did[0] = '\0';
}

void with_children(void)
{
	make(FIRST, 20, &all[OWN].thread[0]);
	make(SECOND, 30, &all[OWN].thread[0]);
	with_threads(SECOND, 2);
}

void runs(u32 thread)
{
	current = &all[OWN].thread[thread];
	did[0] = '\0';
}

void exits(int status)
{
	if (!setjmp(ended))
		do_exit(status);
}

void group_exits(int status)
{
	if (!setjmp(ended))
		do_group_exit(status);
}

void dies(int signal)
{
	if (!setjmp(ended))
		do_signal_exit(&(struct siginfo){ .signo = signal });
}
