/* SPDX-License-Identifier: MIT */
/*
 * Threads and words to wait for. Their waits are not private, as the kernel's wake at a thread's
 * end is not.
 */
#include "tests/ring3/runtime/thread.h"
#include "tests/ring3/runtime/tap.h"

#define ALL 0x7fffffff

void thread_start_flags(struct thread *thread, u32 flags, void *tls, thread_body *body,
			void *argument)
{
	long tid = clone_call(flags, thread->stack + THREAD_STACK, &thread->tid, tls, &thread->tid,
			      body, argument);

	if (tid < 0)
		tap_bail_out("clone of a thread failed");
}

void thread_start(struct thread *thread, thread_body *body, void *argument)
{
	thread_start_flags(thread, THREAD_FLAGS, NULL, body, argument);
}

void thread_join(struct thread *thread)
{
	int tid;

	while ((tid = thread->tid))
		word_wait(&thread->tid, tid);
}

void word_wait(volatile int *word, int value)
{
	while (*word == value)
		sys_futex(word, FUTEX_WAIT, value, NULL, NULL, 0);
}

void word_set(volatile int *word, int value)
{
	*word = value;
	sys_futex(word, FUTEX_WAKE, ALL, NULL, NULL, 0);
}

__noreturn int sleeps_forever(void *argument)
{
	static volatile int forever = 1;

	(void)argument;
	for (;;)
		word_wait(&forever, 1);
}
