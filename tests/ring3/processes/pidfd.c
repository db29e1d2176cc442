/* SPDX-License-Identifier: MIT */
/* Processes as files: pidfd_open(), clone3() with CLONE_PIDFD, signals and waits through them. */
#include "tests/ring3/runtime/file.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/poll_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/signal_calls.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/thread.h"

static long pidfd_open(int pid, int flags)
{
	return system_call(NR_pidfd_open, pid, flags, 0, 0, 0, 0);
}

static long pidfd_send(int fd, int signal, const struct siginfo *info, u32 flags)
{
	return system_call(NR_pidfd_send_signal, fd, signal, (long)info, (long)flags, 0, 0);
}

static long pidfd_getfd(int pidfd, int fd, u32 flags)
{
	return system_call(NR_pidfd_getfd, pidfd, fd, (long)flags, 0, 0, 0);
}

static long clone3(struct clone3_args *args, u32 size)
{
	return system_call(NR_clone3, (long)args, (long)size, 0, 0, 0, 0);
}

static long wait_pidfd(int fd, u32 words[32], int options)
{
	return system_call(NR_waitid, P_PIDFD, fd, (long)words, options, 0, 0);
}

static u32 ready(int fd)
{
	struct pollfd poll = { .fd = fd, .events = POLLIN };

	EXPECT(sys_poll(&poll, 1, 0) >= 0);
	return (u32)poll.revents;
}

static void sleeps(void *argument)
{
	sleeps_forever(argument);
}

static void opens(void)
{
	int child = process_start(sleeps, NULL), fd = (int)pidfd_open(child, 0);
	char byte = 0;

	EXPECT_EQ(sys_fcntl(fd, F_GETFD, 0), FD_CLOEXEC);
	EXPECT_EQ(sys_fcntl(fd, F_GETFL, 0) & O_NONBLOCK, 0);
	EXPECT_EQ(sys_read(fd, &byte, 1), -EINVAL);
	EXPECT_EQ(sys_write(fd, &byte, 1), -EINVAL);
	EXPECT_EQ(pidfd_open(0, 0), -EINVAL);
	EXPECT_EQ(pidfd_open(-1, 0), -EINVAL);
	EXPECT_EQ(pidfd_open(child, 1), -EINVAL);
	EXPECT_EQ(pidfd_open(0x7fffffff, 0), -ESRCH);
	EXPECT_EQ(ready(fd), 0);
	EXPECT_EQ(pidfd_send(fd, 0, NULL, 0), 0);
	EXPECT_EQ(pidfd_send(fd, SIGKILL, NULL, 16), -EINVAL);
	EXPECT_EQ(pidfd_send(fd, SIGKILL, NULL, 3), -EINVAL);
	EXPECT_EQ(pidfd_send(fd, 65, NULL, 0), -EINVAL);
	EXPECT_EQ(pidfd_send(0, SIGKILL, NULL, 0), -EBADF);
	EXPECT_EQ(pidfd_send(99, SIGKILL, NULL, 0), -EBADF);
	EXPECT_EQ(pidfd_send(fd, SIGKILL, NULL, 0), 0);
	while (!ready(fd))
		sys_sched_yield();
	EXPECT_EQ(ready(fd), POLLIN);
	EXPECT_EQ(pidfd_send(fd, 0, NULL, 0), 0); /* a zombie */
	EXPECT_EQ(process_wait(child), KILLED(SIGKILL));
	EXPECT_EQ(ready(fd), POLLIN | POLLHUP);
	EXPECT_EQ(pidfd_send(fd, 0, NULL, 0), -ESRCH);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(pidfd_open(child, 0), -ESRCH);
}

static void exits(void *argument)
{
	sys_exit((int)argument);
}

/* A poll() that waits is woken by the end of the process, and waitid() takes the descriptor. */
static void waits(void)
{
	struct gate gate;
	struct pollfd poll = { .events = POLLIN };
	u32 words[32];
	int child, fd;

	child = process_start(exits, (void *)5);
	fd = (int)pidfd_open(child, 0);
	poll.fd = fd;
	EXPECT_EQ(sys_poll(&poll, 1, -1), 1);
	EXPECT_EQ(wait_pidfd(fd, words, WEXITED | WNOWAIT), 0);
	EXPECT_EQ(wait_pidfd(fd, words, WEXITED), 0);
	EXPECT(words[0] == SIGCHLD && words[2] == CLD_EXITED && words[3] == (u32)child);
	EXPECT_EQ(words[5], 5);
	EXPECT_EQ(wait_pidfd(fd, words, WEXITED), -ECHILD);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(wait_pidfd(fd, words, WEXITED), -EBADF);
	EXPECT_EQ(wait_pidfd(-1, words, WEXITED), -EINVAL);
	EXPECT_EQ(wait_pidfd(0, words, WEXITED), -EBADF);
	/* One that does not block. */
	gate_create(&gate);
	child = (int)sys_fork();
	if (!child) {
		gate_wait(&gate);
		sys_exit(0);
	}
	fd = (int)pidfd_open(child, O_NONBLOCK);
	EXPECT_EQ(sys_fcntl(fd, F_GETFL, 0) & O_NONBLOCK, O_NONBLOCK);
	EXPECT_EQ(wait_pidfd(fd, words, WEXITED), -EAGAIN);
	EXPECT_EQ(wait_pidfd(fd, words, WEXITED | WNOHANG), 0);
	gate_open(&gate);
	while (wait_pidfd(fd, words, WEXITED) == -EAGAIN)
		sys_sched_yield();
	EXPECT_EQ(words[3], child);
	EXPECT_EQ(sys_close(fd), 0);
}

static void with_data(void)
{
	struct siginfo info = { .signo = SIGUSR1, .code = SI_QUEUE, .value = 77 }, got;
	u64 set = 1ull << (SIGUSR1 - 1), old;
	int fd = (int)pidfd_open(sys_getpid(), 0), init = (int)pidfd_open(1, 0), folder;
	u32 words[32];

	EXPECT_EQ(sys_rt_sigprocmask(SIG_BLOCK, &set, &old), 0);
	EXPECT_EQ(pidfd_send(fd, SIGUSR1, &info, 0), 0);
	EXPECT_EQ(system_call(NR_rt_sigtimedwait, (long)&set, (long)words, 0, 8, 0, 0), SIGUSR1);
	__builtin_memcpy(&got, words, sizeof(got));
	EXPECT(got.code == SI_QUEUE && got.value == 77);
	EXPECT_EQ(pidfd_send(fd, SIGUSR2, &info, 0), -EINVAL);
	EXPECT_EQ(pidfd_send(fd, SIGUSR1, (void *)16, 0), -EFAULT);
	info.code = SI_USER;
	EXPECT_EQ(pidfd_send(init, SIGUSR1, &info, 0), -EPERM);
	folder = (int)sys_open("/proc/self", O_RDONLY | O_DIRECTORY);
	EXPECT_EQ(pidfd_send(folder, SIGUSR1, NULL, 0), 0);
	EXPECT_EQ(system_call(NR_rt_sigtimedwait, (long)&set, (long)words, 0, 8, 0, 0), SIGUSR1);
	EXPECT(words[2] == SI_USER && words[3] == (u32)sys_getpid());
	EXPECT_EQ(sys_rt_sigprocmask(SIG_SETMASK, &old, NULL), 0);
	EXPECT_EQ(sys_close(folder), 0);
	EXPECT_EQ(sys_close(init), 0);
	EXPECT_EQ(sys_close(fd), 0);
}

static void files_of_others(void)
{
	struct stat64 mine, others;
	int ends[2], child, fd, copy;

	EXPECT_EQ(sys_pipe(ends), 0);
	EXPECT_EQ(sys_fstat64(ends[0], &mine), 0);
	child = process_start(sleeps, NULL);
	fd = (int)pidfd_open(child, 0);
	EXPECT_EQ(sys_close(ends[0]), 0);
	copy = (int)pidfd_getfd(fd, ends[0], 0);
	EXPECT_EQ(copy, ends[0]);
	EXPECT_EQ(sys_fstat64(copy, &others), 0);
	EXPECT_EQ(mine.ino, others.ino);
	EXPECT_EQ(sys_fcntl(copy, F_GETFD, 0), FD_CLOEXEC);
	EXPECT_EQ(pidfd_getfd(fd, 99, 0), -EBADF);
	EXPECT_EQ(pidfd_getfd(fd, 0, 1), -EINVAL);
	EXPECT_EQ(pidfd_getfd(copy, 0, 0), -EBADF);
	EXPECT_EQ(sys_kill(child, SIGKILL), 0);
	EXPECT_EQ(process_wait(child), KILLED(SIGKILL));
	EXPECT_EQ(pidfd_getfd(fd, 0, 0), -ESRCH);
	EXPECT_EQ(sys_close(copy), 0);
	EXPECT_EQ(sys_close(ends[1]), 0);
	EXPECT_EQ(sys_close(fd), 0);
}

/* --- clone3 --- */

static void refusals(void)
{
	struct clone3_args args = { .exit_signal = SIGCHLD };
	struct {
		struct clone3_args known;
		u32 later;
	} larger = { { .exit_signal = SIGCHLD }, 1 };
	int child;

	EXPECT_EQ(clone3(&args, 63), -EINVAL);
	EXPECT_EQ(clone3(&args, PAGE_SIZE + 1), -E2BIG);
	EXPECT_EQ(clone3(&larger.known, sizeof(larger.known) + 4), -E2BIG);
	EXPECT_EQ(clone3((void *)16, 64), -EFAULT);
	args.exit_signal = 65;
	EXPECT_EQ(clone3(&args, sizeof(args)), -EINVAL);
	args = (struct clone3_args){ .flags = SIGCHLD };
	EXPECT_EQ(clone3(&args, sizeof(args)), -EINVAL);
	args = (struct clone3_args){ .flags = 1ull << 40 };
	EXPECT_EQ(clone3(&args, sizeof(args)), -EINVAL);
	args = (struct clone3_args){ .exit_signal = SIGCHLD, .stack = (u32)&args };
	EXPECT_EQ(clone3(&args, sizeof(args)), -EINVAL);
	args = (struct clone3_args){ .exit_signal = SIGCHLD, .stack_size = 64 };
	EXPECT_EQ(clone3(&args, sizeof(args)), -EINVAL);
	args = (struct clone3_args){ .flags = CLONE_VM | CLONE_SIGHAND | CLONE_CLEAR_SIGHAND };
	EXPECT_EQ(clone3(&args, sizeof(args)), -EINVAL);
	args = (struct clone3_args){ .flags = CLONE_THREAD | CLONE_VM | CLONE_SIGHAND,
				     .exit_signal = SIGCHLD };
	EXPECT_EQ(clone3(&args, sizeof(args)), -EINVAL);
	args = (struct clone3_args){ .flags = CLONE_PIDFD, .pidfd = 16, .exit_signal = SIGCHLD };
	EXPECT_EQ(clone3(&args, sizeof(args)), -EFAULT);
	EXPECT_EQ(process_wait(-1), -ECHILD);
	larger.later = 0;
	child = (int)clone3(&larger.known, sizeof(larger));
	if (!child)
		sys_exit(7);
	EXPECT_EQ(process_wait(child), EXITED(7));
}

static void makes_files(void)
{
	int fd = -1, parent_tid = 0;
	struct clone3_args args = { .flags = CLONE_PIDFD | CLONE_PARENT_SETTID,
				    .pidfd = (u32)&fd,
				    .parent_tid = (u32)&parent_tid,
				    .exit_signal = SIGCHLD };
	u32 words[32];
	int child = (int)clone3(&args, sizeof(args));

	if (!child)
		sys_exit(9);
	EXPECT_EQ(parent_tid, child);
	EXPECT_EQ(sys_fcntl(fd, F_GETFD, 0), FD_CLOEXEC);
	EXPECT_EQ(wait_pidfd(fd, words, WEXITED), 0);
	EXPECT_EQ(words[5], 9);
	EXPECT_EQ(sys_close(fd), 0);
	/* The older call has the place of the parent's tid for it. */
	EXPECT_EQ(system_call(NR_clone, CLONE_PIDFD | CLONE_PARENT_SETTID | SIGCHLD, 0, (long)&fd,
			      0, 0, 0),
		  -EINVAL);
	fd = -1;
	child = (int)system_call(NR_clone, CLONE_PIDFD | SIGCHLD, 0, (long)&fd, 0, 0, 0);
	if (!child)
		sys_exit(10);
	EXPECT_EQ(wait_pidfd(fd, words, WEXITED), 0);
	EXPECT_EQ(words[5], 10);
	EXPECT_EQ(sys_close(fd), 0);
}

static volatile int stays;

static int stays_a_while(void *argument)
{
	(void)argument;
	word_wait(&stays, 0);
	return 0;
}

/* A thread has a descriptor only if one asks for it; the error changed with Linux 6.15. */
static void of_a_thread(void)
{
	static struct thread thread;
	long result;

	thread_start(&thread, stays_a_while, NULL);
	result = pidfd_open(thread.tid, 0);
	EXPECT(result == -EINVAL || result == -ENOENT);
	word_set(&stays, 1);
	thread_join(&thread);
}

static void handles(int signal)
{
	(void)signal;
}

/* Handlers end, ignored signals stay so. */
static void clears_handlers(void)
{
	struct clone3_args args = { .flags = CLONE_CLEAR_SIGHAND, .exit_signal = SIGCHLD };
	const struct sigaction handler = { .handler = (u32)handles },
			       ignore = { .handler = SIG_IGN };
	struct sigaction now;
	int child;

	EXPECT_EQ(sys_rt_sigaction(SIGUSR1, &handler, NULL), 0);
	EXPECT_EQ(sys_rt_sigaction(SIGUSR2, &ignore, NULL), 0);
	child = (int)clone3(&args, sizeof(args));
	if (!child) {
		EXPECT_EQ(sys_rt_sigaction(SIGUSR1, NULL, &now), 0);
		EXPECT_EQ(now.handler, SIG_DFL);
		EXPECT_EQ(sys_rt_sigaction(SIGUSR2, NULL, &now), 0);
		EXPECT_EQ(now.handler, SIG_IGN);
		sys_exit(tap_failures() ? 1 : 0);
	}
	EXPECT_EQ(process_wait(child), EXITED(0));
}

static const struct tap_case cases[] = {
	{ "a file names a process until it was waited for", opens },
	{ "poll and waitid wait through it", waits },
	{ "signals with data, and through a folder of /proc", with_data },
	{ "a descriptor of another process", files_of_others },
	{ "clone3: what is refused", refusals },
	{ "clone3: CLONE_PIDFD", makes_files },
	{ "a thread is no process", of_a_thread },
	{ "clone3: CLONE_CLEAR_SIGHAND", clears_handlers },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
