/* SPDX-License-Identifier: MIT */
/*
 * The scheduler (kernel/task/sched.c), a few tasks, and what it needs of the rest of the kernel. A
 * switch of stacks is a call that returns: then the current task is the next one.
 */
#ifndef TESTS_HOST_KERNEL_TASK_SCHED_RIG_H
#define TESTS_HOST_KERNEL_TASK_SCHED_RIG_H

#include <setjmp.h>

#include "kernel/task/task.h"

#define TASKS	6
#define PER_MS	1000u
#define PROGRAM 3 /* CS of ring 3 */

/* Task n has the pid n + 1, and a group of its own. */
extern struct thread_group groups[TASKS];
extern struct task tasks[TASKS];

/* The rest of the machine: what its functions return, and which were called how often. */
extern struct sched_machine {
	u64 counts; /* the clock */
	bool no_clock;
	u32 switches, fpu_disabled, tls, orders, freed, enabled, disabled, halts;
	const void *stack, *saved;
	const struct ldt *ldt;
	u32 ldt_loads;
	int forbids;
	phys_addr_t root;
	u32 roots;
	bool preempts, tick_comes, ticked;
	void (*while_away)(void); /* before a switch returns */
} machine;

/* A halt of the processor jumps here, because the idle loop has no end. */
extern jmp_buf out_of_idle;

/* Task 0 runs, the others sleep. */
void sched_start(void);

void wake(u32 number);

/* The queue as a text of numbers. */
const char *queue(void);

#endif
