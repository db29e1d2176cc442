/* SPDX-License-Identifier: MIT */
/*
 * Threads: tasks that share an address space, descriptors and a process number.
 *
 *	clone     what is shared, what is not, and which flags go together
 *	futex     sleep on a word, wake who sleeps there
 *	end       of a thread, of the leader, of all; by exit, by signal, by execve
 *
 * TLS has a program of its own (tls.c).
 */
#include "tests/ring3/runtime/mapping.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/thread.h"

#define FOREVER_WORD 77
#define CROWD	     20
#define ROUNDS	     200

static char *program_path;
static struct thread threads[CROWD];
static volatile int word, other_word, shared_value;

/* Sleeps until the process ends. */
static __noreturn int sleeps_forever(void *argument)
{
	static volatile int forever = FOREVER_WORD;

	(void)argument;
	for (;;)
		word_wait(&forever, FOREVER_WORD);
}

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

static int tells_its_parent(void *argument)
{
	(void)argument;
	return sys_getppid() == word ? 0 : 1;
}

static void makes_a_brother(void *argument)
{
	(void)argument;
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

/* ---- futex ---- */

static void futex_answers(void)
{
	const struct timespec soon = { 0, 20000000 }, wrong = { 0, 1000000000 };

	word = 5;
	EXPECT_EQ(sys_futex(&word, FUTEX_WAIT, 4, NULL, NULL, 0), -EAGAIN);
	EXPECT_EQ(sys_futex(&word, FUTEX_WAIT, 5, &soon, NULL, 0), -ETIMEDOUT);
	EXPECT_EQ(sys_futex(&word, FUTEX_WAIT, 5, &wrong, NULL, 0), -EINVAL);
	EXPECT_EQ(sys_futex(&word, FUTEX_WAIT, 5, (void *)16, NULL, 0), -EFAULT);
	EXPECT_EQ(sys_futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0), 0);
	EXPECT_EQ(sys_futex((int *)((u32)&word + 2), FUTEX_WAKE, 1, NULL, NULL, 0), -EINVAL);
	EXPECT_EQ(sys_futex((int *)((u32)&word + 2), FUTEX_WAIT, 5, NULL, NULL, 0), -EINVAL);
	EXPECT_EQ(sys_futex((int *)64, FUTEX_WAIT, 5, NULL, NULL, 0), -EFAULT);
	EXPECT_EQ(sys_futex((int *)64, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 5, NULL, NULL, 0), -EFAULT);
	EXPECT_EQ(sys_futex((int *)64, FUTEX_WAKE, 1, NULL, NULL, 0), -EFAULT);
	EXPECT_EQ(sys_futex(&word, FUTEX_WAIT_BITSET, 5, NULL, NULL, 0), -EINVAL);
	EXPECT_EQ(sys_futex(&word, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0), -EINVAL);
	EXPECT_EQ(sys_futex(&word, 99, 1, NULL, NULL, 0), -ENOSYS);
}

/* WAIT_BITSET takes a time of a clock; one that is past is over at once. */
static void futex_deadlines(void)
{
	struct timespec time = { 0, 0 };

	word = 5;
	for (int clock = 0; clock <= FUTEX_CLOCK_REALTIME; clock += FUTEX_CLOCK_REALTIME) {
		int operation = FUTEX_WAIT_BITSET | clock;

		EXPECT_EQ(sys_futex(&word, operation, 4, NULL, NULL, 1), -EAGAIN);
		time = (struct timespec){ 0, 1 };
		EXPECT_EQ(sys_futex(&word, operation, 5, &time, NULL, 1), -ETIMEDOUT);
		EXPECT_EQ(sys_clock_gettime(clock ? CLOCK_REALTIME : CLOCK_MONOTONIC, &time), 0);
		time.nanoseconds += 30000000;
		time.seconds += time.nanoseconds / 1000000000;
		time.nanoseconds %= 1000000000;
		EXPECT_EQ(sys_futex(&word, operation, 5, &time, NULL, 1), -ETIMEDOUT);
	}
	EXPECT_EQ(sys_futex(&word, FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 1, NULL, NULL, 0), -ENOSYS);
}

static int sleeps_once(void *argument)
{
	u32 bits = (u32)argument;

	if (sys_futex(&word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, 0, NULL, NULL, bits) == 0)
		__sync_fetch_and_add(&other_word, 1);
	return 0;
}

/* Starts `count` sleepers on `word` and waits until all sleep. */
static void start_sleepers(int count)
{
	word = other_word = 0;
	for (int i = 0; i < count; i++)
		thread_start(&threads[i], sleeps_once, (void *)(1u << i));
	/* To move them to where they are already says how many there are. */
	while (sys_futex(&word, FUTEX_REQUEUE | FUTEX_PRIVATE_FLAG, 0, (void *)count, &word, 0) !=
	       count)
		sys_sched_yield();
}

static long wake(int operation, int count, u32 bits)
{
	return sys_futex(&word, operation | FUTEX_PRIVATE_FLAG, count, NULL, NULL, bits);
}

static void futex_wakes(void)
{
	start_sleepers(5);
	EXPECT_EQ(wake(FUTEX_WAKE_BITSET, 9, 1u << 20), 0);
	EXPECT_EQ(wake(FUTEX_WAKE_BITSET, 9, 1u << 2), 1);
	thread_join(&threads[2]);
	EXPECT_EQ(wake(FUTEX_WAKE, 1, 0), 1);
	EXPECT_EQ(wake(FUTEX_WAKE, 9, 0), 3);
	EXPECT_EQ(wake(FUTEX_WAKE, 9, 0), 0);
	for (int i = 0; i < 5; i++)
		thread_join(&threads[i]);
	EXPECT_EQ(other_word, 5);
}

static void futex_requeues(void)
{
	static volatile int target;

	start_sleepers(5);
	EXPECT_EQ(
		sys_futex(&word, FUTEX_CMP_REQUEUE | FUTEX_PRIVATE_FLAG, 1, (void *)2, &target, 1),
		-EAGAIN);
	EXPECT_EQ(
		sys_futex(&word, FUTEX_CMP_REQUEUE | FUTEX_PRIVATE_FLAG, 1, (void *)2, &target, 0),
		3);
	EXPECT_EQ(sys_futex(&target, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 9, NULL, NULL, 0), 2);
	EXPECT_EQ(wake(FUTEX_WAKE, 9, 0), 2);
	for (int i = 0; i < 5; i++)
		thread_join(&threads[i]);
	EXPECT_EQ(other_word, 5);
}

static void wakes_through_a_file(void *argument)
{
	volatile int *place = argument;

	while (sys_futex(place, FUTEX_WAKE, 1, NULL, NULL, 0) != 1)
		sys_sched_yield();
}

/* Who may only read a shared word can sleep on it. */
static void futex_read_only(void)
{
	const struct timespec seconds = { 5, 0 };
	const char *path = "/tmp/futex-read-only";
	int fd = (int)sys_open(path, O_RDWR | O_CREAT), reader = (int)sys_open(path, O_RDONLY), pid;
	u32 both, own;
	long err;

	EXPECT_EQ(sys_ftruncate(fd, PAGE_SIZE), 0);
	both = sys_mmap2(0, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	own = sys_mmap2(0, PAGE_SIZE, PROT_READ, MAP_SHARED, reader, 0);
	pid = process_start(wakes_through_a_file, (void *)both);
	err = sys_futex((volatile int *)own, FUTEX_WAIT, 0, &seconds, NULL, 0);
	EXPECT_EQ(err, 0);
	if (err)
		sys_kill(pid, SIGKILL);
	EXPECT_EQ(process_wait(pid), EXITED(0));
	EXPECT_EQ(sys_mprotect(both, PAGE_SIZE, PROT_READ), 0);
	EXPECT_EQ(sys_futex((volatile int *)both, FUTEX_WAIT, 1, NULL, NULL, 0), -EAGAIN);
	EXPECT_EQ(sys_futex((volatile int *)both, FUTEX_WAKE, 1, NULL, NULL, 0), 0);
	sys_munmap(both, PAGE_SIZE);
	sys_munmap(own, PAGE_SIZE);
	sys_close(fd);
	sys_close(reader);
	sys_unlink(path);
}

static int plays(void *argument)
{
	(void)argument;
	for (int i = 0; i < ROUNDS; i++) {
		word_wait(&word, 0);
		shared_value++;
		word_set(&word, 0);
	}
	return 0;
}

static void ping_pong(void)
{
	word = shared_value = 0;
	thread_start(&threads[0], plays, NULL);
	for (int i = 0; i < ROUNDS; i++) {
		word_set(&word, 1);
		word_wait(&word, 1);
	}
	thread_join(&threads[0]);
	EXPECT_EQ(shared_value, ROUNDS);
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

/* ---- a child whose parent executes, by a thread ---- */

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

static void parent_of_threads_executes(void)
{
	EXPECT_CHILD(parent_of_threads, NULL, EXITED(42));
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
	{ "the signal of the end decides who waits", exit_signals },
	{ "CLONE_PARENT_SETTID and CLONE_CHILD_SETTID", tids },
	{ "CLONE_PARENT makes a brother", brothers },
	{ "any thread waits for any child", children },
	{ "futex: answers", futex_answers },
	{ "futex: deadlines by two clocks", futex_deadlines },
	{ "futex: wake counts and chooses by bits", futex_wakes },
	{ "futex: sleepers move to another word", futex_requeues },
	{ "futex: a shared word that can only be read", futex_read_only },
	{ "futex: two threads take turns", ping_pong },
	{ "exit_group in a thread ends all", group_exit },
	{ "the end of the leader is not the end of the process", end_of_the_leader },
	{ "a signal ends all threads", killed },
	{ "execve ends the other threads", execve_ends_threads },
	{ "execve in a thread is the parent of the children's threads",
	  parent_of_threads_executes },
	{ "a signal during execve in a thread is not lost", killed_in_execve },
	{ "execve that fails ends none", execve_that_fails },
	{ "fork in a thread copies that one", fork_in_a_thread },
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
