/* SPDX-License-Identifier: MIT */
/*
 * Edges of eventfd, epoll and inotify: the last count, turns among those that are ready, events
 * that are like the one before, buffers that are too short. events.c has what they are for.
 */
#include "abi/linux/epoll.h"
#include "abi/linux/inotify.h"
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/name_calls.h"
#include "tests/ring3/runtime/poll_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/task_calls.h"
#include "tests/ring3/runtime/time_calls.h"

#define OMIT ((1 << 30) - 2) /* UTIME_OMIT: this time stays */

static char events[2048];

static long call(int number, long a, long b, long c, long d)
{
	return system_call(number, a, b, c, d, 0, 0);
}

static int ready(int fd)
{
	struct pollfd item = { fd, POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM, 0 };

	sys_poll(&item, 1, 0);
	return item.revents;
}

/* --- eventfd --- */

static long put(int fd, u64 value)
{
	return sys_write(fd, &value, sizeof(value));
}

/* Files without a name have one inode, whatever was open before. */
static void one_inode(void)
{
	struct stat64 first, second;
	int fd = (int)call(NR_eventfd2, 0, 0, 0, 0), fds[2];

	EXPECT_EQ(sys_fstat64(fd, &first), 0);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_pipe(fds), 0);
	EXPECT_EQ(sys_close(fds[0]), 0);
	EXPECT_EQ(sys_close(fds[1]), 0);
	fd = (int)call(NR_eventfd2, 0, 0, 0, 0);
	EXPECT_EQ(sys_fstat64(fd, &second), 0);
	EXPECT(first.ino == second.ino && first.nlink == 1 && second.nlink == 1);
	EXPECT(!second.uid && !second.gid && !second.size);
	EXPECT_EQ(sys_close(fd), 0);
}

static void last_counts(void)
{
	int fd = (int)call(NR_eventfd2, 0, O_NONBLOCK, 0, 0);
	struct stat64 stat;
	u64 value[2];

	EXPECT_EQ(ready(fd), POLLOUT);
	EXPECT_EQ(put(fd, 0), 8);
	EXPECT_EQ(ready(fd), POLLOUT);
	EXPECT_EQ(put(fd, UINT64_MAX - 2), 8);
	EXPECT_EQ(ready(fd), POLLIN | POLLOUT);
	EXPECT_EQ(put(fd, 2), -EAGAIN);
	EXPECT_EQ(put(fd, 1), 8);
	EXPECT_EQ(ready(fd), POLLIN);
	EXPECT_EQ(put(fd, 0), 8);
	EXPECT_EQ(sys_write(fd, value, 4), -EINVAL);
	EXPECT_EQ(sys_write(fd, (void *)16, 8), -EFAULT);
	EXPECT_EQ(sys_read(fd, value, 7), -EINVAL);
	EXPECT_EQ(sys_read(fd, value, 16), 8);
	EXPECT(value[0] == UINT64_MAX - 1);
	EXPECT_EQ(sys_read(fd, value, 8), -EAGAIN);
	EXPECT_EQ(put(fd, 3), 8);
	EXPECT_EQ(sys_read(fd, (void *)16, 8), -EFAULT);
	EXPECT_EQ(sys_lseek(fd, 5, SEEK_SET), 0);
	EXPECT_EQ(sys_fstat64(fd, &stat), 0);
	EXPECT_EQ(stat.mode, 0600);
	EXPECT_EQ(sys_close(fd), 0);
}

/* --- epoll --- */

static long change(int epoll, int command, int fd, u32 wanted)
{
	struct epoll_event event = { wanted, { (u32)fd, 7 } };

	return call(NR_epoll_ctl, epoll, command, fd, (long)&event);
}

static int new_epoll(void)
{
	return (int)call(NR_epoll_create1, 0, 0, 0, 0);
}

static long wait(int epoll, struct epoll_event *found, int most)
{
	return call(NR_epoll_wait, epoll, (long)found, most, 0);
}

/* Each that is ready gets its turn, however few are asked for. */
static void turns(void)
{
	int epoll = new_epoll(), fds[3];
	struct epoll_event found[3];
	u32 seen = 0;

	for (u32 i = 0; i < 3; i++) {
		fds[i] = (int)call(NR_eventfd2, 1, 0, 0, 0);
		EXPECT_EQ(change(epoll, EPOLL_CTL_ADD, fds[i], POLLIN), 0);
	}
	EXPECT_EQ(ready(epoll), POLLIN | POLLRDNORM);
	for (u32 i = 0; i < 3; i++) {
		EXPECT_EQ(wait(epoll, found, 1), 1);
		EXPECT_EQ(found[0].events, POLLIN);
		seen |= 1u << (int)(found[0].data[0] - (u32)fds[0]);
	}
	EXPECT_EQ(seen, 7);
	EXPECT_EQ(wait(epoll, found, 2), 2);
	EXPECT_EQ(wait(epoll, found, 3), 3);
	for (u32 i = 0; i < 3; i++)
		EXPECT_EQ(sys_close(fds[i]), 0);
	EXPECT_EQ(ready(epoll), 0);
	EXPECT_EQ(sys_close(epoll), 0);
}

/* A file is watched once for each number that it has, and by each epoll. */
static void numbers(void)
{
	int first = new_epoll(), second = new_epoll(), fd = (int)call(NR_eventfd2, 1, 0, 0, 0);
	int copy = (int)sys_dup(fd);
	struct epoll_event found[3];

	EXPECT_EQ(change(first, EPOLL_CTL_ADD, fd, POLLIN), 0);
	EXPECT_EQ(change(first, EPOLL_CTL_ADD, copy, POLLIN | POLLOUT), 0);
	EXPECT_EQ(change(second, EPOLL_CTL_ADD, copy, POLLOUT), 0);
	EXPECT_EQ(wait(first, found, 3), 2);
	EXPECT_EQ(change(first, EPOLL_CTL_DEL, fd, 0), 0);
	EXPECT_EQ(change(first, EPOLL_CTL_DEL, fd, 0), -ENOENT);
	EXPECT_EQ(wait(first, found, 3), 1);
	EXPECT(found[0].events == (POLLIN | POLLOUT) && found[0].data[0] == (u32)copy);
	EXPECT_EQ(wait(second, found, 3), 1);
	EXPECT_EQ(found[0].events, POLLOUT);
	EXPECT_EQ(change(second, EPOLL_CTL_MOD, copy, 0), 0);
	EXPECT_EQ(wait(second, found, 3), 0);
	EXPECT_EQ(sys_close(first), 0);
	EXPECT_EQ(change(second, EPOLL_CTL_MOD, copy, POLLIN), 0);
	EXPECT_EQ(wait(second, found, 3), 1);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(wait(second, found, 3), 1); /* the file is open yet */
	EXPECT_EQ(sys_close(copy), 0);
	EXPECT_EQ(wait(second, found, 3), 0);
	EXPECT_EQ(sys_close(second), 0);
}

static void exclusive(void)
{
	int epoll = new_epoll(), inner = new_epoll(), fd = (int)call(NR_eventfd2, 1, 0, 0, 0);
	struct epoll_event found;

	EXPECT_EQ(change(epoll, EPOLL_CTL_ADD, inner, POLLIN | EPOLLEXCLUSIVE), -EINVAL);
	EXPECT_EQ(change(epoll, EPOLL_CTL_ADD, fd, POLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT),
		  -EINVAL);
	EXPECT_EQ(change(epoll, EPOLL_CTL_ADD, fd, POLLPRI | EPOLLEXCLUSIVE), -EINVAL);
	EXPECT_EQ(change(epoll, EPOLL_CTL_ADD, fd, POLLIN | POLLOUT | EPOLLEXCLUSIVE | EPOLLET), 0);
	EXPECT_EQ(change(epoll, EPOLL_CTL_MOD, fd, POLLIN), -EINVAL);
	EXPECT_EQ(wait(epoll, &found, 1), 1);
	EXPECT_EQ(change(epoll, EPOLL_CTL_DEL, fd, EPOLLEXCLUSIVE), 0);
	EXPECT_EQ(change(epoll, EPOLL_CTL_ADD, fd, POLLIN), 0);
	EXPECT_EQ(change(epoll, EPOLL_CTL_MOD, fd, POLLIN | EPOLLEXCLUSIVE), -EINVAL);
	EXPECT_EQ(change(epoll, EPOLL_CTL_MOD, fd, POLLIN | EPOLLONESHOT), 0);
	EXPECT_EQ(wait(epoll, &found, 1), 1);
	EXPECT_EQ(found.events, POLLIN);
	EXPECT_EQ(wait(epoll, &found, 1), 0);
	EXPECT_EQ(ready(epoll), 0);
	EXPECT_EQ(change(fd, EPOLL_CTL_ADD, epoll, POLLIN), -EINVAL);
	EXPECT_EQ(call(NR_epoll_wait, epoll, 16, 1, 0), 0);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_close(inner), 0);
	EXPECT_EQ(sys_close(epoll), 0);
}

static void stops_waiting(void *argument)
{
	const int *fds = argument;
	struct epoll_event found;

	EXPECT_EQ(call(NR_epoll_wait, fds[0], (long)&found, 1, 30), 0);
}

static void times(void)
{
	int epoll = new_epoll();

	EXPECT_CHILD(stops_waiting, &epoll, EXITED(0));
	EXPECT_EQ(sys_close(epoll), 0);
}

/* --- inotify --- */

static struct text folder;

static long watch(int fd, const char *path, u32 mask)
{
	return call(NR_inotify_add_watch, fd, (long)path, (long)mask, 0);
}

static void touch(const char *name)
{
	EXPECT_EQ(sys_close(sys_open_mode(name, O_RDWR | O_CREAT, 0600)), 0);
}

static int begin(void)
{
	file_name(&folder, ".watches");
	EXPECT_EQ(sys_mkdir(folder.data, 0700), 0);
	EXPECT_EQ(sys_chdir(folder.data), 0);
	return (int)call(NR_inotify_init1, O_NONBLOCK, 0, 0, 0);
}

static void end(int fd)
{
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_chdir("/"), 0);
	EXPECT_EQ(sys_rmdir(folder.data), 0);
}

/* Nothing but zeros follows the name. */
static bool is_padded(const char *name, u32 bytes)
{
	for (u32 i = (u32)strlen(name); i < bytes; i++)
		if (name[i])
			return false;
	return true;
}

/* Prints what is there: `wd:mask:length:name `. */
static void expect_events(int fd, u32 room, const char *expected)
{
	long bytes = sys_read(fd, events, room);
	struct text text;

	text_clear(&text);
	for (long at = 0; at < bytes;) {
		const struct inotify_event *event = (void *)(events + at);

		text_add_decimal(&text, event->wd);
		text_add(&text, ":");
		text_add_hex(&text, event->mask);
		if (event->length) {
			text_add(&text, ":");
			text_add_decimal(&text, (int)event->length);
			text_add(&text, events + at + sizeof(*event));
			EXPECT(is_padded(events + at + sizeof(*event), event->length));
		}
		text_add(&text, " ");
		at += (long)(sizeof(*event) + event->length);
	}
	if (strcmp(text.data, expected))
		tap_line(text.data);
	EXPECT_EQ(strcmp(text.data, expected), 0);
}

/* Names have room in sixteens, with their NUL. */
static void names(void)
{
	int fd = begin(), there;

	EXPECT_EQ(watch(fd, ".", IN_CREATE | IN_DELETE), 1);
	touch("123456789012345");
	touch("1234567890123456");
	touch("1234567890123456789012345678901");
	EXPECT_EQ(sys_ioctl(fd, FIONREAD, &there), 0);
	EXPECT_EQ(there, 3 * 16 + 16 + 32 + 32);
	EXPECT_EQ(sys_ioctl(fd, TCGETS, &there), -ENOTTY);
	EXPECT_EQ(sys_ioctl(fd, FIONREAD, (void *)16), -EFAULT);
	EXPECT_EQ(ready(fd), POLLIN | POLLRDNORM);
	EXPECT_EQ(sys_read(fd, events, 31), -EINVAL);
	expect_events(fd, 32 + 47, "1:0x00000100:16123456789012345 ");
	expect_events(fd, 48 + 48,
		      "1:0x00000100:321234567890123456 "
		      "1:0x00000100:321234567890123456789012345678901 ");
	EXPECT_EQ(ready(fd), 0);
	EXPECT_EQ(sys_ioctl(fd, FIONREAD, &there), 0);
	EXPECT_EQ(there, 0);
	EXPECT_EQ(sys_unlink("123456789012345"), 0);
	EXPECT_EQ(sys_unlink("1234567890123456"), 0);
	EXPECT_EQ(sys_unlink("1234567890123456789012345678901"), 0);
	end(fd);
}

/* An event is left out only if it is the one before in all but its cookie. */
static void alike(void)
{
	int fd = begin(), file, other;

	touch("ab");
	touch("a");
	EXPECT_EQ(watch(fd, ".", IN_OPEN | IN_CLOSE_WRITE), 1);
	file = (int)sys_open("ab", O_RDWR);
	other = (int)sys_open("a", O_RDWR);
	EXPECT_EQ(sys_close(sys_dup(sys_open("a", O_RDONLY))), 0);
	EXPECT_EQ(sys_close(other + 1), 0);
	expect_events(fd, sizeof(events), "1:0x00000020:16ab 1:0x00000020:16a ");
	EXPECT_EQ(sys_close(file), 0);
	EXPECT_EQ(sys_close(other), 0);
	touch("a");
	EXPECT_EQ(watch(fd, "a", IN_OPEN), 2);
	expect_events(fd, sizeof(events),
		      "1:0x00000008:16ab 1:0x00000008:16a 1:0x00000020:16a "
		      "1:0x00000008:16a ");
	touch("a");
	touch("a");
	expect_events(fd, sizeof(events),
		      "1:0x00000020:16a 2:0x00000020 1:0x00000008:16a "
		      "1:0x00000020:16a 2:0x00000020 1:0x00000008:16a ");
	EXPECT_EQ(sys_unlink("ab"), 0);
	EXPECT_EQ(sys_unlink("a"), 0);
	end(fd);
}

static void cookies(void)
{
	int fd = begin();

	touch("a");
	EXPECT_EQ(sys_mkdir("d", 0700), 0);
	EXPECT_EQ(watch(fd, ".", IN_MOVED_FROM), 1);
	for (u32 i = 0; i < 3; i++) {
		EXPECT_EQ(sys_rename("a", "d/a"), 0);
		EXPECT_EQ(sys_rename("d/a", "a"), 0);
	}
	expect_events(fd, sizeof(events), "1:0x00000040:16a ");
	EXPECT_EQ(sys_rmdir("d"), 0);
	EXPECT_EQ(sys_unlink("a"), 0);
	end(fd);
}

/* What cannot be copied is lost. */
static void bad_addresses(void)
{
	int fd = begin();

	EXPECT_EQ(watch(fd, ".", IN_CREATE), 1);
	touch("a");
	touch("b");
	EXPECT_EQ(sys_read(fd, (void *)16, 100), -EFAULT);
	expect_events(fd, sizeof(events), "1:0x00000100:16b ");
	EXPECT_EQ(sys_unlink("a"), 0);
	EXPECT_EQ(sys_unlink("b"), 0);
	end(fd);
}

/* Masks that replace, add, and are for one event; numbers that are not used again. */
static void masks(void)
{
	int fd = begin(), other = (int)call(NR_inotify_init1, O_NONBLOCK, 0, 0, 0);

	touch("a");
	EXPECT_EQ(watch(fd, "a", IN_OPEN), 1);
	EXPECT_EQ(watch(other, "a", IN_OPEN), 1);
	EXPECT_EQ(watch(fd, "a", IN_ATTRIB), 1);
	touch("a");
	EXPECT_EQ(sys_read(fd, events, sizeof(events)), -EAGAIN);
	expect_events(other, sizeof(events), "1:0x00000020 ");
	EXPECT_EQ(watch(fd, "a", IN_OPEN | IN_MASK_ADD), 1);
	EXPECT_EQ(sys_chmod("a", 0640), 0);
	touch("a");
	expect_events(fd, sizeof(events), "1:0x00000004 1:0x00000020 ");
	expect_events(other, sizeof(events), "1:0x00000020 ");
	EXPECT_EQ(call(NR_inotify_rm_watch, fd, 1, 0, 0), 0);
	expect_events(fd, sizeof(events), "1:0x00008000 ");
	EXPECT_EQ(watch(fd, "a", IN_OPEN | IN_ONESHOT), 2);
	EXPECT_EQ(watch(fd, "a", IN_OPEN | IN_MASK_ADD | IN_MASK_CREATE), -EINVAL);
	touch("a");
	touch("a");
	expect_events(fd, sizeof(events), "2:0x00000020 2:0x00008000 ");
	EXPECT_EQ(call(NR_inotify_rm_watch, fd, 2, 0, 0), -EINVAL);
	EXPECT_EQ(sys_unlink("a"), 0);
	expect_events(other, sizeof(events), "1:0x00000020 1:0x00008000 ");
	EXPECT_EQ(call(NR_inotify_rm_watch, 0, 1, 0, 0), -EINVAL);
	EXPECT_EQ(call(NR_inotify_rm_watch, -1, 1, 0, 0), -EBADF);
	EXPECT_EQ(sys_close(other), 0);
	end(fd);
}

/* What each call tells of the file that it changes. */
static void calls(void)
{
	struct timespec times[2] = { { 5, 0 }, { 6, 0 } };
	int fd = begin(), file;
	char byte;

	touch("a");
	file = (int)sys_open("a", O_RDWR);
	EXPECT_EQ(watch(fd, "a", IN_ALL_EVENTS), 1);
	EXPECT_EQ(sys_ftruncate(file, 10), 0);
	EXPECT_EQ(sys_read(file, &byte, 1), 1);
	EXPECT_EQ(sys_link("a", "b"), 0);
	EXPECT_EQ(sys_truncate("a", 3), 0);
	EXPECT_EQ(call(NR_utimensat, AT_FDCWD, (long)"a", (long)times, 0), 0);
	EXPECT_EQ(sys_write(file, "x", 1), 1);
	EXPECT_EQ(call(NR_fchown32, file, -1, -1, 0), 0); /* which changes nothing */
	EXPECT_EQ(call(NR_fchown32, file, call(NR_geteuid32, 0, 0, 0, 0), -1, 0), 0);
	touch("a");
	EXPECT_EQ(call(NR_fchown32, file, -1, call(NR_getegid32, 0, 0, 0, 0), 0), 0);
	expect_events(fd, sizeof(events),
		      "1:0x00000002 1:0x00000001 1:0x00000004 1:0x00000002 1:0x00000004 "
		      "1:0x00000002 1:0x00000004 1:0x00000020 1:0x00000008 1:0x00000004 ");
	times[0].nanoseconds = OMIT;
	EXPECT_EQ(call(NR_utimensat, AT_FDCWD, (long)"a", (long)times, 0), 0);
	times[1].nanoseconds = OMIT;
	EXPECT_EQ(call(NR_utimensat, AT_FDCWD, (long)"a", (long)times, 0), 0);
	times[0].nanoseconds = 0;
	EXPECT_EQ(call(NR_utimensat, AT_FDCWD, (long)"a", (long)times, 0), 0);
	expect_events(fd, sizeof(events), "1:0x00000002 1:0x00000001 ");
	EXPECT_EQ(sys_unlink("b"), 0);
	EXPECT_EQ(sys_read(file, &byte, 0), 0);
	EXPECT_EQ(sys_write(file, &byte, 0), 0);
	expect_events(fd, sizeof(events), "1:0x00000004 ");
	EXPECT_EQ(sys_unlink("a"), 0);
	EXPECT_EQ(sys_close(file), 0);
	expect_events(fd, sizeof(events), "1:0x00000004 1:0x00000008 1:0x00000400 1:0x00008000 ");
	end(fd);
}

static const struct tap_case cases[] = {
	{ "eventfd: the last counts", last_counts },
	{ "eventfd: one inode", one_inode },
	{ "epoll: turns", turns },
	{ "epoll: numbers of one file", numbers },
	{ "epoll: exclusive, and once", exclusive },
	{ "epoll: a time", times },
	{ "inotify: names", names },
	{ "inotify: events alike", alike },
	{ "inotify: cookies", cookies },
	{ "inotify: bad addresses", bad_addresses },
	{ "inotify: masks", masks },
	{ "inotify: what calls tell", calls },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
