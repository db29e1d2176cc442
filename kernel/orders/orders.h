/* SPDX-License-Identifier: MIT */
/*
 * The option sched=: other orders of tasks than the scheduler's, to find faults that show only in
 * rare ones.
 *
 *     random:SEED               at each place where the kernel can switch, a generator chooses
 *                               whether, and to which task
 *     explore[:POINTS[,PREEMPTIONS]]
 *                               each case of each program runs again and again, with another order
 *                               each time, until there is no other within the limits
 *                               (path.h; default 400 and 1)
 *     replay:CASE[,POINT=CHOICE...]
 *                               one of these runs; the line of a failure has the text
 *
 * Places to switch: a task sleeps, ends or yields; it returns to ring 3, after a system call, a
 * fault or an interrupt; a long call asks need_resched(). Real-time priorities are kept: the
 * choice is among tasks of the highest one.
 *
 *  (1) Without the option nothing here runs: orders_patch() changes the code of the functions that
 *      switch (kernel/task/sched.h) only if it is given.
 *  (2) Only a program of the run has chosen orders, and only while it runs.
 *  (3) With explore and replay there is no tick, so that nothing but the choices decides.
 */
#ifndef KERNEL_ORDERS_ORDERS_H
#define KERNEL_ORDERS_ORDERS_H

#include "kernel/orders/path.h"
#include "lib/types.h"

#define ORDERS_POINTS	   400u
#define ORDERS_PREEMPTIONS 1u
#define ORDERS_TEXT	   128u /* of a replay's choices, with its NUL */

enum orders_mode { ORDERS_NORMAL, ORDERS_RANDOM, ORDERS_EXPLORE, ORDERS_REPLAY };

struct orders_option {
	enum orders_mode mode;
	u64 seed;
	u32 points, preemptions;
	u32 case_number; /* from 1 */
	char choices[ORDERS_TEXT];
};

/* Parses the value of sched=. 0 or -EINVAL. */
int orders_parse(const char *value, struct orders_option *option);

/* The value of the option. */
extern struct orders_option orders_option;

/* Sets it. Once, on the loader's page directory, where the kernel's code can be written. */
void orders_patch(const struct orders_option *option);

/* A program begins: with random orders, or in the order of a path. orders_end() ends both. */
void orders_begin(void);
void orders_follow(struct order_path *path);
void orders_end(void);

#endif
