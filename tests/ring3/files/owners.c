/* SPDX-License-Identifier: MIT */
/*
 * The owner of an open file and its signals: O_ASYNC of a pipe, and leases. And what F_SETFL and
 * F_SETPIPE_SZ do with pipes: packets, and sizes.
 */
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/handler.h"
#include "tests/ring3/runtime/mapping.h"
#include "tests/ring3/runtime/poll_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/task_calls.h"
#include "tests/ring3/runtime/time_calls.h"

enum { F_RDLCK, F_WRLCK, F_UNLCK };

static char buffer[3 * PAGE_SIZE];
static struct text path;

static void close_both(const int fds[2])
{
	EXPECT_EQ(sys_close(fds[0]), 0);
	EXPECT_EQ(sys_close(fds[1]), 0);
}

static void ends(void *argument)
{
	(void)argument;
}

static void set_and_get(void)
{
	struct f_owner_ex owner = { F_OWNER_PID, 0 };
	int fds[2], self = sys_getpid(), child;

	EXPECT_EQ(sys_pipe(fds), 0);
	EXPECT_EQ(sys_fcntl(fds[0], F_GETOWN, 0), 0);
	EXPECT_EQ(sys_fcntl(fds[0], F_GETSIG, 0), 0);
	EXPECT_EQ(sys_fcntl(fds[0], F_SETOWN, self), 0);
	EXPECT_EQ(sys_fcntl(fds[0], F_GETOWN, 0), self);
	EXPECT_EQ(sys_fcntl(fds[0], F_GETOWN_EX, (long)&owner), 0);
	EXPECT(owner.type == F_OWNER_PID && owner.pid == self);
	owner.type = F_OWNER_TID;
	EXPECT_EQ(sys_fcntl(fds[0], F_SETOWN_EX, (long)&owner), 0);
	owner.type = 9;
	EXPECT_EQ(sys_fcntl(fds[0], F_SETOWN_EX, (long)&owner), -EINVAL);
	EXPECT_EQ(sys_fcntl(fds[0], F_GETOWN_EX, (long)&owner), 0);
	EXPECT(owner.type == F_OWNER_TID && owner.pid == self);
	EXPECT_EQ(sys_fcntl(fds[0], F_GETOWN_EX, 1), -EFAULT);
	EXPECT_EQ(sys_fcntl(fds[0], F_SETOWN, 0), 0);
	EXPECT_EQ(sys_fcntl(fds[0], F_GETOWN, 0), 0);
	EXPECT_EQ(sys_fcntl(fds[0], F_SETOWN, 2000000000), -ESRCH);
	/* One that has ended counts until its parent has waited for it. */
	child = process_start(ends, NULL);
	EXPECT_EQ(system_call(NR_waitid, P_PID, child, 0, WEXITED | WNOWAIT, 0, 0), 0);
	EXPECT_EQ(sys_fcntl(fds[0], F_SETOWN, child), 0);
	EXPECT_EQ(sys_fcntl(fds[0], F_GETOWN, 0), child);
	EXPECT_EQ(process_wait(child), EXITED(0));
	EXPECT_EQ(sys_fcntl(fds[0], F_SETOWN, child), -ESRCH);
	EXPECT_EQ(sys_fcntl(fds[0], F_GETOWN, 0), 0);
	EXPECT_EQ(sys_fcntl(fds[0], F_SETSIG, 65), -EINVAL);
	EXPECT_EQ(sys_fcntl(fds[0], F_SETSIG, SIGRTMIN), 0);
	EXPECT_EQ(sys_fcntl(fds[0], F_GETSIG, 0), SIGRTMIN);
	EXPECT_EQ(sys_fcntl(fds[1], F_GETSIG, 0), 0);
	close_both(fds);
}

static void told_when_ready(void)
{
	int fds[2];

	handled_clear();
	handler_note(SIGIO, 0);
	handler_note(SIGRTMIN, SA_SIGINFO);
	EXPECT_EQ(sys_pipe(fds), 0);
	EXPECT_EQ(sys_fcntl(fds[0], F_SETFL, O_ASYNC), 0);
	EXPECT_EQ(sys_fcntl(fds[0], F_GETFL, 0), O_ASYNC);
	EXPECT_EQ(sys_write(fds[1], "a", 1), 1); /* nobody is the owner */
	EXPECT_EQ(handled.count, 0);
	EXPECT_EQ(sys_fcntl(fds[0], F_SETOWN, sys_getpid()), 0);
	EXPECT_EQ(sys_write(fds[1], "a", 1), 1);
	EXPECT(handled.count == 1 && handled.signal == SIGIO);
	EXPECT_EQ(sys_fcntl(fds[0], F_SETSIG, SIGRTMIN), 0);
	EXPECT_EQ(sys_write(fds[1], "a", 1), 1);
	EXPECT(handled.count == 2 && handled.signal == SIGRTMIN);
	EXPECT_EQ(handled.info.code, POLL_IN);
	EXPECT_EQ(handled.info_words[3], POLLIN | POLLRDNORM);
	EXPECT_EQ(handled.info_words[4], fds[0]);
	EXPECT_EQ(sys_fcntl(fds[0], F_SETFL, 0), 0);
	EXPECT_EQ(sys_write(fds[1], "a", 1), 1);
	EXPECT_EQ(handled.count, 2);
	close_both(fds);
}

/* --- Leases --- */

static int make_file(int flags)
{
	int fd = (int)sys_open_mode(path.data, O_RDWR | O_CREAT | O_EXCL, 0600);

	EXPECT_EQ(sys_close(fd), 0);
	return (int)sys_open(path.data, flags);
}

static void lease_rules(void)
{
	int fd = make_file(O_RDWR), fds[2], other;

	EXPECT_EQ(sys_fcntl(fd, F_GETLEASE, 0), F_UNLCK);
	EXPECT_EQ(sys_fcntl(fd, F_SETLEASE, F_UNLCK), -EAGAIN);
	EXPECT_EQ(sys_fcntl(fd, F_SETLEASE, 7), -EINVAL);
	EXPECT_EQ(sys_fcntl(fd, F_SETLEASE, F_RDLCK), -EAGAIN); /* it is open for writing */
	EXPECT_EQ(sys_fcntl(fd, F_SETLEASE, F_WRLCK), 0);
	EXPECT_EQ(sys_fcntl(fd, F_GETLEASE, 0), F_WRLCK);
	EXPECT_EQ(sys_fcntl(fd, F_SETLEASE, F_UNLCK), 0);
	EXPECT_EQ(sys_fcntl(fd, F_GETLEASE, 0), F_UNLCK);
	other = (int)sys_open(path.data, O_RDONLY);
	EXPECT_EQ(sys_fcntl(fd, F_SETLEASE, F_WRLCK), -EAGAIN);
	EXPECT_EQ(sys_fcntl(other, F_SETLEASE, F_RDLCK), -EAGAIN);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_fcntl(other, F_SETLEASE, F_RDLCK), 0);
	EXPECT_EQ(sys_fcntl(other, F_SETLEASE, F_WRLCK), 0);
	EXPECT_EQ(sys_close(other), 0);
	EXPECT_EQ(sys_unlink(path.data), 0);
	EXPECT_EQ(sys_pipe(fds), 0);
	EXPECT_EQ(sys_fcntl(fds[0], F_SETLEASE, F_RDLCK), -EINVAL);
	close_both(fds);
}

static long try_open(u32 flags)
{
	long fd = sys_open(path.data, flags | O_NONBLOCK);

	if (fd < 0)
		return fd;
	EXPECT_EQ(sys_close((int)fd), 0);
	return 0;
}

/* A holder that was asked for its lease may change it, and is still asked for what it lacks. */
static void changes_of_leases(void)
{
	int fd = make_file(O_RDONLY);

	handler_note(SIGIO, 0);
	EXPECT_EQ(sys_fcntl(fd, F_SETLEASE, F_RDLCK), 0);
	EXPECT_EQ(try_open(O_WRONLY), -EAGAIN);
	EXPECT_EQ(sys_fcntl(fd, F_SETLEASE, F_RDLCK), 0);
	EXPECT_EQ(sys_fcntl(fd, F_GETLEASE, 0), F_UNLCK);
	EXPECT_EQ(try_open(O_RDONLY), 0);
	EXPECT_EQ(sys_fcntl(fd, F_SETLEASE, F_WRLCK), 0);
	EXPECT_EQ(sys_fcntl(fd, F_GETLEASE, 0), F_UNLCK);
	EXPECT_EQ(try_open(O_RDONLY), -EAGAIN);
	EXPECT_EQ(sys_fcntl(fd, F_SETLEASE, F_UNLCK), 0);
	EXPECT_EQ(sys_fcntl(fd, F_SETLEASE, F_WRLCK), 0);
	handled_clear();
	EXPECT_EQ(try_open(O_RDONLY), -EAGAIN);
	EXPECT_EQ(sys_fcntl(fd, F_SETLEASE, F_WRLCK), 0);
	EXPECT_EQ(sys_fcntl(fd, F_GETLEASE, 0), F_RDLCK);
	EXPECT_EQ(try_open(O_RDONLY), -EAGAIN);
	EXPECT_EQ(handled.count, 1);
	EXPECT_EQ(sys_fcntl(fd, F_SETLEASE, F_RDLCK), 0);
	EXPECT_EQ(try_open(O_RDONLY), 0);
	EXPECT_EQ(sys_fcntl(fd, F_SETLEASE, F_WRLCK), 0);
	EXPECT_EQ(sys_fcntl(fd, F_GETLEASE, 0), F_WRLCK);
	/* What is asked for now is more than before, and told again. */
	handled_clear();
	EXPECT_EQ(try_open(O_RDONLY), -EAGAIN);
	EXPECT_EQ(try_open(O_WRONLY), -EAGAIN);
	EXPECT_EQ(try_open(O_WRONLY), -EAGAIN);
	EXPECT_EQ(handled.count, 2);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_unlink(path.data), 0);
	handler_set(SIGIO, (void *)SIG_DFL, 0, 0);
}

static void opens_for_writing(void *argument)
{
	EXPECT_EQ(sys_open(path.data, O_WRONLY), 3 + 1);
	(void)argument;
}

/* The other process's open() ends when the holder reacts to the signal. */
static void asked_for_it(void)
{
	static const u64 set = 1ull << (SIGIO - 1);
	int fd = make_file(O_RDONLY), child;
	u64 old;

	EXPECT_EQ(fd, 3);
	handled_clear();
	handler_note(SIGIO, 0);
	EXPECT_EQ(sys_rt_sigprocmask(SIG_BLOCK, &set, &old), 0);
	EXPECT_EQ(sys_fcntl(fd, F_SETLEASE, F_RDLCK), 0);
	child = process_start(opens_for_writing, NULL);
	old &= ~set;
	EXPECT_EQ(sys_rt_sigsuspend(&old), -EINTR);
	EXPECT(handled.count == 1 && handled.signal == SIGIO);
	EXPECT_EQ(sys_fcntl(fd, F_GETLEASE, 0), F_UNLCK); /* what it must become */
	EXPECT_EQ(sys_fcntl(fd, F_SETLEASE, F_RDLCK), -EAGAIN);
	EXPECT_EQ(sys_fcntl(fd, F_SETLEASE, F_UNLCK), 0);
	EXPECT_EQ(process_wait(child), EXITED(0));
	EXPECT_EQ(sys_rt_sigprocmask(SIG_SETMASK, &old, NULL), 0);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_unlink(path.data), 0);
}

/* --- Pipes --- */

static void packets(void)
{
	int fds[2], there;

	EXPECT_EQ(sys_pipe2(fds, O_DIRECT), 0);
	EXPECT_EQ(sys_fcntl(fds[1], F_GETFL, 0), O_WRONLY | O_DIRECT);
	EXPECT_EQ(sys_fcntl(fds[0], F_GETFL, 0), O_RDONLY);
	EXPECT_EQ(sys_write(fds[1], "first", 5), 5);
	EXPECT_EQ(sys_write(fds[1], "second", 6), 6);
	EXPECT_EQ(sys_ioctl(fds[0], FIONREAD, &there), 0);
	EXPECT_EQ(there, 11);
	EXPECT_EQ(sys_read(fds[0], buffer, 100), 5);
	EXPECT_EQ(sys_read(fds[0], buffer, 3), 3); /* the rest of the packet is lost */
	EXPECT_EQ(memcmp(buffer, "sec", 3), 0);
	EXPECT_EQ(sys_write(fds[1], buffer, PAGE_SIZE + 10), PAGE_SIZE + 10); /* two packets */
	EXPECT_EQ(sys_fcntl(fds[1], F_SETFL, 0), 0);
	EXPECT_EQ(sys_write(fds[1], "ab", 2), 2);
	EXPECT_EQ(sys_write(fds[1], "cd", 2), 2);
	EXPECT_EQ(sys_fcntl(fds[1], F_SETFL, O_DIRECT), 0);
	EXPECT_EQ(sys_write(fds[1], "e", 1), 1);
	EXPECT_EQ(sys_read(fds[0], buffer, sizeof(buffer)), PAGE_SIZE);
	EXPECT_EQ(sys_read(fds[0], buffer, sizeof(buffer)), 10);
	EXPECT_EQ(sys_read(fds[0], buffer, 3), 3);
	EXPECT_EQ(sys_read(fds[0], buffer, 1), 1);
	EXPECT_EQ(sys_read(fds[0], buffer, sizeof(buffer)), 1);
	EXPECT_EQ(buffer[0], 'e');
	close_both(fds);
}

/* A pipe has so many places for packets, however short they are. */
static void places_of_packets(void)
{
	int fds[2], there;

	EXPECT_EQ(sys_pipe2(fds, O_DIRECT | O_NONBLOCK), 0);
	for (u32 i = 0; i < 16; i++)
		EXPECT_EQ(sys_write(fds[1], "a", 1), 1);
	EXPECT_EQ(sys_write(fds[1], "a", 1), -EAGAIN);
	EXPECT_EQ(sys_ioctl(fds[1], FIONREAD, &there), 0);
	EXPECT_EQ(there, 16);
	EXPECT_EQ(sys_read(fds[0], buffer, 1), 1);
	EXPECT_EQ(sys_write(fds[1], buffer, 4096), 4096);
	EXPECT_EQ(sys_write(fds[1], "a", 1), -EAGAIN);
	EXPECT_EQ(sys_ioctl(fds[1], FIONREAD, &there), 0);
	EXPECT_EQ(there, 15 + 4096);
	EXPECT_EQ(sys_ioctl(fds[1], TCGETS, &there), -ENOTTY);
	close_both(fds);
}

/* The owner of the other end is told when there is room. */
static void told_of_room(void)
{
	int fds[2];

	handled_clear();
	handler_note(SIGRTMIN, SA_SIGINFO);
	EXPECT_EQ(sys_pipe(fds), 0);
	EXPECT_EQ(sys_write(fds[1], "ab", 2), 2);
	EXPECT_EQ(sys_fcntl(fds[1], F_SETOWN, sys_getpid()), 0);
	EXPECT_EQ(sys_fcntl(fds[1], F_SETSIG, SIGRTMIN), 0);
	EXPECT_EQ(sys_fcntl(fds[1], F_SETFL, O_ASYNC), 0);
	EXPECT_EQ(sys_write(fds[1], "ab", 2), 2); /* no news for a writer */
	EXPECT_EQ(handled.count, 0);
	EXPECT_EQ(sys_read(fds[0], buffer, sizeof(buffer)), 4);
	EXPECT_EQ(handled.count, 1);
	EXPECT_EQ(handled.info.code, POLL_OUT);
	EXPECT_EQ(handled.info_words[4], fds[1]);
	close_both(fds);
}

static void sizes(void)
{
	const u32 large = 1u << 20;
	int fds[2];

	EXPECT_EQ(sys_pipe2(fds, O_NONBLOCK), 0);
	EXPECT_EQ(sys_fcntl(fds[1], F_SETPIPE_SZ, large - 5000), large);
	EXPECT_EQ(sys_fcntl(fds[0], F_GETPIPE_SZ, 0), large);
	for (u32 i = 0; i < large / PAGE_SIZE; i++) {
		memset(buffer, (int)i, PAGE_SIZE);
		EXPECT_EQ(sys_write(fds[1], buffer, PAGE_SIZE), PAGE_SIZE);
	}
	EXPECT_EQ(sys_write(fds[1], buffer, 1), -EAGAIN);
	EXPECT_EQ(sys_fcntl(fds[1], F_SETPIPE_SZ, PAGE_SIZE), -EBUSY);
	for (u32 i = 0; i < large / PAGE_SIZE - 2; i++) {
		EXPECT_EQ(sys_read(fds[0], buffer, PAGE_SIZE), PAGE_SIZE);
		EXPECT(buffer[0] == (char)i && buffer[PAGE_SIZE - 1] == (char)i);
	}
	EXPECT_EQ(sys_fcntl(fds[1], F_SETPIPE_SZ, 1), -EBUSY);
	EXPECT_EQ(sys_fcntl(fds[1], F_SETPIPE_SZ, 4 * PAGE_SIZE), 4 * PAGE_SIZE);
	EXPECT_EQ(sys_read(fds[0], buffer, 2 * PAGE_SIZE), 2 * PAGE_SIZE);
	EXPECT(buffer[0] == (char)254 && buffer[PAGE_SIZE] == (char)255);
	close_both(fds);
}

static const struct tap_case cases[] = {
	{ "the owner of a file", set_and_get },
	{ "O_ASYNC: a signal when a pipe is ready", told_when_ready },
	{ "who may have a lease", lease_rules },
	{ "a lease holds back open()", asked_for_it },
	{ "a lease changes while it is asked for", changes_of_leases },
	{ "O_ASYNC: a signal when a pipe has room", told_of_room },
	{ "packets in a pipe", packets },
	{ "places of packets", places_of_packets },
	{ "sizes of a pipe", sizes },
};

int main(void)
{
	file_name(&path, ".lease");
	return tap_run(cases, ARRAY_SIZE(cases));
}
