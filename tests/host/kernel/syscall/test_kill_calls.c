/* SPDX-License-Identifier: MIT */
/*
 * kill(), tkill(), tgkill() and the calls that queue a siginfo: to whom a signal goes, which
 * errors come first, and what a sender may claim.
 *
 * sources: kernel/syscall/process/sys_kill.c
 */
#include <stdio.h>
#include <string.h>

#include "abi/linux/errno.h"
#include "kernel/process/run_end.h"
#include "kernel/signal/signal.h"
#include "kernel/syscall/process/sys_kill.h"
#include "kernel/syscall/syscall.h"
#include "kernel/task/pid.h"
#include "tests/host/kernel/user_bytes.h"
#include "tests/host/tap.h"

#define OUTSIDE 0x1000u

/* Processes: init; the caller's, of two threads; others; one that is gone; one of the kernel. */
enum { INIT, OWN, SIBLING, OTHER, THREAD, THIRD, ZOMBIE, KERNEL, TASKS };

static const struct {
	int pid, tgid, group, session;
} made[TASKS] = {
	[INIT] = { 1, 1, 1, 1 },	[OWN] = { 20, 20, 20, 20 },
	[SIBLING] = { 21, 20, 20, 20 }, [OTHER] = { 30, 30, 20, 20 },
	[THREAD] = { 31, 30, 20, 20 },	[THIRD] = { 40, 40, 40, 40 },
	[ZOMBIE] = { 50, 50, 40, 40 },	[KERNEL] = { 60, 60, 60, 60 },
};

static struct task tasks[TASKS];
static struct thread_group groups[TASKS];
static char memory[1];
struct task *current = &tasks[OWN], *init_task = &tasks[INIT];
struct list_head task_list, group_buckets[GROUP_BUCKETS];
bool run_may_end;

/* The tasks that the caller may not send to, a bit each. */
static u32 forbidden;

/* What was sent: "30 31.15" is a signal 15 to process 30 and to task 31 alone. */
static char sent[200];
static struct siginfo told;
static int send_result;

bool may_signal(const struct task *task)
{
	return !(forbidden >> (task - tasks) & 1);
}

struct task *task_find(int pid)
{
	for (u32 i = 0; i < TASKS; i++)
		if (tasks[i].pid == pid)
			return &tasks[i];
	return NULL;
}

struct task *signal_taker(const struct thread_group *group, int signal)
{
	EXPECT_EQ(signal, 0);
	return group == tasks[ZOMBIE].group ? NULL : group->leader;
}

static int note(const char *form, int pid, const struct siginfo *info)
{
	snprintf(sent + strlen(sent), sizeof(sent) - strlen(sent), form, pid, info->signo);
	told = *info;
	return send_result;
}

int signal_send_info(struct task *task, const struct siginfo *info)
{
	return note("task %d.%d ", task->pid, info);
}

int signal_send_process(struct thread_group *group, const struct siginfo *info)
{
	return note("%d.%d ", group->leader->pid, info);
}

int run_end_by_signal(int signal)
{
	return note("end %d.%d ", 1, &(struct siginfo){ .signo = signal });
}

static void start(void)
{
	list_init(&task_list);
	for (u32 i = 0; i < GROUP_BUCKETS; i++)
		list_init(&group_buckets[i]);
	for (u32 i = 0; i < TASKS; i++) {
		struct thread_group *group = &groups[i - (made[i].pid != made[i].tgid)];

		tasks[i] =
			(struct task){ .pid = made[i].pid, .tgid = made[i].tgid, .group = group };
		tasks[i].mm = i == KERNEL ? NULL : (void *)memory;
		list_add_tail(&tasks[i].link, &task_list);
		if (made[i].pid != made[i].tgid)
			continue;
		group->leader = &tasks[i];
		group->job.group = made[i].group;
		group->job.session = made[i].session;
		list_add_tail(&group->job.in_group,
			      &group_buckets[(u32)made[i].group % GROUP_BUCKETS]);
	}
	tasks[OWN].group->user.real = 1000;
	forbidden = 0;
	send_result = 0;
}

/* The result of a call, and what it sent. */
static void expect(s32 result, s32 expected, const char *text)
{
	EXPECT_EQ(result, expected);
	EXPECT_TEXT(sent, text);
	sent[0] = '\0';
}

static s32 call(syscall_t *function, int first, int second, int third)
{
	struct pt_regs regs = { .ebx = (u32)first, .ecx = (u32)second, .edx = (u32)third };

	return function(&regs);
}

static s32 kill(int pid, int signal)
{
	return call(sys_kill, pid, signal, 0);
}

static void one_process(void)
{
	start();
	expect(kill(30, 15), 0, "30.15 ");
	EXPECT(told.code == SI_USER && told.pid == 20 && told.uid == 1000);
	expect(kill(31, 15), 0, "30.15 "); /* a thread stands for its process */
	expect(kill(50, 15), 0, "50.15 "); /* a zombie takes it */
	expect(kill(30, 0), 0, "");
	expect(kill(99, 0), -ESRCH, "");
	expect(kill(99, 65), -ESRCH, "");
	expect(kill(30, 65), -EINVAL, "");
	expect(kill(30, 64), 0, "30.64 ");
	expect(kill(30, -1), -EINVAL, "");
	expect(kill(INT32_MIN, 15), -ESRCH, "");
	forbidden = 1u << OTHER | 1u << THIRD;
	expect(kill(30, 15), -EPERM, "");
	expect(kill(30, 0), -EPERM, "");
	expect(kill(30, 65), -EINVAL, "");
	expect(kill(30, SIGCONT), 0, "30.18 "); /* of the same session */
	expect(kill(40, SIGCONT), -EPERM, "");
	send_result = -EAGAIN;
	expect(kill(20, 40), -EAGAIN, "20.40 ");
}

/* A signal to init ends the run, where that may be. */
static void to_init(void)
{
	start();
	expect(kill(1, 15), 0, "");
	run_may_end = true;
	expect(kill(1, 15), 0, "end 1.15 ");
	expect(kill(1, 0), 0, "");
	forbidden = 1u << INIT;
	expect(kill(1, 15), -EPERM, "");
	run_may_end = false;
}

static void groups_of_processes(void)
{
	start();
	expect(kill(0, 15), 0, "20.15 30.15 ");
	expect(kill(-20, 15), 0, "20.15 30.15 ");
	expect(kill(-40, 15), 0, "40.15 50.15 ");
	expect(kill(-41, 15), -ESRCH, "");
	expect(kill(-20, 0), 0, "");
	expect(kill(-20, 65), -EINVAL, "");
	/* One that may not is no error, wherever it comes. */
	forbidden = 1u << OWN;
	expect(kill(0, 15), 0, "30.15 ");
	forbidden = 1u << OTHER;
	expect(kill(0, 15), 0, "20.15 ");
	forbidden = 1u << OWN | 1u << OTHER;
	expect(kill(0, 15), -EPERM, "");
}

/* To all: not to init, to oneself, to the kernel's and to what is gone. */
static void all_processes(void)
{
	start();
	run_may_end = true;
	tasks[INIT].mm = NULL; /* its program is the run itself */
	expect(kill(-1, 15), 0, "30.15 40.15 ");
	expect(kill(-1, 0), 0, "");
	forbidden = 1u << OTHER;
	expect(kill(-1, 15), 0, "40.15 ");
	forbidden = 1u << THIRD;
	expect(kill(-1, 15), 0, "30.15 ");
	forbidden = 1u << OTHER | 1u << THIRD;
	expect(kill(-1, 15), 0, "");
	expect(kill(-1, 65), -EINVAL, "");
	send_result = -EAGAIN;
	forbidden = 1u << THIRD;
	expect(kill(-1, 40), -EAGAIN, "30.40 ");
	forbidden = 1u << OTHER;
	expect(kill(-1, 40), -EAGAIN, "40.40 ");
	run_may_end = false;
}

static void one_thread(void)
{
	start();
	expect(call(sys_tkill, 31, 10, 0), 0, "task 31.10 ");
	EXPECT(told.code == SI_TKILL && told.pid == 20 && told.uid == 1000);
	expect(call(sys_tkill, 0, 10, 0), -EINVAL, "");
	expect(call(sys_tkill, -1, 10, 0), -EINVAL, "");
	expect(call(sys_tkill, 99, 10, 0), -ESRCH, "");
	expect(call(sys_tkill, 31, 65, 0), -EINVAL, "");
	expect(call(sys_tkill, 31, 0, 0), 0, "");
	expect(call(sys_tgkill, 30, 31, 10), 0, "task 31.10 ");
	EXPECT(told.code == SI_TKILL && told.pid == 20);
	expect(call(sys_tgkill, 20, 31, 10), -ESRCH, "");
	expect(call(sys_tgkill, 30, 99, 10), -ESRCH, "");
	expect(call(sys_tgkill, 0, 31, 10), -EINVAL, "");
	expect(call(sys_tgkill, 30, 0, 10), -EINVAL, "");
	forbidden = 1u << THREAD;
	expect(call(sys_tgkill, 30, 31, 10), -EPERM, "");
	expect(call(sys_tgkill, 30, 31, 0), -EPERM, "");
}

/* `scope`: the task, its process, its process group. */
static void scopes(void)
{
	const struct siginfo info = { .signo = 12 };

	start();
	expect(signal_by_scope(&tasks[THREAD], &info, 1), 0, "task 31.12 ");
	expect(signal_by_scope(&tasks[THREAD], &info, 2), 0, "30.12 ");
	expect(signal_by_scope(&tasks[THREAD], &info, 4), 0, "20.12 30.12 ");
}

static s32 queue(int pid, int code)
{
	struct pt_regs regs = { .ebx = (u32)pid, .ecx = 40, .edx = USER_BYTES };
	struct siginfo info = { .signo = 7, .code = code, .pid = 77, .uid = 78, .value = 79 };

	memcpy(user_bytes, &info, sizeof(info));
	return sys_rt_sigqueueinfo(&regs);
}

static s32 queue_to_thread(int group, int pid, int code)
{
	struct pt_regs regs = { .ebx = (u32)group, .ecx = (u32)pid, .edx = 40, .esi = USER_BYTES };
	struct siginfo info = { .signo = 7, .code = code, .pid = 77 };

	memcpy(user_bytes, &info, sizeof(info));
	return sys_rt_tgsigqueueinfo(&regs);
}

/* A sender tells what it likes, but not that the kernel or kill() sent it: only to itself. */
static void queued(void)
{
	struct pt_regs bad = { .ebx = 0, .ecx = 0, .edx = OUTSIDE, .esi = OUTSIDE };

	start();
	expect(queue(30, SI_QUEUE), 0, "30.40 ");
	EXPECT(told.code == SI_QUEUE && told.pid == 77 && told.uid == 78 && told.value == 79);
	expect(queue(30, SI_TKILL), -EPERM, "");
	expect(queue(30, 0), -EPERM, "");
	expect(queue(30, 1), -EPERM, "");
	expect(queue(99, 0), -EPERM, "");
	expect(queue(20, 0), 0, "20.40 ");
	expect(queue(20, SI_TKILL), 0, "20.40 ");
	expect(queue(99, SI_QUEUE), -ESRCH, "");
	expect(queue(0, SI_QUEUE), -ESRCH, "");
	expect(queue(-20, SI_QUEUE), -ESRCH, "");
	expect(sys_rt_sigqueueinfo(&bad), -EFAULT, "");
	expect(queue_to_thread(30, 31, SI_QUEUE), 0, "task 31.40 ");
	EXPECT_EQ(told.pid, 77);
	expect(queue_to_thread(20, 31, SI_QUEUE), -ESRCH, "");
	expect(queue_to_thread(30, 99, SI_QUEUE), -ESRCH, "");
	expect(queue_to_thread(30, 31, 0), -EPERM, "");
	expect(queue_to_thread(20, 20, 0), 0, "task 20.40 ");
	expect(queue_to_thread(0, 31, 0), -EINVAL, "");
	expect(queue_to_thread(30, 0, 0), -EINVAL, "");
	expect(sys_rt_tgsigqueueinfo(&bad), -EFAULT, "");
}

TAP_MAIN({ "one process", one_process }, { "init", to_init },
	 { "groups of processes", groups_of_processes }, { "all processes", all_processes },
	 { "one thread", one_thread }, { "scopes", scopes }, { "queued", queued })
