/* SPDX-License-Identifier: MIT */
/*
 * Relations of processes: groups and sessions, waiting for children, signals to the owner of a
 * file, and what the end of memory knows of processes. They do not run; signals are recorded.
 *
 * sources: kernel/process/wait_child.c kernel/process/oom_kill.c kernel/task/pid.c
 */
#include <string.h>

/* The host has simpler ones. */
#define process_becomes_owner job_becomes_owner
#define process_tell_owner    job_tell_owner
#define process_check_group   job_check_group
#define process_signal_group  job_signal_group
#define process_number	      job_number
#define process_session	      job_session
#define process_group	      job_group
#define process_in_background job_in_background
#include "kernel/process/file_owner.c"
#include "kernel/process/job.c"

#include "kernel/process/oom_kill.h"
#include "kernel/process/wait_child.h"
#include "kernel/task/sched.h"
#include "kernel/task/usage.h"
#include "mm/reclaim/oom.h"
#include "tests/host/tap.h"

#define PROCESSES 8

/* Process n has the number n + 1, and a second thread n + 101 that is not always in it. */
static struct process {
	struct thread_group group;
	struct task leader, thread;
} all[PROCESSES];

struct task *current, *init_task;
struct task idle_task;
LIST_HEAD(task_list);

static char sent[400]; /* "3:1 " is signal 1 to process 3; to a task "3.1 " */
static struct siginfo last;
static int queue_full; /* the error of the next sends with data */
static bool ignores;
static const struct oom_ops *oom;

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

static void clear(void)
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

static int session_ended;

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

static void (*while_asleep)(void);
static u32 sleeps, freed;

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

static struct mm_struct spaces[PROCESSES];

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

/*
 * Process 1 is init, 2 a shell of session 2, 3 and 4 its pipeline in group 3, 5 a child of 3, 6 a
 * program of another session, 7 and 8 orphans that init has inherited, in session 2.
 */
static void start(void)
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
	clear();
}

/* ---- Groups and sessions ---- */

static void groups_checked(void)
{
	start();
	EXPECT_EQ(process_check_group(2), 0);
	EXPECT_EQ(process_check_group(3), 0);
	EXPECT_EQ(process_check_group(6), -EPERM);
	EXPECT_EQ(process_check_group(9), -ESRCH);
	EXPECT_EQ(process_check_group(2 + 256), -ESRCH); /* in the same bucket */
	EXPECT(process_number() == 2 && process_group() == 2 && process_session() == 2);
	current = &all[3].leader;
	EXPECT(process_number() == 4 && process_group() == 3 && process_session() == 2);
}

static int moved(int pid, int group)
{
	return job_set_group(pid, group);
}

static void group_set(void)
{
	start();
	EXPECT_EQ(moved(3, -1), -EINVAL);
	EXPECT_EQ(moved(99, 0), -ESRCH);
	EXPECT_EQ(moved(5, 0), -ESRCH); /* a grandchild */
	EXPECT_EQ(moved(0, 0), -EPERM); /* the leader of its session */
	EXPECT_EQ(moved(2, 3), -EPERM);
	EXPECT_EQ(moved(3, 6), -EPERM);	 /* a group of another session */
	EXPECT_EQ(moved(3, 50), -EPERM); /* no such group */
	EXPECT_EQ(moved(4, 4), 0);
	EXPECT(all[3].group.job.group == 4 && all[3].group.job.session == 2);
	EXPECT_EQ(moved(4, 3), 0);
	EXPECT_EQ(moved(4, 0), 0);
	EXPECT_EQ(all[3].group.job.group, 4);
	EXPECT_EQ(moved(4, 2), 0);
	EXPECT_EQ(process_check_group(4), -ESRCH);
	all[2].group.executes = true;
	EXPECT_EQ(moved(3, 0), -EACCES);
	all[2].group.executes = false;
	all[2].group.job.session = 9;
	EXPECT_EQ(moved(3, 0), -EPERM);
	all[2].group.job.session = 2;
	all[2].leader.state = TASK_DEAD;
	EXPECT_EQ(moved(3, 0), -ESRCH);
	all[2].leader.state = TASK_ZOMBIE;
	EXPECT_EQ(moved(3, 0), 0);
	/* A thread is no process. */
	all[3].thread.pid = 0;
	EXPECT_EQ(pid_alloc(&all[3].thread), 0);
	EXPECT_EQ(moved(all[3].thread.pid, 0), -EINVAL);
	/* The caller itself, also after it has called execve(). */
	current = &all[3].leader;
	all[3].group.executes = true;
	EXPECT_EQ(moved(0, 0), 0);
	EXPECT_EQ(all[3].group.job.group, 4);
	EXPECT_EQ(moved(4, 3), 0);
}

static void new_sessions(void)
{
	start();
	EXPECT_EQ(job_new_session(), -EPERM);
	current = &all[3].leader;
	EXPECT_EQ(job_new_session(), 4);
	EXPECT(all[3].group.job.group == 4 && all[3].group.job.session == 4);
	EXPECT_EQ(job_new_session(), -EPERM);
	current = &all[4].leader; /* a group of its number is there, in another session */
	job_move(&all[2].group, 5, 2);
	EXPECT_EQ(job_new_session(), -EPERM);
}

static void signals_to_groups(void)
{
	const struct siginfo info = { .signo = 10, .code = 7 };

	start();
	EXPECT(job_signal(3, &info));
	EXPECT_TEXT(sent, "3:10 4:10 5:10 ");
	EXPECT_EQ(last.code, 7);
	EXPECT(!job_signal(50, &info));
	clear();
	process_signal_group(7, 2);
	EXPECT_TEXT(sent, "7:02 8:02 ");
	EXPECT_EQ(last.code, SI_KERNEL);
}

static void orphans(void)
{
	start();
	EXPECT(job_is_orphaned()); /* the shell's parent is in another session */
	current = &all[2].leader;
	EXPECT(!job_is_orphaned());
	current = &all[6].leader;
	EXPECT(job_is_orphaned());
	/* Init is as a shell to the programs that it started. */
	all[6].group.job.session = 1;
	EXPECT(job_is_orphaned());
	all[6].group.of_run = true;
	EXPECT(!job_is_orphaned());
	/* A zombie ties nothing. */
	current = &all[2].leader;
	all[2].leader.state = TASK_ZOMBIE;
	EXPECT(!job_is_orphaned());
	all[3].leader.state = TASK_ZOMBIE;
	EXPECT(job_is_orphaned()); /* the grandchild's parent is in its own group */
}

static void a_leader_ends(void)
{
	start();
	job_exit(&all[1].leader);
	EXPECT_EQ(session_ended, 2);
	EXPECT_TEXT(sent, ""); /* none had stopped */
	all[4].group.stopped = true;
	job_exit(&all[1].leader);
	EXPECT_TEXT(sent, "3:01 4:01 5:01 3:18 4:18 5:18 3:01 4:01 5:01 3:18 4:18 5:18 ");
	EXPECT_EQ(last.code, SI_KERNEL);
	/* One of two ties ends: the group still has the other one. */
	clear();
	session_ended = 0;
	job_exit(&all[2].leader);
	EXPECT_TEXT(sent, "");
	EXPECT_EQ(session_ended, 0);
	all[3].leader.state = TASK_ZOMBIE;
	job_exit(&all[2].leader);
	EXPECT_TEXT(sent, "3:01 4:01 5:01 3:18 4:18 5:18 ");
	/* One that was no tie takes none away. */
	clear();
	all[7].group.stopped = true;
	job_exit(&all[6].leader);
	EXPECT_TEXT(sent, "");
}

static void background(void)
{
	start();
	current = &all[2].leader;
	EXPECT_EQ(process_in_background(SIGTTOU), -ERESTARTSYS);
	EXPECT_TEXT(sent, "3:22 4:22 5:22 ");
	clear();
	ignores = true;
	EXPECT_EQ(process_in_background(SIGTTOU), 0);
	EXPECT_EQ(process_in_background(SIGTTIN), -EIO);
	ignores = false;
	current->blocked = SIGMASK(SIGTTIN);
	EXPECT_EQ(process_in_background(SIGTTIN), -EIO);
	current->blocked = 0;
	current = &all[6].leader;
	EXPECT_EQ(process_in_background(SIGTTIN), -EIO);
	EXPECT_TEXT(sent, "");
}

/* ---- Owners of files ---- */

static void owners(void)
{
	struct file_owner owner = { .fd = 9 };

	start();
	current->group->user.effective = 77;
	process_tell_owner(&owner, POLL_IN);
	EXPECT_TEXT(sent, ""); /* it has none */
	process_becomes_owner(&owner);
	EXPECT(owner.kind == F_OWNER_PID && owner.id == 2);
	EXPECT(owner.real == 1001 && owner.effective == 77);
	current = &all[3].leader;
	process_becomes_owner(&owner);
	EXPECT_EQ(owner.id, 2);
	owner.effective = 1001;
	process_tell_owner(&owner, POLL_IN);
	EXPECT_TEXT(sent, "2:29 ");
	EXPECT(last.code == SI_KERNEL && !last.words[0] && !last.words[1]);
	/* With a signal of its own choice there are data. */
	clear();
	owner.signal = SIGUSR1;
	process_tell_owner(&owner, POLL_IN);
	EXPECT_TEXT(sent, "2:10 ");
	EXPECT(last.code == POLL_IN && last.words[0] == (POLLIN | POLLRDNORM) &&
	       last.words[1] == 9);
	process_tell_owner(&owner, POLL_OUT);
	EXPECT(last.words[0] == (POLLOUT | POLLWRNORM | POLLWRBAND));
	process_tell_owner(&owner, POLL_MSG);
	EXPECT(last.words[0] == (POLLIN | POLLRDNORM | POLLMSG));
	/* A full queue: SIGIO says that something was lost. */
	clear();
	queue_full = -EAGAIN;
	process_tell_owner(&owner, POLL_IN);
	EXPECT_TEXT(sent, "2.29 ");
	queue_full = 0;
	clear();
	owner.kind = F_OWNER_TID;
	process_tell_owner(&owner, POLL_IN);
	EXPECT_TEXT(sent, "2.10 ");
	clear();
	owner.kind = F_OWNER_PGRP;
	owner.id = 3;
	owner.effective = 0;
	process_tell_owner(&owner, POLL_IN);
	EXPECT_TEXT(sent, "3:10 4:10 5:10 ");
	clear();
	owner.kind = F_OWNER_PID;
	owner.id = 99;
	process_tell_owner(&owner, POLL_IN);
	owner.id = 2;
	all[1].leader.mm = NULL; /* it ends */
	process_tell_owner(&owner, POLL_IN);
	EXPECT_TEXT(sent, "");
}

/* Who may be told: as for kill(). */
static void may_be_told(void)
{
	static const struct {
		u32 real, effective, told_real, told_saved;
		bool allowed;
	} cases[] = {
		{ 5, 6, 7, 8, false }, { 5, 6, 5, 8, true }, { 5, 6, 7, 5, true },
		{ 5, 6, 6, 8, true },  { 5, 6, 7, 6, true }, { 5, 0, 7, 8, true },
		{ 0, 6, 7, 8, false },
	};
	struct file_owner owner = { .kind = F_OWNER_PID, .id = 4, .signal = SIGUSR1 };

	start();
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		clear();
		owner.real = cases[i].real;
		owner.effective = cases[i].effective;
		all[3].group.user.real = cases[i].told_real;
		all[3].group.user.saved = cases[i].told_saved;
		process_tell_owner(&owner, POLL_IN);
		EXPECT_TEXT(sent, cases[i].allowed ? "4:10 " : "");
	}
}

/* ---- Waiting for children ---- */

static void ends(u32 i, int status)
{
	all[i].leader.state = TASK_ZOMBIE;
	all[i].group.threads = 0;
	all[i].leader.exit_status = status;
	if (list_empty(&all[i].leader.in_news))
		list_add_tail(&all[i].leader.in_news, &all[i].leader.parent->news);
}

static void which_children(void)
{
	struct wait_news news;

	start();
	EXPECT_EQ(do_wait4(-1, WNOHANG, &news), 0);
	EXPECT_EQ(news.pid, 0);
	EXPECT_EQ(do_wait4(5, WNOHANG, &news), -ECHILD); /* a grandchild */
	EXPECT_EQ(do_wait4(2, WNOHANG, &news), -ECHILD);
	EXPECT_EQ(do_wait4(99, WNOHANG, &news), -ECHILD);
	EXPECT_EQ(do_wait4(0, WNOHANG, &news), -ECHILD); /* none in its own group */
	EXPECT_EQ(do_wait4(-3, WNOHANG, &news), 0);
	EXPECT_EQ(do_wait4(-6, WNOHANG, &news), -ECHILD);
	EXPECT_EQ(do_wait4(INT32_MIN, WNOHANG, &news), -ESRCH);
	EXPECT_EQ(do_wait4(-1, 0x100, &news), -EINVAL);
	EXPECT_EQ(do_wait4(-1, WNOHANG | WEXITED, &news), -EINVAL);
	EXPECT_EQ(do_wait4(-1, WNOHANG | __WNOTHREAD | WUNTRACED | WCONTINUED, &news), 0);
	/* Children that end with another signal, or with none, need an option. */
	all[2].leader.exit_signal = 0;
	EXPECT_EQ(do_wait4(3, WNOHANG, &news), -ECHILD);
	EXPECT_EQ(do_wait4(3, WNOHANG | __WCLONE, &news), 0);
	EXPECT_EQ(do_wait4(4, WNOHANG | __WCLONE, &news), -ECHILD);
	EXPECT_EQ(do_wait4(3, WNOHANG | __WALL, &news), 0);
	EXPECT_EQ(do_wait4(4, WNOHANG | __WALL, &news), 0);
	current = &all[4].leader;
	EXPECT_EQ(do_wait4(-1, 0, &news), -ECHILD);
}

static void children_end(void)
{
	struct wait_news news;
	int status = 0;

	start();
	all[2].group.ended.faults = 7;
	all[2].group.children.faults = 30;
	ends(2, 5 << 8);
	EXPECT_EQ(do_wait4(4, WNOHANG, &news), 0);
	EXPECT_EQ(do_wait4(-1, 0, &news), 3);
	EXPECT(news.pid == 3 && news.uid == 1002 && news.status == 5 << 8);
	EXPECT(news.code == CLD_EXITED && news.signal_or_exit == 5 && news.usage.faults == 37);
	EXPECT_EQ(current->group->children.faults, 37);
	EXPECT(freed == 1 && !task_find(3));
	EXPECT_EQ(do_wait4(3, 0, &news), -ECHILD);
	ends(3, 11 | 0x80);
	EXPECT_EQ(do_wait(4, &status, 0), 4);
	EXPECT(status == (11 | 0x80) && freed == 2);
	EXPECT_EQ(do_wait(-1, &status, 0), -ECHILD);
	EXPECT_EQ(status, 11 | 0x80);
}

static void news_of(int options, int code, int signal_or_exit, int status)
{
	const struct wait_request request = { P_ALL, 0, options, false };
	struct wait_news news;

	EXPECT_EQ(wait_child(&request, &news), 0);
	EXPECT_EQ(news.pid, 3);
	EXPECT_EQ(news.code, code);
	EXPECT_EQ(news.signal_or_exit, signal_or_exit);
	EXPECT_EQ(news.status, status);
}

static void nothing_of(int options)
{
	const struct wait_request request = { P_ALL, 0, options | WNOHANG, false };
	struct wait_news news = { .pid = 7 };

	EXPECT_EQ(wait_child(&request, &news), 0);
	EXPECT_EQ(news.pid, 0);
}

static void kinds_of_news(void)
{
	start();
	all[2].leader.stop_signal = SIGTSTP;
	list_add(&all[2].leader.in_news, &current->news);
	nothing_of(WEXITED);
	nothing_of(WCONTINUED);
	news_of(WSTOPPED | WNOWAIT, CLD_STOPPED, SIGTSTP, SIGTSTP << 8 | 0x7f);
	news_of(WSTOPPED | WEXITED, CLD_STOPPED, SIGTSTP, SIGTSTP << 8 | 0x7f);
	nothing_of(WSTOPPED);
	EXPECT(list_empty(&current->news)); /* what was told is no news */
	all[2].leader.continued = true;
	list_add(&all[2].leader.in_news, &current->news);
	nothing_of(WSTOPPED | WEXITED);
	news_of(WCONTINUED | WNOWAIT, CLD_CONTINUED, SIGCONT, 0xffff);
	news_of(WCONTINUED, CLD_CONTINUED, SIGCONT, 0xffff);
	nothing_of(WCONTINUED);
	/* A stop comes before the end of an older one; the end before all. */
	all[2].leader.continued = true;
	all[2].leader.stop_signal = SIGSTOP;
	list_move(&all[2].leader.in_news, &current->news);
	news_of(WSTOPPED | WCONTINUED | WNOWAIT, CLD_STOPPED, SIGSTOP, SIGSTOP << 8 | 0x7f);
	ends(2, 9);
	news_of(WSTOPPED | WEXITED | WNOWAIT, CLD_KILLED, 9, 9);
	nothing_of(0);
	all[2].leader.exit_status = 9 | 0x80;
	news_of(WEXITED | WNOWAIT, CLD_DUMPED, 9, 9 | 0x80);
	all[2].leader.exit_status = 0x12300;
	news_of(WEXITED | WNOWAIT, CLD_EXITED, 0x23, 0x12300);
	EXPECT_EQ(freed, 0);
	all[2].group.threads = 1; /* another thread still runs */
	all[2].leader.stop_signal = 0;
	all[2].leader.continued = false;
	nothing_of(WEXITED | WSTOPPED | WCONTINUED);
}

static void child_ends(void)
{
	ends(3, 0);
	wake_waiters(current);
	EXPECT_EQ(current->state, TASK_RUNNING);
}

static void waits(void)
{
	struct wait_news news;

	start();
	while_asleep = child_ends;
	EXPECT_EQ(do_wait4(-1, 0, &news), 4);
	EXPECT_EQ(sleeps, 1);
	EXPECT(list_empty(&current->group->waiters));
	current->pending.signals = SIGMASK(SIGUSR1);
	EXPECT_EQ(do_wait4(-1, 0, &news), -ERESTARTSYS);
	EXPECT_EQ(sleeps, 1);
	while_asleep = NULL;
	EXPECT_EQ(sleep_for_child(50), 49);
	EXPECT_EQ(sleep_for_child(0), 0);
	EXPECT_EQ(sleeps, 3);
}

/* ---- The end of memory ---- */

static bool of(u32 space, struct oom_process *process)
{
	memset(process, 0xee, sizeof(*process));
	return oom->process(&spaces[space], process);
}

static void processes_of_spaces(void)
{
	struct oom_process process;

	start();
	list_add(&idle_task.link, &task_list);
	idle_task.group = &all[0].group;
	oom_kill_init();
	for (u32 i = 0; i < PROCESSES; i++)
		spaces[i].mm_users = 1;
	strcpy(all[4].leader.name, "five");
	all[4].group.oom.adj = -17;
	EXPECT(of(4, &process));
	EXPECT(process.pid == 5 && process.adj == -17 && !process.ending);
	EXPECT_TEXT(process.name, "five");
	/* Never init, and no task of the kernel. */
	EXPECT(!of(0, &process));
	all[4].leader.sighand = NULL;
	EXPECT(!of(4, &process));
	/* No task has that space any more. */
	all[5].leader.mm = NULL;
	EXPECT(!of(5, &process));
	/* The search begins at the last one that was found, and goes around. */
	for (u32 round = 0; round < 3; round++)
		for (u32 i = 1; i < 4; i++)
			EXPECT(of(4 - i, &process) && process.pid == (int)(4 - i) + 1);
}

/* Two processes in one space, after vfork(): the older one names it. */
static void shared_spaces(void)
{
	struct oom_process process;

	start();
	list_add(&idle_task.link, &task_list);
	oom_kill_init();
	spaces[2].mm_users = 2;
	all[3].leader.mm = &spaces[2];
	EXPECT(of(2, &process) && process.pid == 3);
	all[3].leader.born = 1;
	EXPECT(of(2, &process) && process.pid == 4);
	/* It is about to end only if all are. */
	all[2].leader.ends = true;
	EXPECT(of(2, &process) && !process.ending);
	all[3].group.killed = true;
	EXPECT(of(2, &process) && process.ending);
	all[2].leader.ends = false;
	EXPECT(of(2, &process) && !process.ending);
	oom->kill(&spaces[2]);
	EXPECT_TEXT(sent, "3.09 4.09 ");
	EXPECT(oom->current_space() == &spaces[1]);
	current->ends_none = true;
	EXPECT(!oom->current_space());
}

TAP_MAIN({ "groups", groups_checked }, { "setpgid", group_set }, { "setsid", new_sessions },
	 { "signals to groups", signals_to_groups }, { "orphaned groups", orphans },
	 { "a leader ends", a_leader_ends }, { "in the background", background },
	 { "owners of files", owners }, { "owners that may be told", may_be_told },
	 { "which children", which_children }, { "children end", children_end },
	 { "kinds of news", kinds_of_news }, { "a wait", waits },
	 { "processes of address spaces", processes_of_spaces },
	 { "shared address spaces", shared_spaces })
