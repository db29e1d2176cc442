/* SPDX-License-Identifier: MIT */
/* Numbers of descriptors: dup and its variants, and which of them execve closes. */
#include "tests/ring3/runtime/mapping.h"
#include "tests/ring3/runtime/poll_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/task_calls.h"
#include "tests/ring3/runtime/time_calls.h"

static const char *program_path;
static const u64 no_signal;

static int open_self(int flags)
{
	return (int)sys_open(program_path, O_RDONLY | flags);
}

static void same_file(void)
{
	int fd = open_self(0), copy = (int)sys_dup(fd);
	char bytes[4];

	EXPECT_EQ(fd, 3);
	EXPECT_EQ(copy, 4);
	EXPECT_EQ(sys_read(fd, bytes, 1), 1);
	EXPECT_EQ(sys_read(copy, bytes, 3), 3); /* one position */
	EXPECT_EQ(memcmp(bytes, "ELF", 3), 0);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_read(copy, bytes, 1), 1);
	EXPECT_EQ(sys_dup(copy), 3); /* the lowest free one */
	EXPECT_EQ(sys_close(3), 0);
	EXPECT_EQ(sys_close(copy), 0);
	EXPECT_EQ(sys_dup(copy), -EBADF);
	EXPECT_EQ(sys_dup(-1), -EBADF);
}

static void to_a_number(void)
{
	int fd = open_self(0);

	EXPECT_EQ(sys_dup2(fd, 9), 9);
	EXPECT_EQ(sys_dup2(fd, 9), 9);
	EXPECT_EQ(sys_dup2(fd, fd), fd);
	EXPECT_EQ(sys_dup2(20, 20), -EBADF);
	EXPECT_EQ(sys_dup2(20, 9), -EBADF);
	EXPECT_EQ(sys_dup2(fd, -1), -EBADF);
	EXPECT_EQ(sys_dup3(fd, 10, O_CLOEXEC), 10);
	EXPECT_EQ(sys_dup3(fd, fd, 0), -EINVAL);
	EXPECT_EQ(sys_dup3(fd, 10, 1), -EINVAL);
	EXPECT_EQ(sys_fcntl(fd, F_DUPFD, 9), 11);
	for (int i = 9; i <= 11; i++)
		EXPECT_EQ(sys_close(i), 0);
	EXPECT_EQ(sys_close(fd), 0);
}

static void flag(void)
{
	int fd = open_self(O_CLOEXEC);

	EXPECT_EQ(sys_fcntl(fd, F_GETFD, 0), FD_CLOEXEC);
	EXPECT_EQ(sys_dup2(fd, 9), 9);
	EXPECT_EQ(sys_fcntl(9, F_GETFD, 0), 0); /* a copy has not */
	EXPECT_EQ(sys_fcntl(9, F_SETFD, FD_CLOEXEC), 0);
	EXPECT_EQ(sys_fcntl(9, F_GETFD, 0), FD_CLOEXEC);
	EXPECT_EQ(sys_fcntl(fd, F_SETFD, 0), 0);
	EXPECT_EQ(sys_fcntl(fd, F_GETFD, 0), 0);
	EXPECT_EQ(sys_dup3(fd, 9, 0), 9);
	EXPECT_EQ(sys_fcntl(9, F_GETFD, 0), 0);
	EXPECT_EQ(sys_close(9), 0);
	EXPECT_EQ(sys_fcntl(9, F_GETFD, 0), -EBADF);
	EXPECT_EQ(sys_close(fd), 0);
}

static void flags_by_ioctl(void)
{
	int fd = open_self(0), on = 1, there = 0;
	struct stat64 stat;

	EXPECT_EQ(sys_ioctl(fd, FIOCLEX, NULL), 0);
	EXPECT_EQ(sys_fcntl(fd, F_GETFD, 0), FD_CLOEXEC);
	EXPECT_EQ(sys_ioctl(fd, FIONCLEX, NULL), 0);
	EXPECT_EQ(sys_fcntl(fd, F_GETFD, 0), 0);
	EXPECT_EQ(sys_ioctl(fd, FIONBIO, &on), 0);
	EXPECT_EQ(sys_fcntl(fd, F_GETFL, 0) & O_NONBLOCK, O_NONBLOCK);
	on = 0;
	EXPECT_EQ(sys_ioctl(fd, FIONBIO, &on), 0);
	EXPECT_EQ(sys_fcntl(fd, F_GETFL, 0) & O_NONBLOCK, 0);
	EXPECT_EQ(sys_ioctl(fd, FIONBIO, (void *)1), -EFAULT);
	EXPECT_EQ(sys_fstat64(fd, &stat), 0);
	EXPECT_EQ(sys_lseek(fd, 100, SEEK_SET), 100);
	EXPECT_EQ(sys_ioctl(fd, FIONREAD, &there), 0);
	EXPECT_EQ(there, stat.size - 100);
	EXPECT_EQ(sys_ioctl(-1, FIOCLEX, NULL), -EBADF);
	EXPECT_EQ(sys_close(fd), 0);
}

static void becomes_an_image(void *argument)
{
	const char *const argv[] = { program_path, "image", NULL };
	static const char *const empty[] = { NULL };

	(void)argument;
	EXPECT_EQ(open_self(O_CLOEXEC), 3);
	EXPECT_EQ(open_self(0), 4);
	EXPECT_EQ(sys_dup3(4, 5, O_CLOEXEC), 5);
	EXPECT_EQ(sys_execve("/nowhere", argv, empty), -ENOENT);
	EXPECT_EQ(sys_fcntl(3, F_GETFD, 0), FD_CLOEXEC);
	sys_execve(program_path, argv, empty);
}

static int run_image(void)
{
	char byte;

	EXPECT_EQ(sys_read(3, &byte, 1), -EBADF);
	EXPECT_EQ(sys_read(4, &byte, 1), 1);
	EXPECT_EQ(sys_read(5, &byte, 1), -EBADF);
	return tap_failures() ? 1 : 42;
}

static void execve_closes(void)
{
	EXPECT_CHILD(becomes_an_image, NULL, EXITED(42));
}

static void opens_many(void *argument)
{
	struct rlimit limit;
	u32 set[32] = { 0 };
	int fds[2];

	(void)argument;
	system_call(NR_close_range, 3, -1, 0, 0, 0, 0);
	EXPECT_EQ(sys_ugetrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.cur = 1000;
	EXPECT_EQ(sys_setrlimit(RLIMIT_NOFILE, &limit), 0);
	EXPECT_EQ(sys_pipe(fds), 0);
	for (int fd = 5; fd < 1000; fd++)
		EXPECT_EQ(sys_dup(fds[0]), fd);
	EXPECT_EQ(sys_dup(fds[0]), -EMFILE);
	EXPECT_EQ(sys_dup2(fds[0], 1000), -EBADF);
	EXPECT_EQ(sys_fcntl(fds[0], F_DUPFD, 1000), -EINVAL);
	EXPECT_EQ(sys_fcntl(fds[0], F_DUPFD, 999), -EMFILE);
	EXPECT_EQ(sys_close(700), 0);
	EXPECT_EQ(sys_close(300), 0);
	EXPECT_EQ(sys_fcntl(fds[0], F_DUPFD, 301), 700);
	EXPECT_EQ(sys_dup(fds[0]), 300);
	EXPECT_EQ(sys_write(fds[1], "a", 1), 1);
	set[2] = set[999 / 32] = 1u << 999 % 32;
	EXPECT_EQ(sys_select(1000, set, NULL, NULL, NULL), 2);
	EXPECT_EQ(set[2], 1u << 999 % 32);
	EXPECT_EQ(system_call(NR_close_range, 10, 998, 0, 0, 0, 0), 0);
	EXPECT_EQ(sys_dup(999), 10);
	EXPECT_EQ(sys_read(999, set, 1), 1);
}

static void many(void)
{
	EXPECT_CHILD(opens_many, NULL, EXITED(0));
}

static void far_number(void *argument)
{
	struct rlimit limit = { 4096, 4096 };

	(void)argument;
	EXPECT_EQ(sys_setrlimit(RLIMIT_NOFILE, &limit), 0);
	EXPECT_EQ(sys_dup2(1, 4000), 4000);
	EXPECT_EQ(sys_fcntl(1, F_DUPFD, 4000), 4001);
	EXPECT_EQ(sys_dup(1), 3);
	EXPECT_EQ(sys_fcntl(4000, F_GETFD, 0), 0);
	EXPECT_EQ(sys_close(3), 0);
	EXPECT_CHILD(becomes_an_image, NULL, EXITED(42));
}

static void far(void)
{
	EXPECT_CHILD(far_number, NULL, EXITED(0));
}

/* Calls that make a descriptor, and whether execve closes it. */
static const struct {
	int number;
	long arguments[4];
	int flag;
} makers[] = {
	{ NR_fcntl64, { 1, F_DUPFD, 5 }, 0 },
	{ NR_fcntl64, { 1, F_DUPFD_CLOEXEC, 5 }, FD_CLOEXEC },
	{ NR_dup, { 1 }, 0 },
	{ NR_dup2, { 1, 9 }, 0 },
	{ NR_dup3, { 1, 9, 0 }, 0 },
	{ NR_dup3, { 1, 9, O_CLOEXEC }, FD_CLOEXEC },
	{ NR_open, { (long)"/", O_RDONLY }, 0 },
	{ NR_open, { (long)"/", O_CLOEXEC }, FD_CLOEXEC },
	{ NR_openat, { AT_FDCWD, (long)"/", O_RDONLY }, 0 },
	{ NR_openat, { AT_FDCWD, (long)"/", O_CLOEXEC }, FD_CLOEXEC },
	{ NR_eventfd, { 0 }, 0 },
	{ NR_eventfd2, { 0, 0 }, 0 },
	{ NR_eventfd2, { 0, O_CLOEXEC }, FD_CLOEXEC },
	{ NR_timerfd_create, { CLOCK_MONOTONIC, 0 }, 0 },
	{ NR_timerfd_create, { CLOCK_MONOTONIC, O_CLOEXEC }, FD_CLOEXEC },
	{ NR_epoll_create, { 1 }, 0 },
	{ NR_epoll_create1, { 0 }, 0 },
	{ NR_epoll_create1, { O_CLOEXEC }, FD_CLOEXEC },
	{ NR_inotify_init, { 0 }, 0 },
	{ NR_inotify_init1, { 0 }, 0 },
	{ NR_inotify_init1, { O_CLOEXEC }, FD_CLOEXEC },
	{ NR_memfd_create, { (long)"x", 0 }, 0 },
	{ NR_memfd_create, { (long)"x", 1 }, FD_CLOEXEC },
	{ NR_signalfd, { -1, (long)&no_signal, 8 }, 0 },
	{ NR_signalfd4, { -1, (long)&no_signal, 8, 0 }, 0 },
	{ NR_signalfd4, { -1, (long)&no_signal, 8, O_CLOEXEC }, FD_CLOEXEC },
};

static void flags_of_makers(void)
{
	int fds[2];

	for (u32 i = 0; i < ARRAY_SIZE(makers); i++) {
		const long *a = makers[i].arguments;
		int fd = (int)system_call(makers[i].number, a[0], a[1], a[2], a[3], 0, 0);

		EXPECT(fd > 2);
		EXPECT_EQ(sys_fcntl(fd, F_GETFD, 0), makers[i].flag);
		EXPECT_EQ(sys_close(fd), 0);
	}
	for (int flag = 0; flag < 2; flag++) {
		EXPECT_EQ(system_call(NR_pipe2, (long)fds, flag ? O_CLOEXEC : 0, 0, 0, 0, 0), 0);
		EXPECT_EQ(sys_fcntl(fds[0], F_GETFD, 0), flag);
		EXPECT_EQ(sys_fcntl(fds[1], F_GETFD, 0), flag);
		EXPECT_EQ(sys_close(fds[0]), 0);
		EXPECT_EQ(sys_close(fds[1]), 0);
	}
	EXPECT_EQ(sys_fcntl(sys_dup2(1, 9), F_SETFD, FD_CLOEXEC), 0);
	EXPECT_EQ(sys_dup2(1, 9), 9); /* the new one has none */
	EXPECT_EQ(sys_fcntl(9, F_GETFD, 0), 0);
	EXPECT_EQ(sys_close(9), 0);
}

static const struct tap_case cases[] = {
	{ "dup: two numbers, one file", same_file },
	{ "dup2, dup3, F_DUPFD", to_a_number },
	{ "the flag that closes at execve", flag },
	{ "flags by ioctl", flags_by_ioctl },
	{ "flags of new descriptors", flags_of_makers },
	{ "many descriptors", many },
	{ "descriptors with large numbers", far },
	{ "execve closes what has the flag", execve_closes },
};

int main(int argc, char **argv);
int main(int argc, char **argv)
{
	program_path = argv[0];
	if (argc > 1)
		return run_image();
	return tap_run(cases, ARRAY_SIZE(cases));
}
