/* SPDX-License-Identifier: MIT */
/*
 * Signals in rarer ways: to all processes of a user, as records of a signalfd, to the owners of
 * files; and children whose parent has ended. What is sent to all is sent by a user that nothing
 * else has.
 */
#include "abi/linux/time.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/handler.h"
#include "tests/ring3/runtime/poll_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/signal_calls.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/task_calls.h"

#define BAD	   16
#define OTHER_USER 54321
#define QUEUED	   (SIGRTMIN + 2)

static long call(int number, long a, long b, long c, long d, long e)
{
	return system_call(number, a, b, c, d, e, 0);
}

static void become_another_user(void)
{
	EXPECT_EQ(call(NR_setresgid32, OTHER_USER, OTHER_USER, OTHER_USER, 0, 0), 0);
	EXPECT_EQ(call(NR_setresuid32, OTHER_USER, OTHER_USER, OTHER_USER, 0, 0), 0);
}

static void sleeps(void *unused)
{
	(void)unused;
	for (;;)
		call(NR_pause, 0, 0, 0, 0, 0);
}

static void kills_all(void *unused)
{
	int first, second;

	(void)unused;
	EXPECT_EQ(sys_kill(-1, 0), 0);
	become_another_user();
	EXPECT_EQ(sys_kill(-1, 0), 0); /* there are others, none of which it may send one */
	EXPECT_EQ(sys_kill(-1, SIGKILL), 0);
	EXPECT_EQ(sys_kill(-1, 65), -EINVAL);
	first = process_start(sleeps, NULL);
	second = process_start(sleeps, NULL);
	EXPECT_EQ(sys_kill(-1, SIGTERM), 0);
	EXPECT_EQ(process_wait(first), KILLED(SIGTERM));
	EXPECT_EQ(process_wait(second), KILLED(SIGTERM));
	EXPECT_EQ(sys_kill(sys_getppid(), SIGTERM), -EPERM);
	EXPECT_EQ(sys_kill(INT32_MIN, 0), -ESRCH);
	EXPECT_EQ(sys_kill(-0x7ffffff0, 0), -ESRCH);
}

static void to_all(void)
{
	EXPECT_CHILD(kills_all, NULL, EXITED(0));
}

/* ---- signalfd ---- */

struct record {
	u32 signo, error, code, pid, uid, fd, tid, band, overrun, trapno, status, value;
	u64 pointer, utime, stime, address;
	u8 rest[48];
} __packed;

static struct record records[3];
static u64 set;

static int open_signals(u64 signals, int flags)
{
	set = signals;
	EXPECT_EQ(call(NR_rt_sigprocmask, SIG_BLOCK, (long)&set, 0, 8, 0), 0);
	return (int)call(NR_signalfd4, -1, (long)&set, 8, flags, 0);
}

static u64 mask(int signal)
{
	return 1ull << (signal - 1);
}

/* Reads one record into records[0]. */
static void read_one(int fd)
{
	memset(records, 0x55, sizeof(records));
	EXPECT_EQ(sys_read(fd, records, sizeof(records[0])), sizeof(records[0]));
}

static void exits_with_five(void *unused)
{
	(void)unused;
	sys_exit(5);
}

static void records_of_senders(void)
{
	struct record *got = &records[0];
	struct siginfo info = { .code = SI_QUEUE, .pid = 12, .uid = 13, .value = 77 };
	int fd = open_signals(mask(SIGUSR1) | mask(QUEUED) | mask(SIGCHLD), O_NONBLOCK), child;

	EXPECT_EQ(sys_read(fd, records, sizeof(records)), -EAGAIN);
	EXPECT_EQ(sys_read(fd, records, sizeof(records[0]) - 1), -EINVAL);
	EXPECT_EQ(sys_kill(sys_getpid(), SIGUSR1), 0);
	read_one(fd);
	EXPECT(got->signo == SIGUSR1 && got->code == SI_USER && !got->error);
	EXPECT(got->pid == (u32)sys_getpid() && !got->uid && !got->value && !got->status);
	EXPECT_EQ(call(NR_rt_sigqueueinfo, sys_getpid(), QUEUED, (long)&info, 0, 0), 0);
	read_one(fd);
	EXPECT(got->signo == QUEUED && got->code == (u32)SI_QUEUE);
	EXPECT(got->pid == 12 && got->uid == 13 && got->value == 77 && got->pointer == 77);
	EXPECT(!got->fd && !got->band && !got->tid && !got->overrun && !got->address);
	child = process_start(exits_with_five, NULL);
	EXPECT_EQ(process_wait(child), EXITED(5));
	read_one(fd);
	EXPECT(got->signo == SIGCHLD && got->code == CLD_EXITED);
	EXPECT(got->pid == (u32)child && !got->uid && got->status == 5 && !got->value);
	EXPECT_EQ(sys_close(fd), 0);
}

static void records_of_timers(void)
{
	struct sigevent event = { .notify = SIGEV_SIGNAL, .signo = QUEUED, .value = 99 };
	struct {
		struct timespec interval, value;
	} soon = { { 0, 0 }, { 0, 1000000 } };
	struct record *got = &records[0];
	int fd = open_signals(mask(QUEUED), 0), id = -1;

	EXPECT_EQ(call(NR_timer_create, CLOCK_MONOTONIC, (long)&event, (long)&id, 0, 0), 0);
	EXPECT_EQ(call(NR_timer_settime, id, 0, (long)&soon, 0, 0), 0);
	read_one(fd); /* sleeps */
	EXPECT(got->signo == QUEUED && got->code == (u32)SI_TIMER);
	EXPECT(got->tid == (u32)id && !got->overrun && got->value == 99 && got->pointer == 99);
	EXPECT(!got->pid && !got->uid && !got->status);
	EXPECT_EQ(call(NR_timer_delete, id, 0, 0, 0, 0), 0);
	EXPECT_EQ(sys_close(fd), 0);
}

static void sends_later(void *unused)
{
	static const struct timespec soon = { 0, 30000000 };

	(void)unused;
	sys_nanosleep(&soon, NULL);
	EXPECT_EQ(sys_kill(sys_getppid(), SIGUSR1), 0);
}

/* A signal of another process ends a wait in poll(), and one in read(). */
static void waits_for_records(void)
{
	struct pollfd poll = { .events = POLLIN };
	u64 ends = mask(SIGCHLD);
	int child;

	EXPECT_EQ(call(NR_rt_sigprocmask, SIG_UNBLOCK, (long)&ends, 0, 8, 0), 0);
	poll.fd = open_signals(mask(SIGUSR1), 0);
	child = process_start(sends_later, NULL);
	EXPECT_EQ(sys_poll(&poll, 1, 20000), 1);
	EXPECT_EQ(process_wait(child), EXITED(0));
	read_one(poll.fd);
	EXPECT_EQ(records[0].pid, child);
	child = process_start(sends_later, NULL);
	read_one(poll.fd);
	EXPECT_EQ(records[0].pid, child);
	EXPECT_EQ(process_wait(child), EXITED(0));
	EXPECT_EQ(sys_close(poll.fd), 0);
}

static void several_records(void)
{
	u8 *end = (u8 *)sys_mmap2(0, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) +
		  PAGE_SIZE;
	int fd = open_signals(mask(SIGUSR1) | mask(SIGUSR2), O_NONBLOCK);

	EXPECT_EQ(sys_munmap((u32)end, PAGE_SIZE), 0);
	for (u32 i = 0; i < 3; i++) {
		EXPECT_EQ(sys_kill(sys_getpid(), SIGUSR2), 0);
		EXPECT_EQ(sys_kill(sys_getpid(), SIGUSR1), 0);
		if (i == 0) {
			EXPECT_EQ(sys_read(fd, records, sizeof(records)), 2 * sizeof(records[0]));
			EXPECT(records[0].signo == SIGUSR1 && records[1].signo == SIGUSR2);
		} else if (i == 1) {
			EXPECT_EQ(sys_read(fd, end - sizeof(records[0]), sizeof(records)),
				  sizeof(records[0]));
			/* The second one is lost. */
			EXPECT_EQ(sys_read(fd, records, sizeof(records)), -EAGAIN);
			EXPECT_EQ(sys_kill(sys_getpid(), SIGUSR2), 0);
			EXPECT_EQ(sys_read(fd, (void *)BAD, sizeof(records)), -EFAULT);
		} else {
			EXPECT_EQ(sys_read(fd, records, 2 * sizeof(records[0]) - 1),
				  sizeof(records[0]));
			EXPECT_EQ(sys_read(fd, records, sizeof(records)), sizeof(records[0]));
		}
	}
	EXPECT_EQ(sys_munmap((u32)end - PAGE_SIZE, PAGE_SIZE), 0);
	EXPECT_EQ(sys_close(fd), 0);
}

static void other_sets(void)
{
	u64 other = mask(SIGUSR2) | mask(SIGKILL), all = ~0ull;
	struct pollfd poll = { .events = POLLIN };
	int fds[2];

	poll.fd = open_signals(mask(SIGUSR1) | mask(SIGUSR2), O_NONBLOCK);
	EXPECT_EQ(sys_kill(sys_getpid(), SIGUSR1), 0);
	EXPECT_EQ(sys_poll(&poll, 1, 0), 1);
	EXPECT_EQ(call(NR_signalfd, poll.fd, (long)&other, 8, 0, 0), poll.fd);
	EXPECT_EQ(sys_poll(&poll, 1, 0), 0);
	EXPECT_EQ(sys_read(poll.fd, records, sizeof(records)), -EAGAIN);
	EXPECT_EQ(call(NR_signalfd4, poll.fd, (long)&all, 8, 0, 0), poll.fd);
	EXPECT_EQ(sys_read(poll.fd, records, sizeof(records)), sizeof(records[0]));
	EXPECT_EQ(records[0].signo, SIGUSR1);
	EXPECT_EQ(call(NR_signalfd, poll.fd, (long)&other, 4, 0, 0), -EINVAL);
	EXPECT_EQ(call(NR_signalfd, poll.fd, BAD, 8, 0, 0), -EFAULT);
	EXPECT_EQ(call(NR_signalfd, 999, (long)&other, 8, 0, 0), -EBADF);
	EXPECT_EQ(call(NR_signalfd4, -1, (long)&other, 8, 1, 0), -EINVAL);
	EXPECT_EQ(sys_pipe(fds), 0);
	EXPECT_EQ(call(NR_signalfd, fds[0], (long)&other, 8, 0, 0), -EINVAL);
	EXPECT_EQ(sys_close(fds[0]), 0);
	EXPECT_EQ(sys_close(fds[1]), 0);
	EXPECT_EQ(sys_close(poll.fd), 0);
}

/* ---- Owners of files ---- */

static int pipe_fds[2];

/* The pipe's reader tells its owner of what comes. */
static void begin_pipe(long owner, int signal)
{
	EXPECT_EQ(sys_pipe(pipe_fds), 0);
	EXPECT_EQ(sys_fcntl(pipe_fds[0], F_SETOWN, owner), 0);
	EXPECT_EQ(sys_fcntl(pipe_fds[0], F_SETSIG, signal), 0);
	EXPECT_EQ(sys_fcntl(pipe_fds[0], F_SETFL, O_ASYNC), 0);
}

static void end_pipe(void)
{
	EXPECT_EQ(sys_close(pipe_fds[0]), 0);
	EXPECT_EQ(sys_close(pipe_fds[1]), 0);
}

static void record_of_a_file(void)
{
	struct record *got = &records[0];
	int fd = open_signals(mask(QUEUED), O_NONBLOCK);

	begin_pipe(sys_getpid(), QUEUED);
	EXPECT_EQ(sys_write(pipe_fds[1], "x", 1), 1);
	read_one(fd);
	EXPECT(got->signo == QUEUED && got->code == POLL_IN);
	EXPECT(got->fd == (u32)pipe_fds[0] && got->band & POLLIN && !got->pid && !got->value);
	end_pipe();
	EXPECT_EQ(sys_close(fd), 0);
}

/* To each process of a group. */
static void of_a_group(void *unused)
{
	int first, second, self = sys_getpid();

	(void)unused;
	EXPECT_EQ(call(NR_setpgid, 0, 0, 0, 0, 0), 0);
	EXPECT_EQ(open_signals(mask(SIGTERM), O_NONBLOCK) >= 0, true);
	first = process_start(sleeps, NULL);
	second = process_start(sleeps, NULL);
	begin_pipe(-self, SIGTERM);
	EXPECT_EQ(sys_fcntl(pipe_fds[0], F_GETOWN, 0), -self);
	EXPECT_EQ(sys_write(pipe_fds[1], "x", 1), 1);
	/*
	 * Both block it as their parent does: they have it, and end when they are asked
	 * otherwise.
	 */
	EXPECT_EQ(sys_kill(first, SIGKILL), 0);
	EXPECT_EQ(sys_kill(second, SIGKILL), 0);
	EXPECT_EQ(process_wait(first), KILLED(SIGKILL));
	EXPECT_EQ(process_wait(second), KILLED(SIGKILL));
	end_pipe();
}

static void unblocks_and_sleeps(void *unused)
{
	u64 none = 0;

	(void)unused;
	EXPECT_EQ(call(NR_rt_sigsuspend, (long)&none, 8, 0, 0, 0), -EINTR);
}

static void group_is_told(void *unused)
{
	int child, self = sys_getpid();

	(void)unused;
	EXPECT_EQ(call(NR_setpgid, 0, 0, 0, 0, 0), 0);
	EXPECT(open_signals(mask(SIGTERM), O_NONBLOCK) >= 0);
	begin_pipe(-self, SIGTERM);
	child = process_start(unblocks_and_sleeps, NULL);
	EXPECT_EQ(sys_write(pipe_fds[1], "x", 1), 1);
	EXPECT_EQ(process_wait(child), KILLED(SIGTERM));
	end_pipe();
}

static void groups_of_owners(void)
{
	EXPECT_CHILD(of_a_group, NULL, EXITED(0));
	EXPECT_CHILD(group_is_told, NULL, EXITED(0));
}

static void sets_owner(void *unused)
{
	u32 users[2] = { 1, 1 };

	(void)unused;
	EXPECT_EQ(call(NR_setresuid32, 100, 200, 0, 0, 0), 0);
	EXPECT_EQ(sys_fcntl(pipe_fds[0], F_GETOWNER_UIDS, (long)users), 0);
	EXPECT(!users[0] && !users[1]);
	EXPECT_EQ(sys_fcntl(pipe_fds[0], F_SETOWN, sys_getpid()), 0);
	EXPECT_EQ(sys_fcntl(pipe_fds[0], F_GETOWNER_UIDS, (long)users), 0);
	EXPECT(users[0] == 100 && users[1] == 200);
	EXPECT_EQ(sys_fcntl(pipe_fds[0], F_GETOWNER_UIDS, BAD), -EFAULT);
}

static void owners(void)
{
	struct f_owner_ex owner = { F_OWNER_PGRP, 0 };

	EXPECT_EQ(sys_pipe(pipe_fds), 0);
	EXPECT_CHILD(sets_owner, NULL, EXITED(0));
	EXPECT_EQ(sys_fcntl(pipe_fds[0], F_GETOWN, 0), 0); /* it has ended */
	owner.pid = (int)call(NR_getpgid, 0, 0, 0, 0, 0);
	EXPECT_EQ(sys_fcntl(pipe_fds[0], F_SETOWN_EX, (long)&owner), 0);
	EXPECT_EQ(sys_fcntl(pipe_fds[0], F_GETOWN, 0), -owner.pid);
	owner.type = 77;
	EXPECT_EQ(sys_fcntl(pipe_fds[0], F_GETOWN_EX, (long)&owner), 0);
	EXPECT_EQ(owner.type, F_OWNER_PGRP);
	EXPECT_EQ(sys_fcntl(pipe_fds[0], F_SETOWN_EX, BAD), -EFAULT);
	EXPECT_EQ(sys_fcntl(pipe_fds[0], F_GETOWN_EX, BAD), -EFAULT);
	EXPECT_EQ(sys_fcntl(pipe_fds[0], F_SETSIG, 65), -EINVAL);
	EXPECT_EQ(sys_fcntl(pipe_fds[0], F_SETSIG, 64), 0);
	EXPECT_EQ(sys_fcntl(pipe_fds[0], F_GETSIG, 0), 64);
	EXPECT_EQ(sys_fcntl(pipe_fds[0], F_SETSIG, -1), -EINVAL);
	EXPECT_EQ(sys_fcntl(pipe_fds[0], F_SETOWN, 0x7ffffff0), -ESRCH);
	EXPECT_EQ(sys_fcntl(pipe_fds[0], F_SETOWN, INT32_MIN), -EINVAL);
	EXPECT_EQ(sys_fcntl(999, F_GETOWN, 0), -EBADF);
	end_pipe();
}

/* ---- Children ---- */

static void leaves_a_zombie(void *unused)
{
	u32 info[32];

	(void)unused;
	process_start(exits_with_five, NULL);
	EXPECT_EQ(call(NR_waitid, 0, 0, (long)info, WEXITED | WNOWAIT, 0), 0);
}

/* The child of a process that has ended before it was waited for: init does that. */
static void zombies_without_parent(void)
{
	u32 info[32];
	int child;

	EXPECT_CHILD(leaves_a_zombie, NULL, EXITED(0));
	EXPECT_EQ(sys_waitpid(-1, NULL, WNOHANG), -ECHILD);
	EXPECT_EQ(sys_waitpid(INT32_MIN, NULL, 0), -ESRCH);
	EXPECT_EQ(sys_waitpid(-1, NULL, 0x1000), -EINVAL);
	child = process_start(exits_with_five, NULL);
	EXPECT_EQ(call(NR_waitid, 0, 0, (long)info, WNOHANG, 0), -EINVAL);
	EXPECT_EQ(call(NR_waitid, 9, 0, (long)info, WEXITED, 0), -EINVAL);
	EXPECT_EQ(call(NR_waitid, 0, 0, BAD, WEXITED, 0), -EFAULT);
	EXPECT_EQ(process_wait(child), -ECHILD); /* it was waited for */
	child = process_start(exits_with_five, NULL);
	EXPECT_EQ(sys_waitpid(child, (int *)BAD, 0), -EFAULT);
}

/* Signal, code, process and status that waitid() tells of a child. */
static void expect_news(int child, int options, int code, int status)
{
	s32 info[32] = { 0 };

	EXPECT_EQ(call(NR_waitid, 1, child, (long)info, options, 0), 0);
	EXPECT(info[0] == SIGCHLD && info[2] == code && info[3] == child && info[5] == status);
}

static void codes_of_waitid(void)
{
	int child = process_start(sleeps, NULL);

	EXPECT_EQ(sys_kill(child, SIGSTOP), 0);
	expect_news(child, WSTOPPED, CLD_STOPPED, SIGSTOP);
	EXPECT_EQ(sys_kill(child, SIGCONT), 0);
	expect_news(child, WCONTINUED, CLD_CONTINUED, SIGCONT);
	EXPECT_EQ(sys_kill(child, SIGKILL), 0);
	expect_news(child, WEXITED, CLD_KILLED, SIGKILL);
	expect_news(process_start(exits_with_five, NULL), WEXITED, CLD_EXITED, 5);
}

static const struct tap_case cases[] = {
	{ "to all processes", to_all },
	{ "records of senders and children", records_of_senders },
	{ "records of timers", records_of_timers },
	{ "waiting for records", waits_for_records },
	{ "several records", several_records },
	{ "another set", other_sets },
	{ "the record of a file", record_of_a_file },
	{ "groups that own files", groups_of_owners },
	{ "owners of files", owners },
	{ "codes of waitid", codes_of_waitid },
	{ "children without a parent", zombies_without_parent },
};

int main(void);
int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
