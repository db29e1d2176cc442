/* SPDX-License-Identifier: MIT */
/* Events as files: eventfd, timerfd, signalfd, inotify, and epoll to wait for many. */
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

static long call(int number, long a, long b, long c, long d)
{
	return system_call(number, a, b, c, d, 0, 0);
}

/* --- eventfd --- */

static int eventfd(u32 count, int flags)
{
	return (int)call(NR_eventfd2, (long)count, flags, 0, 0);
}

static long put(int fd, u64 value)
{
	return sys_write(fd, &value, sizeof(value));
}

static long take(int fd)
{
	u64 value = 0;
	long bytes = sys_read(fd, &value, sizeof(value));

	return bytes == sizeof(value) ? (long)value : bytes;
}

static void counters(void)
{
	int fd = eventfd(3, O_NONBLOCK);
	char few[4];

	EXPECT_EQ(eventfd(0, O_APPEND), -EINVAL);
	EXPECT_EQ(sys_fcntl(fd, F_GETFL, 0), O_RDWR | O_NONBLOCK);
	EXPECT_EQ(take(fd), 3);
	EXPECT_EQ(take(fd), -EAGAIN);
	EXPECT_EQ(put(fd, 2), 8);
	EXPECT_EQ(put(fd, 5), 8);
	EXPECT_EQ(take(fd), 7);
	EXPECT_EQ(put(fd, UINT64_MAX), -EINVAL);
	EXPECT_EQ(put(fd, UINT64_MAX - 1), 8);
	EXPECT_EQ(put(fd, 1), -EAGAIN);
	EXPECT_EQ(sys_read(fd, few, sizeof(few)), -EINVAL);
	EXPECT_EQ(sys_close(fd), 0);
	fd = eventfd(2, O_NONBLOCK | 1);
	EXPECT_EQ(take(fd), 1);
	EXPECT_EQ(take(fd), 1);
	EXPECT_EQ(take(fd), -EAGAIN);
	EXPECT_EQ(sys_close(fd), 0);
}

static void adds(void *argument)
{
	EXPECT_EQ(put(*(int *)argument, 6), 8);
}

static void waits_for_count(void)
{
	int fd = eventfd(0, 0), child = process_start(adds, &fd);

	EXPECT_EQ(take(fd), 6);
	EXPECT_EQ(process_wait(child), EXITED(0));
	EXPECT_EQ(sys_close(fd), 0);
}

/* --- timerfd --- */

static void timers(void)
{
	int fd = (int)call(NR_timerfd_create, CLOCK_MONOTONIC, O_NONBLOCK, 0, 0);
	struct timespec64 times[2] = { { 0, 0, 0 }, { 0, 30000000, 0 } }, left[2];
	struct pollfd poll = { fd, POLLIN, 0 };

	EXPECT_EQ(call(NR_timerfd_create, 77, 0, 0, 0), -EINVAL);
	EXPECT_EQ(call(NR_timerfd_create, CLOCK_MONOTONIC, O_APPEND, 0, 0), -EINVAL);
	EXPECT_EQ(take(fd), -EAGAIN);
	EXPECT_EQ(call(NR_timerfd_settime64, fd, 0, (long)times, (long)left), 0);
	EXPECT(!left[1].seconds && !left[1].nanoseconds);
	EXPECT_EQ(call(NR_timerfd_gettime64, fd, (long)left, 0, 0), 0);
	EXPECT(left[1].nanoseconds > 0 && left[1].nanoseconds <= 30000000);
	EXPECT_EQ(take(fd), -EAGAIN);
	EXPECT_EQ(sys_poll(&poll, 1, 5000), 1);
	EXPECT_EQ(take(fd), 1);
	EXPECT_EQ(take(fd), -EAGAIN);
	EXPECT_EQ(call(NR_timerfd_gettime64, fd, (long)left, 0, 0), 0);
	EXPECT(!left[1].seconds && !left[1].nanoseconds);
	times[0].nanoseconds = 1000000; /* every millisecond */
	EXPECT_EQ(call(NR_timerfd_settime64, fd, 0, (long)times, 0), 0);
	EXPECT_EQ(sys_poll(NULL, 0, 100), 0);
	EXPECT(take(fd) > 20);
	EXPECT_EQ(call(NR_timerfd_settime64, fd, 0, 1, 0), -EFAULT);
	EXPECT_EQ(call(NR_timerfd_settime64, fd, 8, (long)times, 0), -EINVAL);
	EXPECT_EQ(call(NR_timerfd_gettime64, 0, (long)left, 0, 0), -EINVAL);
	EXPECT_EQ(call(NR_timerfd_gettime64, -1, (long)left, 0, 0), -EBADF);
	EXPECT_EQ(sys_close(fd), 0);
}

/* --- signalfd --- */

static void signals(void)
{
	const u64 set = 1ull << (SIGUSR1 - 1) | 1ull << (SIGRTMIN - 1);
	int fd = (int)call(NR_signalfd4, -1, (long)&set, sizeof(set), O_NONBLOCK);
	struct pollfd poll = { fd, POLLIN, 0 };
	u32 record[2][32];

	EXPECT_EQ(sys_rt_sigprocmask(SIG_BLOCK, &set, NULL), 0);
	EXPECT_EQ(call(NR_signalfd4, -1, (long)&set, 4, 0), -EINVAL);
	EXPECT_EQ(call(NR_signalfd4, 0, (long)&set, sizeof(set), 0), -EINVAL);
	EXPECT_EQ(sys_read(fd, record, sizeof(record)), -EAGAIN);
	EXPECT_EQ(sys_poll(&poll, 1, 0), 0);
	EXPECT_EQ(sys_kill(sys_getpid(), SIGUSR1), 0);
	EXPECT_EQ(sys_kill(sys_getpid(), SIGRTMIN), 0);
	EXPECT_EQ(sys_kill(sys_getpid(), SIGRTMIN), 0);
	EXPECT_EQ(sys_poll(&poll, 1, 0), 1);
	EXPECT_EQ(sys_read(fd, record, 100), -EINVAL);
	EXPECT_EQ(sys_read(fd, record, sizeof(record)), sizeof(record));
	EXPECT(record[0][0] == SIGUSR1 && record[1][0] == SIGRTMIN);
	EXPECT(record[0][2] == SI_USER && record[0][3] == (u32)sys_getpid());
	EXPECT_EQ(sys_read(fd, record, sizeof(record)), sizeof(record[0]));
	EXPECT_EQ(sys_read(fd, record, sizeof(record)), -EAGAIN);
	EXPECT_EQ(sys_close(fd), 0);
}

static void sends(void *argument)
{
	EXPECT_EQ(sys_kill(sys_getppid(), SIGUSR1), 0);
	(void)argument;
}

static void waits_for_signal(void)
{
	const u64 set = 1ull << (SIGUSR1 - 1);
	int fd = (int)call(NR_signalfd, -1, (long)&set, sizeof(set), 0), child;
	u32 record[32];

	EXPECT_EQ(sys_rt_sigprocmask(SIG_BLOCK, &set, NULL), 0);
	child = process_start(sends, NULL);
	EXPECT_EQ(sys_read(fd, record, sizeof(record)), sizeof(record));
	EXPECT(record[0] == SIGUSR1 && record[3] == (u32)child);
	EXPECT_EQ(process_wait(child), EXITED(0));
	EXPECT_EQ(sys_close(fd), 0);
}

/* --- epoll --- */

static long change(int epoll, int command, int fd, u32 events)
{
	struct epoll_event event = { events, { (u32)fd, 7 } };

	return call(NR_epoll_ctl, epoll, command, fd, (long)&event);
}

static long ready(int epoll, struct epoll_event *events, int most, int timeout)
{
	return call(NR_epoll_wait, epoll, (long)events, most, timeout);
}

static void rules_of_epoll(void)
{
	int epoll = (int)call(NR_epoll_create1, O_CLOEXEC, 0, 0, 0), other, fds[2];
	int file = (int)sys_open("/proc/self/exe", O_RDONLY);
	struct epoll_event event;

	EXPECT_EQ(call(NR_epoll_create1, O_NONBLOCK, 0, 0, 0), -EINVAL);
	EXPECT_EQ(call(NR_epoll_create, 0, 0, 0, 0), -EINVAL);
	other = (int)call(NR_epoll_create, 1, 0, 0, 0);
	EXPECT_EQ(sys_pipe(fds), 0);
	EXPECT_EQ(change(epoll, EPOLL_CTL_ADD, file, POLLIN), -EPERM);
	EXPECT_EQ(change(epoll, EPOLL_CTL_ADD, -1, POLLIN), -EBADF);
	EXPECT_EQ(change(fds[0], EPOLL_CTL_ADD, fds[1], POLLIN), -EINVAL);
	EXPECT_EQ(change(epoll, EPOLL_CTL_ADD, epoll, POLLIN), -EINVAL);
	EXPECT_EQ(change(epoll, EPOLL_CTL_MOD, fds[0], POLLIN), -ENOENT);
	EXPECT_EQ(change(epoll, EPOLL_CTL_DEL, fds[0], 0), -ENOENT);
	EXPECT_EQ(change(epoll, 9, fds[0], POLLIN), -EINVAL);
	EXPECT_EQ(change(epoll, EPOLL_CTL_ADD, fds[0], POLLIN), 0);
	EXPECT_EQ(change(epoll, EPOLL_CTL_ADD, fds[0], POLLIN), -EEXIST);
	EXPECT_EQ(change(epoll, EPOLL_CTL_ADD, other, POLLIN), 0);
	EXPECT_EQ(change(other, EPOLL_CTL_ADD, epoll, POLLIN), -ELOOP);
	EXPECT_EQ(call(NR_epoll_ctl, epoll, EPOLL_CTL_MOD, fds[0], 1), -EFAULT);
	EXPECT_EQ(ready(epoll, &event, 0, 0), -EINVAL);
	EXPECT_EQ(ready(fds[0], &event, 1, 0), -EINVAL);
	EXPECT_EQ(ready(-1, &event, 1, 0), -EBADF);
	EXPECT_EQ(ready(epoll, &event, 1, 0), 0);
	for (int fd = epoll; fd <= fds[1]; fd++)
		EXPECT_EQ(sys_close(fd), 0);
}

/* An epoll may watch another that watches one, five in all, in whatever order they are joined. */
static void chains(void)
{
	int fd[6];

	for (u32 i = 0; i < ARRAY_SIZE(fd); i++)
		fd[i] = (int)call(NR_epoll_create1, 0, 0, 0, 0);
	for (u32 i = 0; i < 4; i++)
		EXPECT_EQ(change(fd[i], EPOLL_CTL_ADD, fd[i + 1], POLLIN), 0);
	EXPECT_EQ(change(fd[4], EPOLL_CTL_ADD, fd[5], POLLIN), -ELOOP);
	EXPECT_EQ(change(fd[5], EPOLL_CTL_ADD, fd[0], POLLIN), -ELOOP);
	EXPECT_EQ(change(fd[0], EPOLL_CTL_ADD, fd[5], POLLIN), 0);
	EXPECT_EQ(change(fd[3], EPOLL_CTL_DEL, fd[4], 0), 0);
	EXPECT_EQ(change(fd[4], EPOLL_CTL_ADD, fd[0], POLLIN), 0);
	EXPECT_EQ(change(fd[3], EPOLL_CTL_ADD, fd[4], POLLIN), -ELOOP);
	for (u32 i = 0; i < ARRAY_SIZE(fd); i++)
		EXPECT_EQ(sys_close(fd[i]), 0);
}

static void kinds_of_events(void)
{
	int epoll = (int)call(NR_epoll_create1, 0, 0, 0, 0), fds[2];
	struct epoll_event events[2];
	char byte;

	EXPECT_EQ(sys_pipe(fds), 0);
	EXPECT_EQ(change(epoll, EPOLL_CTL_ADD, fds[0], POLLIN), 0);
	EXPECT_EQ(change(epoll, EPOLL_CTL_ADD, fds[1], POLLOUT | EPOLLONESHOT), 0);
	EXPECT_EQ(ready(epoll, events, 2, 0), 1);
	EXPECT(events[0].events == POLLOUT && events[0].data[0] == (u32)fds[1]);
	EXPECT_EQ(events[0].data[1], 7);
	EXPECT_EQ(ready(epoll, events, 2, 0), 0); /* it was told */
	EXPECT_EQ(sys_write(fds[1], "ab", 2), 2);
	for (int i = 0; i < 2; i++)
		EXPECT_EQ(ready(epoll, events, 2, 0), 1); /* as long as there is data */
	EXPECT_EQ(change(epoll, EPOLL_CTL_MOD, fds[1], POLLOUT | EPOLLONESHOT), 0);
	EXPECT_EQ(ready(epoll, events, 2, 0), 2);
	EXPECT_EQ(change(epoll, EPOLL_CTL_MOD, fds[0], POLLIN | EPOLLET), 0);
	EXPECT_EQ(ready(epoll, events, 2, 0), 1);
	EXPECT_EQ(ready(epoll, events, 2, 0), 0); /* nothing happened since */
	EXPECT_EQ(sys_read(fds[0], &byte, 1), 1);
	EXPECT_EQ(sys_write(fds[1], "c", 1), 1);
	EXPECT_EQ(ready(epoll, events, 2, 0), 1);
	EXPECT_EQ(sys_read(fds[0], &byte, 1), 1);
	EXPECT_EQ(ready(epoll, events, 2, 0), 0); /* a read is no news to a reader */
	EXPECT_EQ(change(epoll, EPOLL_CTL_DEL, fds[0], 0), 0);
	EXPECT_EQ(ready(epoll, events, 2, 20), 0);
	EXPECT_EQ(change(epoll, EPOLL_CTL_ADD, fds[0], 0), 0);
	EXPECT_EQ(sys_close(fds[1]), 0);
	EXPECT_EQ(ready(epoll, events, 2, 0), 1); /* also unasked */
	EXPECT_EQ(events[0].events, POLLHUP);
	EXPECT_EQ(sys_close(fds[0]), 0); /* and with it what watched it */
	EXPECT_EQ(ready(epoll, events, 2, 0), 0);
	EXPECT_EQ(sys_close(epoll), 0);
}

static void waits_in_epoll(void)
{
	int inner = (int)call(NR_epoll_create1, 0, 0, 0, 0);
	int outer = (int)call(NR_epoll_create1, 0, 0, 0, 0);
	int fd = eventfd(0, 0), child;
	struct epoll_event event;

	EXPECT_EQ(change(inner, EPOLL_CTL_ADD, fd, POLLIN), 0);
	EXPECT_EQ(change(outer, EPOLL_CTL_ADD, inner, POLLIN), 0);
	child = process_start(adds, &fd);
	EXPECT_EQ(ready(outer, &event, 1, -1), 1);
	EXPECT_EQ(event.data[0], inner);
	EXPECT_EQ(ready(inner, &event, 1, -1), 1);
	EXPECT_EQ(event.data[0], fd);
	EXPECT_EQ(process_wait(child), EXITED(0));
	EXPECT_EQ(take(fd), 6);
	EXPECT_EQ(ready(outer, &event, 1, 0), 0);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_close(inner), 0);
	EXPECT_EQ(sys_close(outer), 0);
}

/* --- inotify --- */

static char events[2048];

static long watch(int fd, const char *path, u32 mask)
{
	return call(NR_inotify_add_watch, fd, (long)path, (long)mask, 0);
}

/* What the events are, in order: wd, mask, name; and whether the cookies of a move are equal. */
static void expect_events(int fd, const char *expected)
{
	long bytes = sys_read(fd, events, sizeof(events));
	struct text text;
	u32 cookie = 0;

	text_clear(&text);
	for (long at = 0; at < bytes;) {
		const struct inotify_event *event = (void *)(events + at);

		text_add_decimal(&text, event->wd);
		text_add(&text, ":");
		text_add_hex(&text, event->mask);
		if (event->length) {
			text_add(&text, ":");
			text_add(&text, events + at + sizeof(*event));
		}
		text_add(&text, event->cookie && event->cookie == cookie ? "= " : " ");
		cookie = event->cookie;
		at += (long)sizeof(*event) + (long)event->length;
	}
	EXPECT(bytes > 0);
	if (strcmp(text.data, expected))
		tap_line(text.data);
	EXPECT_EQ(strcmp(text.data, expected), 0);
}

/* A queue has room for so many events; one more says that others were lost. */
static void full(void)
{
	static char text[16];
	struct text folder;
	int fd = (int)call(NR_inotify_init1, O_NONBLOCK, 0, 0, 0);
	int limit = sys_open("/proc/sys/fs/inotify/max_queued_events", O_RDONLY);
	u32 most, count = 0, last = 0;
	long bytes;

	EXPECT(sys_read(limit, text, sizeof(text) - 1) > 0);
	sys_close(limit);
	most = string_to_number(text);
	file_name(&folder, ".full");
	EXPECT_EQ(sys_mkdir(folder.data, 0700), 0);
	EXPECT_EQ(watch(fd, folder.data, IN_OPEN | IN_CLOSE_NOWRITE), 1);
	for (u32 i = 0; i < most / 2 + 2; i++)
		EXPECT_EQ(sys_close(sys_open(folder.data, O_RDONLY)), 0);
	while ((bytes = sys_read(fd, events, sizeof(events))) > 0) {
		for (long at = 0; at < bytes; at += (long)sizeof(struct inotify_event), count++)
			last = ((const struct inotify_event *)(events + at))->mask;
	}
	EXPECT_EQ(count, most + 1);
	EXPECT_EQ(last, IN_Q_OVERFLOW);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_rmdir(folder.data), 0);
}

static void in_a_folder(void)
{
	struct text folder;
	int fd = (int)call(NR_inotify_init1, O_NONBLOCK, 0, 0, 0), file;
	char byte;

	file_name(&folder, ".inotify");
	EXPECT_EQ(sys_mkdir(folder.data, 0700), 0);
	EXPECT_EQ(sys_chdir(folder.data), 0);
	EXPECT_EQ(call(NR_inotify_init1, O_APPEND, 0, 0, 0), -EINVAL);
	EXPECT_EQ(watch(fd, ".", 0), -EINVAL);
	EXPECT_EQ(watch(fd, "none", IN_OPEN), -ENOENT);
	EXPECT_EQ(watch(1, ".", IN_OPEN), -EINVAL);
	EXPECT_EQ(watch(fd, ".", IN_ALL_EVENTS), 1);
	EXPECT_EQ(sys_read(fd, events, sizeof(events)), -EAGAIN);
	file = (int)sys_open_mode("f", O_RDWR | O_CREAT, 0600);
	EXPECT_EQ(sys_write(file, "ab", 2), 2);
	EXPECT_EQ(sys_write(file, "ab", 2), 2); /* nothing new */
	EXPECT_EQ(sys_pread64(file, &byte, 1, 0), 1);
	EXPECT_EQ(sys_close(file), 0);
	expect_events(
		fd, "1:0x00000100:f 1:0x00000020:f 1:0x00000002:f 1:0x00000001:f 1:0x00000008:f ");
	EXPECT_EQ(watch(fd, "f", IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF), 2);
	EXPECT_EQ(watch(fd, "f", IN_OPEN | IN_MASK_CREATE), -EEXIST);
	EXPECT_EQ(watch(fd, "f", IN_OPEN | IN_ONLYDIR), -ENOTDIR);
	EXPECT_EQ(sys_chmod("f", 0644), 0);
	EXPECT_EQ(sys_rename("f", "g"), 0);
	expect_events(fd,
		      "1:0x00000004:f 2:0x00000004 1:0x00000040:f 1:0x00000080:g= 2:0x00000800 ");
	EXPECT_EQ(sys_mkdir("d", 0700), 0);
	EXPECT_EQ(sys_rmdir("d"), 0);
	EXPECT_EQ(sys_unlink("g"), 0);
	expect_events(fd, "1:0x40000100:d 1:0x40000200:d 2:0x00000004 2:0x00000400 2:0x00008000 "
			  "1:0x00000200:g ");
	EXPECT_EQ(call(NR_inotify_rm_watch, fd, 2, 0, 0), -EINVAL);
	EXPECT_EQ(call(NR_inotify_rm_watch, fd, 1, 0, 0), 0);
	EXPECT_EQ(sys_read(fd, events, 15), -EINVAL);
	expect_events(fd, "1:0x00008000 ");
	EXPECT_EQ(watch(fd, ".", IN_CREATE | IN_ONESHOT), 3);
	EXPECT_EQ(sys_mkdir("d", 0700), 0);
	EXPECT_EQ(watch(fd, "d", IN_MOVE_SELF | IN_ATTRIB), 4);
	EXPECT_EQ(sys_chmod("d", 0755), 0);
	EXPECT_EQ(sys_rename("d", "e"), 0);
	EXPECT_EQ(call(NR_inotify_rm_watch, fd, 4, 0, 0), 0);
	EXPECT_EQ(sys_rmdir("e"), 0);
	expect_events(fd, "3:0x40000100:d 3:0x00008000 4:0x40000004 4:0x00000800 4:0x00008000 ");
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_chdir("/"), 0);
	EXPECT_EQ(sys_rmdir(folder.data), 0);
}

static const struct tap_case cases[] = {
	{ "eventfd: a counter", counters },
	{ "eventfd: a read waits", waits_for_count },
	{ "timerfd", timers },
	{ "signalfd", signals },
	{ "signalfd: a read waits", waits_for_signal },
	{ "epoll: what may be watched", rules_of_epoll },
	{ "epoll: how long a chain may be", chains },
	{ "epoll: by level, by edge, once", kinds_of_events },
	{ "epoll in epoll, and a wait", waits_in_epoll },
	{ "inotify", in_a_folder },
	{ "inotify: a full queue", full },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
