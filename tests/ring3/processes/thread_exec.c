/* SPDX-License-Identifier: MIT */
/*
 * execve in a thread: one thread is left. It is the process, also for its children and for
 * signals.
 */
#include "tests/ring3/runtime/mapping.h"
#include "tests/ring3/runtime/poll_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/signal_calls.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/thread.h"
#include "tests/ring3/runtime/time_calls.h"

#define CROWD 20

static char *program_path;
static struct thread threads[2];
static volatile int word, shared_value;

static int becomes_an_image(void *argument)
{
	struct text number;
	const char *const argv[] = { program_path, "image", number.data, NULL };
	static const char *const empty[] = { NULL };

	(void)argument;
	text_clear(&number);
	text_add_decimal(&number, sys_getpid());
	return (int)sys_execve(program_path, argv, empty);
}

static void executing_thread(void *argument)
{
	thread_start(&threads[0], sleeps_forever, NULL);
	thread_start(&threads[1], becomes_an_image, NULL);
	if (argument)
		sys_exit(1);
	sleeps_forever(NULL);
}

static void executing_leader(void *argument)
{
	(void)argument;
	thread_start(&threads[0], sleeps_forever, NULL);
	thread_start(&threads[1], sleeps_forever, NULL);
	becomes_an_image(NULL);
}

/* One thread is left, and it is the process. */
static void execve_ends_threads(void)
{
	EXPECT_CHILD(executing_leader, NULL, EXITED(42));
	EXPECT_CHILD(executing_thread, NULL, EXITED(42));
	EXPECT_CHILD(executing_thread, (void *)1, EXITED(42));
}

static int goes_on(void *argument)
{
	word_wait(&word, 0);
	return (int)argument;
}

static int fails_to_execute(void *argument)
{
	static const char *const none[] = { NULL };

	(void)argument;
	shared_value = (int)sys_execve("/nowhere", none, none);
	return 0;
}

static void execve_that_fails(void)
{
	word = 0;
	thread_start(&threads[0], goes_on, NULL);
	thread_start(&threads[1], fails_to_execute, NULL);
	thread_join(&threads[1]);
	EXPECT_EQ(shared_value, -ENOENT);
	word_set(&word, 1);
	thread_join(&threads[0]);
}

static int run_image(char **argv)
{
	int pid = sys_getpid();

	return pid == (int)string_to_number(argv[2]) && pid == sys_gettid() &&
			       sys_waitpid(-1, NULL, __WALL) == -ECHILD
		       ? 42
		       : 1;
}

/* ---- the parent of a child executes, by a thread ---- */

static void wait_for_signal(void)
{
	u64 pending = 0;

	while (!(pending & SIGNAL_BIT(SIGUSR1))) {
		sys_sched_yield();
		sys_rt_sigpending(&pending, sizeof(pending));
	}
}

static int asks_for_its_parent(void *argument)
{
	(void)argument;
	word_wait(&word, 0);
	shared_value = sys_getppid();
	return 0;
}

static void child_with_a_thread(void *argument)
{
	int parent = sys_getppid();

	(void)argument;
	word = 0;
	thread_start(&threads[0], asks_for_its_parent, NULL);
	sys_kill(parent, SIGUSR1);
	wait_for_signal();
	word_set(&word, 1);
	thread_join(&threads[0]);
	EXPECT_EQ(shared_value, parent);
}

static int becomes_the_parent(void *argument)
{
	struct text number;
	const char *const argv[] = { program_path, "parent", number.data, NULL };
	static const char *const empty[] = { NULL };

	text_clear(&number);
	text_add_decimal(&number, (u32)argument);
	return (int)sys_execve(program_path, argv, empty);
}

static void parent_of_threads(void *argument)
{
	u64 set = SIGNAL_BIT(SIGUSR1);
	int child;

	(void)argument;
	sys_rt_sigprocmask(SIG_BLOCK, &set, NULL);
	child = process_start(child_with_a_thread, NULL);
	wait_for_signal();
	thread_start(&threads[0], becomes_the_parent, (void *)child);
	sleeps_forever(NULL);
}

static void pauses(void *argument)
{
	(void)argument;
	for (;;)
		sys_pause();
}

/* New processes take what the former leader left before the child's thread asks. */
static int run_parent(int child)
{
	int pids[CROWD], status;

	for (int i = 0; i < CROWD; i++) {
		sys_sched_yield();
		pids[i] = process_start(pauses, NULL);
	}
	sys_kill(child, SIGUSR1);
	status = process_wait(child);
	for (int i = 0; i < CROWD; i++) {
		sys_kill(pids[i], SIGKILL);
		process_wait(pids[i]);
	}
	return status == EXITED(0) ? 42 : 1;
}

static void parent_of_threads_executes(void)
{
	EXPECT_CHILD(parent_of_threads, NULL, EXITED(42));
}

/* ---- a descriptor of the process ---- */

/* It names the process that the thread has become, and its end. */
static void process_stays(void)
{
	struct pollfd poll = { .events = POLLIN };
	int child = process_start(executing_thread, NULL);

	poll.fd = (int)system_call(NR_pidfd_open, child, 0, 0, 0, 0, 0);
	EXPECT(poll.fd >= 0);
	EXPECT_EQ(sys_poll(&poll, 1, 20000), 1);
	EXPECT_EQ(poll.revents, POLLIN); /* with POLLHUP it would be gone */
	EXPECT_EQ(system_call(NR_pidfd_send_signal, poll.fd, 0, 0, 0, 0, 0), 0);
	EXPECT_EQ(process_wait(child), EXITED(42));
	EXPECT_EQ(system_call(NR_pidfd_send_signal, poll.fd, 0, 0, 0, 0, 0), -ESRCH);
	EXPECT_EQ(sys_close(poll.fd), 0);
}

/* ---- a signal between the call of execve and the end of the other threads ---- */

static volatile int *executes_now;

static int is_seen_to_execute(void *argument)
{
	static const char *const empty[] = { NULL };
	const char *const argv[] = { program_path, "sleeps", NULL };

	(void)argument;
	*executes_now = 1;
	return (int)sys_execve(program_path, argv, empty);
}

static void killed_while_it_executes(void *argument)
{
	(void)argument;
	thread_start(&threads[0], is_seen_to_execute, NULL);
	sleeps_forever(NULL);
}

static int run_sleeper(void)
{
	const struct timespec second = { 1, 0 };

	sys_nanosleep(&second, NULL);
	return 42;
}

static void killed_in_execve(void)
{
	u32 page =
		sys_mmap2(0, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int pid;

	executes_now = (volatile int *)page;
	pid = process_start(killed_while_it_executes, NULL);
	while (!*executes_now)
		sys_sched_yield();
	EXPECT_EQ(sys_kill(pid, SIGKILL), 0);
	EXPECT_EQ(process_wait(pid), KILLED(SIGKILL));
	sys_munmap(page, PAGE_SIZE);
}

static const struct tap_case cases[] = {
	{ "execve ends the other threads", execve_ends_threads },
	{ "execve that fails ends none", execve_that_fails },
	{ "execve in a thread is the parent of the children's threads",
	  parent_of_threads_executes },
	{ "a descriptor of the process stays valid", process_stays },
	{ "a signal during execve in a thread is not lost", killed_in_execve },
};

int main(int argc, char **argv);
int main(int argc, char **argv)
{
	program_path = argv[0];
	if (argc > 2 && strcmp(argv[1], "parent") == 0)
		return run_parent((int)string_to_number(argv[2]));
	if (argc > 1 && strcmp(argv[1], "sleeps") == 0)
		return run_sleeper();
	if (argc > 1)
		return run_image(argv);
	return tap_run(cases, ARRAY_SIZE(cases));
}
