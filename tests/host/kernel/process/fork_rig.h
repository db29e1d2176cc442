/* SPDX-License-Identifier: MIT */
/*
 * A process that calls clone, and what kernel/process/fork.c needs of the rest of the kernel: each
 * part of a task is noted as it is made, and with a ~ as it is undone (tests/host/record.h).
 */
#ifndef TESTS_HOST_KERNEL_PROCESS_FORK_RIG_H
#define TESTS_HOST_KERNEL_PROCESS_FORK_RIG_H

#include "kernel/process/fork.h"
#include "kernel/signal/signal.h"
#include "kernel/task/ldt.h"
#include "kernel/task/pid.h"
#include "tests/host/record.h"
#include "tests/host/tap.h"

#define NOWHERE 0x1000u /* no memory of the process */
#define THREAD	(CLONE_VM | CLONE_SIGHAND | CLONE_THREAD)

/* The process 20 with a thread 21, a child of 10. The child that clone() makes is 50. */
extern struct thread_group own_group, child_group;
extern struct task above, leader, thread, child;

/* What the process has, and copies for the child. */
extern struct mm_struct space, copied_space;
extern struct files_struct table, copied_table;
extern struct file *open_files[2]; /* of the table */
extern union fpu_state registers;
extern struct sighand *const own_actions, *const child_actions;
extern struct ldt own_ldt;
extern struct pt_regs regs;

extern const char *fails; /* this step, with this error; NULL: none */
extern int error;

extern bool cleared_actions, reset_stack; /* sighand_exec(), altstack_reset() were called */
extern struct file pidfd;		  /* what pidfd_open() makes, with these flags */
extern u32 pidfd_flags;
extern u32 sleeps;		   /* calls of schedule() */
extern void (*while_asleep)(void); /* runs in schedule() */

/* All as at first; the leader is current. */
void start(void);

/* do_clone() with a new record. */
int clone(const struct clone_args *args);
int clone_flags(u32 flags);

#endif
