/* SPDX-License-Identifier: MIT */
/*
 * Calls on processes at their bounds: the last number that is accepted and the first that is not,
 * arguments that must be 0, what an error leaves unchanged. Settings, capabilities, IDs, clone3,
 * and processes as files.
 */
#include "abi/linux/capability.h"
#include "abi/linux/errno.h"
#include "abi/linux/prctl.h"
#include "tests/ring3/runtime/file_calls.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/poll_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/rows.h"
#include "tests/ring3/runtime/signal_calls.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/thread.h"

#define BAD    16
#define USER   54321
#define ABSENT 0x7ffffff0 /* no process */
#define LAST   40	  /* the highest capability */

static u8 *memory; /* a page that can be written, then one that can only be read */
static u32 word;

static long call(int number, long a, long b, long c, long d)
{
	return system_call(number, a, b, c, d, 0, 0);
}

static long prctl(int option, u32 a)
{
	return call(NR_prctl, option, (long)a, 0, 0);
}

static void sleeps(void *unused)
{
	sleeps_forever(unused);
}

static void end(int child)
{
	EXPECT_EQ(sys_kill(child, SIGKILL), 0);
	EXPECT_EQ(process_wait(child), KILLED(SIGKILL));
}

/* ---- Settings ---- */

static const struct row settings[] = {
	{ NR_prctl, { PR_SET_PDEATHSIG, 64 }, 0 },
	{ NR_prctl, { PR_SET_PDEATHSIG, 65 }, -EINVAL },
	{ NR_prctl, { PR_GET_PDEATHSIG, BAD }, -EFAULT },
	{ NR_prctl, { PR_SET_PDEATHSIG, 0 }, 0 },
	{ NR_prctl, { PR_SET_DUMPABLE, 0 }, 0 },
	{ NR_prctl, { PR_SET_DUMPABLE, -1 }, -EINVAL },
	{ NR_prctl, { PR_GET_DUMPABLE }, 0 },
	{ NR_prctl, { PR_SET_DUMPABLE, 1 }, 0 },
	{ NR_prctl, { PR_GET_DUMPABLE }, 1 },
	{ NR_prctl, { PR_SET_TIMING, 0 }, 0 },
	{ NR_prctl, { PR_SET_TIMERSLACK, 777 }, 0 },
	{ NR_prctl, { PR_GET_TIMERSLACK }, 777 },
	{ NR_prctl, { PR_SET_TIMERSLACK, -1 }, 0 },
	{ NR_prctl, { PR_GET_TIMERSLACK }, -1 },
	{ NR_prctl, { PR_SET_TIMERSLACK, 0 }, 0 }, /* the default again */
	{ NR_prctl, { PR_GET_TIMERSLACK }, 50000 },
	{ NR_prctl, { PR_SET_CHILD_SUBREAPER, 2 }, 0 },
	{ NR_prctl, { PR_GET_CHILD_SUBREAPER, BAD }, -EFAULT },
	{ NR_prctl, { PR_GET_CHILD_SUBREAPER, (long)&word }, 0 },
	{ NR_prctl, { PR_SET_TSC, PR_TSC_ENABLE }, 0 },
	{ NR_prctl, { PR_SET_MDWE, 0, 1 }, -EINVAL },
	{ NR_prctl, { PR_SET_MDWE, 0, 0, 1 }, -EINVAL },
	{ NR_prctl, { PR_SET_MDWE, 0, 0, 0, 1 }, -EINVAL },
	{ NR_prctl, { PR_SET_MDWE, 4 }, -EINVAL },
	{ NR_prctl, { PR_SET_MDWE, PR_MDWE_NO_INHERIT }, -EINVAL },
	{ NR_prctl, { PR_GET_MDWE }, 0 },
	{ NR_prctl, { PR_GET_MDWE, 0, 0, 1 }, -EINVAL },
	{ NR_prctl, { PR_SET_MDWE, 3 }, 0 },
	{ NR_prctl, { PR_SET_MDWE, 3 }, 0 },
	{ NR_prctl, { PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN }, -EPERM },
	{ NR_prctl, { PR_SET_MDWE, 0 }, -EPERM },
	{ NR_prctl, { PR_GET_MDWE }, 3 },
	{ NR_prctl, { PR_SET_NO_NEW_PRIVS, 1, 0, 1 }, -EINVAL },
	{ NR_prctl, { PR_SET_NO_NEW_PRIVS, 1, 0, 0, 1 }, -EINVAL },
	{ NR_prctl, { PR_GET_NO_NEW_PRIVS, 0, 1 }, -EINVAL },
	{ NR_prctl, { PR_GET_NO_NEW_PRIVS, 0, 0, 1 }, -EINVAL },
	{ NR_prctl, { PR_GET_NO_NEW_PRIVS }, 0 },
};

static void sets_all(void *unused)
{
	char name[16];

	(void)unused;
	try_rows(settings, ARRAY_SIZE(settings));
	EXPECT_EQ(word, 1);
	EXPECT_EQ(prctl(PR_SET_NAME, (u32) "exactly fifteen"), 0);
	EXPECT_EQ(prctl(PR_GET_NAME, (u32)name), 0);
	EXPECT(!strcmp(name, "exactly fifteen"));
	EXPECT_EQ(prctl(PR_SET_NAME, (u32) "x"), 0);
	EXPECT_EQ(prctl(PR_GET_NAME, (u32)name), 0);
	EXPECT(!memcmp(name, "x\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16));
	EXPECT_EQ(prctl(PR_SET_NAME, (u32) ""), 0);
	EXPECT_EQ(prctl(PR_GET_NAME, (u32)name), 0);
	EXPECT_EQ(*name, '\0');
	EXPECT_EQ(prctl(PR_SET_NAME, BAD), -EFAULT);
	EXPECT_EQ(prctl(PR_GET_NAME, BAD), -EFAULT);
}

/* With a new effective ID: the memory may hold what the new user must not see. */
static void forgets_trust(void *argument)
{
	int by = (int)argument, signal = -1;

	EXPECT_EQ(prctl(PR_SET_PDEATHSIG, SIGUSR1), 0);
	EXPECT_EQ(prctl(PR_GET_DUMPABLE, 0), 1);
	EXPECT_EQ(call(NR_setresuid32, 77, -1, 78, 0), 0);
	EXPECT_EQ(call(NR_setresgid32, 77, -1, 78, 0), 0);
	EXPECT_EQ(prctl(PR_GET_DUMPABLE, 0), 1); /* not the effective one */
	EXPECT(call(by, by == NR_setresuid32 || by == NR_setresgid32 ? -1 : USER, USER, -1, 0) >=
	       0);
	EXPECT(prctl(PR_GET_DUMPABLE, 0) != 1);
	EXPECT_EQ(prctl(PR_GET_PDEATHSIG, (u32)&signal), 0);
	EXPECT_EQ(signal, 0);
}

static void own_settings(void)
{
	static const int calls[] = { NR_setresuid32, NR_setresgid32, NR_setfsuid32, NR_setfsgid32 };

	EXPECT_CHILD(sets_all, NULL, EXITED(0));
	for (u32 i = 0; i < ARRAY_SIZE(calls); i++)
		EXPECT_CHILD(forgets_trust, (void *)calls[i], EXITED(0));
}

/* ---- Capabilities ---- */

static const struct row capability_rows[] = {
	{ NR_prctl, { PR_CAPBSET_READ, LAST }, 1 },
	{ NR_prctl, { PR_CAPBSET_READ, LAST + 1 }, -EINVAL },
	{ NR_prctl, { PR_CAPBSET_DROP, LAST + 1 }, -EINVAL },
	{ NR_prctl, { PR_CAPBSET_DROP, LAST }, 0 },
	{ NR_prctl, { PR_CAPBSET_READ, LAST }, 0 },
	{ NR_prctl, { PR_CAPBSET_READ, LAST - 1 }, 1 },
	{ NR_prctl, { PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, LAST }, 0 },
	{ NR_prctl, { PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, LAST + 1 }, -EINVAL },
	{ NR_prctl, { PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 0, 1 }, -EINVAL },
	{ NR_prctl, { PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, 0, 0, 1 }, -EINVAL },
	{ NR_prctl, { PR_SET_SECUREBITS, SECBIT_NO_CAP_AMBIENT_RAISE }, 0 },
	{ NR_prctl, { PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL }, -EPERM },
	{ NR_prctl, { PR_SET_SECUREBITS, 0 }, 0 },
	{ NR_prctl, { PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL }, 0 },
	{ NR_prctl, { PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_KILL }, 1 },
	{ NR_prctl, { PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 1 }, -EINVAL },
	{ NR_prctl, { PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0 }, 0 },
	{ NR_prctl, { PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_KILL }, 0 },
	{ NR_prctl, { PR_SET_KEEPCAPS, 1 }, 0 },
	{ NR_prctl, { PR_GET_SECUREBITS }, SECBIT_KEEP_CAPS },
	{ NR_prctl, { PR_SET_KEEPCAPS, 0 }, 0 },
	{ NR_prctl, { PR_GET_KEEPCAPS }, 0 },
	{ NR_prctl, { PR_SET_SECUREBITS, SECBIT_KEEP_CAPS_LOCKED | SECBIT_KEEP_CAPS }, 0 },
	{ NR_prctl, { PR_SET_SECUREBITS, SECBIT_KEEP_CAPS }, -EPERM },	      /* opens the lock */
	{ NR_prctl, { PR_SET_SECUREBITS, SECBIT_KEEP_CAPS_LOCKED }, -EPERM }, /* locked */
	{ NR_prctl, { PR_SET_KEEPCAPS, 0 }, -EPERM },
	{ NR_prctl, { PR_GET_KEEPCAPS }, 1 },
};

/* All that the process has is inheritable, so that it can be ambient. */
static void changes_capabilities(void *unused)
{
	struct cap_header header = { CAPABILITY_VERSION_3, sys_getpid() };
	struct cap_data data[2];

	(void)unused;
	EXPECT_EQ(call(NR_capget, (long)&header, (long)data, 0, 0), 0);
	data[0].inheritable = data[0].permitted;
	data[1].inheritable = data[1].permitted;
	EXPECT_EQ(call(NR_capset, (long)&header, (long)data, 0, 0), 0);
	try_rows(capability_rows, ARRAY_SIZE(capability_rows));
}

/* The first version has 32 capabilities: it writes one set, and gives up the others. */
static void first_version(void *unused)
{
	struct cap_header header = { CAPABILITY_VERSION_1, 0 };
	struct cap_data data[2], whole[2];

	(void)unused;
	memset(data, 0x55, sizeof(data));
	EXPECT_EQ(call(NR_capget, (long)&header, (long)data, 0, 0), 0);
	EXPECT(data[0].effective == ~0u && data[1].effective == 0x55555555);
	header.version = CAPABILITY_VERSION_3;
	EXPECT_EQ(call(NR_capget, (long)&header, (long)whole, 0, 0), 0);
	EXPECT_EQ(whole[1].permitted, (1u << (LAST - 31)) - 1);
	EXPECT_EQ(call(NR_capset, (long)&header, BAD, 0, 0), -EFAULT);
	header.pid = ABSENT;
	EXPECT_EQ(call(NR_capget, (long)&header, (long)whole, 0, 0), -ESRCH);
	EXPECT_EQ(call(NR_capset, (long)&header, (long)whole, 0, 0), -EPERM);
	header.pid = -1;
	EXPECT_EQ(call(NR_capget, (long)&header, (long)whole, 0, 0), -EINVAL);
	/* Without a place for the sets, the process is not looked at. */
	EXPECT_EQ(call(NR_capget, (long)&header, 0, 0, 0), 0);
	header = (struct cap_header){ CAPABILITY_VERSION_1, sys_getpid() };
	EXPECT_EQ(call(NR_capset, (long)&header, (long)data, 0, 0), 0);
	header.version = CAPABILITY_VERSION_2;
	EXPECT_EQ(call(NR_capget, (long)&header, (long)data, 0, 0), 0);
	EXPECT(!data[1].permitted && !data[1].effective && data[0].permitted == ~0u);
}

static void capabilities(void)
{
	struct cap_header *unknown = (struct cap_header *)(memory + PAGE_SIZE); /* version 0 */

	EXPECT_CHILD(changes_capabilities, NULL, EXITED(0));
	EXPECT_CHILD(first_version, NULL, EXITED(0));
	EXPECT_EQ(call(NR_capget, (long)unknown, (long)memory, 0, 0), -EFAULT);
	EXPECT_EQ(call(NR_capset, (long)unknown, (long)memory, 0, 0), -EFAULT);
	/* The version is there, the process number is not. */
	*(u32 *)(memory + PAGE_SIZE - 4) = CAPABILITY_VERSION_3;
	EXPECT_EQ(sys_mprotect((u32)memory + PAGE_SIZE, PAGE_SIZE, PROT_NONE), 0);
	unknown = (struct cap_header *)(memory + PAGE_SIZE - 4);
	EXPECT_EQ(call(NR_capget, (long)unknown, (long)memory, 0, 0), -EFAULT);
	EXPECT_EQ(call(NR_capget, (long)unknown, 0, 0, 0), 0);
}

/* ---- Limits ---- */

static void at_the_table(void *unused)
{
	struct rlimit64 old, most;

	(void)unused;
	EXPECT_EQ(sys_prlimit64(0, RLIMIT_NOFILE, NULL, &old), 0);
	most = (struct rlimit64){ 10, 1u << 30 }; /* more than a table can have */
	EXPECT_EQ(sys_prlimit64(0, RLIMIT_NOFILE, &most, NULL), -EPERM);
	EXPECT_EQ(sys_prlimit64(0, 15, NULL, &most), 0);
	EXPECT_EQ(sys_prlimit64(0, 16, NULL, &most), -EINVAL);
	EXPECT_EQ(call(NR_setresuid32, USER, USER, USER, 0), 0);
	most = (struct rlimit64){ old.max, old.max };
	EXPECT_EQ(sys_prlimit64(0, RLIMIT_NOFILE, &most, NULL), 0);
	most.max++;
	EXPECT_EQ(sys_prlimit64(0, RLIMIT_NOFILE, &most, NULL), -EPERM);
	EXPECT_EQ(sys_prlimit64(0, RLIMIT_NOFILE, NULL, &most), 0);
	EXPECT(most.cur == old.max && most.max == old.max);
	/* It is set though the old one cannot be told. */
	most.cur = 20;
	EXPECT_EQ(sys_prlimit64(0, RLIMIT_NOFILE, &most, (void *)BAD), -EFAULT);
	EXPECT_EQ(sys_prlimit64(0, RLIMIT_NOFILE, NULL, &most), 0);
	EXPECT_EQ(most.cur, 20);
}

static void limits(void)
{
	EXPECT_CHILD(at_the_table, NULL, EXITED(0));
}

/* ---- clone3 ---- */

#define VALID .exit_signal = SIGCHLD

static const struct {
	struct clone3_args args;
	u32 size;
	long result;
} clones[] = {
	{ { .exit_signal = 1ull << 32 | SIGCHLD }, 64, -EINVAL },
	{ { .flags = CLONE_DETACHED, VALID }, 64, -EINVAL },
	{ { .flags = 1, VALID }, 64, -EINVAL },
	{ { .flags = CLONE_THREAD }, 64, -EINVAL },
	{ { .flags = CLONE_SIGHAND, VALID }, 64, -EINVAL },
	{ { .flags = CLONE_PARENT, VALID }, 64, -EINVAL },
	{ { VALID, .set_tid = 4096 }, sizeof(struct clone3_args), -EINVAL },
	{ { VALID, .set_tid_size = 1 }, sizeof(struct clone3_args), -EINVAL },
};

/* The child ends at once; with a later system's structure whose rest is 0. */
static void clone_of(struct clone3_args *args, u32 size, long error)
{
	long child = call(NR_clone3, (long)args, (long)size, 0, 0);

	if (!child)
		sys_exit(6);
	if (error) {
		EXPECT_EQ(child, error);
		return;
	}
	EXPECT(child > 0);
	EXPECT_EQ(process_wait((int)child), EXITED(6));
}

static void requests(void)
{
	u8 *whole = memory_map(3, PROT_READ | PROT_WRITE);
	struct clone3_args *args = (struct clone3_args *)whole;

	for (u32 i = 0; i < ARRAY_SIZE(clones); i++) {
		struct clone3_args copy = clones[i].args;

		if (!EXPECT_EQ(call(NR_clone3, (long)&copy, (long)clones[i].size, 0, 0),
			       clones[i].result))
			EXPECT_EQ(i, -1);
	}
	args->exit_signal = SIGCHLD;
	clone_of(args, 64, 0);
	clone_of(args, PAGE_SIZE, 0);
	clone_of(args, sizeof(*args) + 1, 0);
	whole[sizeof(*args)] = 1;
	clone_of(args, sizeof(*args), 0);
	clone_of(args, sizeof(*args) + 1, -E2BIG);
	whole[sizeof(*args)] = 0;
	whole[PAGE_SIZE - 1] = 1;
	clone_of(args, PAGE_SIZE - 1, 0);
	clone_of(args, PAGE_SIZE, -E2BIG);
	memory_unmap(whole + PAGE_SIZE, 1);
	args = (struct clone3_args *)(whole + PAGE_SIZE - 64);
	memset(args, 0, 64);
	args->exit_signal = SIGCHLD;
	clone_of(args, 64, 0);
	clone_of(args, 72, -EFAULT);
	clone_of(args, sizeof(*args) + 8, -EFAULT);
	memory_unmap(whole, 1);
	memory_unmap(whole + 2 * PAGE_SIZE, 1);
}

/* ---- Processes as files ---- */

#define PIDFD_THREAD O_EXCL
enum { THREAD = 1, PROCESS = 2, GROUP = 4 };

static long send(int fd, int signal, const struct siginfo *info, u32 scope)
{
	return call(NR_pidfd_send_signal, fd, signal, (long)info, (long)scope);
}

static volatile int tid, got_it, done;

static int waits_for_signal(void *unused)
{
	static const struct timespec second = { 1, 0 };
	u64 set = 1ull << (SIGUSR1 - 1);

	(void)unused;
	word_set(&tid, sys_gettid());
	got_it = (int)call(NR_rt_sigtimedwait, (long)&set, 0, (long)&second, 8);
	word_set(&done, 1);
	return 0;
}

/* Signals through the file of a thread; both threads block them. */
static void file_of_a_thread(void)
{
	static struct thread thread;
	static const struct timespec at_once;
	u64 set = 1ull << (SIGUSR1 - 1), old;
	struct pollfd poll = { .events = POLLIN };
	int own = (int)call(NR_pidfd_open, sys_getpid(), PIDFD_THREAD, 0, 0);

	EXPECT_EQ(sys_rt_sigprocmask(SIG_BLOCK, &set, &old), 0);
	thread_start(&thread, waits_for_signal, NULL);
	word_wait(&tid, 0);
	poll.fd = (int)call(NR_pidfd_open, tid, PIDFD_THREAD, 0, 0);
	EXPECT(poll.fd >= 0 && own >= 0);
	EXPECT_EQ(sys_fcntl(poll.fd, F_GETFL, 0) & ~O_LARGEFILE, O_RDWR | PIDFD_THREAD);
	EXPECT_EQ(sys_poll(&poll, 1, 0), 0);
	EXPECT_EQ(send(poll.fd, SIGUSR1, NULL, 0), 0);
	word_wait(&done, 0);
	EXPECT_EQ(got_it, SIGUSR1);
	thread_join(&thread);
	EXPECT_EQ(sys_poll(&poll, 1, 1000), 1);
	EXPECT_EQ(send(poll.fd, 0, NULL, 0), -ESRCH);
	EXPECT_EQ(send(own, SIGUSR1, NULL, 0), 0);
	EXPECT_EQ(call(NR_rt_sigtimedwait, (long)&set, 0, (long)&at_once, 8), SIGUSR1);
	EXPECT_EQ(send(own, SIGUSR1, NULL, THREAD), 0);
	EXPECT_EQ(call(NR_rt_sigtimedwait, (long)&set, 0, (long)&at_once, 8), SIGUSR1);
	EXPECT_EQ(sys_rt_sigprocmask(SIG_SETMASK, &old, NULL), 0);
	EXPECT_EQ(sys_close(poll.fd), 0);
	EXPECT_EQ(sys_close(own), 0);
}

/* A signal to a group through the file of one process. */
static void to_a_group(void *unused)
{
	int first, second, fd;

	(void)unused;
	first = process_start(sleeps, NULL);
	EXPECT_EQ(call(NR_setpgid, first, first, 0, 0), 0);
	second = process_start(sleeps, NULL);
	EXPECT_EQ(call(NR_setpgid, second, first, 0, 0), 0);
	fd = (int)call(NR_pidfd_open, first, 0, 0, 0);
	EXPECT_EQ(send(fd, 0, NULL, GROUP), 0);
	EXPECT_EQ(send(fd, 0, NULL, GROUP + 1), -EINVAL);
	EXPECT_EQ(send(fd, 0, NULL, 2 * GROUP), -EINVAL);
	EXPECT_EQ(send(fd, 0, NULL, PROCESS | THREAD), -EINVAL);
	EXPECT_EQ(send(fd, SIGTERM, NULL, GROUP), 0);
	EXPECT_EQ(process_wait(first), KILLED(SIGTERM));
	EXPECT_EQ(process_wait(second), KILLED(SIGTERM));
}

/* What claims to come from kill() or tkill() a process sends to itself only. */
static void claims(void)
{
	struct siginfo info = { .code = SI_TKILL };
	int child = process_start(sleeps, NULL);
	int fd = (int)call(NR_pidfd_open, child, 0, 0, 0), place = (int)sys_open("/proc", O_PATH);
	int own = (int)call(NR_pidfd_open, sys_getpid(), 0, 0, 0);

	EXPECT_EQ(send(fd, 0, &info, 0), -EPERM);
	EXPECT_EQ(send(own, 0, &info, 0), 0);
	info.code = SI_QUEUE;
	EXPECT_EQ(send(fd, 0, &info, PROCESS), 0);
	info.code = SI_USER;
	EXPECT_EQ(send(fd, 0, &info, 0), -EPERM);
	EXPECT_EQ(send(own, 0, &info, 0), 0);
	EXPECT_EQ(send(place, 0, NULL, 0), -EBADF);
	EXPECT_EQ(send(999, 0, (void *)BAD, 0), -EBADF);
	end(child);
	EXPECT_EQ(send(fd, 0, NULL, 0), -ESRCH);
	EXPECT_EQ(sys_close(fd), 0);
	EXPECT_EQ(sys_close(place), 0);
	EXPECT_EQ(sys_close(own), 0);
}

/* A process that has ended has no files; those of another user are not for all. */
static void files_of_a_zombie(void *unused)
{
	int child = process_start(sleeps, NULL), fd = (int)call(NR_pidfd_open, child, 0, 0, 0);
	struct pollfd poll = { .fd = fd, .events = POLLIN };
	int parent = (int)call(NR_pidfd_open, sys_getppid(), 0, 0, 0), copy;

	(void)unused;
	copy = (int)call(NR_pidfd_getfd, fd, 1, 0, 0);
	EXPECT(copy >= 0);
	EXPECT_EQ(sys_kill(child, SIGKILL), 0);
	EXPECT_EQ(sys_poll(&poll, 1, -1), 1);
	EXPECT_EQ(call(NR_pidfd_getfd, fd, 1, 0, 0), -ESRCH);
	EXPECT_EQ(call(NR_setresuid32, USER, USER, USER, 0), 0);
	EXPECT_EQ(call(NR_pidfd_getfd, parent, 1, 0, 0), -EPERM);
	EXPECT_EQ(process_wait(child), KILLED(SIGKILL));
}

static void as_files(void)
{
	file_of_a_thread();
	EXPECT_CHILD(to_a_group, NULL, EXITED(0));
	claims();
	EXPECT_CHILD(files_of_a_zombie, NULL, EXITED(0));
}

static const struct tap_case cases[] = {
	{ "settings", own_settings },	   { "capabilities", capabilities },   { "limits", limits },
	{ "what clone3 takes", requests }, { "processes as files", as_files },
};

int main(void)
{
	memory = memory_map(2, PROT_READ | PROT_WRITE);
	EXPECT_EQ(sys_mprotect((u32)memory + PAGE_SIZE, PAGE_SIZE, PROT_READ), 0);
	return tap_run(cases, ARRAY_SIZE(cases));
}
