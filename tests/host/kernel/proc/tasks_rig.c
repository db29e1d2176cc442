/* SPDX-License-Identifier: MIT */
#include "tests/host/kernel/proc/tasks_rig.h"

#include <string.h>

#include "fs/namei.h"
#include "fs/tty/tty.h"
#include "kernel/cpu/backtrace.h"
#include "kernel/cpu/irq.h"
#include "kernel/devices/time.h"
#include "kernel/proc/proc.h"
#include "kernel/task/pid.h"
#include "kernel/task/sched.h"
#include "mm/user_space/mm.h"
#include "tests/host/fs/open_files.h"
#include "tests/host/fs/proc/proc_rig.h"

struct task *current, *init_task;
struct task idle_task;
LIST_HEAD(task_list);
u32 irq_counts[VECTOR_COUNT];
struct load load;

struct task tasks[TASKS];
struct thread_group groups[TASKS];
struct mm_struct spaces[TASKS];
struct sighand handlers;
const struct sigaction default_sigaction;

bool inspects;
u32 schedules, marks;
void (*while_scheduled)(void);
u64 monotonic;

bool may_inspect(const struct task *task)
{
	EXPECT(task);
	return inspects;
}

void schedule(void)
{
	schedules++;
	if (while_scheduled)
		while_scheduled();
}

u32 tasks_running(void)
{
	return load.ready + 1;
}

void usage_mark(void)
{
	marks++;
}

void usage_sum(const struct thread_group *group, struct usage *sum)
{
	*sum = group->ended;
	sum->time[0] += group->leader->usage.time[0];
	sum->time[1] += group->leader->usage.time[1];
	sum->faults += group->leader->usage.faults;
	sum->major_faults += group->leader->usage.major_faults;
}

u64 counts_to_ns(u64 counts)
{
	return counts * 1000000; /* a count is a millisecond */
}

u64 clock_monotonic(void)
{
	return monotonic;
}

/* ---- Processes ---- */

static void make(u32 pid, u32 leader, u32 parent)
{
	struct task *task = &tasks[pid];
	struct thread_group *group = &groups[leader];

	task->group = group;
	task->tgid = (int)leader;
	task->born = 100 * pid;
	task->parent = parent ? &tasks[parent] : NULL;
	EXPECT(!pid_alloc(task) && task->pid == (int)pid);
	list_add_tail(&task->link, &task_list);
	if (leader == pid) {
		group->leader = task;
		list_init(&group->list);
		job_join(group, (int)pid, 1);
	}
	list_add_tail(&task->thread, &group->list);
	group->threads++;
}

static void with_space(u32 pid, u32 space)
{
	spaces[space].mm_users = spaces[space].mm_count = 1;
	tasks[pid].mm = &spaces[space];
	tasks[pid].sighand = &handlers;
}

void tasks_boot(void)
{
	machine_boot();
	start_files();
	pid_init();
	make(INIT, INIT, 0);
	make(PROGRAM, PROGRAM, INIT);
	make(THREAD, PROGRAM, INIT);
	make(CHILD, CHILD, PROGRAM);
	make(OTHER, OTHER, INIT);
	with_space(PROGRAM, PROGRAM);
	with_space(THREAD, PROGRAM);
	with_space(OTHER, OTHER);
	strcpy(tasks[INIT].name, "init");
	strcpy(tasks[PROGRAM].name, "program");
	strcpy(tasks[THREAD].name, "thread");
	strcpy(tasks[CHILD].name, "child");
	strcpy(tasks[OTHER].name, "other (1) x");
	tasks[CHILD].state = TASK_ZOMBIE;
	groups[CHILD].threads = 0;
	init_task = &tasks[INIT];
	current = &tasks[PROGRAM];
	inspects = true;
	proc_files_init("");
	machine_settle();
}

/* ---- Files ---- */

void expect_file(const char *path, const char *wanted)
{
	read_file(path, 4096);
	EXPECT_TEXT(text, wanted);
	read_file(path, 7);
	EXPECT_TEXT(text, wanted);
}

void expect_lines(const char *path, const char *wanted)
{
	read_file(path, 4096);
	if (!tap_check(strstr(text, wanted) != NULL, __FILE__, __LINE__, "%s has not: %s", path,
		       wanted))
		tap_note("%s", text);
}

int result_of(const char *path)
{
	struct file *file;
	char byte;
	int result = file_open(path, O_RDONLY, 0, &file);

	if (result)
		return result;
	result = read_at(file, &byte, 1, 0);
	file_put(file);
	return result;
}

int link_of(const char *path, char *to, u32 size)
{
	struct inode *link;
	int result = path_lookup(NULL, path, 0, &link);

	if (result)
		return result;
	memset(to, 0, size);
	result = link->operations->readlink(link, to, size);
	inode_put(link);
	return result;
}
