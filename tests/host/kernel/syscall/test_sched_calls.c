/* SPDX-License-Identifier: MIT */
/*
 * The calls for scheduling policies: which there are, who may set them, what is told, the sizes of
 * struct sched_attr, and the one processor. What a policy does is in test_sched.c.
 *
 * sources: kernel/syscall/process/sys_sched.c kernel/syscall/time/sys_time.c
 */
#include <string.h>

#include "abi/linux/capability.h"
#include "abi/linux/errno.h"
#include "abi/linux/sched.h"
#include "kernel/syscall/process/sys_priority.h"
#include "kernel/syscall/syscall.h"
#include "kernel/task/sched.h"
#include "kernel/task/task.h"
#include "tests/host/kernel/user_bytes.h"
#include "tests/host/tap.h"

#define OUTSIDE 0x1000u
#define SECOND	1000000000ull

static struct thread_group group, other_group;
static struct task own = { .pid = 20, .group = &group };
static struct task other = { .pid = 30, .group = &other_group };
struct task *current = &own;

static bool privileged, nice_may, nice_in_limit;

bool capable(u32 capability)
{
	EXPECT_EQ(capability, CAP_SYS_NICE);
	return privileged;
}

bool may_nice(const struct task *task, s32 nice)
{
	return nice >= task->policy.nice || nice_may;
}

bool nice_is_in_limit(const struct task *task, s32 nice)
{
	EXPECT_EQ(nice, task->policy.nice);
	return nice_in_limit;
}

struct task *task_find(int pid)
{
	return pid == 20 ? &own : pid == 30 ? &other : NULL;
}

void task_set_policy(struct task *task, const struct sched_policy *policy)
{
	task->policy = *policy;
}

u32 task_slice(const struct task *task)
{
	return task == &other ? 250 : 0;
}

u64 clock_monotonic(void)
{
	return 0;
}

static void start(void)
{
	own.policy = other.policy = (struct sched_policy){ 0 };
	memset(&group.rlim, 0, sizeof(group.rlim));
	memset(&other_group.rlim, 0, sizeof(other_group.rlim));
	group.user.effective = group.user.real = 1000;
	other_group.user = group.user;
	privileged = nice_may = nice_in_limit = false;
}

static s32 call(syscall_t *function, u32 first, u32 second, u32 third)
{
	struct pt_regs regs = { .ebx = first, .ecx = second, .edx = third };

	return function(&regs);
}

static s32 set(int pid, int kind, u32 priority)
{
	set_word(USER_BYTES, priority);
	return call(sys_sched_setscheduler, (u32)pid, (u32)kind, USER_BYTES);
}

/* Each policy with each priority at a bound, with privilege. */
static void policies(void)
{
	static const u32 priorities[] = { 0, 1, 99, 100, ~0u };

	start();
	privileged = true;
	for (int kind = 0; kind < 8; kind++)
		for (u32 i = 0; i < ARRAY_SIZE(priorities); i++) {
			const u32 priority = priorities[i];
			bool realtime = kind == SCHED_FIFO || kind == SCHED_RR;
			bool known = realtime || kind == SCHED_OTHER || kind == SCHED_BATCH ||
				     kind == SCHED_IDLE;
			bool good = known && (realtime ? priority && priority < 100 : !priority);

			EXPECT_EQ(set(30, kind, priority), good ? 0 : -EINVAL);
			if (!good)
				continue;
			EXPECT(other.policy.kind == kind && other.policy.priority == priority);
			EXPECT_EQ(call(sys_sched_getscheduler, 30, 0, 0), kind);
			EXPECT_EQ(call(sys_sched_getparam, 30, USER_BYTES + 8, 0), 0);
			EXPECT_EQ(word_at(USER_BYTES + 8), priority);
		}
	for (u32 kind = 0; kind < 8; kind++) {
		bool known = kind < 4 || kind == SCHED_IDLE || kind == SCHED_DEADLINE;
		s32 high = kind == SCHED_FIFO || kind == SCHED_RR ? 99 : known ? 0 : -EINVAL;

		EXPECT_EQ(call(sys_sched_get_priority_max, kind, 0, 0), high);
		EXPECT_EQ(call(sys_sched_get_priority_min, kind, 0, 0), high > 0 ? 1 : high);
	}
}

static void arguments(void)
{
	start();
	EXPECT_EQ(set(-1, SCHED_OTHER, 0), -EINVAL);
	EXPECT_EQ(set(99, SCHED_OTHER, 0), -ESRCH);
	EXPECT_EQ(set(0, -1, 0), -EINVAL);
	EXPECT_EQ(call(sys_sched_setscheduler, 0, SCHED_OTHER, 0), -EINVAL);
	EXPECT_EQ(call(sys_sched_setscheduler, 99, SCHED_OTHER, OUTSIDE), -EFAULT);
	EXPECT_EQ(call(sys_sched_getscheduler, ~0u, 0, 0), -EINVAL);
	EXPECT_EQ(call(sys_sched_getscheduler, 99, 0, 0), -ESRCH);
	EXPECT_EQ(call(sys_sched_getparam, 99, USER_BYTES, 0), -ESRCH);
	EXPECT_EQ(call(sys_sched_getparam, 99, 0, 0), -EINVAL);
	EXPECT_EQ(call(sys_sched_getparam, ~0u, USER_BYTES, 0), -EINVAL);
	EXPECT_EQ(call(sys_sched_getparam, 0, OUTSIDE, 0), -EFAULT);
	EXPECT_EQ(call(sys_sched_rr_get_interval, ~0u, USER_BYTES, 0), -EINVAL);
	EXPECT_EQ(call(sys_sched_rr_get_interval, 99, USER_BYTES, 0), -ESRCH);
	EXPECT_EQ(call(sys_sched_rr_get_interval, 30, OUTSIDE, 0), -EFAULT);
	EXPECT_EQ(call(sys_sched_rr_get_interval, 30, USER_BYTES, 0), 0);
	EXPECT(!word_at(USER_BYTES) && word_at(USER_BYTES + 4) == 250 * (u32)(SECOND / 1000));
}

/* Without privilege: tasks of one's own, up to RLIMIT_RTPRIO, and never back from a reset. */
static void rights(void)
{
	start();
	EXPECT_EQ(set(0, SCHED_FIFO, 1), -EPERM);
	group.rlim[RLIMIT_RTPRIO].cur = 5;
	EXPECT_EQ(set(0, SCHED_FIFO, 6), -EPERM);
	EXPECT_EQ(set(0, SCHED_FIFO, 5), 0);
	group.rlim[RLIMIT_RTPRIO].cur = 0;
	EXPECT_EQ(set(0, SCHED_RR, 5), -EPERM); /* another one, and no limit */
	EXPECT_EQ(set(0, SCHED_FIFO, 4), 0);
	EXPECT_EQ(set(0, SCHED_FIFO, 5), -EPERM);
	EXPECT_EQ(set(0, SCHED_BATCH, 0), 0);
	EXPECT_EQ(set(0, SCHED_BATCH | SCHED_RESET_ON_FORK, 0), 0);
	EXPECT_EQ(call(sys_sched_getscheduler, 0, 0, 0), SCHED_BATCH | SCHED_RESET_ON_FORK);
	EXPECT_EQ(set(0, SCHED_BATCH, 0), -EPERM);
	set_word(USER_BYTES, 0);
	EXPECT_EQ(call(sys_sched_setparam, 0, USER_BYTES, 0), 0);
	EXPECT(own.policy.reset_on_fork && own.policy.kind == SCHED_BATCH);
	EXPECT_EQ(set(0, SCHED_IDLE | SCHED_RESET_ON_FORK, 0), 0);
	EXPECT_EQ(set(0, SCHED_OTHER | SCHED_RESET_ON_FORK, 0), -EPERM);
	nice_in_limit = true;
	EXPECT_EQ(set(0, SCHED_OTHER | SCHED_RESET_ON_FORK, 0), 0);
	other_group.user.real = 7;
	EXPECT_EQ(set(30, SCHED_BATCH, 0), 0); /* the effective one is equal */
	other_group.user.effective = 7;
	EXPECT_EQ(set(30, SCHED_BATCH, 0), -EPERM);
	other_group.user.real = 1000;
	EXPECT_EQ(set(30, SCHED_BATCH, 0), 0);
	other_group.user.real = 7;
	privileged = true;
	EXPECT_EQ(set(30, SCHED_FIFO, 99), 0);
}

static s32 set_attr(int pid, const struct sched_attr *attr)
{
	memset(user_bytes, 0, PAGE_SIZE + 8);
	memcpy(user_bytes, attr, sizeof(*attr));
	return call(sys_sched_setattr, (u32)pid, USER_BYTES, 0);
}

static struct sched_attr told(int pid)
{
	struct sched_attr attr;
	struct pt_regs regs = { .ebx = (u32)pid, .ecx = USER_BYTES, .edx = sizeof(attr) };

	EXPECT_EQ(sys_sched_getattr(&regs), 0);
	memcpy(&attr, user_bytes, sizeof(attr));
	EXPECT_EQ(attr.size, sizeof(attr));
	return attr;
}

static void attributes(void)
{
	start();
	privileged = true;
	EXPECT_EQ(set_attr(30, &(struct sched_attr){ 48, SCHED_FIFO, 1, -5, 7, 0, 0, 0 }), 0);
	EXPECT(other.policy.kind == SCHED_FIFO && other.policy.priority == 7);
	EXPECT(other.policy.reset_on_fork && !other.policy.nice); /* realtime has none */
	EXPECT(told(30).policy == SCHED_FIFO && told(30).priority == 7 && told(30).flags == 1);
	EXPECT_EQ(set_attr(30, &(struct sched_attr){ 48, SCHED_BATCH, 0, -21, 0, 0, 0, 0 }), 0);
	EXPECT(told(30).nice == -20 && !told(30).flags && told(30).policy == SCHED_BATCH);
	EXPECT_EQ(set_attr(30, &(struct sched_attr){ 48, SCHED_OTHER, 0, 20, 0, 0, 0, 0 }), 0);
	EXPECT(told(30).nice == 19 && told(30).policy == SCHED_OTHER);
	/* What is to stay. */
	EXPECT_EQ(set_attr(30, &(struct sched_attr){ 48, 77, 8, 3, 0, 0, 0, 0 }), 0);
	EXPECT(told(30).nice == 3 && told(30).policy == SCHED_OTHER);
	EXPECT_EQ(set_attr(30, &(struct sched_attr){ 48, SCHED_BATCH, 17, 9, 8, 0, 0, 0 }), 0);
	EXPECT(told(30).nice == 3 && told(30).policy == SCHED_OTHER && told(30).flags == 1);
	EXPECT_EQ(set_attr(30, &(struct sched_attr){ 48, SCHED_FIFO, 0, 0, 9, 0, 0, 0 }), 0);
	EXPECT_EQ(set_attr(30, &(struct sched_attr){ 48, 0, 24, 0, 0, 0, 0, 0 }), 0);
	EXPECT(told(30).priority == 9 && told(30).policy == SCHED_FIFO);
	other.policy.nice = 4;
	EXPECT_EQ(told(30).nice, 0);
	EXPECT_EQ(set_attr(30, &(struct sched_attr){ 48, SCHED_OTHER, 0, 0, 9, 0, 0, 0 }), -EINVAL);
	EXPECT_EQ(set_attr(30, &(struct sched_attr){ 48, 4, 0, 0, 0, 0, 0, 0 }), -EINVAL);
	EXPECT_EQ(set_attr(30, &(struct sched_attr){ 48, ~0u, 0, 0, 0, 0, 0, 0 }), -EINVAL);
	EXPECT_EQ(set_attr(30, &(struct sched_attr){ 48, 0, 4, 0, 0, 0, 0, 0 }), -EINVAL);
	EXPECT_EQ(set_attr(30, &(struct sched_attr){ 48, 0, 1ull << 32, 0, 0, 0, 0, 0 }), -EINVAL);
	EXPECT_EQ(set_attr(99, &(struct sched_attr){ 48, 0, 4, 0, 0, 0, 0, 0 }), -EINVAL);
	EXPECT_EQ(set_attr(99, &(struct sched_attr){ 48, 0, 0, 0, 0, 0, 0, 0 }), -ESRCH);
	EXPECT_EQ(set_attr(-1, &(struct sched_attr){ 48, 0, 0, 0, 0, 0, 0, 0 }), -EINVAL);
	privileged = false;
	EXPECT_EQ(set_attr(0, &(struct sched_attr){ 48, 0, 0, -1, 0, 0, 0, 0 }), -EPERM);
	nice_may = true;
	EXPECT_EQ(set_attr(0, &(struct sched_attr){ 48, 0, 0, -1, 0, 0, 0, 0 }), 0);
}

/* SCHED_DEADLINE: runtime, deadline and period, ns, each at its bound. */
static void deadlines(void)
{
	static const struct {
		u64 runtime, deadline, period;
		s32 result;
	} cases[] = {
		{ 1024, 100000, 0, 0 },
		{ 1023, 100000, 0, -EINVAL },
		{ 1024, 99999, 0, -EINVAL },
		{ 1024, 0, 100000, -EINVAL },
		{ 1024, 1024, 100000, 0 },
		{ 1024, 1023, 100000, -EINVAL },
		{ 1024, 100001, 100000, -EINVAL },
		{ 1024, 100000, 4194304000, 0 },
		{ 1024, 100000, 4194304001, -EINVAL },
	};
	struct sched_attr attr = { 48, SCHED_DEADLINE, 1, 0, 0, 0, 0, 0 };

	start();
	privileged = true;
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		other.policy = (struct sched_policy){ 0 };
		attr.runtime = cases[i].runtime;
		attr.deadline = cases[i].deadline;
		attr.period = cases[i].period;
		EXPECT_EQ(set_attr(30, &attr), cases[i].result);
		EXPECT_EQ(other.policy.kind, cases[i].result ? SCHED_OTHER : SCHED_DEADLINE);
		if (cases[i].result)
			continue;
		EXPECT(other.policy.priority == 99 && other.policy.reset_on_fork);
		EXPECT(told(30).priority == 0 && told(30).runtime == cases[i].runtime);
		EXPECT_EQ(told(30).deadline, cases[i].deadline);
		EXPECT_EQ(told(30).period, cases[i].period ? cases[i].period : cases[i].deadline);
		EXPECT_EQ(call(sys_sched_getparam, 30, USER_BYTES, 0), 0);
		EXPECT_EQ(word_at(USER_BYTES), 0);
	}
	attr.period = 0;
	attr.priority = 1;
	EXPECT_EQ(set_attr(30, &attr), -EINVAL);
	attr.priority = 0;
	attr.flags = SCHED_FLAG_KEEP_POLICY; /* the policy is not, the values are */
	EXPECT_EQ(set_attr(0, &attr), 0);
	EXPECT(own.policy.kind == SCHED_OTHER && !own.policy.runtime);
	attr.flags = 0;
	privileged = false;
	EXPECT_EQ(set_attr(0, &attr), -EPERM);
	attr.runtime = 1;
	EXPECT_EQ(set_attr(0, &attr), -EINVAL);
	EXPECT_EQ(set(30, SCHED_DEADLINE, 0), -EINVAL);
}

/* Programs that know less or more of the structure. */
static void sizes(void)
{
	static const struct sched_attr batch = { 0, SCHED_BATCH, 0, 0, 0, 0, 0, 0 };
	struct pt_regs regs = { .ebx = 0, .ecx = USER_BYTES, .edx = 47 };
	struct sched_attr attr = batch;

	start();
	EXPECT_EQ(set_attr(0, &attr), 0); /* 0 is the first size */
	EXPECT_EQ(own.policy.kind, SCHED_BATCH);
	attr.size = 47;
	EXPECT_EQ(set_attr(0, &attr), -E2BIG);
	EXPECT_EQ(word_at(USER_BYTES), 48);
	attr.size = PAGE_SIZE;
	EXPECT_EQ(set_attr(0, &attr), 0);
	attr.size = PAGE_SIZE + 1;
	EXPECT_EQ(set_attr(0, &attr), -E2BIG);
	attr.size = 56;
	EXPECT_EQ(set_attr(0, &attr), 0);
	for (u32 at = 44; at <= 56; at += 4) {
		set_word(USER_BYTES, 56);
		set_word(USER_BYTES + at, 1);
		EXPECT_EQ(call(sys_sched_setattr, 0, USER_BYTES, 0),
			  at < 48 || at == 56 ? 0 : -E2BIG);
		set_word(USER_BYTES + at, 0);
	}
	EXPECT_EQ(call(sys_sched_setattr, 0, OUTSIDE, 0), -EFAULT);
	EXPECT_EQ(call(sys_sched_setattr, 0, 0, 0), -EINVAL);
	EXPECT_EQ(call(sys_sched_setattr, 0, USER_BYTES, 1), -EINVAL);
	EXPECT_EQ(sys_sched_getattr(&regs), -EINVAL);
	regs.edx = PAGE_SIZE + 1;
	EXPECT_EQ(sys_sched_getattr(&regs), -EINVAL);
	regs.edx = PAGE_SIZE;
	memset(user_bytes, 0xee, 64);
	EXPECT_EQ(sys_sched_getattr(&regs), 0);
	EXPECT(word_at(USER_BYTES) == 48 && user_bytes[48] == 0xee);
	regs.esi = 1;
	EXPECT_EQ(sys_sched_getattr(&regs), -EINVAL);
	regs = (struct pt_regs){ .ebx = 99, .ecx = USER_BYTES, .edx = 48 };
	EXPECT_EQ(sys_sched_getattr(&regs), -ESRCH);
	regs.ecx = 0;
	EXPECT_EQ(sys_sched_getattr(&regs), -EINVAL);
	regs = (struct pt_regs){ .ecx = OUTSIDE, .edx = 48 };
	EXPECT_EQ(sys_sched_getattr(&regs), -EFAULT);
}

static s32 bind(int pid, u32 mask, u32 bytes)
{
	set_word(USER_BYTES, mask);
	return call(sys_sched_setaffinity, (u32)pid, bytes, USER_BYTES);
}

/* The one processor: masks, and its number. */
static void processor(void)
{
	start();
	EXPECT_EQ(call(sys_sched_getaffinity, 0, 4, USER_BYTES), 4);
	EXPECT_EQ(word_at(USER_BYTES), 1);
	EXPECT_EQ(call(sys_sched_getaffinity, 0, 128, USER_BYTES), 4);
	EXPECT_EQ(call(sys_sched_getaffinity, 0, 0, USER_BYTES), -EINVAL);
	EXPECT_EQ(call(sys_sched_getaffinity, 0, 6, USER_BYTES), -EINVAL);
	EXPECT_EQ(call(sys_sched_getaffinity, 99, 4, USER_BYTES), -ESRCH);
	EXPECT_EQ(call(sys_sched_getaffinity, 0, 4, OUTSIDE), -EFAULT);
	EXPECT_EQ(bind(0, 1, 4), 0);
	EXPECT_EQ(bind(0, 3, 4), 0);
	EXPECT_EQ(bind(0, 2, 4), -EINVAL);
	EXPECT_EQ(bind(0, ~0u, 0), -EINVAL);
	EXPECT_EQ(bind(0, 1, 1), 0);
	EXPECT_EQ(bind(0, 1, 128), 0);
	EXPECT_EQ(bind(99, 1, 4), -ESRCH);
	EXPECT_EQ(call(sys_sched_setaffinity, 99, 4, OUTSIDE), -EFAULT);
	other_group.user.effective = other_group.user.real = 7;
	EXPECT_EQ(bind(30, 1, 4), -EPERM);
	privileged = true;
	EXPECT_EQ(bind(30, 1, 4), 0);
	set_word(USER_BYTES, 7);
	set_word(USER_BYTES + 4, 7);
	EXPECT_EQ(call(sys_getcpu, USER_BYTES, USER_BYTES + 4, OUTSIDE), 0);
	EXPECT(!word_at(USER_BYTES) && !word_at(USER_BYTES + 4));
	EXPECT_EQ(call(sys_getcpu, 0, 0, 0), 0);
	EXPECT_EQ(call(sys_getcpu, OUTSIDE, 0, 0), -EFAULT);
	EXPECT_EQ(call(sys_getcpu, 0, OUTSIDE, 0), -EFAULT);
}

TAP_MAIN({ "policies", policies }, { "arguments", arguments }, { "rights", rights },
	 { "attributes", attributes }, { "deadlines", deadlines }, { "sizes", sizes },
	 { "the processor", processor })
