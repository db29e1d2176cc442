/* SPDX-License-Identifier: MIT */
/*
 * rt_sigtimedwait, signals that are sent to a process of several threads, signals with values, and
 * the limit of queued signals.
 */
#include "tests/ring3/runtime/handler.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/thread.h"
#include "tests/ring3/runtime/time_calls.h"

#define BAD  ((void *)16)
#define MSEC 1000000

static const struct timespec at_once = { 0, 0 }, soon = { 0, 30 * MSEC }, late = { 20, 0 };

static long wait_for(u64 set, struct siginfo *info, const struct timespec *time)
{
	return system_call(NR_rt_sigtimedwait, (long)&set, (long)info, (long)time, 8, 0, 0);
}

static long queue(int pid, int signal, int code, u32 value)
{
	u32 words[SI_MAX_SIZE / 4] = { 0, 0, (u32)code, 77, 88, value };

	return system_call(NR_rt_sigqueueinfo, pid, signal, (long)words, 0, 0, 0);
}

static long queue_thread(int group, int pid, int signal, int code)
{
	u32 words[SI_MAX_SIZE / 4] = { 0, 0, (u32)code, 77, 88, 99 };

	return system_call(NR_rt_tgsigqueueinfo, group, pid, signal, (long)words, 0, 0);
}

/* Pending ones come at once: the lowest number first, equal ones in order. */
static void pending(void)
{
	const u64 set = SIGNAL_BIT(SIGUSR1) | SIGNAL_BIT(40) | SIGNAL_BIT(41);
	union {
		struct siginfo info;
		u8 bytes[SI_MAX_SIZE];
	} told;

	mask_set(set);
	EXPECT_EQ(wait_for(set, NULL, &at_once), -EAGAIN);
	EXPECT_EQ(queue_thread(0, 1, SIGUSR1, 0), -EINVAL);
	EXPECT_EQ(queue(sys_getpid(), 41, SI_QUEUE, 1), 0);
	EXPECT_EQ(queue(sys_getpid(), 40, SI_QUEUE, 2), 0);
	EXPECT_EQ(queue(sys_getpid(), 40, SI_QUEUE, 3), 0);
	EXPECT_EQ(sys_kill(sys_getpid(), SIGUSR1), 0);
	EXPECT_EQ(sys_kill(sys_getpid(), SIGUSR1), 0);
	EXPECT_EQ(wait_for(set, &told.info, &at_once), SIGUSR1);
	EXPECT_EQ(told.info.code, SI_USER);
	EXPECT_EQ(told.info.pid, sys_getpid());
	for (u32 i = 0; i < SI_MAX_SIZE; i++)
		told.bytes[i] = 0xff;
	EXPECT_EQ(wait_for(set, &told.info, NULL), 40);
	EXPECT_EQ(told.info.code, SI_QUEUE);
	EXPECT_EQ(told.info.pid, 77);
	EXPECT_EQ(told.info.uid, 88);
	EXPECT_EQ(told.info.value, 2);
	for (u32 i = sizeof(told.info) + 32; i < SI_MAX_SIZE; i++)
		EXPECT_EQ(told.bytes[i], 0);
	EXPECT_EQ(wait_for(set, &told.info, &late), 40);
	EXPECT_EQ(told.info.value, 3);
	EXPECT_EQ(wait_for(SIGNAL_BIT(40), NULL, &at_once), -EAGAIN);
	EXPECT_EQ(wait_for(set, NULL, &at_once), 41);
	EXPECT_EQ(wait_for(set, NULL, &at_once), -EAGAIN);
	mask_set(0);
}

static void times_out(void)
{
	struct timespec64 time = { 0, 20 * MSEC, 0 };
	u64 set = SIGNAL_BIT(SIGUSR1);

	mask_set(set);
	EXPECT_EQ(wait_for(set, NULL, &soon), -EAGAIN);
	EXPECT_EQ(system_call(NR_rt_sigtimedwait_time64, (long)&set, 0, (long)&time, 8, 0, 0),
		  -EAGAIN);
	mask_set(0);
}

static void refused(void)
{
	const struct timespec bad[] = { { -1, 0 }, { 0, 1000 * MSEC } };
	u64 set = SIGNAL_BIT(SIGUSR1);

	EXPECT_EQ(wait_for(set, NULL, &bad[0]), -EINVAL);
	EXPECT_EQ(wait_for(set, NULL, &bad[1]), -EINVAL);
	EXPECT_EQ(wait_for(set, NULL, BAD), -EFAULT);
	EXPECT_EQ(system_call(NR_rt_sigtimedwait, (long)&set, 0, 0, 4, 0, 0), -EINVAL);
	EXPECT_EQ(system_call(NR_rt_sigtimedwait, 16, 0, 0, 8, 0, 0), -EFAULT);
	EXPECT_EQ(queue(1 << 30, SIGUSR1, SI_QUEUE, 0), -ESRCH);
	EXPECT_EQ(queue(sys_getpid(), 65, SI_QUEUE, 0), -EINVAL);
	EXPECT_EQ(queue(sys_getpid(), 0, SI_QUEUE, 0), 0);
	EXPECT_EQ(queue(sys_getppid(), 0, SI_USER, 0), -EPERM);
	EXPECT_EQ(queue(sys_getppid(), 0, SI_TKILL, 0), -EPERM);
	EXPECT_EQ(system_call(NR_rt_sigqueueinfo, sys_getpid(), 0, 16, 0, 0, 0), -EFAULT);
	EXPECT_EQ(queue_thread(0, sys_gettid(), SIGUSR1, SI_QUEUE), -EINVAL);
	EXPECT_EQ(queue_thread(sys_getpid(), -1, SIGUSR1, SI_QUEUE), -EINVAL);
	EXPECT_EQ(queue_thread(sys_getpid(), 1 << 30, SIGUSR1, SI_QUEUE), -ESRCH);
	EXPECT_EQ(queue_thread(sys_getppid(), sys_gettid(), SIGUSR1, SI_QUEUE), -ESRCH);
	EXPECT_EQ(queue_thread(sys_getpid(), sys_gettid(), 0, SI_QUEUE), 0);
}

/* What claims to come from the kernel or kill() a thread sends to itself only. */
static int claims(void *argument)
{
	(void)argument;
	EXPECT_EQ(queue_thread(sys_getpid(), sys_gettid(), 0, SI_USER), 0);
	EXPECT_EQ(queue_thread(sys_getpid(), sys_gettid(), 0, SI_TKILL), 0);
	EXPECT_EQ(queue_thread(sys_getpid(), sys_getpid(), 0, SI_USER), -EPERM);
	EXPECT_EQ(queue_thread(sys_getpid(), sys_getpid(), 0, SI_QUEUE), 0);
	EXPECT_EQ(queue(sys_getpid(), 0, SI_USER, 0), -EPERM);
	EXPECT_EQ(queue(sys_gettid(), 0, SI_USER, 0), 0);
	return 0;
}

static void thread_claims(void)
{
	static struct thread thread;

	EXPECT_EQ(queue(sys_getpid(), 0, SI_USER, 0), 0);
	thread_start(&thread, claims, NULL);
	thread_join(&thread);
}

/* The child sends when the parent probably sleeps. */
static void sends(void *argument)
{
	for (int i = 0; i < 100; i++)
		sys_sched_yield();
	sys_nanosleep(&soon, NULL);
	sys_kill(sys_getppid(), (int)argument);
	sys_exit_group(3);
}

static void sleeps(void)
{
	struct siginfo info[7]; /* siginfo_t has 128 bytes */
	int child, status;

	/* A signal whose default is to be ignored is not lost to one that waits for it. */
	mask_set(SIGNAL_BIT(SIGCHLD) | SIGNAL_BIT(SIGURG));
	child = process_start(sends, (void *)SIGURG);
	EXPECT_EQ(wait_for(SIGNAL_BIT(SIGURG), info, &late), SIGURG);
	EXPECT_EQ(info->pid, child);
	EXPECT_EQ(wait_for(SIGNAL_BIT(SIGCHLD), info, &late), SIGCHLD);
	EXPECT_EQ(info->code, CLD_EXITED);
	EXPECT_EQ(info->pid, child);
	EXPECT_EQ(info->value, 3);
	EXPECT_EQ(sys_waitpid(child, &status, 0), child);
	EXPECT(mask_get() == (SIGNAL_BIT(SIGCHLD) | SIGNAL_BIT(SIGURG)));

	/* Another signal ends the wait, even if its handler would restart calls. */
	handled_clear();
	handler_note(SIGUSR1, SA_RESTART);
	child = process_start(sends, (void *)SIGUSR1);
	EXPECT_EQ(wait_for(SIGNAL_BIT(SIGUSR2), info, NULL), -EINTR);
	EXPECT_EQ(handled.count, 1);
	EXPECT_EQ(sys_waitpid(child, &status, 0), child);
	mask_set(0);
	handler_set(SIGUSR1, SIG_DFL, 0, 0);
}

/* --- Signals to a process of two threads --- */

static volatile int ready, done, heard_by;

static void hear(int signal)
{
	(void)signal;
	heard_by = sys_gettid();
}

static int takes_it(void *argument)
{
	(void)argument;
	word_set(&ready, 1);
	while (!heard_by)
		sys_nanosleep(&soon, NULL);
	return 0;
}

/* The first thread blocks it: the second takes it, though it slept. */
static void other_thread(void)
{
	static struct thread thread;
	int tid;

	handler_set(SIGUSR1, hear, 0, 0);
	heard_by = ready = 0;
	thread_start(&thread, takes_it, NULL);
	tid = thread.tid;
	word_wait(&ready, 0);
	mask_set(SIGNAL_BIT(SIGUSR1));
	EXPECT_EQ(sys_kill(sys_getpid(), SIGUSR1), 0);
	thread_join(&thread);
	EXPECT_EQ(heard_by, tid);
	mask_set(0);
}

static int blocks_all(void *argument)
{
	(void)argument;
	mask_set(~0ull);
	word_set(&ready, 1);
	word_wait(&done, 0);
	mask_set(0);
	return 0;
}

/* All block it: it waits, both see it pending, and the first that unblocks it takes it. */
static void both_block(void)
{
	static struct thread thread;
	int tid;

	heard_by = ready = done = 0;
	mask_set(SIGNAL_BIT(SIGUSR1));
	thread_start(&thread, blocks_all, NULL);
	tid = thread.tid;
	word_wait(&ready, 0);
	EXPECT_EQ(sys_kill(sys_getpid(), SIGUSR1), 0);
	EXPECT(pending_get() == SIGNAL_BIT(SIGUSR1));
	EXPECT_EQ(heard_by, 0);
	word_set(&done, 1);
	thread_join(&thread);
	EXPECT_EQ(heard_by, tid);
	EXPECT(!pending_get());
	mask_set(0);
}

/* A signal for one thread is not another's. */
static void one_thread(void)
{
	static struct thread thread;

	heard_by = ready = done = 0;
	mask_set(SIGNAL_BIT(SIGUSR1));
	thread_start(&thread, blocks_all, NULL);
	word_wait(&ready, 0);
	EXPECT_EQ(queue_thread(sys_getpid(), sys_gettid(), SIGUSR1, SI_QUEUE), 0);
	word_set(&done, 1);
	thread_join(&thread);
	EXPECT_EQ(heard_by, 0);
	mask_set(0);
	EXPECT_EQ(heard_by, sys_gettid());
	handler_set(SIGUSR1, SIG_DFL, 0, 0);
}

static void limited(void *argument)
{
	const struct rlimit limit = { 3, 3 };
	int id;

	(void)argument;
	mask_set(~0ull);
	EXPECT_EQ(sys_setrlimit(RLIMIT_SIGPENDING, &limit), 0);
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(queue(sys_getpid(), 40, SI_QUEUE, 0), 0);
	EXPECT_EQ(queue(sys_getpid(), 40, SI_QUEUE, 0), -EAGAIN);
	EXPECT_EQ(sys_kill(sys_getpid(), 40), 0);
	EXPECT_EQ(sys_kill(sys_getpid(), SIGUSR1), 0);
	EXPECT_EQ(system_call(NR_timer_create, CLOCK_MONOTONIC, 0, (long)&id, 0, 0, 0), -EAGAIN);
	/* That of SIGUSR1 counts, though it is never refused. */
	EXPECT_EQ(wait_for(SIGNAL_BIT(40), NULL, &at_once), 40);
	EXPECT_EQ(queue(sys_getpid(), 40, SI_QUEUE, 0), -EAGAIN);
	EXPECT_EQ(wait_for(SIGNAL_BIT(SIGUSR1), NULL, &at_once), SIGUSR1);
	EXPECT_EQ(queue(sys_getpid(), 40, SI_QUEUE, 0), 0);
}

/* Linux counts all processes of a user, so one that nothing else uses. */
static void limits(void *argument)
{
	EXPECT_EQ(system_call(NR_setuid32, 54321, 0, 0, 0, 0, 0), 0);
	limited(argument);
}

static void limit(void)
{
	EXPECT_CHILD(limits, NULL, EXITED(0));
}

static void may_not(void *argument)
{
	int parent = sys_getppid();

	(void)argument;
	EXPECT_EQ(system_call(NR_setuid32, 54321, 0, 0, 0, 0, 0), 0);
	EXPECT_EQ(sys_kill(parent, 0), -EPERM);
	EXPECT_EQ(sys_kill(parent, SIGUSR1), -EPERM);
	EXPECT_EQ(sys_kill(parent, 65), -EINVAL);
	EXPECT_EQ(sys_tkill(parent, SIGUSR1), -EPERM);
	EXPECT_EQ(queue(parent, SIGUSR1, SI_QUEUE, 0), -EPERM);
	EXPECT_EQ(sys_kill(sys_getpid(), 0), 0);
}

static void permission(void)
{
	EXPECT_CHILD(may_not, NULL, EXITED(0));
}

static const struct tap_case cases[] = {
	{ "pending signals are taken in order", pending },
	{ "time-out", times_out },
	{ "refused", refused },
	{ "sleeping for a signal", sleeps },
	{ "another thread takes the signal of a process", other_thread },
	{ "all threads block it", both_block },
	{ "a signal for one thread", one_thread },
	{ "a siginfo of the kernel, to the thread itself", thread_claims },
	{ "RLIMIT_SIGPENDING", limit },
	{ "another user's process", permission },
};

int main(int argc, char **argv);
int main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return tap_run(cases, ARRAY_SIZE(cases));
}
