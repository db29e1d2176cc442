/* SPDX-License-Identifier: MIT */
/*
 * Processes: a tree of them, how they end, and that all of them get the processor.
 *
 *	              root                 depth 0
 *	         /            \
 *	       node           node         every node fills its pages, forks two children,
 *	      /    \         /    \        checks that the pages are still its own, and exits
 *	     ..    ..       ..    ..       with the number of nodes; depth 5: 63 processes
 *
 * There is no shared memory and no pipe here: a process reports its result by its exit status.
 * Only the orphan has no parent to report to: it reports by the signal with which it kills a
 * witness.
 */
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"

#define TREE_DEPTH 5u
#define NODE_PAGES 2u

static u8 node_pages[NODE_PAGES * PAGE_SIZE] __aligned(4096);
static char *program_path;

struct node {
	u32 depth;
	u32 name; /* 1 for the root; the children of n are 2n and 2n + 1 */
};

/* Exits with the number of nodes of the subtree, or with 255 where something was wrong in it. */
static void grow_tree(void *argument)
{
	const struct node *node = argument;
	int children[2] = { 0, 0 };
	int nodes = 1;

	memory_fill(node_pages, NODE_PAGES, node->name);
	for (u32 i = 0; i < 2 && node->depth < TREE_DEPTH; i++) {
		struct node child = { node->depth + 1, 2 * node->name + i };

		children[i] = process_start(grow_tree, &child);
		EXPECT(memory_check(node_pages, NODE_PAGES, node->name));
	}
	for (u32 i = 0; i < 2 && children[i]; i++) {
		int status = process_wait(children[i]);

		EXPECT_EQ(status & 0x7F, 0);
		EXPECT(status != EXITED(255));
		nodes += status >> 8;
	}
	EXPECT(memory_check(node_pages, NODE_PAGES, node->name));
	EXPECT_EQ(sys_waitpid(-1, NULL, 0), -ECHILD);
	sys_exit_group(tap_failures() ? 255 : nodes);
}

static void binary_tree(void)
{
	struct node root = { 0, 1 };

	memory_fill(node_pages, NODE_PAGES, 0);
	EXPECT_CHILD(grow_tree, &root, EXITED((2 << TREE_DEPTH) - 1));
	EXPECT(memory_check(node_pages, NODE_PAGES, 0));
}

static void exit_with(void *argument)
{
	sys_exit_group((int)(u32)argument);
}

static void exit_old_with(void *argument)
{
	sys_exit((int)(u32)argument);
}

static void exit_statuses(void)
{
	EXPECT_CHILD(exit_with, (void *)0, EXITED(0));
	EXPECT_CHILD(exit_with, (void *)1, EXITED(1));
	EXPECT_CHILD(exit_with, (void *)255, EXITED(255));
	EXPECT_CHILD(exit_with, (void *)256, EXITED(0));
	EXPECT_CHILD(exit_with, (void *)-1, EXITED(255));
	EXPECT_CHILD(exit_with, (void *)0x1234, EXITED(0x34));
	EXPECT_CHILD(exit_old_with, (void *)42, EXITED(42));
	EXPECT_CHILD(exit_old_with, (void *)-2, EXITED(254));
}

static void check_identity(void *argument)
{
	EXPECT_EQ(sys_getppid(), *(int *)argument);
	EXPECT(sys_getpid() != sys_getppid());
	EXPECT(sys_getpid() > 0);
}

static void identities(void)
{
	int self = sys_getpid();
	int parent = sys_getppid();
	int first = process_start(check_identity, &self);
	int second = process_start(check_identity, &self);

	EXPECT(first > 0 && second > 0 && first != second && first != self && second != self);
	EXPECT_EQ(process_wait(first), EXITED(0));
	EXPECT_EQ(process_wait(second), EXITED(0));
	EXPECT_EQ(sys_getpid(), self);
	EXPECT_EQ(sys_getppid(), parent);
}

static void spin(void *argument)
{
	(void)argument;
	for (;;)
		asm volatile("" : : : "memory");
}

static void spin_and_yield(void *argument)
{
	(void)argument;
	for (;;)
		sys_sched_yield();
}

static void wait_without_children(void)
{
	int status = 0x5A5A;

	EXPECT_EQ(sys_waitpid(-1, &status, 0), -ECHILD);
	EXPECT_EQ(sys_waitpid(-1, &status, WNOHANG), -ECHILD);
	EXPECT_EQ(sys_waitpid(sys_getpid(), &status, 0), -ECHILD);
	EXPECT_EQ(sys_waitpid(sys_getppid(), &status, WNOHANG), -ECHILD);
	EXPECT_EQ(sys_wait4(0x3FFFFFFF, &status, 0, NULL), -ECHILD);
	EXPECT_EQ(status, 0x5A5A);
	EXPECT_EQ(sys_waitpid(-1, &status, 0x10000), -EINVAL);
}

static void wait_for_any_child(void)
{
	int children[4];
	u32 seen = 0;

	for (u32 i = 0; i < 4; i++)
		children[i] = process_start(exit_with, (void *)(10 + i));
	for (u32 n = 0; n < 4; n++) {
		int status = 0;
		long pid = sys_waitpid(-1, &status, 0);

		for (u32 i = 0; i < 4; i++) {
			if (pid != children[i])
				continue;
			EXPECT_EQ(status, EXITED(10 + i));
			seen |= 1u << i;
		}
	}
	EXPECT_EQ(seen, 15);
	EXPECT_EQ(sys_waitpid(-1, NULL, 0), -ECHILD);
}

static void wait_for_one_child(void)
{
	int children[4];
	int status = 0;

	for (u32 i = 0; i < 4; i++)
		children[i] = process_start(exit_with, (void *)(20 + i));
	for (u32 i = 4; i-- > 0;) {
		EXPECT_EQ(sys_wait4(children[i], &status, 0, NULL), children[i]);
		EXPECT_EQ(status, EXITED(20 + i));
		EXPECT_EQ(sys_waitpid(children[i], &status, 0), -ECHILD);
	}
}

static void wait_without_waiting(void)
{
	int child = process_start(spin, NULL);
	int status = 0x5A5A;

	for (u32 i = 0; i < 10; i++) {
		EXPECT_EQ(sys_waitpid(child, &status, WNOHANG), 0);
		EXPECT_EQ(sys_waitpid(-1, &status, WNOHANG), 0);
	}
	EXPECT_EQ(status, 0x5A5A);
	EXPECT_EQ(sys_kill(child, SIGKILL), 0);
	while (sys_waitpid(child, &status, WNOHANG) == 0)
		sys_sched_yield();
	EXPECT_EQ(status, KILLED(SIGKILL));
}

/* A process that has ended stays, as a number, until its parent has asked. */
static void zombies(void)
{
	int child = process_start(exit_with, (void *)33);

	for (u32 i = 0; i < 50; i++) {
		sys_sched_yield();
		EXPECT_EQ(sys_kill(child, 0), 0);
	}
	EXPECT_EQ(process_wait(child), EXITED(33));
	EXPECT_EQ(sys_kill(child, 0), -ESRCH);
	EXPECT_EQ(sys_kill(child, SIGKILL), -ESRCH);
	EXPECT_EQ(process_wait(child), -ECHILD);
}

static void check_and_count(void *argument)
{
	u32 round = (u32)argument;

	EXPECT(memory_check(node_pages, 1, 77));
	*(volatile u32 *)node_pages = round;
	sys_exit_group(tap_failures() ? 255 : (int)(round % 100));
}

static void many_forks(void)
{
	memory_fill(node_pages, 1, 77);
	for (u32 i = 0; i < 500; i++)
		EXPECT_CHILD(check_and_count, (void *)i, EXITED(i % 100));
	EXPECT(memory_check(node_pages, 1, 77));
	EXPECT_EQ(sys_waitpid(-1, NULL, 0), -ECHILD);
}

static void many_children_at_once(void)
{
	int children[40];

	for (u32 i = 0; i < ARRAY_SIZE(children); i++)
		children[i] = process_start(spin_and_yield, NULL);
	for (u32 i = 0; i < ARRAY_SIZE(children); i++)
		EXPECT_EQ(sys_kill(children[i], i % 2 ? SIGTERM : SIGKILL), 0);
	for (u32 i = 0; i < ARRAY_SIZE(children); i++)
		EXPECT_EQ(process_wait(children[i]), KILLED(i % 2 ? SIGTERM : SIGKILL));
}

/* Without preemption the first of them would have the processor for ever. */
static void spinners_are_preempted(void)
{
	static const int signals[] = { SIGKILL, SIGTERM, SIGSEGV, SIGUSR1 };
	int children[4];

	for (u32 i = 0; i < 4; i++) {
		children[i] = process_start(spin, NULL);
		sys_sched_yield();
	}
	for (u32 i = 0; i < 4; i++)
		EXPECT_EQ(sys_kill(children[i], signals[i]), 0);
	for (u32 i = 0; i < 4; i++)
		EXPECT_EQ(process_wait(children[i]), KILLED(signals[i]));
}

/*
 * The parent sleeps at once: nothing but the signal itself can make the child take notice of it.
 */
static void killed_before_the_start(void)
{
	for (u32 i = 0; i < 8; i++) {
		int child = process_start(spin, NULL);

		EXPECT_EQ(sys_kill(child, SIGKILL), 0);
		EXPECT_EQ(process_wait(child), KILLED(SIGKILL));
	}
}

static void stop_and_exit(void *argument)
{
	EXPECT_EQ(sys_kill(sys_getpid(), SIGSTOP), 0);
	sys_exit((int)argument);
}

static void stopped_and_continued(void)
{
	int child = process_start(stop_and_exit, (void *)7), status = 0;

	EXPECT_EQ(sys_waitpid(child, &status, WUNTRACED), child);
	EXPECT_EQ(status, SIGSTOP << 8 | 0x7f);
	/* It is said once. */
	EXPECT_EQ(sys_waitpid(child, &status, WUNTRACED | WNOHANG), 0);
	EXPECT_EQ(sys_kill(child, SIGCONT), 0);
	EXPECT_EQ(process_wait(child), EXITED(7));
}

/*
 * The child stops its sleeping parent and lets it go on: the call that was interrupted goes on,
 * too.
 */
static void stop_the_parent(void *argument)
{
	int parent = sys_getppid();

	(void)argument;
	for (u32 i = 0; i < 10; i++)
		sys_sched_yield();
	EXPECT_EQ(sys_kill(parent, SIGSTOP), 0);
	EXPECT_EQ(sys_kill(parent, SIGCONT), 0);
	sys_exit(9);
}

static void a_wait_survives_a_stop(void)
{
	EXPECT_CHILD(stop_the_parent, NULL, EXITED(9));
}

static void yield_many_times(void *argument)
{
	u32 seed = (u32)argument;

	memory_fill(node_pages, 1, seed);
	for (u32 i = 0; i < 200; i++) {
		sys_sched_yield();
		EXPECT(memory_check(node_pages, 1, seed));
	}
}

/* All of them are on their way at once, each with its own data at the same address. */
static void yielding_in_turns(void)
{
	int children[4];

	for (u32 i = 0; i < 4; i++)
		children[i] = process_start(yield_many_times, (void *)(1000 + i));
	for (u32 i = 0; i < 4; i++)
		EXPECT_EQ(process_wait(children[i]), EXITED(0));
}

static void compute(void *argument)
{
	u32 value = (u32)argument;

	for (u32 i = 0; i < 1000000; i++)
		value = value * 1664525u + 1013904223u;
	sys_exit_group((int)(value >> 24));
}

/*
 * Registers survive preemption: the same sums come out whether a process runs alone or among
 * others.
 */
static void computing_side_by_side(void)
{
	int expected[3];
	int children[3];

	for (u32 i = 0; i < 3; i++)
		expected[i] = process_run(compute, (void *)(i + 1));
	for (u32 i = 0; i < 3; i++)
		children[i] = process_start(compute, (void *)(i + 1));
	for (u32 i = 0; i < 3; i++)
		EXPECT_EQ(process_wait(children[i]), expected[i]);
}

static void ignored_signals_child(void *argument)
{
	(void)argument;
	EXPECT_EQ(sys_kill(sys_getpid(), SIGCHLD), 0);
	EXPECT_EQ(sys_kill(sys_getpid(), SIGURG), 0);
	EXPECT_EQ(sys_kill(sys_getpid(), SIGWINCH), 0);
	EXPECT_EQ(sys_kill(sys_getpid(), 0), 0);
}

static void kill_self(void *argument)
{
	sys_kill(sys_getpid(), (int)(u32)argument);
	sys_exit_group(1);
}

static void signals_to_oneself(void)
{
	EXPECT_CHILD(ignored_signals_child, NULL, EXITED(0));
	EXPECT_CHILD(kill_self, (void *)SIGTERM, KILLED(SIGTERM));
	EXPECT_CHILD(kill_self, (void *)SIGKILL, KILLED(SIGKILL));
	EXPECT_CHILD(kill_self, (void *)SIGSEGV, KILLED(SIGSEGV));
	EXPECT_CHILD(kill_self, (void *)SIGUSR1, KILLED(SIGUSR1));
}

/* A child inherits the open file itself, with its offset. */
static void read_ten_bytes(void *argument)
{
	u8 bytes[10];
	int fd = (int)(u32)argument;

	EXPECT_EQ(sys_read(fd, bytes, sizeof(bytes)), sizeof(bytes));
	EXPECT_EQ(memcmp(bytes, "\177ELF", 4), 0);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_read(fd, bytes, sizeof(bytes)), -EBADF);
}

static void open_files_are_shared(void)
{
	long fd = sys_open(program_path, O_RDONLY);

	EXPECT(fd >= 0);
	EXPECT_CHILD(read_ten_bytes, (void *)fd, EXITED(0));
	EXPECT_EQ(sys_lseek((int)fd, 0, SEEK_CUR), 10);
	EXPECT_EQ(sys_close((int)fd), 0);
}

/* Patience in calls of sched_yield. The witness has more of it than the orphan. */
#define ORPHAN_YIELDS  500000u
#define WITNESS_YIELDS 1000000u

struct orphan {
	int witness;
	int parent;
};

/* Waits for its parent's end, and tells the witness by SIGTERM that it has another parent now. */
static void orphan_body(void *argument)
{
	const struct orphan *orphan = argument;

	for (u32 i = 0; i < ORPHAN_YIELDS; i++) {
		if (sys_getppid() != orphan->parent) {
			sys_kill(orphan->witness, SIGTERM);
			return;
		}
		sys_sched_yield();
	}
}

static void parent_of_an_orphan(void *argument)
{
	struct orphan orphan = { *(int *)argument, sys_getpid() };

	process_start(orphan_body, &orphan);
}

static void witness_body(void *argument)
{
	(void)argument;
	for (u32 i = 0; i < WITNESS_YIELDS; i++)
		sys_sched_yield();
}

static void orphans_get_a_new_parent(void)
{
	int witness = process_start(witness_body, NULL);

	EXPECT_CHILD(parent_of_an_orphan, &witness, EXITED(0));
	EXPECT_EQ(process_wait(witness), KILLED(SIGTERM));
}

static const struct tap_case cases[] = {
	{ "a binary tree of 63 processes", binary_tree },
	{ "exit statuses", exit_statuses },
	{ "process numbers", identities },
	{ "waiting without children is ECHILD", wait_without_children },
	{ "waiting for any child", wait_for_any_child },
	{ "waiting for one child, last first", wait_for_one_child },
	{ "WNOHANG", wait_without_waiting },
	{ "a zombie stays until it is reaped", zombies },
	{ "500 forks in a row", many_forks },
	{ "40 children at once", many_children_at_once },
	{ "spinners are preempted", spinners_are_preempted },
	{ "killed before the first instruction", killed_before_the_start },
	{ "stopped and continued", stopped_and_continued },
	{ "a wait survives a stop", a_wait_survives_a_stop },
	{ "yielding in turns", yielding_in_turns },
	{ "computing side by side", computing_side_by_side },
	{ "signals to oneself", signals_to_oneself },
	{ "open files are shared over fork", open_files_are_shared },
	{ "an orphan gets a new parent", orphans_get_a_new_parent },
};

int main(int argc, char **argv)
{
	(void)argc;
	program_path = argv[0];
	return tap_run(cases, ARRAY_SIZE(cases));
}
