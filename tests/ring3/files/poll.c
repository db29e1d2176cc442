/* SPDX-License-Identifier: MIT */
/* Waiting for one of several files: poll(), ppoll(), select() and pselect6(). */
#include "tests/ring3/runtime/handler.h"
#include "tests/ring3/runtime/mapping.h"
#include "tests/ring3/runtime/poll_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"

static u8 buffer[65536];

static void sleep_ms(u32 ms)
{
	const struct timespec time = { (s32)(ms / 1000), ms % 1000 * 1000000 };

	sys_nanosleep(&time, NULL);
}

static u32 now_ms(void)
{
	struct timespec time;

	sys_clock_gettime(CLOCK_MONOTONIC, &time);
	return (u32)time.seconds * 1000 + time.nanoseconds / 1000000;
}

/* The events of one descriptor that are there at once. */
static int ready(int fd, int events)
{
	struct pollfd item = { fd, (u16)events, 0xffff };
	long count = sys_poll(&item, 1, 0);

	EXPECT_EQ(count, item.revents != 0);
	return item.revents;
}

static void close_both(const int fds[2])
{
	EXPECT_EQ(sys_close(fds[0]), 0);
	EXPECT_EQ(sys_close(fds[1]), 0);
}

static void events_of_a_pipe(void)
{
	int fds[2], all = POLLIN | POLLOUT | POLLPRI | POLLRDNORM | POLLWRNORM;

	EXPECT_EQ(sys_pipe(fds), 0);
	EXPECT_EQ(ready(fds[0], all), 0);
	EXPECT_EQ(ready(fds[1], all), POLLOUT | POLLWRNORM);
	EXPECT_EQ(ready(fds[1], POLLOUT), POLLOUT);
	EXPECT_EQ(ready(fds[1], POLLIN), 0);
	EXPECT_EQ(sys_write(fds[1], buffer, 1), 1);
	EXPECT_EQ(ready(fds[0], all), POLLIN | POLLRDNORM);
	/* Room for a whole page is needed. */
	EXPECT_EQ(sys_fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
	EXPECT_EQ(sys_write(fds[1], buffer, 65535), 65535);
	EXPECT_EQ(ready(fds[1], all), 0);
	EXPECT_EQ(sys_read(fds[0], buffer, 4095), 4095);
	EXPECT_EQ(ready(fds[1], all), 0);
	EXPECT_EQ(sys_read(fds[0], buffer, 1), 1);
	EXPECT_EQ(ready(fds[1], all), POLLOUT | POLLWRNORM);
	EXPECT_EQ(sys_close(fds[1]), 0);
	EXPECT_EQ(ready(fds[0], all), POLLIN | POLLRDNORM | POLLHUP);
	while (sys_read(fds[0], buffer, 65536) > 0)
		;
	EXPECT_EQ(ready(fds[0], 0), POLLHUP);
	EXPECT_EQ(ready(fds[1], all), POLLNVAL);
	EXPECT_EQ(sys_close(fds[0]), 0);
	EXPECT_EQ(sys_pipe(fds), 0);
	EXPECT_EQ(sys_close(fds[0]), 0);
	EXPECT_EQ(ready(fds[1], all), POLLOUT | POLLWRNORM | POLLERR);
	EXPECT_EQ(sys_close(fds[1]), 0);
}

static void other_files(void)
{
	int fd = (int)sys_open("/dev/null", O_RDWR);
	struct pollfd items[3] = { { fd, POLLIN | POLLOUT, 0 },
				   { -1, POLLIN, 0xffff },
				   { 99, POLLIN, 0 } };

	EXPECT_EQ(ready(fd, POLLIN | POLLOUT), POLLIN | POLLOUT);
	EXPECT_EQ(sys_poll(items, 3, -1), 2);
	EXPECT_EQ(items[0].revents, POLLIN | POLLOUT);
	EXPECT_EQ(items[1].revents, 0);
	EXPECT_EQ(items[2].revents, POLLNVAL);
	EXPECT_EQ(sys_poll((void *)1, 1, 0), -EFAULT);
	EXPECT_EQ(sys_poll(items, 0x7fffffff, 0), -EINVAL);
	EXPECT_EQ(sys_close(fd), 0);
}

static void no_file(void)
{
	u32 before = now_ms();
	struct timespec time = { 0, 30000000 }, bad = { 0, 1000000000 };
	struct timeval short_time = { 0, 30000 }, negative = { -1, 0 };

	EXPECT_EQ(sys_poll(NULL, 0, 30), 0);
	EXPECT(now_ms() - before >= 29);
	before = now_ms();
	EXPECT_EQ(sys_ppoll(NULL, 0, &time, NULL), 0);
	EXPECT(now_ms() - before >= 29);
	EXPECT(!time.seconds && !time.nanoseconds); /* the rest */
	EXPECT_EQ(sys_ppoll(NULL, 0, &bad, NULL), -EINVAL);
	before = now_ms();
	EXPECT_EQ(sys_select(0, NULL, NULL, NULL, &short_time), 0);
	EXPECT(now_ms() - before >= 29);
	EXPECT(!short_time.seconds && !short_time.microseconds);
	EXPECT_EQ(sys_select(0, NULL, NULL, NULL, &negative), -EINVAL);
	EXPECT_EQ(sys_select(-1, NULL, NULL, NULL, NULL), -EINVAL);
}

static void writes_later(void *argument)
{
	sleep_ms(30);
	EXPECT_EQ(sys_write(((int *)argument)[1], "x", 1), 1);
}

static void wakes(void)
{
	int first[2], second[2], child;
	struct pollfd items[2];
	u32 in;

	EXPECT_EQ(sys_pipe(first), 0);
	EXPECT_EQ(sys_pipe(second), 0);
	child = process_start(writes_later, second);
	items[0] = (struct pollfd){ first[0], POLLIN, 0 };
	items[1] = (struct pollfd){ second[0], POLLIN, 0 };
	EXPECT_EQ(sys_poll(items, 2, -1), 1);
	EXPECT_EQ(items[0].revents, 0);
	EXPECT_EQ(items[1].revents, POLLIN);
	EXPECT_EQ(process_wait(child), EXITED(0));
	child = process_start(writes_later, first);
	EXPECT_EQ(sys_read(second[0], buffer, 1), 1);
	in = 1u << first[0] | 1u << second[0];
	EXPECT_EQ(sys_select(second[1] + 1, &in, NULL, NULL, NULL), 1);
	EXPECT_EQ(in, 1u << first[0]);
	EXPECT_EQ(process_wait(child), EXITED(0));
	close_both(first);
	close_both(second);
}

static void sets(void)
{
	int fds[2], place;
	u32 in, out, except;
	struct timeval none = { 0, 0 };

	EXPECT_EQ(sys_pipe(fds), 0);
	in = 1u << fds[0] | 1u << fds[1];
	out = except = in;
	EXPECT_EQ(sys_select(10, &in, &out, &except, &none), 1);
	EXPECT(!in && !except);
	EXPECT_EQ(out, 1u << fds[1]);
	/* The end of a pipe can be read without waiting. */
	EXPECT_EQ(sys_close(fds[1]), 0);
	in = except = 1u << fds[0];
	EXPECT_EQ(sys_select(10, &in, NULL, &except, &none), 1);
	EXPECT_EQ(in, 1u << fds[0]);
	EXPECT_EQ(except, 0);
	in = 1u << 25;
	EXPECT_EQ(sys_select(26, &in, NULL, NULL, &none), -EBADF);
	EXPECT_EQ(sys_select(25, &in, NULL, NULL, &none), 0); /* bits from n on do not count */
	EXPECT_EQ(sys_select(26, (u32 *)1, NULL, NULL, &none), -EFAULT);
	EXPECT_EQ(sys_close(fds[0]), 0);
	/* What is only a place is in no way ready, and nothing can be waited for. */
	place = (int)sys_open("/", O_PATH);
	in = out = except = 1u << place;
	EXPECT_EQ(sys_select(10, &in, &out, &except, NULL), 3);
	EXPECT_EQ(sys_close(place), 0);
}

static void signals_later(void *argument)
{
	(void)argument;
	sleep_ms(30);
	sys_kill(sys_getppid(), SIGUSR1);
}

static void interrupted(void)
{
	int child;

	handled_clear();
	handler_note(SIGUSR1, SA_RESTART); /* has no effect on these calls */
	child = process_start(signals_later, NULL);
	EXPECT_EQ(sys_poll(NULL, 0, -1), -EINTR);
	EXPECT_EQ(process_wait(child), EXITED(0));
	child = process_start(signals_later, NULL);
	EXPECT_EQ(sys_select(0, NULL, NULL, NULL, NULL), -EINTR);
	EXPECT_EQ(process_wait(child), EXITED(0));
	EXPECT_EQ(handled.count, 2);
}

static void masks(void)
{
	u64 usr1 = SIGNAL_BIT(SIGUSR1), nothing = 0;
	struct timespec none = { 0, 0 };

	handled_clear();
	handler_note(SIGUSR1, 0);
	mask_set(usr1);
	EXPECT_EQ(sys_kill(sys_getpid(), SIGUSR1), 0);
	EXPECT_EQ(sys_ppoll(NULL, 0, &none, NULL), 0);
	EXPECT_EQ(handled.count, 0);
	EXPECT_EQ(sys_ppoll(NULL, 0, NULL, &nothing), -EINTR);
	EXPECT_EQ(handled.count, 1);
	EXPECT(mask_get() == usr1);
	EXPECT_EQ(sys_kill(sys_getpid(), SIGUSR1), 0);
	EXPECT_EQ(sys_pselect6(0, NULL, NULL, NULL, &none, &nothing), -EINTR);
	EXPECT_EQ(handled.count, 2);
	mask_set(nothing);
	EXPECT_EQ(sys_ppoll(NULL, 0, &none, &usr1), 0);
	EXPECT(mask_get() == nothing);
	mask_set(usr1); /* the call's mask is over for good */
	sleep_ms(5);
	EXPECT(mask_get() == usr1);
	mask_set(nothing);
}

static void polls_for_ever(void *argument)
{
	struct pollfd item = { ((int *)argument)[0], POLLIN, 0 };

	EXPECT_EQ(sys_poll(&item, 1, 100000), 1);
}

/* A stop interrupts no poll: it goes on. */
static void goes_on_after_a_stop(void)
{
	int fds[2], child, status;

	EXPECT_EQ(sys_pipe(fds), 0);
	child = process_start(polls_for_ever, fds);
	sleep_ms(20);
	EXPECT_EQ(sys_kill(child, SIGSTOP), 0);
	EXPECT_EQ(sys_waitpid(child, &status, WUNTRACED), child);
	EXPECT_EQ(sys_kill(child, SIGCONT), 0);
	sleep_ms(20);
	EXPECT_EQ(sys_write(fds[1], "x", 1), 1);
	EXPECT_EQ(process_wait(child), EXITED(0));
	close_both(fds);
}

int main(void)
{
	static const struct tap_case cases[] = {
		{ "events of a pipe", events_of_a_pipe },
		{ "files that are always ready, and none", other_files },
		{ "time without a file", no_file },
		{ "a writer wakes poll and select", wakes },
		{ "sets of descriptors", sets },
		{ "a handler interrupts", interrupted },
		{ "masks during the call", masks },
		{ "a stopped poll goes on", goes_on_after_a_stop },
	};

	return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
