/* SPDX-License-Identifier: MIT */
#include "kernel/task/pid.h"
#include "abi/linux/errno.h"
#include "lib/assert.h"
#include "lib/bitmap.h"

#define BUCKETS 4096u

static u32 used[BITMAP_WORDS(PID_MAX)];
static struct task *numbers[BUCKETS];
static struct list_head session_buckets[GROUP_BUCKETS];
static bool wrapped; /* before that no group or session has a number that is free */

struct list_head group_buckets[GROUP_BUCKETS];
u32 nr_tasks, last_pid;

void pid_init(void)
{
	for (u32 i = 0; i < GROUP_BUCKETS; i++) {
		list_init(&group_buckets[i]);
		list_init(&session_buckets[i]);
	}
	bitmap_set(used, 0);
}

/* The first free number from this one on; PID_MAX: there is none. */
static u32 next_free(u32 from)
{
	u32 skipped = (1u << from % 32) - 1;

	for (u32 word = from / 32; word < ARRAY_SIZE(used); word++, skipped = 0)
		if (~(used[word] | skipped))
			return word * 32 + (u32)__builtin_ctz(~(used[word] | skipped));
	return PID_MAX;
}

/* Is a process in the group or in the session of this number? */
static bool in_job(int number)
{
	const struct thread_group *process;

	for_each_in_group(process, number) return true;
	list_for_each_entry (process, &session_buckets[(u32)number % GROUP_BUCKETS], job.in_session)
		if (process->job.session == number)
			return true;
	return false;
}

/* The next free number after the last one, from the lowest again after the highest; 0: none. */
static u32 next_number(void)
{
	bool again = false;

	/* Before the first turn all above the last one are free. */
	if (likely(!wrapped && last_pid + 1 < PID_MAX))
		return last_pid + 1;
	for (u32 number = last_pid + 1;; number++) {
		number = next_free(number);
		if (number < PID_MAX && !(wrapped && in_job((int)number)))
			return number;
		if (number < PID_MAX)
			continue;
		if (again)
			return 0;
		again = wrapped = true;
		number = 1;
	}
}

static struct task **bucket(int pid)
{
	return &numbers[(u32)pid % BUCKETS];
}

static void insert(struct task *task)
{
	task->next_number = *bucket(task->pid);
	*bucket(task->pid) = task;
}

static void remove(struct task *task)
{
	struct task **place = bucket(task->pid);

	for (; *place != task; place = &(*place)->next_number)
		BUG_ON(!*place);
	*place = task->next_number;
}

int pid_alloc(struct task *task)
{
	u32 number = next_number();

	if (!number)
		return -EAGAIN;
	last_pid = number;
	bitmap_set(used, number);
	task->pid = (int)number;
	insert(task);
	nr_tasks++;
	return 0;
}

void pid_free(struct task *task)
{
	u32 number = (u32)task->pid;

	BUG_ON(!number || number >= PID_MAX || !bitmap_test(used, number));
	remove(task);
	used[number / 32] &= ~(1u << number % 32);
	nr_tasks--;
}

void pid_exchange(struct task *a, struct task *b)
{
	int pid = a->pid;

	remove(a);
	remove(b);
	a->pid = b->pid;
	b->pid = pid;
	insert(a);
	insert(b);
}

struct task *task_find(int pid)
{
	struct task *task = *bucket(pid);

	while (task && task->pid != pid)
		task = task->next_number;
	return task;
}

struct task *task_after(int pid)
{
	for (u32 number = (u32)max(pid, 0) + 1; number < PID_MAX; number++) {
		u32 rest = used[number / 32] >> number % 32;

		if (rest)
			return task_find((int)(number + (u32)__builtin_ctz(rest)));
		number |= 31; /* the rest of the word is free */
	}
	return NULL;
}

void job_join(struct thread_group *process, int group, int session)
{
	process->job.group = group;
	process->job.session = session;
	list_add_tail(&process->job.in_group, &group_buckets[(u32)group % GROUP_BUCKETS]);
	list_add_tail(&process->job.in_session, &session_buckets[(u32)session % GROUP_BUCKETS]);
}

void job_leave(struct thread_group *process)
{
	list_del(&process->job.in_group);
	list_del(&process->job.in_session);
}
