/* SPDX-License-Identifier: MIT */
/* Policies, priorities and nice values: what is set, inherited and refused. */
#include "abi/linux/sched.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/task_calls.h"
#include "tests/ring3/runtime/time_calls.h"

#define BAD  ((void *)16)
#define NONE (1 << 30) /* no process */

static long set_policy(int pid, int policy, int priority)
{
	return system_call(NR_sched_setscheduler, pid, policy, (long)&priority, 0, 0, 0);
}

static long set_priority(int pid, int priority)
{
	return system_call(NR_sched_setparam, pid, (long)&priority, 0, 0, 0, 0);
}

static long policy_of(int pid)
{
	return system_call(NR_sched_getscheduler, pid, 0, 0, 0, 0, 0);
}

static int priority_of(int pid)
{
	int priority = -1;
	long result = system_call(NR_sched_getparam, pid, (long)&priority, 0, 0, 0, 0);

	return result ? (int)result : priority;
}

static long get_nice(int which, int who)
{
	return system_call(NR_getpriority, which, who, 0, 0, 0, 0);
}

static long set_nice(int which, int who, int nice)
{
	return system_call(NR_setpriority, which, who, nice, 0, 0, 0);
}

static long step_nice(int step)
{
	return system_call(NR_nice, step, 0, 0, 0, 0, 0);
}

static void become_user(void)
{
	EXPECT_EQ(system_call(NR_setuid32, 54321, 0, 0, 0, 0, 0), 0);
}

static void policies(void *argument)
{
	static const int ordinary[] = { SCHED_OTHER, SCHED_BATCH, SCHED_IDLE };
	static const int realtime[] = { SCHED_FIFO, SCHED_RR };

	(void)argument;
	EXPECT_EQ(policy_of(0), SCHED_OTHER);
	EXPECT_EQ(policy_of(sys_getpid()), SCHED_OTHER);
	for (u32 i = 0; i < ARRAY_SIZE(realtime); i++) {
		EXPECT_EQ(set_policy(0, realtime[i], 0), -EINVAL);
		EXPECT_EQ(set_policy(0, realtime[i], 100), -EINVAL);
		EXPECT_EQ(set_policy(0, realtime[i], -1), -EINVAL);
		EXPECT_EQ(set_policy(0, realtime[i], 99), 0);
		EXPECT_EQ(policy_of(0), realtime[i]);
		EXPECT_EQ(priority_of(0), 99);
		EXPECT_EQ(set_priority(0, 5), 0);
		EXPECT_EQ(priority_of(0), 5);
		EXPECT_EQ(set_priority(0, 0), -EINVAL);
	}
	for (u32 i = 0; i < ARRAY_SIZE(ordinary); i++) {
		EXPECT_EQ(set_policy(0, ordinary[i], 1), -EINVAL);
		EXPECT_EQ(set_policy(0, ordinary[i], 0), 0);
		EXPECT_EQ(policy_of(0), ordinary[i]);
		EXPECT_EQ(priority_of(0), 0);
		EXPECT_EQ(set_priority(0, 1), -EINVAL);
	}
	EXPECT_EQ(set_policy(0, 4, 0), -EINVAL);
	EXPECT_EQ(set_policy(0, 77, 0), -EINVAL);
	EXPECT_EQ(set_policy(0, -1, 0), -EINVAL);
	EXPECT_EQ(set_policy(NONE, SCHED_OTHER, 0), -ESRCH);
	EXPECT_EQ(set_policy(-1, SCHED_OTHER, 0), -EINVAL);
	EXPECT_EQ(set_priority(NONE, 0), -ESRCH);
	EXPECT_EQ(set_priority(-1, 0), -EINVAL);
	EXPECT_EQ(policy_of(NONE), -ESRCH);
	EXPECT_EQ(policy_of(-1), -EINVAL);
	EXPECT_EQ(priority_of(NONE), -ESRCH);
	EXPECT_EQ(priority_of(-1), -EINVAL);
	EXPECT_EQ(system_call(NR_sched_setscheduler, 0, SCHED_OTHER, 0, 0, 0, 0), -EINVAL);
	EXPECT_EQ(system_call(NR_sched_setscheduler, 0, SCHED_OTHER, 16, 0, 0, 0), -EFAULT);
	EXPECT_EQ(system_call(NR_sched_setparam, 0, 0, 0, 0, 0, 0), -EINVAL);
	EXPECT_EQ(system_call(NR_sched_setparam, 0, 16, 0, 0, 0, 0), -EFAULT);
	EXPECT_EQ(system_call(NR_sched_getparam, 0, 16, 0, 0, 0, 0), -EFAULT);
}

static void expect_policy(void *argument)
{
	EXPECT_EQ(policy_of(0), (long)argument >> 8);
	EXPECT_EQ(priority_of(0), (long)argument & 0xff);
}

static void inherited(void *argument)
{
	(void)argument;
	EXPECT_EQ(set_policy(0, SCHED_RR, 7), 0);
	EXPECT_CHILD(expect_policy, (void *)(SCHED_RR << 8 | 7), EXITED(0));
	EXPECT_EQ(set_policy(0, SCHED_RR | SCHED_RESET_ON_FORK, 7), 0);
	EXPECT_EQ(policy_of(0), SCHED_RR | SCHED_RESET_ON_FORK);
	EXPECT_CHILD(expect_policy, (void *)(SCHED_OTHER << 8), EXITED(0));
}

/* The effective user ID decides whose processes a task may move. */
static void effective_user(void *argument)
{
	u32 all = 1;

	(void)argument;
	EXPECT_EQ(system_call(NR_setresuid32, -1, 1234, -1, 0, 0, 0), 0);
	EXPECT_EQ(system_call(NR_sched_setaffinity, sys_getppid(), 4, (long)&all, 0, 0, 0), -EPERM);
	EXPECT_EQ(system_call(NR_sched_setaffinity, 0, 4, (long)&all, 0, 0, 0), 0);
}

static void user(void *argument)
{
	(void)argument;
	EXPECT_EQ(set_policy(0, SCHED_OTHER, 0), 0);
	EXPECT_EQ(set_policy(0, SCHED_FIFO, 10), 0);
	become_user();
	EXPECT_EQ(set_priority(0, 11), -EPERM);
	EXPECT_EQ(set_priority(0, 3), 0);
	EXPECT_EQ(set_policy(0, SCHED_RR, 2), -EPERM);
	EXPECT_EQ(set_policy(sys_getppid(), SCHED_BATCH, 0), -EPERM);
	EXPECT_EQ(system_call(NR_setpriority, PRIO_PROCESS, 1, -2, 0, 0, 0), -EPERM);
	EXPECT_EQ(set_policy(0, SCHED_OTHER, 0), 0);
	EXPECT_EQ(set_policy(0, SCHED_FIFO, 1), -EPERM);
}

static void attributes(void *argument)
{
	struct sched_attr attr = { .size = sizeof(attr), .policy = SCHED_OTHER, .nice = 3 };
	struct {
		struct sched_attr attr;
		u32 more[4];
	} large = { .attr = { .size = sizeof(large), .policy = SCHED_FIFO, .priority = 4 } };

	(void)argument;
	EXPECT_EQ(system_call(NR_sched_setattr, 0, (long)&attr, 0, 0, 0, 0), 0);
	EXPECT_EQ(get_nice(PRIO_PROCESS, 0), 17);
	attr.nice = 9;
	EXPECT_EQ(system_call(NR_sched_getattr, 0, (long)&attr, sizeof(attr), 0, 0, 0), 0);
	EXPECT(attr.policy == SCHED_OTHER && attr.nice == 3 && !attr.priority && !attr.flags);
	attr.policy = (u32)-1;
	EXPECT_EQ(system_call(NR_sched_setattr, 0, (long)&attr, 0, 0, 0, 0), -EINVAL);
	attr.policy = SCHED_OTHER;
	attr.flags = 0x100;
	EXPECT_EQ(system_call(NR_sched_setattr, 0, (long)&attr, 0, 0, 0, 0), -EINVAL);
	/* Nice values beyond the bounds are cut. */
	attr.flags = 0;
	attr.nice = 99;
	EXPECT_EQ(system_call(NR_sched_setattr, 0, (long)&attr, 0, 0, 0, 0), 0);
	EXPECT_EQ(get_nice(PRIO_PROCESS, 0), 1);
	attr.nice = -99;
	EXPECT_EQ(system_call(NR_sched_setattr, 0, (long)&attr, 0, 0, 0, 0), 0);
	EXPECT_EQ(get_nice(PRIO_PROCESS, 0), 40);
	/* As on Linux, a policy alone is not set without its parameters. */
	attr.nice = 5;
	attr.flags = 0x10; /* SCHED_FLAG_KEEP_PARAMS */
	attr.policy = SCHED_BATCH;
	EXPECT_EQ(system_call(NR_sched_setattr, 0, (long)&attr, 0, 0, 0, 0), 0);
	EXPECT(policy_of(0) == SCHED_OTHER && get_nice(PRIO_PROCESS, 0) == 40);
	attr.flags = 0x08; /* SCHED_FLAG_KEEP_POLICY */
	attr.policy = SCHED_OTHER;
	EXPECT_EQ(system_call(NR_sched_setattr, 0, (long)&attr, 0, 0, 0, 0), 0);
	EXPECT(policy_of(0) == SCHED_OTHER && get_nice(PRIO_PROCESS, 0) == 15);
	EXPECT_EQ(system_call(NR_sched_setattr, 0, (long)&large, 0, 0, 0, 0), 0);
	EXPECT_EQ(system_call(NR_sched_getattr, 0, (long)&attr, sizeof(attr), 0, 0, 0), 0);
	EXPECT_EQ(attr.size, 48);
	EXPECT_EQ(attr.policy, SCHED_FIFO);
	EXPECT_EQ(attr.priority, 4);
	EXPECT_EQ(attr.nice, 0);
	EXPECT_EQ(attr.flags, 0);
	large.more[2] = 1;
	EXPECT_EQ(system_call(NR_sched_setattr, 0, (long)&large, 0, 0, 0, 0), -E2BIG);
	attr.size = 47;
	EXPECT_EQ(system_call(NR_sched_setattr, 0, (long)&attr, 0, 0, 0, 0), -E2BIG);
	attr.size = 0;
	attr.flags = SCHED_FLAG_RESET_ON_FORK;
	EXPECT_EQ(system_call(NR_sched_setattr, 0, (long)&attr, 0, 0, 0, 0), 0);
	EXPECT_EQ(policy_of(0), SCHED_FIFO | SCHED_RESET_ON_FORK);
	EXPECT_EQ(system_call(NR_sched_setattr, 0, (long)&attr, 1, 0, 0, 0), -EINVAL);
	EXPECT_EQ(system_call(NR_sched_setattr, -1, (long)&attr, 0, 0, 0, 0), -EINVAL);
	EXPECT_EQ(system_call(NR_sched_setattr, NONE, (long)&attr, 0, 0, 0, 0), -ESRCH);
	EXPECT_EQ(system_call(NR_sched_setattr, 0, 0, 0, 0, 0, 0), -EINVAL);
	EXPECT_EQ(system_call(NR_sched_setattr, 0, 16, 0, 0, 0, 0), -EFAULT);
	EXPECT_EQ(system_call(NR_sched_getattr, 0, (long)&attr, 47, 0, 0, 0), -EINVAL);
	EXPECT_EQ(system_call(NR_sched_getattr, 0, (long)&attr, 48, 1, 0, 0), -EINVAL);
	EXPECT_EQ(system_call(NR_sched_getattr, 0, 16, 48, 0, 0, 0), -EFAULT);
	EXPECT_EQ(system_call(NR_sched_getattr, NONE, (long)&attr, 48, 0, 0, 0), -ESRCH);
}

/* To leave SCHED_IDLE is to lower the nice value, which RLIMIT_NICE must allow. */
static void leaves_idle(void *unused)
{
	const struct rlimit none = { 0, 0 };

	(void)unused;
	EXPECT_EQ(sys_setrlimit(RLIMIT_NICE, &none), 0);
	become_user();
	EXPECT_EQ(set_policy(0, SCHED_IDLE, 0), 0);
	EXPECT_EQ(set_policy(0, SCHED_IDLE, 0), 0);
	EXPECT_EQ(set_policy(0, SCHED_OTHER, 0), -EPERM);
	EXPECT_EQ(set_policy(0, SCHED_BATCH, 0), -EPERM);
}

static void leaves_idle_child(void)
{
	EXPECT_CHILD(leaves_idle, NULL, EXITED(0));
}

/* A task of SCHED_DEADLINE runs before all others; it cannot have children of its policy. */
static void deadlines(void *argument)
{
	struct sched_attr attr = { .size = sizeof(attr),
				   .policy = SCHED_DEADLINE,
				   .runtime = 10000000,
				   .deadline = 30000000 };

	(void)argument;
	EXPECT_EQ(system_call(NR_sched_get_priority_max, SCHED_DEADLINE, 0, 0, 0, 0, 0), 0);
	attr.runtime = 1000;
	EXPECT_EQ(system_call(NR_sched_setattr, 0, (long)&attr, 0, 0, 0, 0), -EINVAL);
	attr.runtime = 40000000;
	EXPECT_EQ(system_call(NR_sched_setattr, 0, (long)&attr, 0, 0, 0, 0), -EINVAL);
	attr.runtime = 10000000;
	attr.priority = 1;
	EXPECT_EQ(system_call(NR_sched_setattr, 0, (long)&attr, 0, 0, 0, 0), -EINVAL);
	attr.priority = 0;
	EXPECT_EQ(system_call(NR_sched_setattr, 0, (long)&attr, 0, 0, 0, 0), 0);
	EXPECT_EQ(policy_of(0), SCHED_DEADLINE);
	EXPECT_EQ(system_call(NR_sched_getattr, 0, (long)&attr, sizeof(attr), 0, 0, 0), 0);
	EXPECT(attr.runtime == 10000000 && attr.deadline == 30000000 && attr.period == 30000000);
	EXPECT(attr.policy == SCHED_DEADLINE && !attr.priority);
	EXPECT_EQ(system_call(NR_fork, 0, 0, 0, 0, 0, 0), -EAGAIN);
	EXPECT_EQ(set_policy(0, SCHED_OTHER, 0), 0);
}

static void intervals(void *argument)
{
	struct timespec time = { -1, 1 };

	(void)argument;
	EXPECT_EQ(set_policy(0, SCHED_RR, 1), 0);
	EXPECT_EQ(system_call(NR_sched_rr_get_interval, 0, (long)&time, 0, 0, 0, 0), 0);
	EXPECT(!time.seconds && time.nanoseconds >= 1000000);
	EXPECT_EQ(set_policy(0, SCHED_FIFO, 1), 0);
	EXPECT_EQ(system_call(NR_sched_rr_get_interval, 0, (long)&time, 0, 0, 0, 0), 0);
	EXPECT(!time.seconds && !time.nanoseconds);
	EXPECT_EQ(system_call(NR_sched_rr_get_interval, -1, (long)&time, 0, 0, 0, 0), -EINVAL);
	EXPECT_EQ(system_call(NR_sched_rr_get_interval, NONE, (long)&time, 0, 0, 0, 0), -ESRCH);
	EXPECT_EQ(system_call(NR_sched_rr_get_interval, 0, 16, 0, 0, 0, 0), -EFAULT);
}

static void nice_values(void *argument)
{
	(void)argument;
	EXPECT_EQ(get_nice(PRIO_PROCESS, 0), 20);
	EXPECT_EQ(step_nice(5), 0);
	EXPECT_EQ(get_nice(PRIO_PROCESS, sys_getpid()), 15);
	EXPECT_EQ(step_nice(1000), 0);
	EXPECT_EQ(get_nice(PRIO_PROCESS, 0), 1);
	EXPECT_EQ(step_nice(-1000), 0);
	EXPECT_EQ(get_nice(PRIO_PROCESS, 0), 40);
	EXPECT_EQ(set_nice(PRIO_PROCESS, 0, 100), 0);
	EXPECT_EQ(get_nice(PRIO_PROCESS, 0), 1);
	EXPECT_EQ(set_nice(PRIO_PROCESS, sys_getpid(), -100), 0);
	EXPECT_EQ(get_nice(PRIO_PROCESS, 0), 40);
	EXPECT_EQ(set_nice(PRIO_PROCESS, 0, 4), 0);
	EXPECT_EQ(get_nice(3, 0), -EINVAL);
	EXPECT_EQ(get_nice(-1, 0), -EINVAL);
	EXPECT_EQ(get_nice(PRIO_PROCESS, NONE), -ESRCH);
	EXPECT_EQ(get_nice(PRIO_USER, 123456), -ESRCH);
	EXPECT_EQ(set_nice(3, 0, 0), -EINVAL);
	EXPECT_EQ(set_nice(PRIO_PROCESS, NONE, 0), -ESRCH);
	EXPECT_EQ(set_nice(PRIO_USER, 123456, 0), -ESRCH);
	become_user();
	EXPECT_EQ(get_nice(PRIO_USER, 0), 16);
	EXPECT_EQ(step_nice(-1), -EPERM);
	EXPECT_EQ(set_nice(PRIO_PROCESS, 0, 3), -EACCES);
	EXPECT_EQ(set_nice(PRIO_USER, 54321, 6), 0);
	EXPECT_EQ(get_nice(PRIO_PROCESS, 0), 14);
	EXPECT_EQ(set_nice(PRIO_PROCESS, sys_getppid(), 19), -EPERM);
}

static void barriers(void *argument)
{
	long known = system_call(NR_membarrier, 0, 0, 0, 0, 0, 0);

	(void)argument;
	EXPECT(known & 1 && known & 8 && known & 16);
	EXPECT_EQ(system_call(NR_membarrier, 8, 0, 0, 0, 0, 0), -EPERM);
	EXPECT_EQ(system_call(NR_membarrier, 512, 0, 0, 0, 0, 0), 0);
	EXPECT_EQ(system_call(NR_membarrier, 16, 0, 0, 0, 0, 0), 0);
	EXPECT_EQ(system_call(NR_membarrier, 512, 0, 0, 0, 0, 0), 16);
	EXPECT_EQ(system_call(NR_membarrier, 8, 0, 0, 0, 0, 0), 0);
	EXPECT_EQ(system_call(NR_membarrier, 1, 0, 0, 0, 0, 0), 0);
	EXPECT_EQ(system_call(NR_membarrier, 3, 0, 0, 0, 0, 0), -EINVAL);
	EXPECT_EQ(system_call(NR_membarrier, 1 << 30, 0, 0, 0, 0, 0), -EINVAL);
	EXPECT_EQ(system_call(NR_membarrier, 0, 2, 0, 0, 0, 0), -EINVAL);
}

#define IN_A_CHILD(body)                             \
	static void body##_child(void)               \
	{                                            \
		EXPECT_CHILD(body, NULL, EXITED(0)); \
	}
IN_A_CHILD(policies)
IN_A_CHILD(inherited)
IN_A_CHILD(effective_user)
IN_A_CHILD(user)
IN_A_CHILD(attributes)
IN_A_CHILD(deadlines)
IN_A_CHILD(intervals)
IN_A_CHILD(nice_values)
IN_A_CHILD(barriers)

static const struct tap_case cases[] = {
	{ "policies and priorities", policies_child },
	{ "children inherit them", inherited_child },
	{ "what a user may", user_child },
	{ "what an effective user may", effective_user_child },
	{ "a user leaves SCHED_IDLE", leaves_idle_child },
	{ "sched_setattr", attributes_child },
	{ "SCHED_DEADLINE", deadlines_child },
	{ "sched_rr_get_interval", intervals_child },
	{ "nice values", nice_values_child },
	{ "membarrier", barriers_child },
};

int main(int argc, char **argv);
int main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return tap_run(cases, ARRAY_SIZE(cases));
}
