/* SPDX-License-Identifier: MIT */
/* Locks on files: records of fcntl(), those of an open file, and flock(). */
#include "abi/linux/flock.h"
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/name_calls.h"
#include "tests/ring3/runtime/poll_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/task_calls.h"
#include "tests/ring3/runtime/thread.h"
#include "tests/ring3/runtime/time_calls.h"

enum { READ, WRITE, NONE };

static struct text path;

static long sys_fcntl64(int fd, int command, u32 argument)
{
	return system_call(NR_fcntl64, fd, command, (long)argument, 0, 0, 0);
}

static struct flock64 range(s16 type, s64 start, s64 length)
{
	return (struct flock64){ .type = type, .start = start, .length = length };
}

static long set(int fd, s16 type, s64 start, s64 length)
{
	struct flock64 lock = range(type, start, length);

	return sys_fcntl64(fd, F_SETLK64, (u32)&lock);
}

static int create(void)
{
	return (int)sys_open_mode(path.data, O_RDWR | O_CREAT | O_EXCL, 0600);
}

static void finish(int fd)
{
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_unlink(path.data), 0);
}

/* What a child sees of its parent's locks: the first one in the way of a lock of everything. */
struct sight {
	int fd;
	s16 type;
	s64 start, length;
	int parent;
};

static void sees(void *argument)
{
	const struct sight *sight = argument;
	struct flock64 lock = range(WRITE, sight->start, 0);

	EXPECT_EQ(sys_fcntl64(sight->fd, F_GETLK64, (u32)&lock), 0);
	EXPECT_EQ(lock.type, sight->type);
	if (lock.type == NONE)
		return;
	EXPECT(lock.start == sight->start && lock.length == sight->length);
	EXPECT(lock.whence == SEEK_SET && lock.pid == sight->parent);
	EXPECT_EQ(set(sight->fd, WRITE, sight->start, 1), -EAGAIN);
}

static void expect_seen(int fd, s16 type, s64 start, s64 length)
{
	struct sight sight = { fd, type, start, length, (int)sys_getpid() };

	EXPECT_CHILD(sees, &sight, EXITED(0));
}

static void records(void)
{
	int fd = create();

	expect_seen(fd, NONE, 0, 0);
	EXPECT_EQ(set(fd, WRITE, 10, 10), 0);
	expect_seen(fd, WRITE, 10, 10);
	/* Of one owner: joined, then cut into two. */
	EXPECT_EQ(set(fd, WRITE, 20, 10), 0);
	expect_seen(fd, WRITE, 10, 20);
	EXPECT_EQ(set(fd, READ, 15, 5), 0);
	expect_seen(fd, WRITE, 10, 5);
	expect_seen(fd, READ, 15, 5);
	expect_seen(fd, WRITE, 20, 10);
	EXPECT_EQ(set(fd, NONE, 12, 1), 0);
	expect_seen(fd, WRITE, 10, 2);
	expect_seen(fd, WRITE, 13, 2);
	EXPECT_EQ(set(fd, NONE, 0, 0), 0);
	expect_seen(fd, NONE, 0, 0);
	EXPECT_EQ(set(fd, READ, 5, 0), 0);
	expect_seen(fd, READ, 5, 0);
	/* Closing any descriptor of the file ends them. */
	EXPECT_EQ(sys_close((int)sys_dup(fd)), 0);
	expect_seen(fd, NONE, 0, 0);
	finish(fd);
}

static void refused(void)
{
	int fd = create(), reader = (int)sys_open(path.data, O_RDONLY);
	struct flock64 lock = range(NONE, 0, 0);

	EXPECT_EQ(set(reader, WRITE, 0, 1), -EBADF);
	EXPECT_EQ(set(999, WRITE, 0, 1), -EBADF);
	EXPECT_EQ(set(fd, 3, 0, 1), -EINVAL);
	EXPECT_EQ(set(fd, READ, -1, 1), -EINVAL);
	EXPECT_EQ(set(fd, READ, 5, -6), -EINVAL);
	EXPECT_EQ(set(fd, READ, 5, -5), 0);
	EXPECT_EQ(set(fd, READ, INT64_MAX, 2), -EOVERFLOW);
	EXPECT_EQ(sys_fcntl64(fd, F_GETLK64, (u32)&lock), -EINVAL);
	EXPECT_EQ(sys_fcntl64(fd, F_SETLK64, 16), -EFAULT);
	lock.whence = 3;
	EXPECT_EQ(sys_fcntl64(fd, F_SETLK64, (u32)&lock), -EINVAL);
	EXPECT_EQ(sys_close(reader), 0);
	finish(fd);
}

/* The child waits for the parent's lock, which ends with the parent's close. */
static void waits(void *argument)
{
	struct flock64 lock = range(WRITE, 0, 0);

	EXPECT_EQ(sys_fcntl64(*(int *)argument, F_SETLKW64, (u32)&lock), 0);
}

static void waited_for(void)
{
	const struct timespec time = { 0, 20000000 };
	int fd = create(), child;

	EXPECT_EQ(set(fd, WRITE, 0, 0), 0);
	child = process_start(waits, &fd);
	EXPECT_EQ(sys_nanosleep(&time, NULL), 0);
	EXPECT_EQ(set(fd, NONE, 0, 0), 0);
	EXPECT_EQ(process_wait(child), EXITED(0));
	EXPECT_EQ(set(fd, WRITE, 0, 0), 0);
	finish(fd);
}

/* A thread waits for a lock through a descriptor that another thread closes meanwhile. */
static int waits_in_thread(void *argument)
{
	struct flock64 lock = range(WRITE, 0, 0);

	return (int)sys_fcntl64(*(int *)argument, F_SETLKW64, (u32)&lock);
}

static int result_in_thread;

static int waits_and_tells(void *argument)
{
	result_in_thread = waits_in_thread(argument);
	return 0;
}

static void closes_while_waiting(void *argument)
{
	const struct timespec time = { 0, 100000000 };
	struct thread thread;
	int fd = *(int *)argument;

	thread_start(&thread, waits_and_tells, &fd);
	EXPECT_EQ(sys_nanosleep(&time, NULL), 0);
	EXPECT_EQ(sys_close(fd), 0);
	thread_join(&thread);
	EXPECT_EQ(result_in_thread, -EBADF);
	EXPECT_EQ(sys_nanosleep(&time, NULL), 0);
}

static void closed_meanwhile(void)
{
	const struct timespec time = { 0, 200000000 };
	int fd = create(), child;

	EXPECT_EQ(set(fd, WRITE, 0, 0), 0);
	child = process_start(closes_while_waiting, &fd);
	EXPECT_EQ(sys_nanosleep(&time, NULL), 0);
	EXPECT_EQ(set(fd, NONE, 0, 0), 0);
	EXPECT_EQ(process_wait(child), EXITED(0));
	/* The lock did not outlive the descriptor. */
	EXPECT_EQ(set(fd, WRITE, 0, 0), 0);
	finish(fd);
}

/* Two processes that wait for each other: the second one is told. */
static void locks_crosswise(void *argument)
{
	int fd = *(int *)argument;
	struct flock64 lock = range(WRITE, 0, 1);

	EXPECT_EQ(set(fd, WRITE, 1, 1), 0);
	EXPECT_EQ(sys_fcntl64(fd, F_SETLKW64, (u32)&lock), 0);
}

static void deadlock(void)
{
	const struct timespec time = { 0, 30000000 };
	struct flock64 lock = range(WRITE, 1, 1), seen;
	int fd = create(), child;

	EXPECT_EQ(set(fd, WRITE, 0, 1), 0);
	child = process_start(locks_crosswise, &fd);
	/* Until the child has its lock, and then some time for its wait. */
	do {
		EXPECT_EQ(sys_nanosleep(&time, NULL), 0);
		seen = lock;
		EXPECT_EQ(sys_fcntl64(fd, F_GETLK64, (u32)&seen), 0);
	} while (seen.type == NONE);
	EXPECT_EQ(sys_nanosleep(&time, NULL), 0);
	EXPECT_EQ(sys_fcntl64(fd, F_SETLKW64, (u32)&lock), -EDEADLK);
	EXPECT_EQ(set(fd, NONE, 0, 0), 0);
	EXPECT_EQ(process_wait(child), EXITED(0));
	finish(fd);
}

/* A child has the parent's open file, and with it these locks. */
static void unlocks(void *argument)
{
	EXPECT_EQ(sys_flock(*(int *)argument, LOCK_UN), 0);
}

static void whole_files(void)
{
	int fd = create(), other = (int)sys_open(path.data, O_RDONLY), fds[2];

	EXPECT_EQ(sys_flock(fd, LOCK_SH), 0);
	EXPECT_EQ(sys_flock(other, LOCK_SH | LOCK_NB), 0);
	/* Refused, it has lost the other one. */
	EXPECT_EQ(sys_flock(fd, LOCK_EX | LOCK_NB), -EAGAIN);
	EXPECT_EQ(sys_flock(other, LOCK_EX | LOCK_NB), 0);
	EXPECT_EQ(sys_flock(other, LOCK_UN), 0);
	EXPECT_EQ(sys_flock(fd, LOCK_EX | LOCK_NB), 0);
	EXPECT_EQ(sys_flock(other, LOCK_SH | LOCK_NB), -EAGAIN);
	/* The two kinds do not meet. */
	EXPECT_EQ(set(fd, WRITE, 0, 0), 0);
	EXPECT_EQ(sys_close((int)sys_dup(fd)), 0);
	EXPECT_EQ(sys_flock(other, LOCK_SH | LOCK_NB), -EAGAIN);
	EXPECT_CHILD(unlocks, &fd, EXITED(0));
	EXPECT_EQ(sys_flock(other, LOCK_EX | LOCK_NB), 0);
	EXPECT_EQ(sys_close(other), 0);
	EXPECT_EQ(sys_flock(fd, LOCK_EX | LOCK_NB), 0);
	EXPECT_EQ(sys_flock(fd, 0), -EINVAL);
	EXPECT_EQ(sys_flock(999, LOCK_UN), -EBADF);
	EXPECT_EQ(sys_pipe(fds), 0);
	EXPECT_EQ(sys_flock(fds[0], LOCK_UN), 0);
	EXPECT_EQ(sys_close(fds[0]), 0);
	EXPECT_EQ(sys_close(fds[1]), 0);
	finish(fd);
}

/* Locks of an open file exclude those of another open file of the same process. */
static void of_open_files(void)
{
	struct flock64 lock = range(WRITE, 0, 10);
	int fd = create(), other = (int)sys_open(path.data, O_RDWR);
	long result;

	EXPECT_EQ(sys_fcntl64(fd, F_OFD_SETLK, (u32)&lock), 0);
	EXPECT_EQ(sys_fcntl64(other, F_OFD_SETLK, (u32)&lock), -EAGAIN);
	EXPECT_EQ(sys_fcntl64(other, F_OFD_GETLK, (u32)&lock), 0);
	EXPECT(lock.type == WRITE && lock.pid == -1 && lock.length == 10);
	/* Since Linux 6.5: what this file has itself. */
	lock = range(NONE, 4, 100);
	result = sys_fcntl64(fd, F_OFD_GETLK, (u32)&lock);
	EXPECT(result == -EINVAL || (!result && lock.type == WRITE && lock.length == 10));
	lock = range(NONE, 10, 100);
	result = sys_fcntl64(fd, F_OFD_GETLK, (u32)&lock);
	EXPECT(result == -EINVAL || (!result && lock.type == NONE));
	lock = range(WRITE, 0, 10);
	lock.pid = 1;
	EXPECT_EQ(sys_fcntl64(fd, F_OFD_SETLK, (u32)&lock), -EINVAL);
	EXPECT_EQ(set(other, READ, 0, 1), -EAGAIN);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(set(other, READ, 0, 1), 0);
	finish(other);
}

static const char *program_path;

#define INHERITED 7

static void executes(void *argument)
{
	static const char *const empty[] = { NULL };
	const char *const argv[] = { program_path, "image", NULL };
	int fd = *(int *)argument;

	EXPECT_EQ(sys_dup2(fd, INHERITED), INHERITED);
	EXPECT_EQ(set(fd, WRITE, 3, 5), 0);
	EXPECT_EQ(sys_execve(program_path, argv, empty), 0);
}

/* The next program: the lock is still its process's. */
static int image(void)
{
	struct sight sight = { INHERITED, WRITE, 3, 5, (int)sys_getpid() };

	return process_run(sees, &sight) == EXITED(0) ? 42 : 1;
}

static void execve_keeps(void)
{
	int fd = create();

	EXPECT_CHILD(executes, &fd, EXITED(42));
	expect_seen(fd, NONE, 0, 0);
	finish(fd);
}

static const struct tap_case cases[] = {
	{ "records", records },
	{ "what is refused", refused },
	{ "waiting for a lock", waited_for },
	{ "a descriptor closed during the wait", closed_meanwhile },
	{ "a deadlock", deadlock },
	{ "locks of whole files", whole_files },
	{ "locks of open files", of_open_files },
	{ "execve keeps a lock", execve_keeps },
};

int main(int argc, char **argv)
{
	if (argc > 1)
		return image();
	program_path = argv[0];
	file_name(&path, ".locks");
	return tap_run(cases, ARRAY_SIZE(cases));
}
