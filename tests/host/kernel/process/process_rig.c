/* SPDX-License-Identifier: MIT */
#include "tests/host/kernel/process/process_rig.h"

#include <string.h>

#include "kernel/process/file_owner.c"
#include "kernel/process/job.c"

#include "kernel/task/sched.h"
#include "kernel/task/usage.h"
#include "mm/reclaim/oom.h"
#include "tests/host/tap.h"

struct task *current, *init_task;
struct task idle_task;
LIST_HEAD(task_list);

struct process all[PROCESSES];

char sent[400];
struct siginfo last;
int queue_full;
bool ignores;
int session_ended;
u32 sleeps, freed;
void (*while_asleep)(void);
struct mm_struct spaces[PROCESSES];
const struct oom_ops *oom;

static void note(int pid, char mark, const struct siginfo *info)
{
	size_t length = strlen(sent);

	last = *info;
	if (pid >= 100) {
		sent[length++] = 'T';
		pid -= 100;
	}
	sent[length++] = (char)('0' + pid);
	sent[length++] = mark;
	sent[length++] = (char)('0' + info->signo / 10);
	sent[length++] = (char)('0' + info->signo % 10);
	sent[length++] = ' ';
}

void clear_sent(void)
{
	memset(sent, 0, sizeof(sent));
	memset(&last, 0, sizeof(last));
}

int signal_send_process(struct thread_group *group, const struct siginfo *info)
{
	if (queue_full)
		return queue_full;
	note(group->leader->pid, ':', info);
	return 0;
}

int signal_send_info(struct task *task, const struct siginfo *info)
{
	if (queue_full)
		return queue_full;
	note(task->pid, '.', info);
	return 0;
}

void signal_send(struct task *task, int signal)
{
	note(task->pid, '.', &(struct siginfo){ .signo = signal });
}

bool signal_ignored(const struct task *task, int signal)
{
	EXPECT(task == current && signal);
	return ignores;
}

void tty_session_ends(int session)
{
	session_ended = session;
}

void oom_init(const struct oom_ops *ops)
{
	oom = ops;
}

void task_wake(struct task *task)
{
	task->state = TASK_RUNNING;
}

void schedule(void)
{
	sleeps++;
	EXPECT_EQ(current->state, TASK_WAITING);
	EXPECT(!list_empty(&current->group->waiters));
	if (while_asleep)
		while_asleep();
	current->state = TASK_RUNNING;
}

u32 schedule_timeout(u32 ticks)
{
	schedule();
	return ticks - 1;
}

void task_free(struct task *task)
{
	freed++;
	list_del(&task->sibling);
	list_del_init(&task->in_news);
	pid_free(task);
	job_leave(task->group);
	list_del(&task->link);
}

void usage_sum(const struct thread_group *group, struct usage *sum)
{
	*sum = group->ended;
}

void usage_add(struct usage *to, const struct usage *from)
{
	to->faults += from->faults;
}

static void make(u32 i, u32 parent, int group, int session)
{
	struct process *p = &all[i];

	p->group.leader = &p->leader;
	p->group.threads = 1;
	p->group.user = (struct id_set){ 1000 + i, 1000 + i, 1000 + i, 1000 + i };
	list_init(&p->group.list);
	list_init(&p->group.waiters);
	p->leader.group = p->thread.group = &p->group;
	p->leader.parent = &all[parent].leader;
	p->leader.exit_signal = SIGCHLD;
	p->leader.born = 100 + i;
	p->leader.mm = &spaces[i];
	p->leader.sighand = (struct sighand *)p;
	list_init(&p->leader.children);
	list_init(&p->leader.sibling);
	list_init(&p->leader.news);
	list_init(&p->leader.in_news);
	EXPECT_EQ(pid_alloc(&p->leader), 0);
	p->leader.tgid = p->leader.pid;
	if (i)
		list_add_tail(&p->leader.sibling, &all[parent].leader.children);
	list_add_tail(&p->leader.link, &task_list);
	job_join(&p->group, group, session);
}

void processes_start(void)
{
	pid_init();
	make(0, 0, 1, 1);
	make(1, 0, 2, 2);
	make(2, 1, 3, 2);
	make(3, 1, 3, 2);
	make(4, 2, 3, 2);
	make(5, 0, 6, 6);
	make(6, 0, 7, 2);
	make(7, 0, 7, 2);
	init_task = &all[0].leader;
	current = &all[1].leader;
	clear_sent();
}
