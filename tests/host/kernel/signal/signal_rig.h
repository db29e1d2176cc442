/* SPDX-License-Identifier: MIT */
/*
 * What kernel/signal/ needs of the rest of the kernel, for its host tests: processes of three
 * threads that do not run, and calls that are recorded.
 */
#ifndef TESTS_HOST_KERNEL_SIGNAL_SIGNAL_RIG_H
#define TESTS_HOST_KERNEL_SIGNAL_SIGNAL_RIG_H

#include <string.h>

#include "abi/linux/errno.h"
#include "kernel/signal/signal.h"
#include "kernel/task/sched.h"
#include "mm/frames/fail_alloc.h"
#include "tests/host/machine.h"
#include "tests/host/tap.h"

#define RIG_THREADS 3

struct rig_process {
	struct thread_group group;
	struct task thread[RIG_THREADS]; /* the first is the leader */
};

/* The current task is the child's leader. The parent's and the child's tasks are on task_list. */
extern struct rig_process rig_child, rig_parent;

/* What was called, since rig_clear(). */
extern struct rig_calls {
	u32 wakes, parent_wakes, signalfd_wakes, schedules, timers_taken, cores;
	struct task *woken; /* the last one */
	int exit_signal;    /* of do_signal_exit(), which ends rig_deliver() */
	int exit_begun;	    /* the signal of begin_exit_by() */
	u32 frames;
	struct siginfo frame_info; /* of the last frame */
	u64 frame_blocked;
} rig;

extern int rig_frame_error;	 /* what signal_frame_push() returns */
extern bool rig_orphaned;	 /* what job_is_orphaned() returns */
extern void (*rig_others)(void); /* runs in schedule() */

/* A fresh machine, both processes, no signals; the child is running. */
void signal_rig_start(void);
/* Frees what the processes hold; the harness then compares the free frames. */
void signal_rig_stop(void);
void rig_clear(void);

/* Calls deliver_signals(). Returns false if the process ended instead. */
bool rig_deliver(struct pt_regs *regs);

/* Sets a handler, SIG_IGN or SIG_DFL for the child. */
void rig_action(int signal, u32 handler, u32 flags, u64 mask);

/* A signal with data. */
static inline struct siginfo with_value(int signal, int code, u32 value)
{
	return (struct siginfo){ .signo = signal, .code = code, .pid = 77, .value = value };
}

/* Takes the current task's next signal of these; expects that one with this value. */
static inline void expect_taken(u64 set, int signal, u32 value)
{
	struct siginfo info = { .signo = 0 };

	EXPECT_EQ(signal_dequeue(set, &info), signal != 0);
	EXPECT_EQ(info.signo, signal);
	EXPECT_EQ(info.value, value);
}

#endif
