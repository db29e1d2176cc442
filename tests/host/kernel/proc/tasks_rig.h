/* SPDX-License-Identifier: MIT */
/*
 * Processes that do not run, and kernel/proc/'s files about them, for tests of their text. What
 * these files ask of the rest of the kernel are variables here.
 */
#ifndef TESTS_HOST_KERNEL_PROC_TASKS_RIG_H
#define TESTS_HOST_KERNEL_PROC_TASKS_RIG_H

#include "kernel/signal/signal.h"
#include "kernel/task/load.h"
#include "kernel/task/task.h"

/*
 * pid 1 is init, a kernel task; 2 a program with a second thread, 3; 4 its child, a zombie;
 * 5 another user's program. `current` is 2.
 */
enum { INIT = 1, PROGRAM, THREAD, CHILD, OTHER, TASKS };
extern struct task tasks[TASKS];
extern struct thread_group groups[TASKS];
extern struct mm_struct spaces[TASKS]; /* of the programs: never freed, without areas */
extern struct sighand handlers;

extern bool inspects; /* what may_inspect() returns */
extern u32 schedules; /* calls of schedule() */
extern void (*while_scheduled)(void);
extern u64 monotonic; /* nanoseconds */
extern u32 marks;     /* calls of usage_mark() */

/* Starts mm/, files and /proc. At the end of the case the tasks must have no objects. */
void tasks_boot(void);

/* The file has this text, whatever is read at once. */
void expect_file(const char *path, const char *wanted);

/* The file has these lines, one after the other. */
void expect_lines(const char *path, const char *wanted);

/* The result of an open of the file for reading and a read; of readlink(2). */
int result_of(const char *path);
int link_of(const char *path, char *to, u32 size);

#endif
