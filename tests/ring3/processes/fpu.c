/* SPDX-License-Identifier: MIT */
/*
 * x87 and SSE registers: every task has its own, through switches, fork, threads and execve.
 * fpu_signals.c has the view of signal handlers on them.
 */
#include "tests/ring3/runtime/fpu.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/thread.h"

#define TURNS	  300
#define PROCESSES 4
#define THREADS	  4

static void told_by_auxv(void)
{
	const u32 *words = (const u32 *)start_environment;

	while (*words)
		words++;
	for (words++; *words && *words != AT_HWCAP; words += 2)
		;
	EXPECT_EQ(words[0], AT_HWCAP);
	EXPECT_EQ(words[1], fpu_cpuid_edx());
}

static void starts_clean(void)
{
	EXPECT(fpu_initial());
	fpu_set(1);
	EXPECT(fpu_holds(1));
	EXPECT(!fpu_initial());
}

static void keeps_its_numbers(void *argument)
{
	u32 number = (u32)argument;

	fpu_set(number);
	for (u32 i = 0; i < TURNS; i++) {
		sys_sched_yield();
		if (!EXPECT(fpu_holds(number)))
			return;
		if (i % 7 == 0)
			fpu_set(number = number * 5 + 1);
	}
}

static void switches(void)
{
	int pids[PROCESSES];

	fpu_set(77);
	for (u32 i = 0; i < PROCESSES; i++)
		pids[i] = process_start(keeps_its_numbers, (void *)(i + 1));
	for (u32 i = 0; i < TURNS; i++) {
		sys_sched_yield();
		if (!EXPECT(fpu_holds(77)))
			break;
	}
	for (u32 i = 0; i < PROCESSES; i++)
		EXPECT_EQ(process_wait(pids[i]), EXITED(0));
	EXPECT(fpu_holds(77));
}

/* Ticks switch tasks anywhere. */
static void computes_long(void *argument)
{
	u32 number = (u32)argument;

	fpu_set(number);
	for (u32 i = 0; i < 200000; i++)
		asm volatile("" : : : "memory");
	EXPECT(fpu_holds(number));
	for (u32 i = 0; i < 3000; i++)
		if (!fpu_holds(number)) {
			EXPECT(fpu_holds(number));
			return;
		}
}

static void preempted(void)
{
	int pids[2];

	for (u32 i = 0; i < 2; i++)
		pids[i] = process_start(computes_long, (void *)(i + 40));
	for (u32 i = 0; i < 2; i++)
		EXPECT_EQ(process_wait(pids[i]), EXITED(0));
}

static void has_the_parents(void *argument)
{
	(void)argument;
	EXPECT(fpu_holds(5));
	fpu_set(6);
	sys_sched_yield();
	EXPECT(fpu_holds(6));
	/* Of a task that has the registers of its parent, and no longer owns them. */
	EXPECT_CHILD(keeps_its_numbers, (void *)9, EXITED(0));
	EXPECT(fpu_holds(6));
}

static void copied_by_fork(void)
{
	fpu_set(5);
	EXPECT_CHILD(has_the_parents, NULL, EXITED(0));
	EXPECT(fpu_holds(5));
}

static struct thread threads[THREADS];
static u32 thread_failures;

static int thread_keeps(void *argument)
{
	u32 number = (u32)argument;

	if (!fpu_holds(123))
		thread_failures++;
	fpu_set(number);
	for (u32 i = 0; i < TURNS; i++) {
		sys_sched_yield();
		if (!fpu_holds(number))
			thread_failures++;
	}
	return 0;
}

static void threads_have_their_own(void)
{
	fpu_set(123);
	for (u32 i = 0; i < THREADS; i++)
		thread_start(&threads[i], thread_keeps, (void *)(i + 200));
	for (u32 i = 0; i < THREADS; i++)
		thread_join(&threads[i]);
	EXPECT_EQ(thread_failures, 0);
	EXPECT(fpu_holds(123));
}

static const char *program_path;

static void becomes_an_image(void *argument)
{
	const char *const argv[] = { program_path, "image", NULL };
	static const char *const empty[] = { NULL };

	(void)argument;
	fpu_set(31);
	sys_execve(program_path, argv, empty);
}

static void reset_by_execve(void)
{
	fpu_set(30);
	EXPECT_CHILD(becomes_an_image, NULL, EXITED(42));
	EXPECT(fpu_holds(30));
}

static const struct tap_case cases[] = {
	{ "AT_HWCAP is what CPUID says", told_by_auxv },
	{ "a program begins with the initial state", starts_clean },
	{ "processes that yield to each other", switches },
	{ "processes that are interrupted", preempted },
	{ "fork copies the registers", copied_by_fork },
	{ "threads have their own", threads_have_their_own },
	{ "execve resets them", reset_by_execve },
};

int main(int argc, char **argv);
int main(int argc, char **argv)
{
	fpu_look();
	program_path = argv[0];
	if (argc > 1)
		return fpu_initial() ? 42 : 1;
	return tap_run(cases, ARRAY_SIZE(cases));
}
