/* SPDX-License-Identifier: MIT */
/*
 * futex(2) on words that several processes see: which word it is when its page is replaced, or is
 * mapped privately, and how signals and stops end a sleep.
 */
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/handler.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/thread.h"
#include "tests/ring3/runtime/time_calls.h"

static void wakes_through_a_file(void *argument)
{
	volatile int *place = argument;

	while (sys_futex(place, FUTEX_WAKE, 1, NULL, NULL, 0) != 1)
		sys_sched_yield();
}

/* A process with a read-only mapping of a shared word can sleep on it. */
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

static volatile int *map_shared(void)
{
	return (volatile int *)sys_mmap2(0, PAGE_SIZE, PROT_READ | PROT_WRITE,
					 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

static const struct timespec limit = { 5, 0 };

/*
 * A child that sleeps on a shared word until it is woken, or, with a time limit, until that is
 * over: its status is the error.
 */
static const struct timespec *shared_limit;

static void sleeps_shared(void *argument)
{
	sys_exit((int)-sys_futex(argument, FUTEX_WAIT, 0, shared_limit, NULL, 0));
}

static long wake_shared(volatile int *place)
{
	return sys_futex(place, FUTEX_WAKE, 9, NULL, NULL, 0);
}

/* Until the child sleeps there, or has ended, which its waiting parent then hears of. */
static void wait_for_sleeper(volatile int *place, int pid)
{
	while (sys_futex(place, FUTEX_REQUEUE, 0, (void *)1, place, 0) != 1 &&
	       sys_waitpid(pid, NULL, WNOHANG) == 0)
		sys_sched_yield();
}

/* Returns when it sleeps. */
static int start_shared_sleeper(volatile int *place, const struct timespec *limit)
{
	int pid;

	shared_limit = limit;
	pid = process_start(sleeps_shared, (void *)place);
	wait_for_sleeper(place, pid);
	return pid;
}

/*
 * Moves the sleeper of another process to a word of its own memory, where nothing but this
 * process can wake it.
 */
static void takes_away(void *argument)
{
	static volatile int own[2];

	EXPECT_EQ(sys_futex(argument, FUTEX_REQUEUE, 0, (void *)1, &own[0], 0), 1);
	EXPECT_EQ(wake_shared(argument), 0);
	EXPECT_EQ(wake_shared(&own[1]), 0);
	if (*(volatile int *)((u32)argument + 4))
		EXPECT_EQ(wake_shared(&own[0]), 1);
}

/*
 * The key of the sleeper then names an address space that is not its own, and that may end
 * before it wakes.
 */
static void futex_requeue_elsewhere(void)
{
	volatile int *place = map_shared();

	for (int round = 0; round < 4; round++) {
		const struct timespec short_limit = { 0, 300000000 };
		bool wakes = round % 2;
		int pid = start_shared_sleeper(place, wakes ? &limit : &short_limit);

		place[1] = wakes;
		EXPECT_CHILD(takes_away, (void *)place, EXITED(0));
		EXPECT_EQ(wake_shared(place), 0);
		EXPECT_EQ(process_wait(pid), wakes ? EXITED(0) : EXITED(ETIMEDOUT));
	}
	memory_unmap((void *)place, 1);
}

/* Pages that take the frame that was freed last, so that the next page is another frame. */
#define TAKERS 16u

static u8 *take_frames(void)
{
	u8 *pages = memory_map(TAKERS, PROT_READ | PROT_WRITE);

	for (u32 i = 0; i < TAKERS; i++)
		memory_write(pages + i * PAGE_SIZE, 1);
	return pages;
}

/*
 * A word of a file is identified by its offset: its page may be freed and replaced under the
 * sleeper.
 */
static void futex_new_page(void)
{
	int fd = file_create(0, 0), pid;
	volatile int *place;
	u8 *takers[2];

	EXPECT_EQ(sys_ftruncate(fd, PAGE_SIZE), 0);
	place = (volatile int *)sys_mmap2(0, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	pid = start_shared_sleeper(place, &limit);
	EXPECT_EQ(sys_ftruncate(fd, 0), 0);
	takers[0] = take_frames();
	EXPECT_EQ(wake_shared(place), -EFAULT);
	EXPECT_EQ(sys_ftruncate(fd, PAGE_SIZE), 0);
	EXPECT_EQ(wake_shared(place), 1);
	EXPECT_EQ(process_wait(pid), EXITED(0));
	sys_munmap((u32)place, PAGE_SIZE);
	sys_close(fd);

	place = map_shared();
	pid = start_shared_sleeper(place, &limit);
	EXPECT_EQ(sys_madvise((u32)place, PAGE_SIZE, MADV_REMOVE), 0);
	takers[1] = take_frames();
	EXPECT_EQ(wake_shared(place), 1);
	EXPECT_EQ(process_wait(pid), EXITED(0));
	memory_unmap((void *)place, 1);
	for (u32 i = 0; i < ARRAY_SIZE(takers); i++)
		memory_unmap(takers[i], TAKERS);
}

/*
 * A private mapping of the file that cannot be written to shows the file's word. One that can be
 * written to has a word of its own: the call itself makes the copy. Private memory that cannot
 * be written to has no word on which sleeping makes sense.
 */
static void futex_private_mapping(void)
{
	const u32 rw = PROT_READ | PROT_WRITE;
	int fd = file_create(0, 0), pid;
	volatile int *shared, *read_only, *writable, *nothing;

	EXPECT_EQ(sys_ftruncate(fd, PAGE_SIZE), 0);
	shared = (volatile int *)sys_mmap2(0, PAGE_SIZE, rw, MAP_SHARED, fd, 0);
	read_only = (volatile int *)sys_mmap2(0, PAGE_SIZE, PROT_READ, MAP_PRIVATE, fd, 0);
	writable = (volatile int *)sys_mmap2(0, PAGE_SIZE, rw, MAP_PRIVATE, fd, 0);
	pid = start_shared_sleeper(shared, &limit);
	EXPECT_EQ(wake_shared(writable), 0);
	EXPECT_EQ(wake_shared(read_only), 1);
	EXPECT_EQ(process_wait(pid), EXITED(0));
	nothing = (volatile int *)memory_map(1, PROT_READ);
	EXPECT_EQ(sys_futex(nothing, FUTEX_WAIT, 1, NULL, NULL, 0), -EFAULT);
	EXPECT_EQ(wake_shared(nothing), -EFAULT);
	EXPECT_EQ(sys_futex(nothing, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0), -EAGAIN);
	memory_unmap((void *)nothing, 1);
	sys_munmap((u32)shared, PAGE_SIZE);
	sys_munmap((u32)read_only, PAGE_SIZE);
	sys_munmap((u32)writable, PAGE_SIZE);
	sys_close(fd);
}

static volatile int *count_place;

static void counts(int signal)
{
	(void)signal;
	++*count_place;
}

/* A handler ends the sleep, but one with SA_RESTART does not where there is no time limit. */
static void futex_handled(void)
{
	static const struct {
		const struct timespec *limit;
		u32 flags;
		int status;
	} cases[] = {
		{ NULL, 0, EINTR },
		{ NULL, SA_RESTART, 0 },
		{ &limit, 0, EINTR },
		{ &limit, SA_RESTART, EINTR },
	};
	volatile int *place = map_shared();

	count_place = place + 1;
	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		int pid;

		*count_place = 0;
		handler_set(SIGUSR1, counts, cases[i].flags, 0);
		pid = start_shared_sleeper(place, cases[i].limit);
		EXPECT_EQ(sys_kill(pid, SIGUSR1), 0);
		while (!*count_place)
			sys_sched_yield();
		if (!cases[i].status) {
			wait_for_sleeper(place, pid);
			EXPECT_EQ(wake_shared(place), 1);
		}
		EXPECT_EQ(process_wait(pid), EXITED(cases[i].status));
	}
	handler_set(SIGUSR1, SIG_DFL, 0, 0);
	memory_unmap((void *)place, 1);
}

/* Stops a sleeper, which then sleeps on no word. */
static void stop_sleeper(volatile int *place, int pid)
{
	EXPECT_EQ(sys_kill(pid, SIGSTOP), 0);
	EXPECT_EQ(sys_waitpid(pid, NULL, WUNTRACED), pid);
	EXPECT_EQ(wake_shared(place), 0);
}

/* Stopped and continued, it sleeps on; if the word has changed meanwhile it does not. */
static void futex_stopped(void)
{
	static const struct timespec *const limits[] = { NULL, &limit };
	volatile int *place = map_shared();

	for (u32 i = 0; i < ARRAY_SIZE(limits); i++) {
		for (int changes = 0; changes < 2; changes++) {
			int pid;

			*place = 0;
			pid = start_shared_sleeper(place, limits[i]);
			stop_sleeper(place, pid);
			EXPECT_EQ(sys_kill(pid, SIGCONT), 0);
			wait_for_sleeper(place, pid);
			stop_sleeper(place, pid);
			*place = changes;
			EXPECT_EQ(sys_kill(pid, SIGCONT), 0);
			if (!changes) {
				wait_for_sleeper(place, pid);
				EXPECT_EQ(wake_shared(place), 1);
			}
			EXPECT_EQ(process_wait(pid), EXITED(changes ? EAGAIN : 0));
		}
	}
	memory_unmap((void *)place, 1);
}

/* And its time limit is not measured again. */
static void futex_stopped_often(void)
{
	const struct timespec short_limit = { 0, 500000000 }, step = { 0, 50000000 };
	volatile int *place = map_shared();
	int pid = start_shared_sleeper(place, &short_limit), status = -1;

	for (int i = 0; i < 40 && sys_waitpid(pid, &status, WNOHANG) != pid; i++) {
		sys_kill(pid, i % 2 ? SIGCONT : SIGSTOP);
		sys_nanosleep(&step, NULL);
	}
	EXPECT_EQ(status, EXITED(ETIMEDOUT));
	memory_unmap((void *)place, 1);
}

static const struct tap_case cases[] = {
	{ "futex: a shared word that can only be read", futex_read_only },
	{ "futex: sleepers move to another process's word", futex_requeue_elsewhere },
	{ "futex: the page of the word is replaced", futex_new_page },
	{ "futex: words of private mappings", futex_private_mapping },
	{ "futex: a handler ends a sleep, or not", futex_handled },
	{ "futex: a stopped sleeper goes on", futex_stopped },
	{ "futex: its time limit too", futex_stopped_often },
};

int main(void);
int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
