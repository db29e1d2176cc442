/* SPDX-License-Identifier: MIT */
#include <setjmp.h>

#include "kernel/process/exit.h"
#include "kernel/signal/signalfd.h"
#include "kernel/time/posix_timer.h"
#include "tests/host/kernel/signal/signal_rig.h"

struct rig_process rig_child, rig_parent;
struct rig_calls rig;
int rig_frame_error;
bool rig_orphaned;
void (*rig_others)(void);

struct task *current;
struct task idle_task;
struct task *init_task;
LIST_HEAD(task_list);
volatile u32 return_work;

static jmp_buf ended;

void update_return_work(void)
{
	return_work = signal_pending(current) || current->restore_blocked || current->ends
			      ? WORK_SIGNAL
			      : 0;
}

void task_wake(struct task *task)
{
	rig.wakes++;
	rig.woken = task;
	task->state = TASK_RUNNING;
}

void schedule(void)
{
	rig.schedules++;
	if (rig_others)
		rig_others();
	current->state = TASK_RUNNING;
}

void signalfd_wake(void)
{
	rig.signalfd_wakes++;
}

void wake_waiters(struct task *leader)
{
	EXPECT(leader == &rig_parent.thread[0]);
	rig.parent_wakes++;
}

void begin_exit_by(struct thread_group *group, int signal)
{
	EXPECT(group == &rig_child.group || group == &rig_parent.group);
	rig.exit_begun = signal;
}

bool job_is_orphaned(void)
{
	return rig_orphaned;
}

void posix_timer_taken(struct posix_timer *timer, struct siginfo *info)
{
	EXPECT(timer);
	info->value++;
	rig.timers_taken++;
}

int signal_frame_push(struct pt_regs *regs, const struct sigaction *action,
		      const struct siginfo *info, u64 blocked)
{
	if (rig_frame_error)
		return rig_frame_error;
	rig.frames++;
	rig.frame_info = *info;
	rig.frame_blocked = blocked;
	regs->eip = action->handler;
	return 0;
}

void do_signal_exit(const struct siginfo *info)
{
	rig.exit_signal = info->signo;
	longjmp(ended, 1);
}

bool rig_deliver(struct pt_regs *regs)
{
	if (setjmp(ended))
		return false;
	deliver_signals(regs);
	return true;
}

void rig_action(int signal, u32 handler, u32 flags, u64 mask)
{
	const struct sigaction action = { .handler = handler, .flags = flags, .mask = mask };

	sighand_set_action(current, signal, &action);
}

void rig_clear(void)
{
	memset(&rig, 0, sizeof(rig));
}

static void make_process(struct rig_process *process, int pid, struct task *above)
{
	struct thread_group *group = &process->group;
	struct sighand *sighand = sighand_alloc();

	memset(process, 0, sizeof(*process));
	group->leader = &process->thread[0];
	group->threads = RIG_THREADS;
	group->rlim[RLIMIT_SIGPENDING].cur = 100;
	group->user.real = (u32)pid + 1000;
	list_init(&group->list);
	for (int i = 0; i < RIG_THREADS; i++) {
		struct task *task = &process->thread[i];

		task->pid = pid + i;
		task->group = group;
		task->parent = above;
		task->sighand = sighand;
		task->exit_signal = SIGCHLD;
		list_init(&task->news);
		list_init(&task->in_news);
		list_add_tail(&task->thread, &group->list);
		list_add_tail(&task->link, &task_list);
	}
	sighand->count = RIG_THREADS;
}

void signal_rig_start(void)
{
	machine_boot();
	signal_init();
	machine_settle();
	make_process(&rig_parent, 10, &idle_task);
	make_process(&rig_child, 20, &rig_parent.thread[0]);
	current = &rig_child.thread[0];
	rig_clear();
}

static void end_process(struct rig_process *process)
{
	signal_flush_all(&process->group, ~0ull);
	EXPECT_EQ(process->group.queued, 0);
	EXPECT_EQ(process->group.pending.signals, 0);
	for (int i = 0; i < RIG_THREADS; i++) {
		EXPECT_EQ(process->thread[i].pending.signals, 0);
		signal_exit(&process->thread[i]);
		EXPECT(!process->thread[i].sighand);
	}
}

void signal_rig_stop(void)
{
	end_process(&rig_child);
	end_process(&rig_parent);
}
