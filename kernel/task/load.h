/* SPDX-License-Identifier: MIT */
/*
 * The machine's use over time: for /proc/stat, /proc/loadavg and /proc/uptime.
 *
 * The load averages are Linux's: every 5 s the number of tasks that run, are ready to, or wait for
 * something that no signal ends, enters three averages with a weight that falls to 1/e in 1, 5 and
 * 15 minutes (kernel/sched/loadavg.c).
 */
#ifndef KERNEL_TASK_LOAD_H
#define KERNEL_TASK_LOAD_H

#include "lib/types.h"

/* Fixed point of the averages: 1.0. */
#define LOAD_SHIFT 11
#define LOAD_ONE   (1u << LOAD_SHIFT)

struct load {
	u32 average[3]; /* of 1, 5 and 15 minutes; LOAD_ONE is one task */
	u64 switches;	/* of tasks */
	u32 started;	/* tasks since boot */
	/* Tasks that are ready, without the current one; that sleep as TASK_BLOCKED (sched.c). */
	u32 ready, blocked;
	/* Counts (kernel/devices/time.h): in ring 3, in the kernel, idle. */
	u64 time[3];
};

extern struct load load;

/* A tick came. Interrupts off. */
void load_tick(void);

/* Tasks that run or are ready to, without the idle task. */
u32 tasks_running(void);

#endif
