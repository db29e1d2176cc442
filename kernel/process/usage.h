/* SPDX-License-Identifier: MIT */
/*
 * What tasks use: processor time, page faults, switches. For programs that measure themselves (getrusage, times, the clocks of
 * processor time) and for shells that measure others (wait4).
 *
 *            switch      tick                tick   switch      the task's account:
 *      ------|===========|===================|======|-----      time[in_kernel] += length of each span
 *               span             span          span             faults          += faults since the last mark
 *
 * A span ends at a switch, at a tick, and where the account is read. Its length is read from the time-stamp counter, so that
 * the sum is exact, however short a task runs. Ring 3 and the kernel share it by sampling: a span that a tick ends is of the mode that
 * the tick interrupted, any other of the mode that the task's last tick saw. This is what Linux does by default
 * (CONFIG_TICK_CPU_ACCOUNTING), and it costs nothing at the way into the kernel and back: to read the counter there would
 * make a null system call twice as expensive. A split of less than some ticks means little; the sum always does.
 *
 *  1. time[0] + time[1] over all tasks, the idle task included, is the time since the first switch. Neither goes back.
 *  2. A page fault is counted for the task that is current when mm_fault() resolves it, whoever the page is for: also for accesses of
 *     the kernel, as on Linux. None has to wait for a device, so none is a major one.
 *  3. A group's `ended` has the accounts of its threads that have ended; `children` those of processes that were waited for, and
 *     of their children. A zombie leader's account is still in its task.
 */
#ifndef KERNEL_PROCESS_USAGE_H
#define KERNEL_PROCESS_USAGE_H

#include "lib/types.h"

struct task;
struct thread_group;

struct usage {
	u64 time[2];		    /* counts (kernel/devices/time.h): in ring 3, in the kernel */
	u32 faults;		    /* resolved */
	u32 voluntary, involuntary; /* switches: it slept; others had their turn */
	u32 max_rss; /* frames, the most of any address space that was left or has ended */
};

/* Ends the current task's span. Any context. */
void usage_mark(void);

/* The same at a tick that interrupted ring 3 or the kernel. Interrupts off. */
void usage_tick(bool in_kernel);

/* Ends the span at a switch from the current task; it sleeps or not. Interrupts off. */
void usage_switch(bool sleeps);

/* Adds an account to another. */
void usage_add(struct usage *to, const struct usage *from);

/* What all threads of a process have used until now. */
struct usage usage_of_group(const struct thread_group *group);

/* The current task leaves its address space. */
void usage_leave_mm(void);

#endif
