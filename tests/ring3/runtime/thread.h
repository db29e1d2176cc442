/* SPDX-License-Identifier: MIT */
/*
 * Threads, and futexes to wait with.
 *
 * A thread is a task that shares everything with its starter. At its end the kernel clears `tid`
 * and wakes the waiters there (CLONE_CHILD_CLEARTID).
 */
#ifndef RING3_THREAD_H
#define RING3_THREAD_H

#include "tests/ring3/runtime/task_calls.h"

#define THREAD_STACK 8192u

typedef int thread_body(void *argument);

struct thread {
	volatile int tid; /* 0: has ended */
	u8 stack[THREAD_STACK] __aligned(16);
};

/* The flags of pthread_create(), except thread-local storage. */
#define THREAD_FLAGS                                                                        \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | \
	 CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)

/* clone.S */
long clone_call(u32 flags, void *stack_top, volatile int *parent_tid, void *tls,
		volatile int *child_tid, thread_body *function, void *argument);
long vfork_call(thread_body *function, void *argument);

/* Starts body(argument) with these flags. Gives up where it can't. */
void thread_start_flags(struct thread *thread, u32 flags, void *tls, thread_body *body,
			void *argument);
void thread_start(struct thread *thread, thread_body *body, void *argument);

/* Waits for the end of a thread. */
void thread_join(struct thread *thread);

/* A thread that sleeps until the process ends. */
__noreturn int sleeps_forever(void *argument);

/* Waits until *word is not `value` any more; sets *word and wakes all waiters. */
void word_wait(volatile int *word, int value);
void word_set(volatile int *word, int value);

#endif
