/* SPDX-License-Identifier: MIT */
/*
 * vfork: the child works in its parent's memory, and the parent sleeps until the child has left
 * it, by execve or by its end.
 */
#include "abi/linux/prctl.h"
#include "tests/ring3/runtime/lines.h"
#include "tests/ring3/runtime/mapping.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/thread.h"
#include "tests/ring3/runtime/time_calls.h"

static char *program_path;
static volatile int value;
static struct thread thread;

static int wait_for(long pid)
{
	return process_wait((int)pid);
}

static int writes_and_ends(void *argument)
{
	for (int i = 0; i < 100; i++)
		sys_sched_yield();
	value = (int)argument;
	return 3;
}

static void shared_memory(void)
{
	long pid;

	value = 0;
	pid = vfork_call(writes_and_ends, (void *)17);
	EXPECT_EQ(value, 17); /* the child came first */
	EXPECT(pid > 0);
	EXPECT_EQ(wait_for(pid), EXITED(3));
}

/* The letter of the parent's state, when it has begun to wait. */
static int looks_at_parent(void *argument)
{
	struct text path;

	(void)argument;
	text_clear(&path);
	text_add(&path, "/proc/");
	text_add_decimal(&path, sys_getppid());
	text_add(&path, "/stat");
	for (u32 i = 0; i < 10000 && value != 'D'; i++) {
		sys_sched_yield();
		value = *stat_word(file_text(path.data), 3);
	}
	return 3;
}

static void parent_sleeps(void)
{
	long pid;

	value = 0;
	pid = vfork_call(looks_at_parent, NULL);
	EXPECT_EQ(value, 'D'); /* no signal that has a handler wakes it */
	EXPECT_EQ(wait_for(pid), EXITED(3));
}

static int maps_memory(void *argument)
{
	u8 *page = memory_map_at(FIXED_PLACE, 1, PROT_READ | PROT_WRITE);

	(void)argument;
	page[0] = 99;
	return 0;
}

static void shared_space(void)
{
	long pid = vfork_call(maps_memory, NULL);

	EXPECT_EQ(memory_read((void *)FIXED_PLACE), 99);
	EXPECT_EQ(wait_for(pid), EXITED(0));
	EXPECT_EQ(memory_read((void *)FIXED_PLACE), 99);
	memory_unmap((void *)FIXED_PLACE, 1);
}

static int closes(void *argument)
{
	sys_close((int)argument);
	value = (int)sys_open(program_path, O_RDONLY);
	return 0;
}

static void own_descriptors(void)
{
	int fd = (int)sys_open(program_path, O_RDONLY);
	long pid = vfork_call(closes, (void *)fd);
	char byte;

	EXPECT_EQ(value, fd);
	EXPECT_EQ(sys_read(fd, &byte, 1), 1);
	EXPECT_EQ(wait_for(pid), EXITED(0));
	sys_close(fd);
}

static int becomes(void *argument)
{
	const char *const argv[] = { program_path, argument, NULL };
	static const char *const empty[] = { NULL };

	value = 1;
	return (int)sys_execve(program_path, argv, empty);
}

static void executes(void)
{
	long pid;

	value = 0;
	pid = vfork_call(becomes, "ends");
	EXPECT_EQ(value, 1);
	EXPECT_EQ(wait_for(pid), EXITED(42));
}

/* The parent goes on at execve, not at the end: the image waits to be killed. */
static void goes_on_at_execve(void)
{
	long pid = vfork_call(becomes, "yields");

	EXPECT_EQ(sys_waitpid((int)pid, NULL, WNOHANG), 0);
	EXPECT_EQ(sys_kill((int)pid, SIGKILL), 0);
	EXPECT_EQ(wait_for(pid), KILLED(SIGKILL));
}

static int fails_to_become(void *argument)
{
	static const char *const none[] = { NULL };

	(void)argument;
	value = (int)sys_execve("/nowhere", none, none);
	for (int i = 0; i < 20; i++)
		sys_sched_yield();
	value += 1000;
	return 5;
}

static void execve_that_fails(void)
{
	long pid = vfork_call(fails_to_become, NULL);

	EXPECT_EQ(value, 1000 - ENOENT);
	EXPECT_EQ(wait_for(pid), EXITED(5));
}

static int faults(void *argument)
{
	memory_write(argument, 1);
	return 0;
}

static void child_is_killed(void)
{
	long pid = vfork_call(faults, (void *)16);

	EXPECT_EQ(wait_for(pid), KILLED(SIGSEGV));
}

static int nested(void *argument)
{
	int depth = (int)argument;
	long pid;

	if (!depth)
		return 1;
	pid = vfork_call(nested, (void *)(depth - 1));
	value++;
	return wait_for(pid) == EXITED(depth - 1 ? 2 : 1) ? 2 : 3;
}

static void nested_children(void)
{
	value = 0;
	EXPECT_EQ(wait_for(vfork_call(nested, (void *)6)), EXITED(2));
	EXPECT_EQ(value, 6);
}

/* Until its parent is gone. */
static int stays(void *argument)
{
	int parent = sys_getppid();

	gate_open_by_child(argument);
	while (sys_getppid() == parent)
		sys_sched_yield();
	return 1;
}

static void waits_for_one_that_stays(void *argument)
{
	vfork_call(stays, argument);
	sys_exit_group(9);
}

static long set_subreaper(int yes)
{
	return system_call(NR_prctl, PR_SET_CHILD_SUBREAPER, yes, 0, 0, 0, 0);
}

/* A waiting parent can be killed; the child goes on in the memory that is now its own. */
static void parent_is_killed(void)
{
	struct gate gate;
	int pid;

	gate_create(&gate);
	pid = process_start(waits_for_one_that_stays, &gate);
	gate_join(&gate);
	EXPECT_EQ(set_subreaper(1), 0);
	EXPECT_EQ(sys_kill(pid, SIGKILL), 0);
	EXPECT_EQ(process_wait(pid), KILLED(SIGKILL));
	/* The child is now this process's; without the wait it could outlive the program. */
	EXPECT_EQ(process_wait(-1), EXITED(1));
	EXPECT_EQ(set_subreaper(0), 0);
}

static int ends_its_parent(void *argument)
{
	int parent = sys_getppid();
	struct timespec time = { 0, 1000000 };

	EXPECT_EQ(sys_kill(parent, SIGTERM), 0);
	/* It waits for this process, but not any more when a signal ends it. */
	for (u32 i = 0; i < 2000 && sys_getppid() == parent; i++)
		sys_nanosleep(&time, NULL);
	*(volatile int *)argument = sys_getppid() != parent;
	return 6;
}

static void parent_vforks(void *shared)
{
	vfork_call(ends_its_parent, shared);
	sys_exit(7);
}

/* A signal with the default action comes at once, though the parent sleeps without heed to it. */
static void parent_is_ended(void)
{
	u32 page =
		sys_mmap2(0, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int pid;

	EXPECT_EQ(set_subreaper(1), 0);
	pid = process_start(parent_vforks, (void *)page);
	EXPECT_EQ(wait_for(pid), KILLED(SIGTERM));
	EXPECT_EQ(process_wait(-1), EXITED(6));
	EXPECT_EQ(*(volatile int *)page, 1);
	EXPECT_EQ(set_subreaper(0), 0);
	sys_munmap(page, PAGE_SIZE);
}

static int vforks(void *argument)
{
	(void)argument;
	value = wait_for(vfork_call(writes_and_ends, (void *)1));
	return 0;
}

static void vfork_in_a_thread(void)
{
	thread_start(&thread, vforks, NULL);
	thread_join(&thread);
	EXPECT_EQ(value, EXITED(3));
}

/* clone() with its own stack does the same. */
static void by_clone(void)
{
	long pid;

	value = 0;
	pid = clone_call(CLONE_VM | CLONE_VFORK | SIGCHLD, thread.stack + THREAD_STACK, NULL, NULL,
			 NULL, writes_and_ends, (void *)23);
	EXPECT_EQ(value, 23);
	EXPECT_EQ(wait_for(pid), EXITED(3));
}

static int writes_late(void *argument)
{
	volatile int *shared = argument;

	for (int i = 0; i < 50; i++)
		sys_sched_yield();
	*shared = 24;
	value = 23;
	return 3;
}

/*
 * Without CLONE_VM the parent sleeps too, and memory is apart. That the child can be waited for
 * comes a moment later on Linux.
 */
static void fork_and_wait(void)
{
	u32 page =
		sys_mmap2(0, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long pid;

	value = 0;
	pid = clone_call(CLONE_VFORK | SIGCHLD, NULL, NULL, NULL, NULL, writes_late, (void *)page);
	EXPECT_EQ(*(volatile int *)page, 24);
	EXPECT_EQ(value, 0);
	EXPECT_EQ(wait_for(pid), EXITED(3));
	sys_munmap(page, PAGE_SIZE);
}

static const struct tap_case cases[] = {
	{ "the child comes first, in the same memory", shared_memory },
	{ "the parent sleeps meanwhile", parent_sleeps },
	{ "what the child maps stays", shared_space },
	{ "the child has descriptors of its own", own_descriptors },
	{ "execve in the child", executes },
	{ "the parent goes on at execve", goes_on_at_execve },
	{ "an execve that fails does not wake the parent", execve_that_fails },
	{ "the death of the child wakes the parent", child_is_killed },
	{ "vfork in vfork", nested_children },
	{ "the waiting parent can be killed", parent_is_killed },
	{ "a signal ends the waiting parent", parent_is_ended },
	{ "vfork in a thread", vfork_in_a_thread },
	{ "clone with CLONE_VM and CLONE_VFORK", by_clone },
	{ "clone with CLONE_VFORK alone", fork_and_wait },
};

static int run_image(const char *what)
{
	int parent = sys_getppid();

	if (strcmp(what, "ends") == 0)
		return 42;
	while (sys_getppid() == parent)
		sys_sched_yield();
	return 1;
}

int main(int argc, char **argv);
int main(int argc, char **argv)
{
	program_path = argv[0];
	if (argc > 1)
		return run_image(argv[1]);
	return tap_run(cases, ARRAY_SIZE(cases));
}
