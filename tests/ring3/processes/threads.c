/* SPDX-License-Identifier: MIT */
/*
 * Threads: tasks that share an address space, descriptors and a process number.
 *
 *	clone     what is shared, what is not, and which flags go together
 *	end       of a thread, of the leader, of all; by exit, by signal
 *
 * execve in a thread, futexes and TLS have programs of their own (thread_exec.c, futex.c, tls.c).
 */
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/thread.h"

#define CROWD  20
#define ROUNDS 200
#define USER   65534

static char *program_path;
static struct thread threads[CROWD];
static volatile int word, other_word, shared_value;

/* ---- what threads share ---- */

static int looks_around(void *argument)
{
	int *pid = argument;

	EXPECT_EQ(sys_getpid(), *pid);
	EXPECT(sys_gettid() != *pid);
	shared_value = sys_gettid();
	return 0;
}

static void identity(void)
{
	int pid = sys_getpid(), parent = sys_getppid();

	EXPECT_EQ(sys_gettid(), pid);
	threads[0].tid = -1;
	thread_start(&threads[0], looks_around, &pid);
	thread_join(&threads[0]);
	EXPECT(shared_value > 0 && shared_value != pid);
	EXPECT_EQ(sys_getppid(), parent);
	EXPECT_EQ(sys_waitpid(-1, NULL, __WALL), -ECHILD);
}

static int opens_and_closes(void *argument)
{
	(void)argument;
	shared_value = (int)sys_open(program_path, O_RDONLY);
	sys_close(other_word);
	return 0;
}

static void descriptors(void)
{
	u32 apart = CLONE_VM | CLONE_CHILD_CLEARTID | CLONE_PARENT_SETTID | SIGCHLD;
	char byte;

	other_word = (int)sys_open(program_path, O_RDONLY);
	thread_start(&threads[0], opens_and_closes, NULL);
	thread_join(&threads[0]);
	EXPECT_EQ(sys_read(other_word, &byte, 1), -EBADF);
	EXPECT_EQ(sys_read(shared_value, &byte, 1), 1);
	sys_close(shared_value);

	other_word = (int)sys_open(program_path, O_RDONLY);
	thread_start_flags(&threads[0], apart, NULL, opens_and_closes, NULL);
	thread_join(&threads[0]);
	EXPECT_EQ(sys_waitpid(-1, NULL, 0) > 0, 1);
	EXPECT_EQ(sys_read(other_word, &byte, 1), 1);
	EXPECT_EQ(sys_read(shared_value, &byte, 1), -EBADF);
	sys_close(other_word);
}

static int adds_under_a_lock(void *argument)
{
	(void)argument;
	for (int i = 0; i < ROUNDS; i++) {
		while (__sync_lock_test_and_set(&word, 1))
			sys_futex(&word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0);
		shared_value++;
		if (i % 8 == 0)
			sys_sched_yield();
		__sync_lock_release(&word);
		sys_futex(&word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0);
	}
	return 0;
}

static void crowd(void)
{
	word = 0;
	shared_value = 0;
	for (int i = 0; i < CROWD; i++)
		thread_start(&threads[i], adds_under_a_lock, NULL);
	for (int i = 0; i < CROWD; i++)
		thread_join(&threads[i]);
	EXPECT_EQ(shared_value, CROWD * ROUNDS);
}

/* ---- flags ---- */

static int returns_7(void *argument)
{
	(void)argument;
	return 7;
}

static long try_flags(u32 flags)
{
	return clone_call(flags, threads[0].stack + THREAD_STACK, NULL, NULL, NULL, returns_7,
			  NULL);
}

static void refused_flags(void)
{
	EXPECT_EQ(try_flags(CLONE_SIGHAND | SIGCHLD), -EINVAL);
	EXPECT_EQ(try_flags(CLONE_THREAD | SIGCHLD), -EINVAL);
	EXPECT_EQ(try_flags(CLONE_THREAD | CLONE_VM | SIGCHLD), -EINVAL);
	EXPECT_EQ(sys_waitpid(-1, NULL, __WALL), -ECHILD);
}

static void exit_signals(void)
{
	int status = 0;

	EXPECT(try_flags(CLONE_VM) > 0);
	EXPECT_EQ(sys_waitpid(-1, &status, 0), -ECHILD);
	EXPECT(sys_waitpid(-1, &status, __WCLONE) > 0);
	EXPECT_EQ(status, EXITED(7));
	EXPECT(try_flags(CLONE_VM | SIGCHLD) > 0);
	EXPECT_EQ(sys_waitpid(-1, &status, __WCLONE), -ECHILD);
	EXPECT(sys_waitpid(-1, &status, __WALL) > 0);
	EXPECT(try_flags(CLONE_VM | SIGURG) > 0);
	EXPECT(sys_waitpid(-1, &status, __WALL) > 0);
	EXPECT_EQ(status, EXITED(7));
}

static int copy_tid;

static int knows_its_tid(void *argument)
{
	(void)argument;
	return copy_tid == sys_gettid() && !word ? 0 : 1;
}

/* The parent's word and the child's are set, each in its own memory. */
static void tids(void)
{
	int status = -1;
	long pid;

	word = 0;
	pid = clone_call(CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | SIGCHLD, NULL, &word, NULL,
			 &copy_tid, knows_its_tid, NULL);
	EXPECT(pid > 0);
	EXPECT_EQ(word, pid);
	EXPECT_EQ(copy_tid, 0);
	EXPECT_EQ(sys_waitpid((int)pid, &status, 0), pid);
	EXPECT_EQ(status, 0);
}

static long user_id(void)
{
	return system_call(NR_geteuid32, 0, 0, 0, 0, 0, 0);
}

static long process_group(void)
{
	return system_call(NR_getpgrp, 0, 0, 0, 0, 0, 0);
}

static long creators_user, creators_group;

/* The parent is the creator's; what a child inherits comes from the creator all the same. */
static int tells_its_parent(void *argument)
{
	(void)argument;
	if (sys_getppid() != word)
		return 1;
	return user_id() == creators_user && process_group() == creators_group ? 0 : 2;
}

static void makes_a_brother(void *argument)
{
	(void)argument;
	system_call(NR_setpgid, 0, 0, 0, 0, 0, 0);
	system_call(NR_setresuid32, USER, USER, USER, 0, 0, 0); /* if it may */
	creators_user = user_id();
	creators_group = process_group();
	EXPECT_EQ(creators_group, sys_getpid());
	EXPECT(clone_call(CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL, tells_its_parent, NULL) >
	       0);
	EXPECT_EQ(sys_waitpid(-1, NULL, __WALL), -ECHILD);
}

static void brothers(void)
{
	int status = -1;

	word = sys_getpid();
	EXPECT_CHILD(makes_a_brother, NULL, EXITED(0));
	EXPECT(sys_waitpid(-1, &status, 0) > 0);
	EXPECT_EQ(status, 0);
}

static int waits_for_a_child(void *argument)
{
	return process_wait(*(int *)argument);
}

static void exits_with_9(void *argument)
{
	(void)argument;
	sys_exit_group(9);
}

static int waits_and_tells(void *argument)
{
	shared_value = waits_for_a_child(argument);
	return 0;
}

/* A child is the process's, whatever thread made it. */
static void children(void)
{
	int pid = process_start(exits_with_9, NULL);

	thread_start(&threads[0], waits_and_tells, &pid);
	thread_join(&threads[0]);
	EXPECT_EQ(shared_value, EXITED(9));
}

/* ---- the end ---- */

static int exits_all(void *argument)
{
	sys_exit_group((int)argument);
}

static void ended_by_a_thread(void *argument)
{
	(void)argument;
	thread_start(&threads[0], sleeps_forever, NULL);
	thread_start(&threads[1], exits_all, (void *)3);
	sleeps_forever(NULL);
}

static void group_exit(void)
{
	EXPECT_CHILD(ended_by_a_thread, NULL, EXITED(3));
}

static int goes_on(void *argument)
{
	word_wait(&word, 0);
	return (int)argument;
}

static void leader_leaves(void *argument)
{
	(void)argument;
	word = 0;
	thread_start(&threads[0], goes_on, (void *)4);
	sys_exit(5);
}

static void leader_leaves_all_end(void *argument)
{
	(void)argument;
	thread_start(&threads[0], exits_all, (void *)6);
	sys_exit(5);
}

static void leader_leaves_all_are_killed(void *argument)
{
	(void)argument;
	thread_start(&threads[0], sleeps_forever, NULL);
	sys_exit(5);
}

static int outlives(void *argument)
{
	while (word)
		word_wait(&word, word);
	return (int)argument;
}

/* The kernel clears the word at the leader's end. */
static void leader_ends_first(void *argument)
{
	(void)argument;
	word = sys_gettid();
	EXPECT_EQ(sys_set_tid_address(&word), word);
	thread_start(&threads[0], outlives, (void *)4);
	sys_exit(8);
}

static void leader_ends_last(void *argument)
{
	(void)argument;
	word = 0;
	thread_start(&threads[0], outlives, (void *)4);
	thread_join(&threads[0]);
	sys_exit(8);
}

static void end_of_the_leader(void)
{
	int pid = process_start(leader_leaves, NULL);

	for (int i = 0; i < 20; i++)
		sys_sched_yield();
	EXPECT_EQ(sys_waitpid(pid, NULL, WNOHANG), 0);
	EXPECT_EQ(sys_kill(pid, 0), 0);
	EXPECT_EQ(sys_kill(pid, SIGKILL), 0);
	EXPECT_EQ(process_wait(pid), KILLED(SIGKILL));

	EXPECT_CHILD(leader_ends_first, NULL, EXITED(4));
	EXPECT_CHILD(leader_ends_last, NULL, EXITED(8));
	EXPECT_CHILD(leader_leaves_all_end, NULL, EXITED(6));
	pid = process_start(leader_leaves_all_are_killed, NULL);
	EXPECT_EQ(sys_kill(pid, SIGKILL), 0);
	EXPECT_EQ(process_wait(pid), KILLED(SIGKILL));
}

static int touches_nothing(void *argument)
{
	memory_write(argument, 1);
	return 0;
}

static void faulting_thread(void *argument)
{
	thread_start(&threads[0], sleeps_forever, NULL);
	thread_start(&threads[1], touches_nothing, argument);
	sleeps_forever(NULL);
}

static void killed(void)
{
	int pid;

	EXPECT_CHILD(faulting_thread, (void *)16, KILLED(SIGSEGV));
	pid = process_start(leader_leaves_all_are_killed, NULL);
	EXPECT_EQ(sys_kill(pid, SIGTERM), 0);
	EXPECT_EQ(process_wait(pid), KILLED(SIGTERM));
}

static int forks(void *argument)
{
	shared_value = process_run(exits_with_9, argument);
	return 0;
}

/* The copy has one thread, the one that made it. */
static void fork_in_a_thread(void)
{
	word = 0;
	thread_start(&threads[0], goes_on, NULL);
	thread_start(&threads[1], forks, NULL);
	thread_join(&threads[1]);
	EXPECT_EQ(shared_value, EXITED(9));
	word_set(&word, 1);
	thread_join(&threads[0]);
}

static const struct tap_case cases[] = {
	{ "a thread has the process's number and one of its own", identity },
	{ "descriptors are shared where CLONE_FILES says so", descriptors },
	{ "twenty threads count under a lock", crowd },
	{ "flags that contradict each other are refused", refused_flags },
	{ "the signal of the end decides which wait works", exit_signals },
	{ "CLONE_PARENT_SETTID and CLONE_CHILD_SETTID", tids },
	{ "CLONE_PARENT makes a brother", brothers },
	{ "any thread waits for any child", children },
	{ "exit_group in a thread ends all", group_exit },
	{ "the end of the leader is not the end of the process", end_of_the_leader },
	{ "a signal ends all threads", killed },
	{ "fork in a thread copies that one", fork_in_a_thread },
};

int main(int argc, char **argv);
int main(int argc, char **argv)
{
	(void)argc;
	program_path = argv[0];
	return tap_run(cases, ARRAY_SIZE(cases));
}
