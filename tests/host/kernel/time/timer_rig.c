/* SPDX-License-Identifier: MIT */
#include "tests/host/kernel/time/timer_rig.h"

#include <setjmp.h>

#include "fs/file.h"
#include "kernel/devices/time.h"
#include "kernel/task/sched.h"
#include "kernel/task/usage.h"
#include "kernel/time/clock.h"
#include "kernel/time/deferred_timer.h"
#include "kernel/time/posix_timer.h"
#include "lib/math64.h"
#include "tests/host/console.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

struct timer_rig rig;
struct sigqueue rig_entries[4];
struct thread_group own_group, other_group;
struct task own = { .pid = 20, .tgid = 20, .group = &own_group };
struct task thread = { .pid = 21, .tgid = 20, .group = &own_group };
struct task other = { .pid = 30, .tgid = 30, .group = &other_group };
static struct task other_thread = { .pid = 31, .tgid = 30, .group = &other_group };
static struct thread_group timer_group;
static struct task timer_task = { .pid = 2, .group = &timer_group };
static struct mm_struct space;
struct task *current = &own;
LIST_HEAD(task_list);
volatile u32 jiffies;
struct timer_wheel kernel_timers;

static void (*ktimerd_function)(void *);
static jmp_buf nothing_due;

u64 clock_monotonic(void)
{
	return rig.now;
}

void clock_set_realtime(u64 nanoseconds)
{
	console_date = nanoseconds;
}

u64 counts_to_ns(u64 counts)
{
	return counts;
}

u32 to_ticks(u64 nanoseconds)
{
	u64 sum = div_u64(nanoseconds + MS - 1, MS);

	return (u32)min(sum + (sum != 0), (u64)INT32_MAX);
}

void task_wake(struct task *task)
{
	rig.woken = task;
}

void task_wake_first(struct task *task)
{
	EXPECT(task == &timer_task);
	rig.woken = task;
}

struct task *task_find(int pid)
{
	struct task *tasks[] = { &own, &thread, &other, &other_thread };

	for (u32 i = 0; i < ARRAY_SIZE(tasks); i++)
		if (tasks[i]->pid == pid)
			return tasks[i];
	return NULL;
}

struct task *kernel_task(const char *name, void (*function)(void *argument), void *argument)
{
	EXPECT_TEXT(name, "ktimerd");
	EXPECT(!argument);
	ktimerd_function = function;
	return rig.no_task ? NULL : &timer_task;
}

void schedule(void)
{
	EXPECT_EQ(current->state, TASK_SLEEPING);
	longjmp(nothing_due, 1);
}

void usage_sum(const struct thread_group *group, struct usage *sum)
{
	*sum = group->ended;
}

int signal_send_process(struct thread_group *group, const struct siginfo *info)
{
	EXPECT(group == &own_group);
	rig.sent_to_process++;
	rig.last = *info;
	return 0;
}

struct sigqueue *sigqueue_alloc(struct thread_group *group, struct posix_timer *timer)
{
	EXPECT(group == &own_group);
	if (rig.no_entry)
		return NULL;
	rig_entries[rig.nr_entries] = (struct sigqueue){ .timer = timer };
	return &rig_entries[rig.nr_entries++];
}

void sigqueue_disown(struct thread_group *group, struct sigqueue *entry)
{
	EXPECT(group == &own_group);
	entry->disowned = true;
}

bool sigqueue_send(struct sigqueue *entry, struct thread_group *group, struct task *task,
		   const struct siginfo *info)
{
	EXPECT(group == &own_group && !entry->busy);
	if (rig.discards)
		return false;
	entry->busy = true;
	rig.sent++;
	rig.last = *info;
	rig.last_thread = task;
	return true;
}

bool sigqueue_busy(const struct sigqueue *entry)
{
	return entry->busy;
}

void timers_start(void)
{
	struct task *tasks[] = { &own, &thread, &other, &other_thread };

	machine_boot();
	file_init();
	machine_settle();

	for (u32 i = 0; i < ARRAY_SIZE(tasks); i++)
		list_add_tail(&tasks[i]->link, &task_list);
	own_group.leader = &own;
	other_group.leader = &other;
	own.mm = &space;
	own_group.rlim[RLIMIT_CPU] = (struct rlimit){ RLIM_INFINITY, RLIM_INFINITY };
	rig.now = 5 * S;
	timer_wheel_init(&kernel_timers, jiffies);
	EXPECT_EQ(ktimerd_init(), 0);
}

void run_due(void)
{
	struct task *before = current;

	current = &timer_task;
	if (!setjmp(nothing_due))
		ktimerd_function(NULL);
	current->state = TASK_RUNNING;
	current = before;
}

void pass(u64 nanoseconds)
{
	u64 end = rig.now + nanoseconds;

	while (rig.now < end) {
		u64 step = min(MS, end - rig.now);

		rig.now += step;
		console_date += step;
		if (step == MS) {
			jiffies++;
			timer_wheel_tick(&kernel_timers);
		}
		run_due();
	}
}
