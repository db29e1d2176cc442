/* SPDX-License-Identifier: MIT */
/* Pipes: what a read and a write find, what they wait for, and how the other end ends them. */
#include "tests/ring3/runtime/handler.h"
#include "tests/ring3/runtime/mapping.h"
#include "tests/ring3/runtime/poll_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"

#define CAPACITY 65536u
#define USER	 54322u

static u8 buffer[CAPACITY + 8192];

static void close_both(const int fds[2])
{
	EXPECT_EQ(sys_close(fds[0]), 0);
	EXPECT_EQ(sys_close(fds[1]), 0);
}

static void two_ends(void)
{
	struct stat64 in, out;
	int fds[2];

	EXPECT_EQ(sys_pipe((int *)1), -EFAULT);
	EXPECT_EQ(sys_pipe2(fds, O_APPEND), -EINVAL);
	EXPECT_EQ(sys_pipe(fds), 0);
	EXPECT_EQ(fds[0], 3);
	EXPECT_EQ(fds[1], 4);
	EXPECT_EQ(sys_fcntl(3, F_GETFL, 0), O_RDONLY);
	EXPECT_EQ(sys_fcntl(4, F_GETFL, 0), O_WRONLY);
	EXPECT_EQ(sys_fcntl(4, F_GETFD, 0), 0);
	EXPECT_EQ(sys_write(3, "a", 1), -EBADF);
	EXPECT_EQ(sys_read(4, buffer, 1), -EBADF);
	EXPECT_EQ(sys_lseek(3, 0, SEEK_CUR), -ESPIPE);
	EXPECT_EQ(sys_pread64(3, buffer, 1, 0), -ESPIPE);
	EXPECT_EQ(sys_ftruncate(4, 0), -EINVAL);
	EXPECT_EQ(sys_fstat64(3, &in), 0);
	EXPECT_EQ(sys_fstat64(4, &out), 0);
	EXPECT_EQ(in.mode, S_IFIFO | 0600);
	EXPECT(in.ino == out.ino && in.dev == out.dev);
	EXPECT_EQ(in.size, 0);
	close_both(fds);
	EXPECT_EQ(sys_pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
	EXPECT_EQ(sys_fcntl(fds[0], F_GETFL, 0), O_RDONLY | O_NONBLOCK);
	EXPECT_EQ(sys_fcntl(fds[1], F_GETFD, 0), FD_CLOEXEC);
	EXPECT_EQ(sys_fcntl(fds[0], F_GETPIPE_SZ, 0), CAPACITY);
	EXPECT_EQ(sys_fcntl(fds[0], F_SETPIPE_SZ, 5000), 8192);
	EXPECT_EQ(sys_fcntl(fds[1], F_GETPIPE_SZ, 0), 8192);
	close_both(fds);
	EXPECT_EQ(sys_fcntl(0, F_GETPIPE_SZ, 0) == CAPACITY ? -EBADF
							    : sys_fcntl(0, F_GETPIPE_SZ, 0),
		  -EBADF);
}

static void bytes_in_order(void)
{
	int fds[2], there = -1;

	EXPECT_EQ(sys_pipe(fds), 0);
	EXPECT_EQ(sys_write(fds[1], "hello ", 6), 6);
	EXPECT_EQ(sys_write(fds[1], "world", 5), 5);
	EXPECT_EQ(sys_write(fds[1], "", 0), 0);
	EXPECT_EQ(sys_ioctl(fds[0], FIONREAD, &there), 0);
	EXPECT_EQ(there, 11);
	EXPECT_EQ(sys_read(fds[0], buffer, 0), 0);
	EXPECT_EQ(sys_read(fds[0], (void *)1, 4), -EFAULT);
	EXPECT_EQ(sys_read(fds[0], buffer, 4), 4);
	EXPECT_EQ(sys_read(fds[0], buffer + 4, 100), 7);
	EXPECT_EQ(memcmp(buffer, "hello world", 11), 0);
	EXPECT_EQ(sys_write(fds[1], (void *)1, 4), -EFAULT);
	EXPECT_EQ(sys_ioctl(fds[0], FIONREAD, &there), 0);
	EXPECT_EQ(there, 0);
	/* The end of the file, once the last writer is gone. */
	EXPECT_EQ(sys_write(fds[1], "x", 1), 1);
	EXPECT_EQ(sys_close(fds[1]), 0);
	EXPECT_EQ(sys_read(fds[0], buffer, 2), 1);
	EXPECT_EQ(sys_read(fds[0], buffer, 2), 0);
	EXPECT_EQ(sys_close(fds[0]), 0);
}

static void does_not_block(void)
{
	int fds[2];

	EXPECT_EQ(sys_pipe2(fds, O_NONBLOCK), 0);
	EXPECT_EQ(sys_read(fds[0], buffer, 1), -EAGAIN);
	EXPECT_EQ(sys_write(fds[1], buffer, CAPACITY + 8192), CAPACITY);
	EXPECT_EQ(sys_write(fds[1], buffer, 1), -EAGAIN);
	/* Room is counted in pages. */
	EXPECT_EQ(sys_read(fds[0], buffer, 1), 1);
	EXPECT_EQ(sys_write(fds[1], buffer, 1), -EAGAIN);
	EXPECT_EQ(sys_read(fds[0], buffer, 4095), 4095);
	EXPECT_EQ(sys_write(fds[1], buffer, 4097), 4096);
	EXPECT_EQ(sys_read(fds[0], buffer, CAPACITY + 1), CAPACITY);
	/* Up to PIPE_BUF bytes are written together or not at all. */
	EXPECT_EQ(sys_write(fds[1], buffer, CAPACITY - 100), CAPACITY - 100);
	EXPECT_EQ(sys_write(fds[1], buffer, 4096), -EAGAIN);
	EXPECT_EQ(sys_write(fds[1], buffer, 100), 100);
	EXPECT_EQ(sys_fcntl(fds[0], F_SETPIPE_SZ, 8192), -EBUSY);
	close_both(fds);
}

/* Writes until the pipe is full. */
static void expect_room(u32 bytes, u32 count, u32 all)
{
	int fds[2];
	u32 done = 0, writes = 0;
	long part;

	EXPECT_EQ(sys_pipe2(fds, O_NONBLOCK), 0);
	while ((part = sys_write(fds[1], buffer, bytes)) > 0) {
		done += (u32)part;
		writes++;
	}
	EXPECT_EQ(part, -EAGAIN);
	EXPECT_EQ(writes, count);
	EXPECT_EQ(done, all);
	EXPECT_EQ(sys_close(fds[0]), 0);
	EXPECT_EQ(sys_close(fds[1]), 0);
}

/* A pipe has places of a page: what does not fit behind the last bytes begins another one. */
static void places(void)
{
	expect_room(100, 640, 64000);
	expect_room(2048, 32, 65536);
	expect_room(2049, 16, 32784);
	expect_room(3000, 16, 48000);
	expect_room(4096, 16, 65536);
}

static void no_reader(void)
{
	int fds[2];

	EXPECT_EQ(sys_pipe(fds), 0);
	EXPECT_EQ(sys_close(fds[0]), 0);
	handler_note(SIGPIPE, 0);
	handled_clear();
	EXPECT_EQ(sys_write(fds[1], "x", 1), -EPIPE);
	EXPECT_EQ(handled.count, 1);
	EXPECT_EQ(handled.signal, SIGPIPE);
	handler_set(SIGPIPE, (void *)SIG_IGN, 0, 0);
	EXPECT_EQ(sys_write(fds[1], "x", 1), -EPIPE);
	EXPECT_EQ(sys_write(fds[1], "x", 0), 0);
	handler_set(SIGPIPE, (void *)SIG_DFL, 0, 0);
	EXPECT_EQ(sys_close(fds[1]), 0);
}

static void writes_to_nothing(void *argument)
{
	int fds[2];

	(void)argument;
	EXPECT_EQ(sys_pipe(fds), 0);
	EXPECT_EQ(sys_close(fds[0]), 0);
	sys_write(fds[1], "x", 1);
}

static void ended_by_the_signal(void)
{
	EXPECT_CHILD(writes_to_nothing, NULL, KILLED(SIGPIPE));
}

#define STREAM (1u << 20)

static void stream_out(void *argument)
{
	const int *fds = argument;
	u32 done = 0, seed = 1;

	EXPECT_EQ(sys_close(fds[0]), 0);
	while (done < STREAM) {
		u32 part = (seed = seed * 1103515245 + 12345) >> 16 & 0x3fff;

		if (part > STREAM - done)
			part = STREAM - done;
		for (u32 i = 0; i < part; i++)
			buffer[i] = (u8)((done + i) * 7 >> 3);
		EXPECT_EQ(sys_write(fds[1], buffer, part), part);
		done += part;
	}
}

/* Far more than the pipe holds: both wait for each other. */
static void stream(void)
{
	int fds[2], child;
	u32 done = 0, wrong = 0;
	long part;

	EXPECT_EQ(sys_pipe(fds), 0);
	child = process_start(stream_out, fds);
	EXPECT_EQ(sys_close(fds[1]), 0);
	while ((part = sys_read(fds[0], buffer, 10000)) > 0) {
		for (long i = 0; i < part; i++)
			wrong += buffer[i] != (u8)((done + (u32)i) * 7 >> 3);
		done += (u32)part;
	}
	EXPECT_EQ(part, 0);
	EXPECT_EQ(done, STREAM);
	EXPECT_EQ(wrong, 0);
	EXPECT_EQ(process_wait(child), EXITED(0));
	EXPECT_EQ(sys_close(fds[0]), 0);
}

#define WRITERS 4
#define RECORD	700u

static void write_records(void *argument)
{
	const int *fds = argument;
	u8 record[RECORD];

	memset(record, (u8)sys_getpid(), sizeof(record));
	for (u32 i = 0; i < 200; i++)
		EXPECT_EQ(sys_write(fds[1], record, sizeof(record)), sizeof(record));
}

/* Records of several writers are not mixed. */
static void atomic_writes(void)
{
	int fds[2], child[WRITERS];
	u32 got = 0, mixed = 0, records = 0;
	u8 record[RECORD];
	long part;

	EXPECT_EQ(sys_pipe(fds), 0);
	for (u32 i = 0; i < WRITERS; i++)
		child[i] = process_start(write_records, fds);
	EXPECT_EQ(sys_close(fds[1]), 0);
	while ((part = sys_read(fds[0], record + got, RECORD - got)) > 0) {
		got += (u32)part;
		if (got < RECORD)
			continue;
		for (u32 i = 1; i < RECORD; i++)
			mixed += record[i] != record[0];
		got = 0;
		records++;
	}
	EXPECT_EQ(records, WRITERS * 200);
	EXPECT_EQ(mixed, 0);
	for (u32 i = 0; i < WRITERS; i++)
		EXPECT_EQ(process_wait(child[i]), EXITED(0));
	EXPECT_EQ(sys_close(fds[0]), 0);
}

static void signals_the_parent(void *argument)
{
	const struct timespec while_it_sleeps = { 0, 30000000 };

	sys_nanosleep(&while_it_sleeps, NULL);
	sys_kill(sys_getppid(), SIGUSR1);
	sys_nanosleep(&while_it_sleeps, NULL);
	sys_write(((int *)argument)[1], "x", 1);
}

/* A handler ends the wait, or the wait goes on after it. */
static void interrupted(void)
{
	int fds[2], child;

	EXPECT_EQ(sys_pipe(fds), 0);
	handled_clear();
	handler_note(SIGUSR1, 0);
	child = process_start(signals_the_parent, fds);
	EXPECT_EQ(sys_read(fds[0], buffer, 1), -EINTR);
	EXPECT_EQ(sys_read(fds[0], buffer, 1), 1);
	EXPECT_EQ(process_wait(child), EXITED(0));
	handler_note(SIGUSR1, SA_RESTART);
	child = process_start(signals_the_parent, fds);
	EXPECT_EQ(sys_read(fds[0], buffer, 1), 1);
	EXPECT_EQ(handled.count, 2);
	EXPECT_EQ(process_wait(child), EXITED(0));
	close_both(fds);
}

static void waits_for_ever(void *argument)
{
	int *fds = argument;

	for (;;)
		if (sys_write(fds[1], buffer, CAPACITY) < 0)
			break;
}

/* A writer that waits for room ends by a signal, or when the reader goes. */
static void waiting_writer(void)
{
	const struct timespec while_it_sleeps = { 0, 30000000 };
	int fds[2], child;

	EXPECT_EQ(sys_pipe(fds), 0);
	child = process_start(waits_for_ever, fds);
	sys_nanosleep(&while_it_sleeps, NULL);
	EXPECT_EQ(sys_kill(child, SIGKILL), 0);
	EXPECT_EQ(process_wait(child), KILLED(SIGKILL));
	close_both(fds);
	EXPECT_EQ(sys_pipe(fds), 0);
	child = sys_fork();
	if (!child) {
		sys_close(fds[0]);
		waits_for_ever(fds);
		sys_exit(0);
	}
	EXPECT_EQ(sys_close(fds[1]), 0);
	sys_nanosleep(&while_it_sleeps, NULL);
	EXPECT_EQ(sys_close(fds[0]), 0);
	EXPECT_EQ(process_wait(child), KILLED(SIGPIPE));
}

/* 64 pipes of 1 MiB are all that a user may have by default; then new ones are small. */
static void hoards(void *argument)
{
	int fds[2], first[2];
	const long large = 1l << 20;

	(void)argument;
	EXPECT_EQ(system_call(NR_setresuid32, USER, USER, USER, 0, 0, 0), 0);
	EXPECT_EQ(sys_pipe(first), 0);
	EXPECT_EQ(sys_fcntl(first[0], F_SETPIPE_SZ, large), large);
	for (int i = 1; i < 64; i++) {
		EXPECT_EQ(sys_pipe(fds), 0);
		EXPECT_EQ(sys_fcntl(fds[0], F_SETPIPE_SZ, large), large);
	}
	EXPECT_EQ(sys_pipe(fds), 0);
	EXPECT_EQ(sys_fcntl(fds[0], F_GETPIPE_SZ, 0), 8192);
	EXPECT_EQ(sys_fcntl(fds[0], F_SETPIPE_SZ, 16384), -EPERM);
	EXPECT_EQ(sys_fcntl(first[0], F_SETPIPE_SZ, 4096), 4096);
	EXPECT_EQ(sys_fcntl(fds[0], F_SETPIPE_SZ, 16384), 16384);
	EXPECT_EQ(sys_pipe(fds), 0);
	EXPECT_EQ(sys_fcntl(fds[0], F_GETPIPE_SZ, 0), CAPACITY);
}

static void pages_of_a_user(void)
{
	int fds[2];

	EXPECT_CHILD(hoards, NULL, EXITED(0));
	EXPECT_CHILD(hoards, NULL, EXITED(0)); /* nothing stays counted */
	EXPECT_EQ(sys_pipe(fds), 0);
	EXPECT_EQ(sys_fcntl(fds[0], F_GETPIPE_SZ, 0), CAPACITY);
	close_both(fds);
}

static long vector_call(u32 number, int fd, u32 first, u32 second)
{
	const struct iovec parts[] = { { (u32)buffer, first }, { (u32)buffer + first, second } };

	return system_call(number, fd, (long)parts, 2, 0, 0, 0);
}

/* All parts of a vector are one transfer: none waits, ends a packet or is written alone. */
static void vectors(void)
{
	int fds[2];

	EXPECT_EQ(sys_pipe(fds), 0);
	EXPECT_EQ(sys_write(fds[1], "abc", 3), 3);
	EXPECT_EQ(vector_call(NR_readv, fds[0], 3, 3), 3);
	EXPECT_EQ(sys_fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
	EXPECT_EQ(sys_write(fds[1], buffer, CAPACITY - 96), CAPACITY - 96);
	EXPECT_EQ(vector_call(NR_writev, fds[1], 50, 100), -EAGAIN);
	EXPECT_EQ(vector_call(NR_writev, fds[1], 50, 46), 96);
	close_both(fds);
	EXPECT_EQ(sys_pipe2(fds, O_DIRECT), 0);
	EXPECT_EQ(sys_write(fds[1], "abcdef", 6), 6);
	EXPECT_EQ(vector_call(NR_writev, fds[1], 2, 3), 5);
	EXPECT_EQ(vector_call(NR_readv, fds[0], 3, 3), 6);
	EXPECT_EQ(memcmp(buffer, "abcdef", 6), 0);
	EXPECT_EQ(sys_read(fds[0], buffer, 100), 5);
	close_both(fds);
}

/* Of a page that cannot be copied whole nothing is read. */
static void short_memory(void)
{
	u8 *end = (u8 *)sys_mmap2(0, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) +
		  PAGE_SIZE;
	const struct iovec part = { (u32)end - 5, 9 };
	int fds[2];

	EXPECT_EQ(sys_munmap((u32)end, PAGE_SIZE), 0);
	EXPECT_EQ(sys_pipe(fds), 0);
	EXPECT_EQ(sys_write(fds[1], "123456789", 9), 9);
	EXPECT_EQ(sys_write(fds[1], end - 5, 9), -EFAULT);
	EXPECT_EQ(sys_read(fds[0], end - 5, 9), -EFAULT);
	EXPECT_EQ(system_call(NR_vmsplice, fds[0], (long)&part, 1, 0, 0, 0), -EFAULT);
	EXPECT_EQ(sys_read(fds[0], end - 5, 5), 5);
	EXPECT_EQ(sys_read(fds[0], buffer, 100), 4);
	close_both(fds);
	EXPECT_EQ(sys_munmap((u32)end - PAGE_SIZE, PAGE_SIZE), 0);
}

/* An eventfd is read by all parts together, and written by each. */
static void vectors_of_events(void)
{
	int fd = (int)system_call(NR_eventfd2, 3, 0, 0, 0, 0, 0);

	EXPECT(fd >= 0);
	EXPECT_EQ(vector_call(NR_readv, fd, 4, 4), 8);
	EXPECT(buffer[0] == 3 && !buffer[1] && !buffer[7]);
	EXPECT_EQ(vector_call(NR_writev, fd, 4, 4), -EINVAL);
	EXPECT_EQ(vector_call(NR_writev, fd, 8, 0), 8);
	EXPECT_EQ(sys_close(fd), 0);
}

int main(void)
{
	static const struct tap_case cases[] = {
		{ "two ends of one pipe", two_ends },
		{ "bytes come in order, then the end", bytes_in_order },
		{ "without blocking", does_not_block },
		{ "places for writes", places },
		{ "a write without a reader", no_reader },
		{ "SIGPIPE ends a process", ended_by_the_signal },
		{ "a megabyte between two processes", stream },
		{ "records of four writers are not mixed", atomic_writes },
		{ "a handler interrupts a read", interrupted },
		{ "a writer that waits", waiting_writer },
		{ "vectors", vectors },
		{ "less memory than bytes", short_memory },
		{ "vectors of an eventfd", vectors_of_events },
		{ "a user has so many pages of pipes, and no more", pages_of_a_user },
	};

	return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
