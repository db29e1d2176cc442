/* SPDX-License-Identifier: MIT */
/*
 * What a process can set for itself: prctl, personality, names, masks of old calls, orphans and
 * parents that die; waitid; and memory of another process.
 */
#include "abi/linux/prctl.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/handler.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/task_calls.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/thread.h"
#include "tests/ring3/runtime/time_calls.h"

#define BAD ((void *)16)

static long prctl(int option, u32 a)
{
	return system_call(NR_prctl, option, (long)a, 0, 0, 0, 0);
}

static void nap(void)
{
	const struct timespec time = { 0, 20000000 };

	sys_nanosleep(&time, NULL);
}

/* The value of the parent is what 0 sets. */
static void inherits_slack(void *argument)
{
	(void)argument;
	EXPECT_EQ(prctl(PR_GET_TIMERSLACK, 0), 123);
	EXPECT_EQ(prctl(PR_SET_TIMERSLACK, 456), 0);
	EXPECT_EQ(prctl(PR_SET_TIMERSLACK, 0), 0);
	EXPECT_EQ(prctl(PR_GET_TIMERSLACK, 0), 123);
}

static void settings(void *argument)
{
	char name[16] = "0123456789abcdef";
	int value = -1;

	(void)argument;
	EXPECT_EQ(prctl(PR_SET_NAME, (u32) "a name that is too long"), 0);
	EXPECT_EQ(prctl(PR_GET_NAME, (u32)name), 0);
	EXPECT(!memcmp(name, "a name that is ", 16));
	EXPECT_EQ(prctl(PR_SET_NAME, 16), -EFAULT);
	EXPECT_EQ(prctl(PR_GET_NAME, 16), -EFAULT);
	EXPECT_EQ(prctl(PR_GET_PDEATHSIG, (u32)&value), 0);
	EXPECT_EQ(value, 0);
	EXPECT_EQ(prctl(PR_SET_PDEATHSIG, 65), -EINVAL);
	EXPECT_EQ(prctl(PR_SET_PDEATHSIG, SIGUSR1), 0);
	EXPECT_EQ(prctl(PR_GET_PDEATHSIG, (u32)&value), 0);
	EXPECT_EQ(value, SIGUSR1);
	EXPECT_EQ(prctl(PR_GET_DUMPABLE, 0), 1);
	EXPECT_EQ(prctl(PR_SET_DUMPABLE, 2), -EINVAL);
	EXPECT_EQ(prctl(PR_SET_DUMPABLE, 0), 0);
	EXPECT_EQ(prctl(PR_GET_DUMPABLE, 0), 0);
	EXPECT_EQ(prctl(PR_SET_KEEPCAPS, 2), -EINVAL);
	EXPECT_EQ(prctl(PR_SET_KEEPCAPS, 1), 0);
	EXPECT_EQ(prctl(PR_GET_KEEPCAPS, 0), 1);
	EXPECT_EQ(prctl(PR_SET_TIMING, 1), -EINVAL);
	EXPECT_EQ(prctl(PR_GET_TIMING, 0), 0);
	EXPECT_EQ(prctl(PR_GET_TIMERSLACK, 0), 50000);
	EXPECT_EQ(prctl(PR_SET_TIMERSLACK, 123), 0);
	EXPECT_EQ(prctl(PR_GET_TIMERSLACK, 0), 123);
	EXPECT_CHILD(inherits_slack, NULL, EXITED(0));
	EXPECT_EQ(prctl(PR_SET_TIMERSLACK, 0), 0);
	EXPECT_EQ(prctl(PR_GET_TIMERSLACK, 0), 50000);
	EXPECT_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0), 0);
	EXPECT_EQ(prctl(PR_SET_NO_NEW_PRIVS, 0), -EINVAL);
	EXPECT_EQ(prctl(PR_SET_NO_NEW_PRIVS, 1), 0);
	EXPECT_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0), 1);
	EXPECT_EQ(prctl(PR_CAPBSET_READ, 1000), -EINVAL);
	EXPECT_EQ(prctl(9999, 0), -EINVAL);
	EXPECT_EQ(system_call(NR_personality, -1, 0, 0, 0, 0, 0), 0);
	EXPECT_EQ(system_call(NR_personality, 0x40000, 0, 0, 0, 0, 0), 0);
	EXPECT_EQ(system_call(NR_personality, -1, 0, 0, 0, 0, 0), 0x40000);
}

static void set(void)
{
	EXPECT_CHILD(settings, NULL, EXITED(0));
}

static void masks(void)
{
	mask_set(SIGNAL_BIT(40));
	EXPECT_EQ(system_call(NR_ssetmask, 1 << 9, 0, 0, 0, 0, 0), 0);
	EXPECT_EQ(system_call(NR_sgetmask, 0, 0, 0, 0, 0, 0), 1 << 9);
	mask_set(0);
}

/* --- orphans --- */

static void grandchild(void *argument)
{
	int *told = argument;

	for (int i = 0; i < 200 && sys_getppid() == told[0]; i++)
		nap();
	told[1] = sys_getppid();
	sys_exit_group(5);
}

static void child(void *argument)
{
	int *told = argument;

	told[0] = sys_getpid();
	process_start(grandchild, told);
}

static void orphans(void)
{
	int *told = (int *)sys_mmap2(0, PAGE_SIZE, PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int value = 0, status;

	EXPECT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	EXPECT_EQ(prctl(PR_GET_CHILD_SUBREAPER, (u32)&value), 0);
	EXPECT_EQ(value, 1);
	EXPECT_CHILD(child, told, EXITED(0));
	EXPECT(sys_waitpid(-1, &status, 0) > 0);
	EXPECT_EQ(status, EXITED(5));
	EXPECT_EQ(told[1], sys_getpid());
	EXPECT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 0), 0);
	sys_munmap((u32)told, PAGE_SIZE);
}

static void wants_to_know(void *argument)
{
	int *told = argument;

	EXPECT_EQ(prctl(PR_SET_PDEATHSIG, SIGTERM), 0);
	told[0] = 1;
	for (;;)
		sys_pause();
}

static void dies_first(void *argument)
{
	int *told = argument;

	process_start(wants_to_know, told);
	while (!*(volatile int *)told)
		sys_sched_yield();
}

static void parent_dies(void)
{
	int *told = (int *)sys_mmap2(0, PAGE_SIZE, PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status = 0;

	EXPECT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	EXPECT_CHILD(dies_first, told, EXITED(0));
	EXPECT(sys_waitpid(-1, &status, 0) > 0);
	EXPECT_EQ(status, KILLED(SIGTERM));
	EXPECT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 0), 0);
	sys_munmap((u32)told, PAGE_SIZE);
}

/* As on Linux, the parent is the thread: its end is told, though the process goes on. */
static struct thread maker;

static int makes_child(void *argument)
{
	int *told = argument;

	told[1] = process_start(wants_to_know, told);
	while (!*(volatile int *)told)
		sys_sched_yield();
	return 0;
}

static void thread_ends(void)
{
	int *told = (int *)sys_mmap2(0, PAGE_SIZE, PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	thread_start(&maker, makes_child, told);
	thread_join(&maker);
	EXPECT_EQ(process_wait(told[1]), KILLED(SIGTERM));
	sys_munmap((u32)told, PAGE_SIZE);
}

/* --- waitid --- */

static u32 news[32];

static long waitid(int which, int id, int options)
{
	memset(news, 0xff, sizeof(news));
	return system_call(NR_waitid, which, id, (long)news, options, 0, 0);
}

static void expect_news(int pid, int code, int status)
{
	EXPECT_EQ(news[0], SIGCHLD);
	EXPECT_EQ(news[1], 0);
	EXPECT_EQ(news[2], code);
	EXPECT_EQ(news[3], pid);
	EXPECT_EQ(news[5], status);
}

static void exits(void *argument)
{
	sys_exit_group((int)argument);
}

static void pauses(void *argument)
{
	(void)argument;
	for (;;)
		sys_pause();
}

static void waits(void)
{
	u32 usage[18];
	int pid = process_start(exits, (void *)77);

	EXPECT_EQ(waitid(P_PID, pid, WEXITED | WNOWAIT), 0);
	expect_news(pid, CLD_EXITED, 77);
	EXPECT_EQ(waitid(P_ALL, 0, WEXITED | WNOHANG | WNOWAIT), 0);
	expect_news(pid, CLD_EXITED, 77);
	EXPECT_EQ(system_call(NR_waitid, P_PID, pid, (long)news, WEXITED, (long)usage, 0), 0);
	expect_news(pid, CLD_EXITED, 77);
	EXPECT_EQ(waitid(P_PID, pid, WEXITED), -ECHILD);

	pid = process_start(pauses, NULL);
	EXPECT_EQ(waitid(P_ALL, 0, WEXITED | WNOHANG), 0);
	EXPECT_EQ(news[0] | news[3], 0);
	EXPECT_EQ(sys_kill(pid, SIGSTOP), 0);
	EXPECT_EQ(waitid(P_PID, pid, WSTOPPED | WNOWAIT), 0);
	expect_news(pid, CLD_STOPPED, SIGSTOP);
	EXPECT_EQ(waitid(P_PID, pid, WSTOPPED), 0);
	expect_news(pid, CLD_STOPPED, SIGSTOP);
	EXPECT_EQ(waitid(P_PID, pid, WSTOPPED | WNOHANG), 0);
	EXPECT_EQ(news[3], 0);
	EXPECT_EQ(sys_kill(pid, SIGCONT), 0);
	EXPECT_EQ(waitid(P_PID, pid, WCONTINUED), 0);
	expect_news(pid, CLD_CONTINUED, SIGCONT);
	EXPECT_EQ(sys_kill(pid, SIGKILL), 0);
	EXPECT_EQ(waitid(P_PGID, 0, WEXITED), 0);
	expect_news(pid, CLD_KILLED, SIGKILL);

	EXPECT_EQ(waitid(P_ALL, 0, 0), -EINVAL);
	EXPECT_EQ(waitid(P_ALL, 0, WNOHANG), -EINVAL);
	EXPECT_EQ(waitid(P_ALL, 0, WEXITED | 64), -EINVAL);
	EXPECT_EQ(waitid(P_PID, 0, WEXITED), -EINVAL);
	EXPECT_EQ(waitid(P_PID, -1, WEXITED), -EINVAL);
	EXPECT_EQ(waitid(P_PGID, -1, WEXITED), -EINVAL);
	EXPECT_EQ(waitid(9, 1, WEXITED), -EINVAL);
	EXPECT_EQ(waitid(P_ALL, 0, WEXITED), -ECHILD);
	EXPECT_EQ(sys_waitpid((int)0x80000000, NULL, 0), -ESRCH);
}

/* --- process_vm_readv --- */

static u32 there[3000];

static long peek(int number, int pid, const struct iovec *own, u32 n, const struct iovec *other,
		 u32 m)
{
	return system_call(number, pid, (long)own, (long)n, (long)other, (long)m, 0);
}

static void holds_values(void *argument)
{
	for (u32 i = 0; i < ARRAY_SIZE(there); i++)
		there[i] = i * 3;
	*(volatile int *)argument = 1;
	while (there[7] == 21)
		sys_sched_yield();
	sys_exit_group(there[7] == 4711 && there[8] == 24 ? 0 : 1);
}

static void peeks(void)
{
	static u32 here[3000];
	volatile int *told = (volatile int *)sys_mmap2(0, PAGE_SIZE, PROT_READ | PROT_WRITE,
						       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int pid = process_start(holds_values, (void *)told);
	struct iovec own[] = { { (u32)here, 100 }, { (u32)here + 100, sizeof(here) - 100 } };
	struct iovec other[] = { { (u32)there, 5000 },
				 { (u32)there + 5000, sizeof(there) - 5000 } };
	struct iovec bad = { 16, 8 }, word;
	u32 value = 4711;

	while (!*told)
		sys_sched_yield();
	EXPECT_EQ(peek(NR_process_vm_readv, pid, own, 2, other, 2), sizeof(here));
	for (u32 i = 0; i < ARRAY_SIZE(here); i++)
		if (!EXPECT_EQ(here[i], i * 3))
			break;
	EXPECT_EQ(peek(NR_process_vm_readv, pid, own, 2, &bad, 1), -EFAULT);
	EXPECT_EQ(peek(NR_process_vm_readv, pid, &bad, 1, other, 2), -EFAULT);
	EXPECT_EQ(peek(NR_process_vm_readv, pid, own, 0, other, 2), 0);
	EXPECT_EQ(peek(NR_process_vm_readv, 1 << 30, own, 1, other, 1), -ESRCH);
	EXPECT_EQ(peek(NR_process_vm_readv, pid, own, 1025, other, 1), -EINVAL);
	EXPECT_EQ(system_call(NR_process_vm_readv, pid, (long)own, 1, (long)other, 1, 1), -EINVAL);
	word = (struct iovec){ (u32)&value, 4 };
	other[0] = (struct iovec){ (u32)&there[7], 4 };
	EXPECT_EQ(peek(NR_process_vm_writev, pid, &word, 1, other, 1), 4);
	EXPECT_EQ(process_wait(pid), EXITED(0));
	sys_munmap((u32)told, PAGE_SIZE);
}

/* --- descriptors as a whole, and files without names --- */

static void ranges(void)
{
	EXPECT_EQ(system_call(NR_dup2, 1, 100, 0, 0, 0, 0), 100);
	EXPECT_EQ(system_call(NR_dup2, 1, 102, 0, 0, 0, 0), 102);
	EXPECT_EQ(system_call(NR_close_range, 101, 100, 0, 0, 0, 0), -EINVAL);
	EXPECT_EQ(system_call(NR_close_range, 100, 102, 8, 0, 0, 0), -EINVAL);
	EXPECT_EQ(system_call(NR_close_range, 100, -1, 4, 0, 0, 0), 0);
	EXPECT_EQ(system_call(NR_fcntl64, 102, 1, 0, 0, 0, 0), 1);
	EXPECT_EQ(system_call(NR_close_range, 100, 101, 0, 0, 0, 0), 0);
	EXPECT_EQ(sys_close(100), -EBADF);
	EXPECT_EQ(sys_close(102), 0);
	EXPECT_EQ(system_call(NR_unshare, CLONE_FILES | CLONE_FS, 0, 0, 0, 0, 0), 0);
	EXPECT_EQ(system_call(NR_unshare, 1, 0, 0, 0, 0, 0), -EINVAL);
}

static void nameless(void)
{
	long fd = system_call(NR_memfd_create, (long)"x", 0, 0, 0, 0, 0);
	struct iovec parts[] = { { (u32) "abc", 3 }, { (u32) "defg", 4 } };
	char read[8] = "";
	struct iovec to = { (u32)read, 7 };

	EXPECT(fd >= 0);
	EXPECT_EQ(system_call(NR_pwritev, fd, (long)parts, 2, 5, 0, 0), 7);
	EXPECT_EQ(sys_lseek((int)fd, 0, 1), 0);
	EXPECT_EQ(sys_lseek((int)fd, 0, 2), 12);
	EXPECT_EQ(system_call(NR_preadv, fd, (long)&to, 1, 5, 0, 0), 7);
	EXPECT(!memcmp(read, "abcdefg", 7));
	EXPECT_EQ(system_call(NR_preadv, fd, (long)&to, 1, 0, -1, 0), -EINVAL);
	EXPECT_EQ(system_call(NR_preadv, 77, (long)&to, 1, 0, 0, 0), -EBADF);
	EXPECT_EQ(system_call(NR_preadv2, fd, (long)&to, 1, -1, -1, 0), 0);
	EXPECT_EQ(system_call(NR_preadv2, fd, (long)&to, 1, 5, 0, 1 << 20), -EOPNOTSUPP);
	EXPECT_EQ(system_call(NR_fadvise64, fd, 0, 0, 0, 3, 0), 0);
	EXPECT_EQ(system_call(NR_fadvise64, fd, 0, 0, 0, 9, 0), -EINVAL);
	EXPECT_EQ(system_call(NR_fadvise64, 77, 0, 0, 0, 0, 0), -EBADF);
	EXPECT_EQ(system_call(NR_readahead, fd, 0, 0, 100, 0, 0), 0);
	EXPECT_EQ(system_call(NR_readahead, 77, 0, 0, 100, 0, 0), -EBADF);
	EXPECT_EQ(sys_close((int)fd), 0);
	EXPECT_EQ(system_call(NR_memfd_create, 16, 0, 0, 0, 0, 0), -EFAULT);
	EXPECT_EQ(system_call(NR_memfd_create, (long)"x", 1 << 20, 0, 0, 0, 0), -EINVAL);
}

static long remap(u32 start, u32 bytes, int prot, u32 page)
{
	return system_call(NR_remap_file_pages, (long)start, (long)bytes, prot, (long)page, 0, 0);
}

static void other_pages(void)
{
	u32 at = sys_mmap2(0, 4 * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
			   0);
	u32 own = sys_mmap2(0, PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	volatile u32 *words = (u32 *)at;

	for (u32 i = 0; i < 4; i++)
		words[i * PAGE_SIZE / 4] = i;
	EXPECT_EQ(remap(at, PAGE_SIZE, 0, 3), 0);
	EXPECT_EQ(remap(at + PAGE_SIZE, 2 * PAGE_SIZE, 0, 0), 0);
	EXPECT_EQ(words[0], 3);
	EXPECT_EQ(words[PAGE_SIZE / 4], 0);
	EXPECT_EQ(words[2 * PAGE_SIZE / 4], 1);
	EXPECT_EQ(words[3 * PAGE_SIZE / 4], 3);
	EXPECT_EQ(remap(at, PAGE_SIZE, PROT_READ, 0), -EINVAL);
	EXPECT_EQ(remap(at, 0, 0, 0), -EINVAL);
	EXPECT_EQ(remap(own, PAGE_SIZE, 0, 0), -EINVAL);
	EXPECT_EQ(remap(16, PAGE_SIZE, 0, 0), -EINVAL);
	sys_munmap(at, 4 * PAGE_SIZE);
	sys_munmap(own, PAGE_SIZE);
}

static const struct tap_case cases[] = {
	{ "prctl and personality", set },
	{ "the masks of old calls", masks },
	{ "orphans go to the reaper", orphans },
	{ "a signal when the parent dies", parent_dies },
	{ "the thread that made a child ends", thread_ends },
	{ "waitid", waits },
	{ "memory of another process", peeks },
	{ "close_range and unshare", ranges },
	{ "memfd_create, preadv and advice", nameless },
	{ "remap_file_pages", other_pages },
};

int main(int argc, char **argv);
int main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return tap_run(cases, ARRAY_SIZE(cases));
}
