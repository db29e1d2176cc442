/* SPDX-License-Identifier: MIT */
/*
 * The state of a process in each call that waits: it sleeps (S in /proc/PID/stat), and does not
 * merely look again and again while others could run.
 */
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/lines.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/poll_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/signal_calls.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/thread.h"
#include "tests/ring3/runtime/time_calls.h"

/* Descriptors: the ends of an empty pipe and of a full one, and files without an event. */
enum { EMPTY = 20, EMPTY_END, FULL_END, FULL, COUNTER, TIMER, SIGNALS, EPOLL, WATCHES };

static u8 buffer[4096];
static volatile int word;
static const struct timespec day = { 86400, 0 };
static const struct timeval day_too = { 86400, 0 };
static const u64 usr1 = SIGNAL_BIT(SIGUSR1), nothing;

static const struct {
	int number;
	long arguments[6];
} calls[] = {
	{ NR_pause, { 0 } },
	{ NR_sigsuspend, { 0 } },
	{ NR_rt_sigsuspend, { (long)&nothing, 8 } },
	{ NR_rt_sigtimedwait, { (long)&usr1, 0, 0, 8 } },
	{ NR_rt_sigtimedwait, { (long)&usr1, 0, (long)&day, 8 } },
	{ NR_nanosleep, { (long)&day, 0 } },
	{ NR_clock_nanosleep, { CLOCK_REALTIME, 0, (long)&day, 0 } },
	{ NR_futex, { (long)&word, FUTEX_WAIT, 0, 0 } },
	{ NR_futex, { (long)&word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 0, (long)&day } },
	{ NR_poll, { 0, 0, -1 } },
	{ NR_poll, { 0, 0, 1000000 } },
	{ NR_ppoll, { 0, 0, (long)&day, 0, 8 } },
	{ NR__newselect, { 0, 0, 0, 0, (long)&day_too } },
	{ NR_epoll_wait, { EPOLL, (long)buffer, 1, -1 } },
	{ NR_read, { EMPTY, (long)buffer, 1 } },
	{ NR_write, { FULL, (long)buffer, 1 } },
	{ NR_read, { COUNTER, (long)buffer, 8 } },
	{ NR_read, { TIMER, (long)buffer, 8 } },
	{ NR_read, { SIGNALS, (long)buffer, 128 } },
	{ NR_read, { WATCHES, (long)buffer, 4096 } },
};

static void put_at(int place, long fd)
{
	EXPECT(fd >= 0 && fd < EMPTY);
	EXPECT_EQ(sys_dup2((int)fd, place), place);
	EXPECT_EQ(sys_close((int)fd), 0);
}

static void open_files(void)
{
	int fds[2];

	EXPECT_EQ(sys_pipe(fds), 0);
	put_at(EMPTY, fds[0]);
	put_at(EMPTY_END, fds[1]);
	EXPECT_EQ(sys_pipe(fds), 0);
	put_at(FULL_END, fds[0]);
	put_at(FULL, fds[1]);
	for (u32 i = 0; i < 16; i++)
		EXPECT_EQ(sys_write(FULL, buffer, sizeof(buffer)), sizeof(buffer));
	put_at(COUNTER, system_call(NR_eventfd, 0, 0, 0, 0, 0, 0));
	put_at(TIMER, system_call(NR_timerfd_create, CLOCK_MONOTONIC, 0, 0, 0, 0, 0));
	put_at(SIGNALS, system_call(NR_signalfd, -1, (long)&usr1, 8, 0, 0, 0));
	put_at(EPOLL, system_call(NR_epoll_create, 1, 0, 0, 0, 0, 0));
	put_at(WATCHES, system_call(NR_inotify_init, 0, 0, 0, 0, 0, 0));
}

static void makes_call(void *argument)
{
	const long *a = calls[(u32)argument].arguments;

	system_call(calls[(u32)argument].number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* The letter of a process's state, when it has begun to sleep or after a while. */
static char state_of(int pid)
{
	struct text path;
	char state = 0;

	text_clear(&path);
	text_add(&path, "/proc/");
	text_add_decimal(&path, pid);
	text_add(&path, "/stat");
	for (u32 i = 0; i < 2000 && state != 'S'; i++) {
		sys_sched_yield();
		state = *stat_word(file_text(path.data), 3);
	}
	return state;
}

static void tell_call(u32 i)
{
	struct text text;

	text_clear(&text);
	text_add(&text, "# number of the call: ");
	text_add_decimal(&text, calls[i].number);
	tap_line(text.data);
}

static void sleeps(void)
{
	open_files();
	for (u32 i = 0; i < ARRAY_SIZE(calls); i++) {
		int pid = process_start(makes_call, (void *)i);
		char state = state_of(pid);

		EXPECT_EQ(sys_kill(pid, SIGKILL), 0);
		EXPECT_EQ(process_wait(pid), KILLED(SIGKILL));
		if (state != 'S')
			tell_call(i);
		EXPECT_EQ(state, 'S');
	}
	for (int fd = EMPTY; fd <= WATCHES; fd++)
		EXPECT_EQ(sys_close(fd), 0);
}

static const struct tap_case cases[] = {
	{ "a process that waits sleeps", sleeps },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
