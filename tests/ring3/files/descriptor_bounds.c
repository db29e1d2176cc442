/* SPDX-License-Identifier: MIT */
/*
 * Calls on open files at their bounds, and what they leave when they fail half-way: sets and lists
 * of descriptors that end in bad memory, answers for which there is no place, ranges of locks up
 * to the last byte that a file can have.
 */
#include "abi/linux/flock.h"
#include "abi/linux/poll.h"
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/poll_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/rows.h"
#include "tests/ring3/runtime/signal_calls.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/task_calls.h"
#include "tests/ring3/runtime/time_calls.h"

#define BAD 16

/* A page; one behind which none is; one with zeros that can only be read. */
static u8 *memory, *last, *read_only;

static long call(int number, long a, long b, long c, long d, long e)
{
	return system_call(number, a, b, c, d, e, 0);
}

/* A pipe of which no other descriptor, and no call, has the writing end. */
static void expect_closed(int fds[2])
{
	char byte;

	EXPECT_EQ(sys_close(fds[1]), 0);
	EXPECT_EQ(sys_fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	EXPECT_EQ(sys_read(fds[0], &byte, 1), 0);
	EXPECT_EQ(sys_close(fds[0]), 0);
}

/* ---- poll and select ---- */

static void polls_that_fail(void)
{
	struct pollfd *items = (struct pollfd *)(last + PAGE_SIZE) - 2;
	int fds[2];

	EXPECT_EQ(sys_pipe(fds), 0);
	items[0] = (struct pollfd){ fds[1], POLLOUT, 0 };
	items[1] = items[0];
	EXPECT_EQ(call(NR_poll, (long)items, 2, 0, 0, 0), 2);
	items[0].revents = 0;
	EXPECT_EQ(call(NR_poll, (long)items, 3, 0, 0, 0), -EFAULT);
	EXPECT_EQ(items[0].revents, 0);
	EXPECT_EQ(sys_mprotect((u32)last, PAGE_SIZE, PROT_READ), 0);
	EXPECT_EQ(call(NR_poll, (long)items, 2, 0, 0, 0), -EFAULT);
	EXPECT_EQ(sys_mprotect((u32)last, PAGE_SIZE, PROT_READ | PROT_WRITE), 0);
	expect_closed(fds);
}

static void selects_that_fail(void)
{
	u32 *in = (u32 *)memory, *out = in + 100;
	struct timeval *none = (struct timeval *)(memory + 2048);
	int fds[2];

	memset(memory, 0, PAGE_SIZE);
	EXPECT_EQ(sys_pipe(fds), 0);
	*out = 1u << fds[1];
	EXPECT_EQ(sys_select(32, NULL, out, NULL, none), 1);
	*in = 1u << 30;
	EXPECT_EQ(sys_select(32, in, out, NULL, none), -EBADF); /* after the good one */
	EXPECT(*out == 1u << fds[1] && *in == 1u << 30);
	EXPECT_EQ(sys_select(32, (u32 *)read_only, out, NULL, none), -EFAULT);
	*out = 1u << fds[1];
	EXPECT_EQ(sys_select(32, (u32 *)(last + PAGE_SIZE - 2), out, NULL, none), -EFAULT);
	expect_closed(fds);
}

/* Descriptors up to the last word of the sets; larger sets than the kernel has on its stack. */
static void large_sets(void)
{
	static const int places[] = { 31, 32, 63, 64, 95, 96, 127, 128, 255, 256, 300 };
	struct timeval none = { 0, 0 };
	u32 in[10], out[10], except[10];
	int fds[2];

	EXPECT_EQ(sys_pipe(fds), 0);
	for (u32 i = 0; i < ARRAY_SIZE(places); i++)
		EXPECT_EQ(sys_dup2(fds[1], places[i]), places[i]);
	for (u32 i = 0; i < ARRAY_SIZE(places); i++) {
		int fd = places[i];

		memset(in, 0, sizeof(in));
		in[fd / 32] = 1u << fd % 32;
		memcpy(out, in, sizeof(in));
		memcpy(except, in, sizeof(in));
		EXPECT_EQ(sys_select(fd + 1, in, out, except, &none), 1);
		EXPECT(out[fd / 32] == 1u << fd % 32 && !in[fd / 32] && !except[fd / 32]);
		EXPECT_EQ(sys_select(fd, NULL, out, NULL, &none), 0); /* below it is none */
		EXPECT_EQ(out[fd / 32], fd % 32 ? 0 : 1u);
	}
	memset(out, 0, sizeof(out));
	for (u32 i = 0; i < ARRAY_SIZE(places); i++)
		out[places[i] / 32] |= 1u << places[i] % 32;
	EXPECT_EQ(sys_select(301, NULL, out, NULL, &none), ARRAY_SIZE(places));
	EXPECT(out[0] == 1u << 31 && out[1] == 0x80000001 && out[9] == 1u << 12);
	EXPECT_EQ(call(NR_close_range, 31, 300, 0, 0, 0), 0);
	expect_closed(fds);
}

/* ---- Times ---- */

static const struct timeval large_time = { 0, 1000000 }, negative = { 0, -1 };
static const struct timespec64 largest = { 0x7fffffffffffffff, 999999999, 0 };

/* Times that end far beyond the clock, with something to find at once. */
static void times(void)
{
	struct timeval second = large_time;
	struct timespec64 time = largest;
	struct pollfd item = { .events = POLLOUT };
	int fds[2];

	EXPECT_EQ(sys_pipe(fds), 0);
	item.fd = fds[1];
	EXPECT_EQ(call(NR_ppoll_time64, (long)&item, 1, (long)&time, 0, 8), 1);
	EXPECT_EQ(call(NR_poll, (long)&item, 1, 0x7fffffff, 0, 0), 1);
	EXPECT_EQ(call(NR_poll, (long)&item, 1, INT32_MIN, 0, 0), 1);
	memset(memory, 0, 4);
	*(u32 *)memory = 1u << fds[1];
	EXPECT_EQ(sys_select(fds[1] + 1, NULL, (u32 *)memory, NULL, &second), 1); /* 10^6 us */
	second = negative;
	EXPECT_EQ(sys_select(0, NULL, NULL, NULL, &second), -EINVAL);
	/* There is no place for the rest: the result counts. */
	EXPECT_EQ(sys_mprotect((u32)last, PAGE_SIZE, PROT_READ | PROT_WRITE), 0);
	*(struct timespec *)last = (struct timespec){ 5, 0 };
	EXPECT_EQ(sys_mprotect((u32)last, PAGE_SIZE, PROT_READ), 0);
	EXPECT_EQ(call(NR_ppoll, (long)&item, 1, (long)last, 0, 8), 1);
	EXPECT_EQ(sys_mprotect((u32)last, PAGE_SIZE, PROT_READ | PROT_WRITE), 0);
	expect_closed(fds);
}

/* ---- epoll ---- */

#define MOST (INT32_MAX / 12) /* events in memory */

enum { EPOLL = 40, EVENT, ADD = 1, REMOVE, CHANGE };

struct event {
	u32 events;
	u64 data;
} __packed;

static struct event given = { POLLOUT, 77 }, got[2];

static const struct row epoll_rows[] = {
	{ NR_epoll_ctl, { EPOLL, REMOVE, EVENT, BAD }, -ENOENT },
	{ NR_epoll_ctl, { EPOLL, CHANGE, EVENT, (long)&given }, -ENOENT },
	{ NR_epoll_ctl, { EPOLL, ADD, EVENT, (long)&given }, 0 },
	{ NR_epoll_ctl, { EPOLL, ADD, EVENT, (long)&given }, -EEXIST },
	{ NR_epoll_ctl, { EPOLL, 0, EVENT, (long)&given }, -EINVAL },
	{ NR_epoll_ctl, { EPOLL, 4, EVENT, (long)&given }, -EINVAL },
	{ NR_epoll_wait, { EPOLL, (long)got, 1, 0 }, 1 },
	{ NR_epoll_wait, { EPOLL, (long)got, MOST, 0 }, 1 },
	{ NR_epoll_wait, { EPOLL, (long)got, MOST + 1, 0 }, -EINVAL },
	{ NR_epoll_wait, { EPOLL, BAD, 1, 0 }, -EFAULT },
	{ NR_epoll_pwait2, { EPOLL, (long)got, 1, (long)&largest, 0, 0 }, 1 },
	{ NR_epoll_pwait2, { EPOLL, (long)got, 1, (long)&largest, BAD, 8 }, -EFAULT },
	{ NR_epoll_ctl, { EPOLL, REMOVE, EVENT, BAD }, 0 }, /* needs no event */
	{ NR_epoll_wait, { EPOLL, (long)got, 1, 0 }, 0 },
	{ NR_epoll_wait, { EPOLL, (long)got, 1, 1 }, 0 },
	{ NR_epoll_create, { -1 }, -EINVAL },
	{ NR_eventfd2, { 0, 2 }, -EINVAL },
	{ NR_signalfd4, { EVENT, (long)&largest, 8, 0 }, -EINVAL },
};

static void events(void)
{
	EXPECT_EQ(sys_dup2((int)call(NR_epoll_create, 1, 0, 0, 0, 0), EPOLL), EPOLL);
	EXPECT_EQ(sys_dup2((int)call(NR_eventfd, 0, 0, 0, 0, 0), EVENT), EVENT);
	try_rows(epoll_rows, ARRAY_SIZE(epoll_rows));
	EXPECT(got[0].events == POLLOUT && got[0].data == 77 && !got[1].events);
	EXPECT_EQ(call(NR_close_range, 3, EVENT, 0, 0, 0), 0);
}

/* ---- Positions that cannot be told ---- */

/* The bytes have been moved all the same. */
static void positions(void)
{
	int fd = file_create(1, 5), other = file_create(1, 6), fds[2];
	u8 buffer[64];

	EXPECT_EQ(sys_pipe(fds), 0);
	EXPECT_EQ(system_call(NR_splice, fd, (long)read_only, fds[1], 0, 10, 0), -EFAULT);
	EXPECT_EQ(sys_read(fds[0], buffer, sizeof(buffer)), 10);
	EXPECT_EQ(call(NR_sendfile64, fds[1], fd, (long)read_only, 11, 0), -EFAULT);
	EXPECT_EQ(sys_read(fds[0], buffer, sizeof(buffer)), 11);
	EXPECT_EQ(call(NR_sendfile, fds[1], fd, (long)read_only, 12, 0), -EFAULT);
	EXPECT_EQ(sys_read(fds[0], buffer, sizeof(buffer)), 12);
	EXPECT_EQ(system_call(NR_copy_file_range, fd, (long)read_only, other, 0, 9, 0), -EFAULT);
	EXPECT_EQ(sys_lseek(other, 0, 1), 9);
	EXPECT_EQ(system_call(NR_copy_file_range, fd, 0, other, (long)read_only, 9, 0), -EFAULT);
	EXPECT_EQ(sys_lseek(fd, 0, 1), 9);
	EXPECT_EQ(sys_write(fds[1], buffer, 8), 8);
	EXPECT_EQ(system_call(NR_splice, fds[0], 0, fd, (long)read_only, 8, 0), -EFAULT);
	EXPECT_EQ(sys_lseek(fd, 0, 1), 9);
	expect_closed(fds);
	EXPECT_EQ(sys_close(other), 0);
	EXPECT_EQ(sys_close(fd), 0);
}

/* ---- Ranges of locks ---- */

static const struct {
	s16 type, whence;
	s64 start, length;
	long result;
} ranges[] = {
	{ 1, 0, 0, INT64_MAX, 0 },
	{ 1, 0, 1, INT64_MAX, 0 },
	{ 1, 0, 2, INT64_MAX, -EOVERFLOW },
	{ 1, 0, INT64_MAX, 1, 0 },
	{ 1, 0, INT64_MAX, 0, 0 },
	{ 1, 0, INT64_MAX, 2, -EOVERFLOW },
	{ 1, 1, INT64_MAX, 1, -EOVERFLOW }, /* the position is 10 */
	{ 1, 1, INT64_MAX - 10, 1, 0 },
	{ 1, 1, INT64_MAX - 9, 1, -EOVERFLOW },
	{ 1, 1, -10, 1, 0 },
	{ 1, 1, -11, 1, -EINVAL },
	{ 1, 2, -4096, 1, 0 }, /* the size is 4096 */
	{ 1, 2, -4097, 1, -EINVAL },
	{ 1, 0, 5, -5, 0 },
	{ 1, 0, 5, -6, -EINVAL },
	{ 1, 0, 0, -1, -EINVAL },
	{ 1, 3, 0, 1, -EINVAL },
	{ 2, 0, 0, 0, 0 },
	{ 3, 0, 0, 0, -EINVAL },
	{ -1, 0, 0, 0, -EINVAL },
};

struct sought {
	int fd;
	s64 first, bytes;
};

/* The parent's lock is told; in the older form only its start must fit, the length is cut. */
static void is_told(void *argument)
{
	const struct sought *sought = argument;
	struct flock64 wide = { .type = 1 };
	struct flock narrow = { .type = 1 };
	bool fits = sought->first <= INT32_MAX;

	EXPECT_EQ(sys_fcntl(sought->fd, F_GETLK64, (long)&wide), 0);
	EXPECT(wide.type == 1 && wide.whence == 0 && wide.pid == sys_getppid());
	EXPECT(wide.start == sought->first && wide.length == sought->bytes);
	EXPECT_EQ(sys_fcntl(sought->fd, F_GETLK, (long)&narrow), fits ? 0 : -EOVERFLOW);
	EXPECT(!fits || narrow.start == sought->first);
	EXPECT(!fits || narrow.length == min(sought->bytes, (s64)INT32_MAX));
}

static void expect_told(int fd, s64 start, s64 bytes)
{
	struct flock64 lock = { .type = 1, .start = start, .length = bytes };
	struct sought sought = { fd, start, bytes };

	EXPECT_EQ(sys_fcntl(fd, F_SETLK64, (long)&lock), 0);
	EXPECT_CHILD(is_told, &sought, EXITED(0));
	lock.type = 2;
	EXPECT_EQ(sys_fcntl(fd, F_SETLK64, (long)&lock), 0);
}

static void locks(void)
{
	int fd = file_create(1, 5);
	struct flock64 lock;

	EXPECT_EQ(sys_lseek(fd, 10, 0), 10);
	for (u32 i = 0; i < ARRAY_SIZE(ranges); i++) {
		lock = (struct flock64){ ranges[i].type, ranges[i].whence, ranges[i].start,
					 ranges[i].length, 0 };
		if (!EXPECT_EQ(sys_fcntl(fd, F_SETLK64, (long)&lock), ranges[i].result))
			EXPECT_EQ(i, -1);
	}
	lock = (struct flock64){ .type = 2 };
	EXPECT_EQ(sys_fcntl(fd, F_SETLK64, (long)&lock), 0);
	EXPECT_EQ(sys_fcntl(fd, F_GETLK64, (long)&lock), -EINVAL); /* asks for no lock */
	lock = (struct flock64){ .type = 1, .pid = 1 };
	EXPECT_EQ(sys_fcntl(fd, F_OFD_SETLK, (long)&lock), -EINVAL);
	expect_told(fd, 0, 1);
	expect_told(fd, 7, 0);
	expect_told(fd, INT32_MAX, 1);
	expect_told(fd, INT32_MAX, INT32_MAX);
	expect_told(fd, INT32_MAX + 1ll, 1);
	expect_told(fd, 0, INT32_MAX);
	expect_told(fd, 0, INT32_MAX + 1ll);
	EXPECT_EQ(sys_close(fd), 0);
}

/* ---- Bytes that can be read, and flags ---- */

static void controls(void)
{
	int fd = file_create(1, 5), on = 1, off = 0, left = -1;

	EXPECT_EQ(sys_lseek(fd, 4095, 0), 4095);
	EXPECT_EQ(sys_ioctl(fd, 0x541b, &left), 0); /* FIONREAD */
	EXPECT_EQ(left, 1);
	EXPECT_EQ(sys_lseek(fd, 5000, 0), 5000);
	EXPECT_EQ(sys_ioctl(fd, 0x541b, &left), 0);
	EXPECT_EQ(left, 4096 - 5000);
	EXPECT_EQ(sys_ioctl(fd, 0x5421, &on), 0); /* FIONBIO */
	EXPECT(sys_fcntl(fd, F_GETFL, 0) & O_NONBLOCK);
	EXPECT_EQ(sys_ioctl(fd, 0x5421, (void *)BAD), -EFAULT);
	EXPECT_EQ(sys_ioctl(fd, 0x5421, &off), 0);
	EXPECT(!(sys_fcntl(fd, F_GETFL, 0) & O_NONBLOCK));
	EXPECT_EQ(sys_ioctl(fd, 0x5451, NULL), 0); /* FIOCLEX */
	EXPECT_EQ(sys_fcntl(fd, F_GETFD, 0), 1);
	EXPECT_EQ(sys_ioctl(fd, 0x5450, NULL), 0); /* FIONCLEX */
	EXPECT_EQ(sys_fcntl(fd, F_GETFD, 0), 0);
	EXPECT_EQ(sys_fcntl(fd, F_SETFD, 2), 0); /* no flag that there is */
	EXPECT_EQ(sys_fcntl(fd, F_GETFD, 0), 0);
	EXPECT_EQ(sys_fcntl(fd, F_SETFD, 3), 0);
	EXPECT_EQ(sys_fcntl(fd, F_GETFD, 0), 1);
	EXPECT_EQ(sys_close(fd), 0);
}

/* ---- The first descriptor ---- */

static u64 signals = 1;
static int ends[2];
static u32 pidfd;
static char here[] = "/";

/* Each makes a descriptor, which is 0 if that is free. */
static const struct row makers[] = {
	{ NR_open, { (long)here, O_RDONLY }, 0 },
	{ NR_openat, { -100, (long)here, O_RDONLY }, 0 },
	{ NR_openat, { -100, (long)here, O_PATH }, 0 },
	{ NR_dup, { 1 }, 0 },
	{ NR_fcntl64, { 1, F_DUPFD, 0 }, 0 },
	{ NR_dup2, { 1, 0 }, 0 },
	{ NR_dup3, { 1, 0, 0 }, 0 },
	{ NR_memfd_create, { (long)here, 0 }, 0 },
	{ NR_eventfd2, { 0, 0 }, 0 },
	{ NR_epoll_create1, { 0 }, 0 },
	{ NR_timerfd_create, { 1, 0 }, 0 },
	{ NR_signalfd4, { -1, (long)&signals, 8, 0 }, 0 },
	{ NR_inotify_init1, { 0 }, 0 },
	{ NR_pidfd_open, { 1, 0 }, 0 },
	{ NR_pipe, { (long)ends }, 0 },
};

static void first_descriptor(void)
{
	struct pollfd item = { 0, POLLIN, 0 };
	struct timeval none = { 0, 0 };
	u32 in = 1;
	long child;

	for (u32 i = 0; i < ARRAY_SIZE(makers); i++) {
		sys_close(0);
		try_rows(&makers[i], 1);
		EXPECT(sys_fcntl(0, F_GETFD, 0) >= 0);
		EXPECT_EQ(sys_fcntl(3, F_GETFD, 0), makers[i].number == NR_pipe ? 0 : -EBADF);
	}
	EXPECT(ends[0] == 0 && ends[1] == 3);
	EXPECT_EQ(sys_poll(&item, 1, 0), 0);
	EXPECT_EQ(sys_select(1, &in, NULL, NULL, &none), 0);
	EXPECT_EQ(sys_write(3, "x", 1), 1);
	EXPECT_EQ(sys_poll(&item, 1, 0), 1);
	in = 1;
	EXPECT_EQ(sys_select(1, &in, NULL, NULL, &none), 1);
	EXPECT_EQ(in, 1);
	EXPECT_EQ(sys_close(3), 0);
	EXPECT_EQ(sys_close(0), 0);
	EXPECT_EQ(call(NR_pipe, BAD, 0, 0, 0, 0), -EFAULT);
	EXPECT_EQ(call(NR_clone, CLONE_PIDFD | SIGCHLD, 0, BAD, 0, 0), -EFAULT);
	EXPECT_EQ(sys_fcntl(0, F_GETFD, 0), -EBADF);
	pidfd = 77;
	child = call(NR_clone, CLONE_PIDFD | SIGCHLD, 0, (long)&pidfd, 0, 0);
	if (!child)
		sys_exit(0);
	EXPECT_EQ(pidfd, 0);
	EXPECT_EQ(process_wait((int)child), EXITED(0));
	EXPECT_EQ(call(NR_close_range, 0, 0, 0, 0, 0), 0);
	EXPECT_EQ(sys_open("/dev/null", O_RDWR), 0);
}

static const struct tap_case cases[] = {
	{ "poll: bad memory after good", polls_that_fail },
	{ "select: what fails after good descriptors", selects_that_fail },
	{ "select: large sets", large_sets },
	{ "times of poll and select", times },
	{ "epoll", events },
	{ "positions that cannot be told", positions },
	{ "ranges of locks", locks },
	{ "ioctl and flags of descriptors", controls },
	{ "the first descriptor", first_descriptor },
};

int main(void)
{
	memory = memory_map(4, PROT_READ | PROT_WRITE);
	last = memory + PAGE_SIZE;
	read_only = memory + 3 * PAGE_SIZE;
	memset(read_only, 0, PAGE_SIZE);
	memory_unmap(memory + 2 * PAGE_SIZE, 1);
	EXPECT_EQ(sys_mprotect((u32)read_only, PAGE_SIZE, PROT_READ), 0);
	return tap_run(cases, ARRAY_SIZE(cases));
}
