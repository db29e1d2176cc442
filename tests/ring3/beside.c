/* SPDX-License-Identifier: MIT */
/*
 * A long call lets other tasks run in its middle. Their actions must not be lost, and must not
 * free objects that the call uses.
 *
 *	a process that others share	|------ long call ------|
 *	the others			   signal, close
 */
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/signal_calls.h"
#include "tests/ring3/runtime/thread.h"
#include "tests/ring3/runtime/time_calls.h"

#define PAGES	 5000u
#define LENGTH	 (PAGES * PAGE_SIZE)
#define WAIT_SEC 10

/* A little more than kernel/task/sched.h's TURN_MSEC. */
#define TURN_NSEC 4000000

/* In memory that all processes share. */
static struct shared {
	volatile int started; /* what is to be done beside the call may be done */
	volatile int sibling;
} * shared;

static struct thread sibling;
static int fd;

static void *map_shared(u32 length)
{
	u32 place = sys_mmap2(0, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (is_error(place))
		tap_bail_out("no memory");
	return (void *)place;
}

static int start(process_body *body, void *argument)
{
	int pid;

	shared->started = 0;
	pid = process_start(body, argument);
	while (!shared->started)
		sys_sched_yield();
	return pid;
}

/* ---- a signal ---- */

static __noreturn int counts(void *argument)
{
	for (;;)
		++*(volatile u32 *)argument;
}

static void populates(void *area)
{
	static u32 counter;

	thread_start(&sibling, counts, &counter);
	shared->sibling = sibling.tid;
	shared->started = 1;
	sys_sched_yield();
	sys_madvise((u32)area, LENGTH, MADV_POPULATE_WRITE);
	sleeps_forever(NULL);
}

/*
 * A thread that waits until the space is free again, or runs meanwhile, as on Linux, gets the
 * signal for all: the call ends.
 */
static void killed_through_a_sibling(void)
{
	static u8 resident[PAGES];
	u8 *area = map_shared(LENGTH);
	int pid = start(populates, area);
	u32 pages = 0;

	sys_sched_yield();
	EXPECT_EQ(sys_tgkill(pid, shared->sibling, SIGKILL), 0);
	EXPECT_EQ(process_wait(pid), KILLED(SIGKILL));
	EXPECT_EQ(sys_mincore((u32)area, LENGTH, resident), 0);
	for (u32 i = 0; i < PAGES; i++)
		pages += resident[i] & 1;
	EXPECT(pages < PAGES);
	EXPECT_EQ(sys_munmap((u32)area, LENGTH), 0);
}

/* Uses up the turn: the next long call lets others run in its first steps. */
static void use_up_the_turn(void)
{
	struct timespec begin, now;
	u64 passed;

	sys_clock_gettime(CLOCK_MONOTONIC, &begin);
	do {
		sys_clock_gettime(CLOCK_MONOTONIC, &now);
		passed = (u64)(now.seconds - begin.seconds) * 1000000000 + (u64)now.nanoseconds -
			 (u64)begin.nanoseconds;
	} while (passed < TURN_NSEC);
}

/*
 * Ends the leader: its descriptors are its own, so a large file ends with it. The other thread
 * sleeps.
 */
static void leader_ends(void *argument)
{
	static u8 bytes[16 * PAGE_SIZE];

	(void)argument;
	thread_start_flags(&sibling, THREAD_FLAGS & ~(u32)CLONE_FILES, NULL, sleeps_forever, NULL);
	fd = file_create(0, 0);
	for (u32 done = 0; done < LENGTH; done += sizeof(bytes))
		EXPECT_EQ(sys_write(fd, bytes, sizeof(bytes)), sizeof(bytes));
	shared->started = 1;
	sys_sched_yield();
	use_up_the_turn();
	sys_exit(0);
}

/* While a thread exits, a signal for the process goes to the remaining threads. */
static void killed_beside_an_exit(void)
{
	for (u32 turns = 1; turns <= 4; turns++) {
		int pid = start(leader_ends, NULL), status = 0;
		struct timespec begin, now;

		for (u32 i = 0; i < turns; i++)
			sys_sched_yield();
		EXPECT_EQ(sys_kill(pid, SIGKILL), 0);
		sys_clock_gettime(CLOCK_MONOTONIC, &begin);
		do {
			sys_sched_yield();
			sys_clock_gettime(CLOCK_MONOTONIC, &now);
		} while (sys_waitpid(pid, &status, WNOHANG) == 0 &&
			 now.seconds - begin.seconds < WAIT_SEC);
		if (!EXPECT_EQ(status, KILLED(SIGKILL)) && sys_kill(pid, SIGKILL) == 0)
			process_wait(pid);
	}
}

/* ---- a descriptor is closed ---- */

static struct text other_file;

/*
 * Shares only the descriptors. A newly opened file may reuse the memory of the closed one. It
 * cannot be read: a call that begins only now does not map it.
 */
static int closes_and_opens(void *argument)
{
	(void)argument;
	while (!shared->started)
		sys_sched_yield();
	sys_close(fd);
	return sys_open(other_file.data, O_WRONLY) < 0;
}

static void access_time(u32 time[2])
{
	struct stat64 stat;

	EXPECT_EQ(sys_stat64(other_file.data, &stat), 0);
	memcpy(time, stat.times, 2 * sizeof(u32));
}

static u32 map_beside_close(void)
{
	long pid;
	u32 place;

	fd = file_create(0, 0);
	EXPECT_EQ(sys_ftruncate(fd, (long)LENGTH), 0);
	shared->started = 0;
	pid = clone_call(CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL, closes_and_opens, NULL);
	shared->started = 1;
	place = sys_mmap2(0, LENGTH, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	EXPECT_EQ(process_wait((int)pid), EXITED(0));
	sys_close(fd);
	return place;
}

/* The call holds its file until it ends: a file opened meanwhile is not mistaken for it. */
static void mmap_beside_close(void)
{
	struct timespec tick = { 0, 30000000 };
	u32 before[2], after[2], place;

	file_name(&other_file, ".other");
	EXPECT_EQ(sys_close((int)sys_open_mode(other_file.data, O_CREAT | O_RDWR, 0600)), 0);
	access_time(before);
	sys_nanosleep(&tick, NULL);
	/* Again, where it was closed before the call had begun. */
	do
		place = map_beside_close();
	while (place == (u32)-EBADF || place == (u32)-EACCES);
	EXPECT_EQ(sys_munmap(place, LENGTH), 0);
	access_time(after);
	EXPECT(before[0] == after[0] && before[1] == after[1]);
	EXPECT_EQ(sys_unlink(other_file.data), 0);
}

static const struct tap_case cases[] = {
	{ "killed through a sibling", killed_through_a_sibling },
	{ "killed beside the end of a thread", killed_beside_an_exit },
	{ "mmap beside close", mmap_beside_close },
};

int main(void);
int main(void)
{
	shared = map_shared(PAGE_SIZE);
	return tap_run(cases, ARRAY_SIZE(cases));
}
