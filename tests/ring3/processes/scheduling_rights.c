/* SPDX-License-Identifier: MIT */
/*
 * Policies and nice values at their bounds: what RLIMIT_RTPRIO and RLIMIT_NICE allow a user, whose
 * tasks a user may change, which tasks a call for a group or a user means, and the parameters of
 * SCHED_DEADLINE.
 */
#include "abi/linux/errno.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/poll_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/rows.h"
#include "tests/ring3/runtime/signal_calls.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/thread.h"

#define USER	   54321
#define OTHER_USER 54322
#define BAD	   16
#define ABSENT	   0x7ffffff0 /* no process */

static long call(int number, long a, long b, long c, long d)
{
	return system_call(number, a, b, c, d, 0, 0);
}

static long set_policy(int pid, int policy, int priority)
{
	return call(NR_sched_setscheduler, pid, policy, (long)&priority, 0);
}

static long policy_of(int pid)
{
	return call(NR_sched_getscheduler, pid, 0, 0, 0);
}

static long set_nice(int which, int who, int nice)
{
	return call(NR_setpriority, which, who, nice, 0);
}

static int nice_of(int which, int who)
{
	return 20 - (int)call(NR_getpriority, which, who, 0, 0);
}

static long set_attr(const struct sched_attr *attr)
{
	return call(NR_sched_setattr, 0, (long)attr, 0, 0);
}

static void limit(int resource, u32 value)
{
	const struct rlimit both = { value, value };

	EXPECT_EQ(sys_setrlimit(resource, &both), 0);
}

static void become(u32 real, u32 effective)
{
	EXPECT_EQ(call(NR_setresuid32, (long)real, (long)effective, (long)effective, 0), 0);
}

static void sleeps(void *unused)
{
	sleeps_forever(unused);
}

static void end(int child)
{
	EXPECT_EQ(sys_kill(child, SIGKILL), 0);
	EXPECT_EQ(process_wait(child), KILLED(SIGKILL));
}

/* ---- Limits ---- */

static void realtime_limit(void *unused)
{
	(void)unused;
	limit(RLIMIT_RTPRIO, 5);
	become(USER, USER);
	EXPECT_EQ(set_policy(0, SCHED_FIFO, 6), -EPERM);
	EXPECT_EQ(policy_of(0), SCHED_OTHER);
	EXPECT_EQ(set_policy(0, SCHED_FIFO, 5), 0);
	EXPECT_EQ(set_policy(0, SCHED_RR, 5), 0);
	EXPECT_EQ(set_policy(0, SCHED_RR, 6), -EPERM);
	EXPECT_EQ(set_policy(0, SCHED_RR, 4), 0);
	EXPECT_EQ(set_policy(0, SCHED_RR | SCHED_RESET_ON_FORK, 4), 0);
	EXPECT_EQ(set_policy(0, SCHED_RR, 4), -EPERM); /* the flag stays */
	EXPECT_EQ(policy_of(0), SCHED_RR | SCHED_RESET_ON_FORK);
	EXPECT_EQ(set_policy(0, SCHED_OTHER | SCHED_RESET_ON_FORK, 0), 0);
}

/* A priority that is there already may be kept and lowered. */
static void keeps_priority(void *unused)
{
	(void)unused;
	limit(RLIMIT_RTPRIO, 5);
	EXPECT_EQ(set_policy(0, SCHED_FIFO, 10), 0);
	become(USER, USER);
	EXPECT_EQ(set_policy(0, SCHED_FIFO, 11), -EPERM);
	EXPECT_EQ(set_policy(0, SCHED_RR, 10), 0);
	EXPECT_EQ(set_policy(0, SCHED_RR, 8), 0);
	EXPECT_EQ(set_policy(0, SCHED_RR, 9), -EPERM);
	EXPECT_EQ(set_policy(0, SCHED_OTHER, 0), 0);
}

static void nice_limit(void *unused)
{
	const struct sched_attr higher = { .size = sizeof(higher), .nice = 2 },
				lower = { .size = sizeof(lower), .nice = 1 };

	(void)unused;
	limit(RLIMIT_NICE, 18); /* nice 2 */
	EXPECT_EQ(set_nice(PRIO_PROCESS, 0, 5), 0);
	become(USER, USER);
	EXPECT_EQ(set_nice(PRIO_PROCESS, 0, 5), 0);
	EXPECT_EQ(set_nice(PRIO_PROCESS, 0, 1), -EACCES);
	EXPECT_EQ(set_nice(PRIO_PROCESS, 0, 2), 0);
	EXPECT_EQ(call(NR_nice, -1, 0, 0, 0), -EPERM);
	EXPECT_EQ(call(NR_nice, 0, 0, 0, 0), 0);
	EXPECT_EQ(nice_of(PRIO_PROCESS, 0), 2);
	EXPECT_EQ(set_nice(PRIO_PROCESS, 0, 7), 0);
	EXPECT_EQ(set_attr(&lower), -EPERM);
	EXPECT_EQ(nice_of(PRIO_PROCESS, 0), 7);
	EXPECT_EQ(set_attr(&higher), 0);
	EXPECT_EQ(nice_of(PRIO_PROCESS, 0), 2);
	EXPECT_EQ(set_policy(0, SCHED_IDLE, 0), 0);
	EXPECT_EQ(set_policy(0, SCHED_OTHER, 0), 0); /* the limit allows its nice value */
}

static void limits(void)
{
	EXPECT_CHILD(realtime_limit, NULL, EXITED(0));
	EXPECT_CHILD(keeps_priority, NULL, EXITED(0));
	EXPECT_CHILD(nice_limit, NULL, EXITED(0));
}

/* ---- Whose tasks ---- */

struct users {
	u32 real, effective;
	bool allowed;
};

/* The caller's effective ID must be one of both of the task. */
static void changes_others(void *argument)
{
	const struct users *users = argument;
	long expected = users->allowed ? 0 : -EPERM;
	u32 mask = ~0u;
	int ready[2], child;
	char byte;

	EXPECT_EQ(sys_pipe(ready), 0);
	child = (int)sys_fork();
	if (!child) {
		become(users->real, users->effective);
		sys_write(ready[1], "x", 1);
		sleeps_forever(NULL);
	}
	EXPECT_EQ(sys_read(ready[0], &byte, 1), 1);
	EXPECT_EQ(call(NR_setresuid32, USER, USER, 0, 0), 0);
	EXPECT_EQ(set_nice(PRIO_PROCESS, child, 3), expected);
	EXPECT_EQ(set_policy(child, SCHED_BATCH, 0), expected);
	EXPECT_EQ(call(NR_sched_setaffinity, child, sizeof(mask), (long)&mask, 0), expected);
	EXPECT_EQ(nice_of(PRIO_PROCESS, child), users->allowed ? 3 : 0);
	EXPECT_EQ(call(NR_setresuid32, -1, 0, -1, 0), 0);
	end(child);
}

static void owners(void)
{
	static const struct users all[] = {
		{ USER, USER, true },
		{ OTHER_USER, USER, true },
		{ USER, OTHER_USER, true },
		{ OTHER_USER, OTHER_USER, false },
	};

	for (u32 i = 0; i < ARRAY_SIZE(all); i++)
		EXPECT_CHILD(changes_others, (void *)&all[i], EXITED(0));
}

/* ---- Several tasks ---- */

/* An error of one is the result, whether it comes first or last; the others are changed. */
static void one_is_refused(void *argument)
{
	bool first = argument;
	int child;

	EXPECT_EQ(call(NR_setpgid, 0, 0, 0, 0), 0);
	become(USER, USER);
	child = process_start(sleeps, NULL);
	EXPECT_EQ(set_nice(PRIO_PROCESS, first ? 0 : child, 5), 0);
	EXPECT_EQ(set_nice(PRIO_PGRP, 0, 3), -EACCES);
	EXPECT_EQ(nice_of(PRIO_PROCESS, first ? 0 : child), 5);
	EXPECT_EQ(nice_of(PRIO_PROCESS, first ? child : 0), 3);
	end(child);
}

static volatile int thread_nice, go_on;

static int has_own_value(void *unused)
{
	(void)unused;
	EXPECT_EQ(set_nice(PRIO_PROCESS, 0, 4), 0);
	word_set(&go_on, 1);
	word_wait(&go_on, 1);
	thread_nice = nice_of(PRIO_PROCESS, 0);
	return 0;
}

/* A nice value is a thread's; a call for a user or a group means each thread. */
static void threads_of(void *argument)
{
	static struct thread thread;
	int which = (int)argument;

	EXPECT_EQ(call(NR_setpgid, 0, 0, 0, 0), 0);
	become(USER, USER);
	thread_start(&thread, has_own_value, NULL);
	word_wait(&go_on, 0);
	EXPECT_EQ(nice_of(PRIO_PROCESS, 0), 0);
	EXPECT_EQ(set_nice(PRIO_PROCESS, 0, 6), 0);
	EXPECT_EQ(nice_of(which, 0), 4);
	EXPECT_EQ(set_nice(which, 0, 9), 0);
	word_set(&go_on, 2);
	thread_join(&thread);
	EXPECT_EQ(thread_nice, 9);
	EXPECT_EQ(nice_of(PRIO_PROCESS, 0), 9);
}

static void several(void)
{
	EXPECT_CHILD(one_is_refused, (void *)false, EXITED(0));
	EXPECT_CHILD(one_is_refused, (void *)true, EXITED(0));
	EXPECT_CHILD(threads_of, (void *)PRIO_PGRP, EXITED(0));
	EXPECT_CHILD(threads_of, (void *)PRIO_USER, EXITED(0));
}

/* ---- What is inherited ---- */

static void expect_reset(void *argument)
{
	EXPECT_EQ(policy_of(0), SCHED_OTHER);
	EXPECT_EQ(nice_of(PRIO_PROCESS, 0), (int)argument);
	EXPECT_EQ(set_policy(0, SCHED_FIFO, 1), 0);
	EXPECT_EQ(set_policy(0, SCHED_OTHER, 0), 0);
	EXPECT_EQ(nice_of(PRIO_PROCESS, 0), (int)argument);
}

/* A real-time parent's nice value is not its child's; a negative one isn't either. */
static void resets(void *unused)
{
	(void)unused;
	EXPECT_EQ(set_nice(PRIO_PROCESS, 0, 7), 0);
	EXPECT_EQ(set_policy(0, SCHED_OTHER | SCHED_RESET_ON_FORK, 0), 0);
	EXPECT_CHILD(expect_reset, (void *)7, EXITED(0));
	EXPECT_EQ(set_nice(PRIO_PROCESS, 0, -7), 0);
	EXPECT_CHILD(expect_reset, (void *)0, EXITED(0));
	EXPECT_EQ(set_nice(PRIO_PROCESS, 0, 7), 0);
	EXPECT_EQ(set_policy(0, SCHED_FIFO | SCHED_RESET_ON_FORK, 3), 0);
	EXPECT_CHILD(expect_reset, (void *)0, EXITED(0));
	EXPECT_EQ(policy_of(0), SCHED_FIFO | SCHED_RESET_ON_FORK);
}

static void inherited(void)
{
	EXPECT_CHILD(resets, NULL, EXITED(0));
}

/* ---- SCHED_DEADLINE ---- */

#define MS 1000000ull

static const struct {
	u64 runtime, deadline, period;
	u32 priority;
	long result;
} deadlines[] = {
	{ 10 * MS, 30 * MS, 0, 0, 0 },
	{ 10 * MS, 30 * MS, 30 * MS, 0, 0 },
	{ 10 * MS, 30 * MS, 40 * MS, 0, 0 },
	{ 10 * MS, 30 * MS, 30 * MS - 1, 0, -EINVAL },
	{ 10 * MS, 10 * MS - 1, 40 * MS, 0, -EINVAL },
	{ 10 * MS, 10 * MS, 40 * MS, 0, 0 },
	{ 1024, 30 * MS, 0, 0, 0 },
	{ 1023, 30 * MS, 0, 0, -EINVAL },
	{ 10 * MS, 0, 30 * MS, 0, -EINVAL },
	{ 0, 0, 0, 0, -EINVAL },
	{ 10 * MS, 1ull << 63, 0, 0, -EINVAL },
	{ 10 * MS, 30 * MS, 1ull << 63, 0, -EINVAL },
	{ 10 * MS, 30 * MS, 0, 1, -EINVAL },
	{ 10 * MS, 30 * MS, 4194304000, 0, 0 }, /* the longest period */
	{ 10 * MS, 30 * MS, 4194304001, 0, -EINVAL },
	{ 10000, 100000, 0, 0, 0 }, /* the shortest period */
	{ 10000, 99999, 0, 0, -EINVAL },
};

static void child_of_deadline(void *unused)
{
	(void)unused;
	EXPECT_EQ(policy_of(0), SCHED_OTHER);
	EXPECT_EQ(nice_of(PRIO_PROCESS, 0), 0);
}

static void sets_deadlines(void *unused)
{
	struct sched_attr attr = { .size = sizeof(attr) };

	(void)unused;
	for (u32 i = 0; i < ARRAY_SIZE(deadlines); i++) {
		attr = (struct sched_attr){ .size = sizeof(attr),
					    .policy = SCHED_DEADLINE,
					    .priority = deadlines[i].priority,
					    .runtime = deadlines[i].runtime,
					    .deadline = deadlines[i].deadline,
					    .period = deadlines[i].period };
		if (!EXPECT_EQ(set_attr(&attr), deadlines[i].result))
			EXPECT_EQ(i, -1);
		EXPECT_EQ(call(NR_sched_getattr, 0, (long)&attr, sizeof(attr), 0), 0);
		if (deadlines[i].result)
			continue;
		EXPECT(attr.runtime == deadlines[i].runtime &&
		       attr.deadline == deadlines[i].deadline &&
		       attr.period == (deadlines[i].period ?: deadlines[i].deadline));
	}
	attr.flags = SCHED_FLAG_RESET_ON_FORK;
	EXPECT_EQ(set_attr(&attr), 0);
	EXPECT_EQ(policy_of(0), SCHED_DEADLINE | SCHED_RESET_ON_FORK);
	EXPECT_CHILD(child_of_deadline, NULL, EXITED(0));
	EXPECT_EQ(set_policy(0, SCHED_OTHER, 0), 0);
	EXPECT_EQ(call(NR_sched_getattr, 0, (long)&attr, sizeof(attr), 0), 0);
	EXPECT(!attr.deadline && !attr.period && !attr.flags);
	attr = (struct sched_attr){ .size = sizeof(attr),
				    .policy = SCHED_DEADLINE,
				    .runtime = 10 * MS,
				    .deadline = 30 * MS };
	become(USER, USER);
	EXPECT_EQ(set_attr(&attr), -EPERM);
}

static void deadline(void)
{
	EXPECT_CHILD(sets_deadlines, NULL, EXITED(0));
}

/* ---- Sizes and addresses ---- */

/* A structure of a later system, whose rest is 0, up to the end of readable memory. */
static void sizes(void)
{
	u8 *memory = memory_map(3, PROT_READ | PROT_WRITE);
	struct sched_attr *attr = (struct sched_attr *)(memory + PAGE_SIZE);

	attr->size = PAGE_SIZE;
	EXPECT_EQ(set_attr(attr), 0);
	attr->size = PAGE_SIZE + 1;
	EXPECT_EQ(set_attr(attr), -E2BIG);
	EXPECT(attr->size >= 48 && attr->size <= 64); /* the size that is known */
	attr->size = PAGE_SIZE;
	memory[2 * PAGE_SIZE - 1] = 1;
	EXPECT_EQ(set_attr(attr), -E2BIG);
	EXPECT(attr->size >= 48 && attr->size <= 64);
	memory_unmap(memory + 2 * PAGE_SIZE, 1);
	attr = (struct sched_attr *)(memory + 2 * PAGE_SIZE - 64);
	attr->size = 64;
	memory[2 * PAGE_SIZE - 1] = 0;
	EXPECT_EQ(set_attr(attr), 0);
	attr->size = 80;
	EXPECT_EQ(set_attr(attr), -EFAULT);
	attr->size = 1;
	EXPECT_EQ(sys_mprotect((u32)memory + PAGE_SIZE, PAGE_SIZE, PROT_READ), 0);
	EXPECT_EQ(set_attr(attr), -E2BIG); /* though there is no place for the known size */
	memory_unmap(memory, 2);
}

static u8 buffer[4096];
static u32 all_cpus = ~0u, no_cpu;
static const u8 first_cpu = 1;

static const struct row rows[] = {
	{ NR_sched_getattr, { 0, (long)buffer, 4096, 0 }, 0 },
	{ NR_sched_getattr, { -1, (long)buffer, 48, 0 }, -EINVAL },
	{ NR_sched_getattr, { 0, 0, 48, 0 }, -EINVAL },
	{ NR_sched_getaffinity, { 0, 0, (long)buffer }, -EINVAL },
	{ NR_sched_getaffinity, { 0, 7, (long)buffer }, -EINVAL },
	{ NR_sched_getaffinity, { ABSENT, 128, (long)buffer }, -ESRCH },
	{ NR_sched_getaffinity, { 0, 128, BAD }, -EFAULT },
	{ NR_sched_setaffinity, { 0, 4, (long)&all_cpus }, 0 },
	{ NR_sched_setaffinity, { 0, 4, (long)&no_cpu }, -EINVAL },
	{ NR_sched_setaffinity, { 0, 1, (long)&first_cpu }, 0 },
	{ NR_sched_setaffinity, { 0, 0, (long)&all_cpus }, -EINVAL },
	{ NR_sched_setaffinity, { 0, 4, BAD }, -EFAULT },
	{ NR_sched_setaffinity, { 0, 4, (long)&all_cpus }, 0 },
	{ NR_getcpu, { 0, BAD, 0 }, -EFAULT },
	{ NR_sched_rr_get_interval_time64, { 0, BAD }, -EFAULT },
	{ NR_sched_rr_get_interval_time64, { 0, (long)buffer }, 0 },
	{ NR_setpriority, { -1, 0, 0 }, -EINVAL },
	{ NR_setpriority, { PRIO_PGRP, ABSENT, 0 }, -ESRCH },
	{ NR_setpriority, { PRIO_PROCESS, -1, 0 }, -ESRCH },
	{ NR_getpriority, { PRIO_PROCESS, -1 }, -ESRCH },
};

static void numbers(void)
{
	u32 node = 77;

	try_rows(rows, ARRAY_SIZE(rows));
	EXPECT_EQ(call(NR_getcpu, 0, (long)&node, 0, 0), 0);
	EXPECT_EQ(node, 0);
}

static const struct tap_case cases[] = {
	{ "what limits allow a user", limits },
	{ "tasks of other users", owners },
	{ "tasks of a group and of a user", several },
	{ "SCHED_RESET_ON_FORK", inherited },
	{ "SCHED_DEADLINE", deadline },
	{ "sizes of sched_attr", sizes },
	{ "numbers and addresses", numbers },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
