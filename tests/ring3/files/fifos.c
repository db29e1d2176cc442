/* SPDX-License-Identifier: MIT */
/* FIFOs: pipes with a name. What an open() waits for, and what poll() tells before anyone came. */
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/handler.h"
#include "tests/ring3/runtime/name_calls.h"
#include "tests/ring3/runtime/poll_calls.h"
#include "tests/ring3/runtime/process.h"

static struct text path;
static u8 buffer[100];

static void sleep_ms(u32 ms)
{
	const struct timespec time = { 0, ms * 1000000 };

	sys_nanosleep(&time, NULL);
}

static void make(void)
{
	file_name(&path, "fifo");
	EXPECT_EQ(sys_mknod(path.data, S_IFIFO | 0600, 0), 0);
}

static void remove(void)
{
	EXPECT_EQ(sys_unlink(path.data), 0);
}

static int open_fifo(int flags)
{
	return (int)sys_open(path.data, flags);
}

static int ready(int fd)
{
	struct pollfd item = { fd, POLLIN | POLLOUT, 0 };

	sys_poll(&item, 1, 0);
	return item.revents;
}

static void without_waiting(void)
{
	struct stat64 stat;
	int in, out, both;

	make();
	EXPECT_EQ(sys_stat64(path.data, &stat), 0);
	EXPECT_EQ(stat.mode, S_IFIFO | 0600);
	EXPECT_EQ(open_fifo(O_WRONLY | O_NONBLOCK), -ENXIO);
	/* Packets are for pipes, and for F_SETFL. */
	EXPECT_EQ(open_fifo(O_WRONLY | O_NONBLOCK | O_DIRECT), -ENXIO);
	EXPECT_EQ(open_fifo(O_RDWR | O_DIRECT), -EINVAL);
	EXPECT_EQ(sys_open("/dev/null", O_RDWR | O_DIRECT), -EINVAL);
	EXPECT_EQ(sys_open("/proc/version", O_RDONLY | O_DIRECT), -EINVAL);
	EXPECT_EQ(sys_open("/tmp", O_RDONLY | O_DIRECT), -EINVAL);
	in = open_fifo(O_RDONLY | O_NONBLOCK);
	EXPECT(in >= 0);
	EXPECT_EQ(sys_fcntl(in, F_GETFL, 0) & ~O_LARGEFILE, O_RDONLY | O_NONBLOCK);
	EXPECT_EQ(ready(in), 0); /* no writer yet: not hung up */
	EXPECT_EQ(sys_read(in, buffer, 1), 0);
	out = open_fifo(O_WRONLY | O_NONBLOCK);
	EXPECT(out >= 0);
	EXPECT_EQ(sys_read(in, buffer, 1), -EAGAIN);
	EXPECT_EQ(sys_write(out, "hello", 5), 5);
	EXPECT_EQ(ready(in), POLLIN);
	EXPECT_EQ(sys_read(in, buffer, 2), 2);
	EXPECT_EQ(sys_close(out), 0);
	EXPECT_EQ(ready(in), POLLIN | POLLHUP);
	EXPECT_EQ(sys_read(in, buffer, 9), 3);
	EXPECT_EQ(ready(in), POLLHUP);
	EXPECT_EQ(sys_lseek(in, 0, SEEK_SET), -ESPIPE);
	EXPECT_EQ(sys_fstat64(in, &stat), 0);
	EXPECT_EQ(stat.mode, S_IFIFO | 0600);
	EXPECT_EQ(sys_close(in), 0);
	/* What no one read is gone when the last end is closed. */
	both = open_fifo(O_RDWR);
	EXPECT(both >= 0);
	EXPECT_EQ(ready(both), POLLOUT);
	EXPECT_EQ(sys_write(both, "lost", 4), 4);
	EXPECT_EQ(ready(both), POLLIN | POLLOUT);
	EXPECT_EQ(sys_close(both), 0);
	in = open_fifo(O_RDONLY | O_NONBLOCK);
	EXPECT_EQ(sys_read(in, buffer, 9), 0);
	remove();
	EXPECT_EQ(sys_close(in), 0);
}

static void opens_to_write(void *argument)
{
	int out;

	(void)argument;
	sleep_ms(30);
	out = open_fifo(O_WRONLY);
	EXPECT_EQ(sys_write(out, "abc", 3), 3);
}

static void opens_to_read(void *argument)
{
	int in;

	(void)argument;
	sleep_ms(30);
	in = open_fifo(O_RDONLY);
	EXPECT_EQ(sys_read(in, buffer, 9), 3);
	EXPECT_EQ(sys_read(in, buffer, 9), 0);
}

static void wait_for_each_other(void)
{
	int child, fd;

	make();
	child = process_start(opens_to_write, NULL);
	fd = open_fifo(O_RDONLY);
	EXPECT(fd >= 0);
	EXPECT_EQ(sys_read(fd, buffer, 9), 3);
	EXPECT_EQ(sys_read(fd, buffer, 9), 0);
	EXPECT_EQ(process_wait(child), EXITED(0));
	EXPECT_EQ(sys_close(fd), 0);
	child = process_start(opens_to_read, NULL);
	fd = open_fifo(O_WRONLY);
	EXPECT(fd >= 0);
	EXPECT_EQ(sys_write(fd, "abc", 3), 3);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(process_wait(child), EXITED(0));
	remove();
}

static void signals_the_parent(void *argument)
{
	(void)argument;
	sleep_ms(30);
	sys_kill(sys_getppid(), SIGUSR1);
}

static void waits_for_ever(void *argument)
{
	(void)argument;
	open_fifo(O_WRONLY);
}

static void the_wait_ends(void)
{
	int child;

	make();
	handler_note(SIGUSR1, 0);
	child = process_start(signals_the_parent, NULL);
	EXPECT_EQ(open_fifo(O_RDONLY), -EINTR);
	EXPECT_EQ(process_wait(child), EXITED(0));
	child = process_start(waits_for_ever, NULL);
	sleep_ms(20);
	EXPECT_EQ(sys_kill(child, SIGKILL), 0);
	EXPECT_EQ(process_wait(child), KILLED(SIGKILL));
	EXPECT_EQ(open_fifo(O_WRONLY | O_NONBLOCK), -ENXIO);
	remove();
}

int main(void)
{
	static const struct tap_case cases[] = {
		{ "opened without waiting", without_waiting },
		{ "both ends wait for each other", wait_for_each_other },
		{ "a signal ends the wait", the_wait_ends },
	};

	return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
