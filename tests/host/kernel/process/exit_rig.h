/* SPDX-License-Identifier: MIT */
/*
 * A family of processes, and what kernel/process/exit.c needs of the rest of the kernel: each call
 * is noted (tests/host/record.h).
 */
#ifndef TESTS_HOST_KERNEL_PROCESS_EXIT_RIG_H
#define TESTS_HOST_KERNEL_PROCESS_EXIT_RIG_H

#include "kernel/process/exit.h"
#include "kernel/signal/signal.h"

/* Init, 1, a shell, 2, the process of the case, 10, and two children of that, 20 and 30. */
enum { INIT, SHELL, OWN, FIRST, SECOND, PROCESSES };
extern struct process {
	struct thread_group group;
	struct task thread[3]; /* numbered from the process's number on */
} all[PROCESSES];

/* What a task may have. */
extern struct mm_struct space;
extern struct files_struct *const files;
extern struct fs_struct *const folders;
extern union fpu_state registers;

extern bool wants_none;	  /* the parent wants no zombie */
extern bool returns;	  /* schedule() returns to a task that has ended */
extern bool core_written; /* what core_dump() returns */
extern u32 sleeps, cores; /* calls of schedule() by a task that waits, of core_dump() */

/* The process with so many threads, its leader current, and a new record. */
void start(u32 threads);

/* Adds the children; the second has two threads. */
void with_children(void);

/* Makes a process have so many threads. */
void with_threads(u32 process, u32 threads);

/* This thread becomes current, and the record is new. */
void runs(u32 thread);

/* The current task ends: do_exit(), do_group_exit(), do_signal_exit(). */
void exits(int status);
void group_exits(int status);
void dies(int signal);

#endif
