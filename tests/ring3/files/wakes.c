/* SPDX-License-Identifier: MIT */
/*
 * A task that waits for a file is woken by whatever brings what it waits for: each call that makes
 * bytes or room, each change of what is watched, each end of a lock.
 *
 *	child   waits ......................... goes on, within seconds
 *	parent          sleeps, then acts
 */
#include "abi/linux/epoll.h"
#include "abi/linux/inotify.h"
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/handler.h"
#include "tests/ring3/runtime/name_calls.h"
#include "tests/ring3/runtime/poll_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/task_calls.h"
#include "tests/ring3/runtime/time_calls.h"

enum { UNLOCK = 8, EXCLUSIVE = 2, SHARED = 1 };

static u8 buffer[65536];
static int fds[2], others[2], event, file;

static long call(int number, long a, long b, long c, long d)
{
	return system_call(number, a, b, c, d, 0, 0);
}

static void limited(void *body)
{
	call(NR_alarm, 20, 0, 0, 0);
	((void (*)(void))body)();
}

/* The child's wait ends because of what the parent does. */
static void expect_woken(void (*waits)(void), void (*acts)(void))
{
	const struct timespec until_it_sleeps = { 0, 15000000 };
	int child = process_start(limited, (void *)waits);

	EXPECT_EQ(sys_nanosleep(&until_it_sleeps, NULL), 0);
	acts();
	EXPECT_EQ(process_wait(child), EXITED(0));
}

static void start(void)
{
	EXPECT_EQ(sys_pipe(fds), 0);
	EXPECT_EQ(sys_pipe(others), 0);
	file = file_create(1, 0);
	event = (int)call(NR_eventfd2, 0, 0, 0, 0);
}

static void finish(void)
{
	for (int i = 0; i < 2; i++) {
		EXPECT_EQ(sys_close(fds[i]), 0);
		EXPECT_EQ(sys_close(others[i]), 0);
	}
	EXPECT_EQ(sys_close(file), 0);
	EXPECT_EQ(sys_close(event), 0);
}

static void put(u64 value)
{
	EXPECT_EQ(sys_write(event, &value, sizeof(value)), 8);
}

static u64 take(void)
{
	u64 value = 0;

	EXPECT_EQ(sys_read(event, &value, sizeof(value)), 8);
	return value;
}

/* --- Pipes --- */

static void reads_byte(void)
{
	EXPECT_EQ(sys_read(fds[0], buffer, 1), 1);
}

static void writes_byte(void)
{
	EXPECT_EQ(sys_write(fds[1], "x", 1), 1);
}

static void fill(void)
{
	EXPECT_EQ(sys_write(fds[1], buffer, sizeof(buffer)), sizeof(buffer));
}

static void gives(void)
{
	struct iovec vector = { (u32) "ab", 2 };

	EXPECT_EQ(call(NR_vmsplice, fds[1], (long)&vector, 1, 0), 2);
}

static void takes(void)
{
	struct iovec vector = { (u32)buffer, 8192 };

	EXPECT_EQ(call(NR_vmsplice, fds[0], (long)&vector, 1, 0), 8192);
}

static void splices(int in, int out, u32 bytes)
{
	EXPECT_EQ(system_call(NR_splice, in, 0, out, 0, (long)bytes, 0), bytes);
}

static void splices_from_file(void)
{
	splices(file, fds[1], 100);
}

static void splices_to_file(void)
{
	splices(fds[0], file, 8192);
}

static void splices_from_pipe(void)
{
	EXPECT_EQ(sys_write(others[1], "ab", 2), 2);
	splices(others[0], fds[1], 2);
}

static void splices_to_pipe(void)
{
	splices(fds[0], others[1], 8192);
}

static void tees(void)
{
	EXPECT_EQ(sys_write(others[1], "ab", 2), 2);
	EXPECT_EQ(call(NR_tee, others[0], fds[1], 2, 0), 2);
}

static void sends_file(void)
{
	u64 offset = 0;

	EXPECT_EQ(sys_sendfile64(fds[1], file, &offset, 100), 100);
}

static void reads_all(void)
{
	EXPECT_EQ(sys_read(fds[0], buffer, sizeof(buffer)), sizeof(buffer));
}

static void enlarges(void)
{
	EXPECT_EQ(sys_fcntl(fds[1], F_SETPIPE_SZ, 131072), 131072);
}

static void readers(void)
{
	void (*const acts[])(void) = { writes_byte,	  gives, splices_from_file,
				       splices_from_pipe, tees,	 sends_file };

	for (u32 i = 0; i < ARRAY_SIZE(acts); i++) {
		start();
		expect_woken(reads_byte, acts[i]);
		finish();
	}
}

static void writers(void)
{
	void (*const acts[])(void) = { reads_all, takes, splices_to_file, splices_to_pipe,
				       enlarges };

	for (u32 i = 0; i < ARRAY_SIZE(acts); i++) {
		start();
		fill();
		expect_woken(writes_byte, acts[i]);
		finish();
	}
}

/* splice() and tee() wait themselves: for bytes, and for room. */
static void splices_byte_to_file(void)
{
	splices(fds[0], file, 1);
}

static void tees_byte(void)
{
	EXPECT_EQ(call(NR_tee, fds[0], others[1], 1, 0), 1);
}

static void splices_byte_from_file(void)
{
	splices(file, fds[1], 1);
}

static void takes_byte(void)
{
	struct iovec vector = { (u32)buffer, 1 };

	EXPECT_EQ(call(NR_vmsplice, fds[0], (long)&vector, 1, 0), 1);
}

static void copies(void)
{
	void (*const waits[])(void) = { splices_byte_to_file, tees_byte, takes_byte };

	for (u32 i = 0; i < ARRAY_SIZE(waits); i++) {
		start();
		expect_woken(waits[i], writes_byte);
		finish();
	}
	start();
	fill();
	expect_woken(splices_byte_from_file, reads_all);
	finish();
	start();
	fill();
	expect_woken(gives, reads_all);
	finish();
}

/* --- poll() --- */

static int awaited;

static void polls_in(void)
{
	struct pollfd item = { fds[0], POLLIN, 0 };

	EXPECT_EQ(sys_close(fds[1]), 0);
	EXPECT_EQ(sys_poll(&item, 1, -1), 1);
	EXPECT_EQ(item.revents, awaited);
}

static void polls_out(void)
{
	struct pollfd item = { fds[1], POLLOUT, 0 };

	EXPECT_EQ(sys_close(fds[0]), 0);
	EXPECT_EQ(sys_poll(&item, 1, -1), 1);
	EXPECT_EQ(item.revents, awaited);
}

static void closes_writer(void)
{
	EXPECT_EQ(sys_close(fds[1]), 0);
	fds[1] = (int)sys_dup(file);
}

static void closes_reader(void)
{
	EXPECT_EQ(sys_close(fds[0]), 0);
	fds[0] = (int)sys_dup(file);
}

static void polled(void)
{
	start();
	awaited = POLLIN;
	expect_woken(polls_in, writes_byte);
	finish();
	start();
	awaited = POLLHUP;
	expect_woken(polls_in, closes_writer);
	finish();
	start();
	fill();
	awaited = POLLOUT;
	expect_woken(polls_out, reads_all);
	finish();
	start();
	fill();
	awaited = POLLERR;
	expect_woken(polls_out, closes_reader);
	finish();
}

/* --- eventfd --- */

static void puts_two(void)
{
	put(2);
}

static void takes_all(void)
{
	EXPECT(take() == UINT64_MAX - 1);
}

static void polls_event(void)
{
	struct pollfd item = { event, (u16)awaited, 0 };

	EXPECT_EQ(sys_poll(&item, 1, -1), 1);
	EXPECT_EQ(item.revents, awaited);
}

static void counters(void)
{
	start();
	put(UINT64_MAX - 1);
	expect_woken(puts_two, takes_all);
	EXPECT(take() == 2);
	awaited = POLLIN;
	expect_woken(polls_event, puts_two);
	EXPECT(take() == 2);
	put(UINT64_MAX - 1);
	awaited = POLLOUT;
	expect_woken(polls_event, takes_all);
	finish();
}

/* --- epoll --- */

static int epoll;

static long change(int command, int fd, u32 events)
{
	struct epoll_event wanted = { events, { (u32)fd, 0 } };

	return call(NR_epoll_ctl, epoll, command, fd, (long)&wanted);
}

static void waits_in_epoll(void)
{
	struct epoll_event got;

	EXPECT_EQ(call(NR_epoll_wait, epoll, (long)&got, 1, -1), 1);
}

static void adds_ready(void)
{
	EXPECT_EQ(change(EPOLL_CTL_ADD, fds[1], POLLOUT), 0);
}

static void wants_more(void)
{
	EXPECT_EQ(change(EPOLL_CTL_MOD, fds[1], POLLOUT), 0);
}

static void watched(void)
{
	start();
	epoll = (int)call(NR_epoll_create1, 0, 0, 0, 0);
	expect_woken(waits_in_epoll, adds_ready);
	EXPECT_EQ(change(EPOLL_CTL_MOD, fds[1], 0), 0);
	expect_woken(waits_in_epoll, wants_more);
	EXPECT_EQ(change(EPOLL_CTL_DEL, fds[1], 0), 0);
	EXPECT_EQ(change(EPOLL_CTL_ADD, event, POLLIN), 0);
	expect_woken(waits_in_epoll, puts_two);
	EXPECT_EQ(sys_close(epoll), 0);
	finish();
}

static void waits_alone(void)
{
	struct epoll_event wanted = { POLLIN | EPOLLEXCLUSIVE, { 0, 0 } }, got;
	int own = (int)call(NR_epoll_create1, 0, 0, 0, 0);

	EXPECT_EQ(call(NR_epoll_ctl, own, EPOLL_CTL_ADD, fds[0], (long)&wanted), 0);
	sys_exit((int)call(NR_epoll_wait, own, (long)&got, 1, 200));
}

/* Of several that wait for one event alone, one is woken. */
static void woken_alone(void)
{
	const struct timespec until_they_sleep = { 0, 60000000 };
	int first, second;

	start();
	first = process_start(limited, (void *)waits_alone);
	second = process_start(limited, (void *)waits_alone);
	EXPECT_EQ(sys_nanosleep(&until_they_sleep, NULL), 0);
	writes_byte();
	EXPECT_EQ(process_wait(first) + process_wait(second), EXITED(1));
	finish();
}

/* --- inotify --- */

static int notify;

static void reads_notice(void)
{
	EXPECT_EQ(sys_read(notify, buffer, 100), sizeof(struct inotify_event));
}

static void polls_notice(void)
{
	struct pollfd item = { notify, POLLIN | POLLOUT, 0 };

	EXPECT_EQ(sys_poll(&item, 1, -1), 1);
	EXPECT_EQ(item.revents, POLLIN);
}

static void truncates(void)
{
	EXPECT_EQ(sys_ftruncate(file, 5), 0);
}

static void noticed(void)
{
	struct text path;

	start();
	file_name(&path, ".wakes");
	EXPECT_EQ(sys_close(file), 0);
	file = (int)sys_open_mode(path.data, O_RDWR | O_CREAT, 0600);
	notify = (int)call(NR_inotify_init1, 0, 0, 0, 0);
	EXPECT_EQ(call(NR_inotify_add_watch, notify, (long)path.data, IN_MODIFY, 0), 1);
	expect_woken(reads_notice, truncates);
	expect_woken(polls_notice, truncates);
	EXPECT_EQ(sys_close(notify), 0);
	EXPECT_EQ(sys_unlink(path.data), 0);
	finish();
}

/* --- Locks of whole files --- */

static int second;

static void locks(void)
{
	EXPECT_EQ(call(NR_flock, second, EXCLUSIVE, 0, 0), 0);
}

static void locks_shared(void)
{
	EXPECT_EQ(call(NR_flock, second, SHARED, 0, 0), 0);
}

static void unlocks(void)
{
	EXPECT_EQ(call(NR_flock, file, UNLOCK, 0, 0), 0);
}

static void softens(void)
{
	EXPECT_EQ(call(NR_flock, file, SHARED, 0, 0), 0);
}

static void locked(void)
{
	struct text path;

	file_name(&path, ".lock");
	start();
	EXPECT_EQ(sys_close(file), 0);
	file = (int)sys_open_mode(path.data, O_RDWR | O_CREAT, 0600);
	second = (int)sys_open(path.data, O_RDWR);
	EXPECT_EQ(call(NR_flock, file, EXCLUSIVE, 0, 0), 0);
	expect_woken(locks, unlocks);
	EXPECT_EQ(call(NR_flock, second, UNLOCK, 0, 0), 0); /* the child's lock was this file's */
	EXPECT_EQ(call(NR_flock, file, EXCLUSIVE, 0, 0), 0);
	expect_woken(locks_shared, softens);
	EXPECT_EQ(sys_close(second), 0);
	EXPECT_EQ(sys_unlink(path.data), 0);
	finish();
}

static const struct tap_case cases[] = {
	{ "readers of a pipe", readers },
	{ "writers to a pipe", writers },
	{ "splice and tee wait", copies },
	{ "poll", polled },
	{ "eventfd", counters },
	{ "epoll", watched },
	{ "EPOLLEXCLUSIVE", woken_alone },
	{ "inotify", noticed },
	{ "flock", locked },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
