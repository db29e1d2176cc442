/* SPDX-License-Identifier: MIT */
/* Reading the clocks of ring 3. */
#include "kernel/time/clock.h"
#include "abi/linux/errno.h"
#include "kernel/devices/time.h"
#include "kernel/task/sched.h"
#include "kernel/task/task.h"
#include "kernel/time/posix_timer.h"

s32 clock_tai;

int clock_canonical(int clock)
{
	if (clock == CLOCK_PROCESS_CPUTIME_ID)
		return CPUCLOCK_OWN_PROCESS;
	return clock == CLOCK_THREAD_CPUTIME_ID ? CPUCLOCK_OWN_THREAD : clock;
}

/*
 * The task of a processor-time clock; of threads, only those of the caller's process. NULL: no
 * clock. ktimerd reads the clocks of timers, which were checked when the timers were created.
 */
static struct task *clock_task(int clock)
{
	int pid = CPUCLOCK_PID(clock);
	struct task *task = pid ? task_find(pid) : current;

	if (!task || CPUCLOCK_KIND(clock) == CLOCKFD || !task->group)
		return NULL;
	if (clock & CPUCLOCK_PER_THREAD)
		return task->group == current->group || !current->mm ? task : NULL;
	return task == task->group->leader || task == current ? task : NULL;
}

static int read_cpu_clock(int clock, u64 *now)
{
	const struct task *task = clock_task(clock);
	struct usage usage;

	if (!task)
		return -EINVAL;
	usage = usage_of_group(task->group);
	if (clock & CPUCLOCK_PER_THREAD)
		usage = task->usage;
	if (CPUCLOCK_KIND(clock) == CPUCLOCK_VIRT)
		usage.time[1] = 0;
	*now = counts_to_ns(usage.time[0] + usage.time[1]);
	return 0;
}

int clock_explicit(int clock)
{
	int pid;

	clock = clock_canonical(clock);
	if (clock >= 0 || CPUCLOCK_KIND(clock) == CLOCKFD || CPUCLOCK_PID(clock))
		return clock;
	pid = clock & CPUCLOCK_PER_THREAD ? current->pid : current->tgid;
	return (int)(~(u32)pid << 3) | (clock & 7);
}

int clock_read(int clock, u64 *now)
{
	clock = clock_canonical(clock);
	if (clock < 0)
		return read_cpu_clock(clock, now);
	switch (clock) {
	case CLOCK_REALTIME:
		*now = clock_realtime();
		return 0;
	case CLOCK_REALTIME_COARSE:
		*now = clock_coarse(); /* a file that changes afterwards is not older */
		return 0;
	case CLOCK_TAI:
		*now = clock_realtime() + (u64)(u32)clock_tai * NSEC_PER_SEC;
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		*now = clock_monotonic();
		return 0;
	}
	return -EINVAL;
}

int clock_set_date(u64 nanoseconds)
{
	struct task *task;

	if (nanoseconds < clock_monotonic())
		return -EINVAL;
	clock_set_realtime(nanoseconds);
	list_for_each_entry (task, &task_list, link) {
		if (task->awaits_date && task->state == TASK_SLEEPING)
			task_wake(task); /* it looks at the clock again */
		if (task->group && task->group->leader == task)
			posix_timers_follow_date(task->group);
	}
	return 0;
}

bool clock_is_own_thread(int clock)
{
	return clock < 0 && clock & CPUCLOCK_PER_THREAD && clock_task(clock) == current;
}
