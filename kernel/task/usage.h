/* SPDX-License-Identifier: MIT */
/*
 * Resource use of tasks: processor time, page faults, switches. For programs that measure
 * themselves (getrusage, times, the clocks of processor time) or others (wait4).
 *
 *            switch      tick                tick   switch      the task's account:
 *      ------|===========|===================|======|-----      time[in_kernel] += each span
 *               span             span          span             faults += since the last mark
 *
 * A span ends at a switch, at a tick, and where the account is read. The time-stamp counter gives
 * its length, so the sum is exact, however short a task runs. Ring 3 and the kernel share it by
 * sampling: a span that ends with a tick has the mode that the tick interrupted, another one the
 * mode of the task's last tick. Linux does the same by default (CONFIG_TICK_CPU_ACCOUNTING). It
 * costs nothing on the way into the kernel and back, where reading the counter would double the
 * cost of a null system call. Over a few ticks the split is unreliable; the sum is always exact.
 *
 *  (1) time[0] + time[1] over all tasks, the idle task included, is the time since the first
 *      switch. Neither goes back.
 *  (2) A page fault counts for the task that is current when mm_fault() resolves it, also for
 *      accesses of the kernel, as on Linux. It is a major one if it read a page from swap.
 *  (3) A group's `ended` is the sum of its threads that have ended; `children` of processes that
 *      were waited for, and of their children. A zombie leader's account is still in its task.
 */
#ifndef KERNEL_TASK_USAGE_H
#define KERNEL_TASK_USAGE_H

#include "lib/types.h"

struct task;
struct thread_group;

struct usage {
	u64 time[2];		    /* counts (kernel/devices/time.h): in ring 3, in the kernel */
	u32 faults, major_faults;   /* resolved; of these, major */
	u32 voluntary, involuntary; /* switches: to sleep; to let others run */
	u32 max_rss; /* frames; the maximum over address spaces that it left, or that ended */
};

/* Ends the current task's span. Any context. */
void usage_mark(void);

/* The same at a tick, which interrupted ring 3 or the kernel. Interrupts off. */
void usage_tick(bool in_kernel);

/*
 * Ends the span at a switch away from the current task, which sleeps or not. Returns the time, in
 * counts. Interrupts off.
 */
u64 usage_switch(bool sleeps);

/* Adds an account to another one. */
void usage_add(struct usage *to, const struct usage *from);

/* Sets *sum to the sum over all threads of a process, up to now. */
void usage_sum(const struct thread_group *group, struct usage *sum);

static inline struct usage usage_of_group(const struct thread_group *group)
{
	struct usage sum;

	usage_sum(group, &sum);
	return sum;
}

/* The current task leaves its address space. */
void usage_leave_mm(void);

#endif
