/* SPDX-License-Identifier: MIT */
/*
 * Tasks that sleep on futexes, for host tests of kernel/process/futex.c. There is one stack: a
 * task that sleeps calls what the others do meanwhile.
 */
#ifndef TESTS_HOST_KERNEL_PROCESS_FUTEX_RIG_H
#define TESTS_HOST_KERNEL_PROCESS_FUTEX_RIG_H

#include "kernel/process/futex_key.h"
#include "tests/host/kernel/user_bytes.h"

#define SLEEPERS 6
#define WORD	 USER_BYTES /* words of the program's memory */
#define OTHER	 (USER_BYTES + 4)
#define FAR	 (USER_BYTES + PAGE_SIZE) /* the same offset in another page */
#define NOWHERE	 0x1000u

/* How a task sleeps: bits 0 are all bits. Set up before sleep_all(). */
extern struct futex_plan {
	vaddr_t word;
	u32 bits, priority;
	bool shared;
} plan[SLEEPERS];

extern struct task tasks[SLEEPERS + 1]; /* the last one is current while none sleeps */
extern char woken[32];		   /* the numbers of tasks in the order in which they were woken */
extern int results[SLEEPERS];	   /* of their futex_wait() */
extern int references;		   /* to objects of keys */
extern u64 now;			   /* of the clock */
extern u32 ticks;		   /* of the last sleep with a deadline */
extern void (*while_asleep)(void); /* what happens next during a sleep, once */

/* A machine, no sleepers, clear memory. */
void futex_start(void);

/* `count` tasks sleep in order, as planned; then the last one acts. A signal ends what is left. */
void sleep_all(u32 count, void (*act)(void));

#endif
