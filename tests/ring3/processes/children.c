/* SPDX-License-Identifier: MIT */
/*
 * Children of each kind, and waiting for them: those that tell their parent by no signal or by
 * another one, results for which there is no place, a parent that ends. And what execve keeps.
 *
 * The program starts itself with the name of a check.
 */
#include "abi/linux/errno.h"
#include "abi/linux/prctl.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/signal_calls.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/task_calls.h"

#define BAD 16

static long call(int number, long a, long b, long c, long d)
{
	return system_call(number, a, b, c, d, 0, 0);
}

static long prctl(int option, u32 a)
{
	return call(NR_prctl, option, (long)a, 0, 0);
}

/* ---- Waits ---- */

enum { WCLONE = (int)0x80000000, WALL = 0x40000000, WNOTHREAD = 0x20000000 };

static void exits(void *argument)
{
	sys_exit((int)argument);
}

/* A child that tells its parent by no signal, or by another one, is waited for with __WCLONE. */
static void kinds_of_children(void)
{
	static const u32 signals[] = { 0, SIGUSR2 };
	int child, status;

	EXPECT_EQ(sys_signal(SIGUSR2, SIG_IGN), SIG_DFL);
	for (u32 i = 0; i < ARRAY_SIZE(signals); i++) {
		child = (int)call(NR_clone, (long)signals[i], 0, 0, 0);
		if (!child)
			sys_exit(4);
		EXPECT_EQ(sys_waitpid(child, &status, 0), -ECHILD);
		EXPECT_EQ(sys_waitpid(-1, &status, WNOTHREAD), -ECHILD);
		EXPECT_EQ(sys_waitpid(child, &status, i ? WCLONE : WALL), child);
		EXPECT_EQ(status, EXITED(4));
	}
	child = process_start(exits, (void *)5);
	EXPECT_EQ(sys_waitpid(child, &status, WCLONE), -ECHILD);
	EXPECT_EQ(sys_waitpid(child, &status, WALL | WNOTHREAD), child);
	EXPECT_EQ(status, EXITED(5));
	EXPECT_EQ(sys_signal(SIGUSR2, SIG_DFL), SIG_IGN);
}

/* What cannot be told: the child was waited for all the same. */
static void places_of_waits(void)
{
	u32 news[32];

	process_start(exits, (void *)5);
	EXPECT_EQ(sys_wait4(-1, NULL, 0, (void *)BAD), -EFAULT);
	EXPECT_EQ(sys_waitpid(-1, NULL, 0), -ECHILD);
	process_start(exits, (void *)5);
	EXPECT_EQ(system_call(NR_waitid, 0, 0, (long)news, 4, BAD, 0), -EFAULT);
	EXPECT_EQ(sys_waitpid(-1, NULL, 0), -ECHILD);
	EXPECT_EQ(system_call(NR_waitid, 0, 0, BAD, 4, 0, 0), -EFAULT); /* for ECHILD */
	EXPECT_EQ(system_call(NR_waitid, 0, 0, 0, 4, 0, 0), -ECHILD);
	process_start(exits, (void *)5);
	EXPECT(system_call(NR_waitid, 0, 0, 0, 4, (long)news, 0) == 0);
	EXPECT_EQ(sys_waitpid(-1, NULL, 0), -ECHILD);
}

static void executes(void *check)
{
	const char *const argv[] = { "process_bounds", check, NULL }, *const envp[] = { NULL };

	sys_execve("/proc/self/exe", argv, envp);
}

/* Ends before its child, which tells by no signal. */
static void leaves_a_child(void)
{
	int parent = sys_getpid();

	if (call(NR_clone, 0, 0, 0, 0))
		sys_exit(0);
	while (sys_getppid() == parent)
		sys_sched_yield();
	sys_exit(8);
}

/* A child that has executed a program, or has a new parent, tells by SIGCHLD again. */
static void usual_children(void)
{
	int child = (int)call(NR_clone, 0, 0, 0, 0), status;

	if (!child) {
		executes("ends");
		sys_exit(1);
	}
	EXPECT_EQ(sys_waitpid(child, &status, WALL), child);
	EXPECT_EQ(status, EXITED(3));
	EXPECT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	child = (int)sys_fork();
	if (!child)
		leaves_a_child();
	EXPECT_EQ(process_wait(child), EXITED(0));
	EXPECT_EQ(process_wait(-1), EXITED(8));
	EXPECT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 0), 0);
}

/* ---- What the last user of an address space does not write ---- */

static void ends_alone(void *place)
{
	call(NR_set_tid_address, (long)place, 0, 0, 0);
}

static void cleared_words(void)
{
	volatile int *shared = (int *)sys_mmap2(0, PAGE_SIZE, PROT_READ | PROT_WRITE,
						MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	*shared = 5;
	EXPECT_CHILD(ends_alone, (void *)shared, EXITED(0));
	EXPECT_EQ(*shared, 5);
	EXPECT_EQ(sys_munmap((u32)shared, PAGE_SIZE), 0);
}

/* ---- What execve keeps and ends ---- */

static void begins_image(void *check)
{
	EXPECT_EQ(call(NR_membarrier, 16, 0, 0, 0), 0);
	EXPECT_EQ(call(NR_membarrier, 512, 0, 0, 0), 16);
	EXPECT_EQ(prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN), 0);
	EXPECT_EQ(prctl(PR_SET_DUMPABLE, 0), 0);
	executes(check);
}

static int image(const char *check)
{
	if (!strcmp(check, "ends"))
		return 3;
	EXPECT_EQ(call(NR_membarrier, 512, 0, 0, 0), 0);
	EXPECT_EQ(prctl(PR_GET_MDWE, 0), PR_MDWE_REFUSE_EXEC_GAIN);
	EXPECT_EQ(prctl(PR_GET_DUMPABLE, 0), 1);
	return tap_failures() ? 1 : 0;
}

static void images(void)
{
	EXPECT_CHILD(begins_image, "state", EXITED(0));
}

static const struct tap_case cases[] = {
	{ "children that tell by other signals", kinds_of_children },
	{ "results without a place", places_of_waits },
	{ "children that tell by SIGCHLD again", usual_children },
	{ "the word of a thread ID", cleared_words },
	{ "execve", images },
};

int main(int argc, char **argv)
{
	return argc > 1 ? image(argv[1]) : tap_run(cases, ARRAY_SIZE(cases));
}
