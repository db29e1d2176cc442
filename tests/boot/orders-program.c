/* SPDX-License-Identifier: MIT */
/* For orders.t: cases that hold in every order of their tasks, and cases that fail in some. */
#include "tests/ring3/runtime/handler.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/thread.h"

static struct thread threads[2];
static volatile int word, counter;

static int sets_word(void *argument)
{
	(void)argument;
	word_set(&word, 1);
	return 0;
}

static void sound(void)
{
	word = 0;
	thread_start(&threads[0], sets_word, NULL);
	word_wait(&word, 0);
	thread_join(&threads[0]);
}

static int counts(void *argument)
{
	int before = counter;

	(void)argument;
	sys_getppid();
	counter = before + 1;
	return 0;
}

static void lost_count(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(threads); i++)
		thread_start(&threads[i], counts, NULL);
	for (u32 i = 0; i < ARRAY_SIZE(threads); i++)
		thread_join(&threads[i]);
	EXPECT_EQ(counter, 2);
}

static void signals_parent(void *argument)
{
	sys_kill((int)argument, SIGUSR1);
}

/* The signal may come between the look and the sleep. */
static void lost_wake_up(void)
{
	int pid;

	handled_clear();
	handler_note(SIGUSR1, 0);
	pid = process_start(signals_parent, (void *)sys_getpid());
	if (!handled.count)
		sys_pause();
	process_wait(pid);
}

static const struct tap_case cases[] = {
	{ "sound", sound },
	{ "a lost count", lost_count },
	{ "a lost wake-up", lost_wake_up },
};

int main(void);
int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
