/* SPDX-License-Identifier: MIT */
/*
 * Sending signals and taking them: the queue with its data and limits, the order, which thread
 * takes a signal, what is discarded, and which tasks are woken.
 *
 * sources: kernel/signal/sigqueue.c kernel/signal/signal.c kernel/signal/sighand.c
 */
#include "tests/host/kernel/signal/signal_rig.h"

#define ALL	(~0ull)
#define HANDLER 0x1000u

static const struct fail_spec always = { FAIL_ANY, FAIL_ON, 1 };

static int send(int signal, int code, u32 value)
{
	return signal_send_info(current,
				&(struct siginfo){ .signo = signal, .code = code, .value = value });
}

static int send_process(int signal, u32 value)
{
	const struct siginfo info = with_value(signal, SI_QUEUE, value);

	return signal_send_process(&rig_child.group, &info);
}

/* A standard signal once, with the first one's data; without data it needs no entry. */
static void standard(void)
{
	signal_rig_start();
	EXPECT_EQ(send(SIGUSR1, SI_USER, 5), 0);
	EXPECT_EQ(send(SIGUSR1, SI_USER, 6), 0);
	EXPECT_EQ(rig_child.group.queued, 1);
	signal_send(current, SIGUSR2);
	EXPECT_EQ(rig_child.group.queued, 1);
	expect_taken(SIGMASK(SIGUSR2), SIGUSR2, 0);
	expect_taken(SIGMASK(SIGUSR2), 0, 0);
	expect_taken(ALL, SIGUSR1, 5);
	expect_taken(ALL, 0, 0);
	EXPECT_EQ(rig_child.group.queued, 0);
	EXPECT_EQ(current->pending.signals, 0);
	signal_rig_stop();
}

/* What the kernel sends says so, also a real-time signal, which has an entry. */
static void of_the_kernel(void)
{
	struct siginfo info;

	signal_rig_start();
	signal_send(current, SIGTERM);
	signal_send(current, SIGRTMIN);
	signal_send(current, SIGRTMIN);
	EXPECT_EQ(rig_child.group.queued, 2);
	EXPECT(signal_dequeue(ALL, &info));
	EXPECT_EQ(info.signo, SIGTERM);
	EXPECT_EQ(info.code, SI_KERNEL);
	EXPECT_EQ(info.pid, 0);
	expect_taken(ALL, SIGRTMIN, 0);
	expect_taken(ALL, SIGRTMIN, 0);
	expect_taken(ALL, 0, 0);
	signal_rig_stop();
}

/* Real-time signals each with its value, in order; other signals lie between them. */
static void real_time(void)
{
	signal_rig_start();
	for (u32 i = 0; i < 3; i++) {
		EXPECT_EQ(send(40, SI_QUEUE, 10 + i), 0);
		EXPECT_EQ(send(SIGUSR1, SI_USER, 20 + i), 0);
		EXPECT_EQ(send(64, SI_QUEUE, 30 + i), 0);
	}
	EXPECT_EQ(rig_child.group.queued, 7);
	for (u32 i = 0; i < 3; i++) {
		EXPECT(current->pending.signals & SIGMASK(64));
		expect_taken(SIGMASK(64), 64, 30 + i);
	}
	EXPECT(!(current->pending.signals & SIGMASK(64)));
	expect_taken(ALL, SIGUSR1, 20);
	for (u32 i = 0; i < 3; i++)
		expect_taken(ALL, 40, 10 + i);
	expect_taken(ALL, 0, 0);
	signal_rig_stop();
}

/* RLIMIT_SIGPENDING, and no memory: which signals are lost, which only lose their data. */
static void limits(void)
{
	signal_rig_start();
	rig_child.group.rlim[RLIMIT_SIGPENDING].cur = 2;
	EXPECT_EQ(send(40, SI_QUEUE, 1), 0);
	EXPECT_EQ(send(40, SI_QUEUE, 2), 0);
	EXPECT_EQ(send(40, SI_QUEUE, 3), -EAGAIN);
	EXPECT_EQ(send(41, SI_QUEUE, 4), -EAGAIN);
	EXPECT(!(current->pending.signals & SIGMASK(41)));
	EXPECT_EQ(send(32, SI_QUEUE, 4), -EAGAIN); /* the first one that is queued */
	EXPECT_EQ(send(42, SI_USER, 5), 0);	   /* of kill() */
	EXPECT_EQ(send(31, SI_QUEUE, 6), 0);
	EXPECT_EQ(send(SIGUSR1, SI_USER, 7), 0);
	EXPECT_EQ(send(SIGUSR2, POLL_IN, 8), 0);
	EXPECT_EQ(rig_child.group.queued, 4); /* standard signals with a code of at least 0 */
	expect_taken(SIGMASK(42), 42, 0);
	expect_taken(SIGMASK(31), 31, 0);
	expect_taken(ALL, SIGUSR1, 7);
	expect_taken(ALL, SIGUSR2, 8);
	expect_taken(ALL, 40, 1);
	EXPECT_EQ(send(40, SI_QUEUE, 3), 0);
	expect_taken(ALL, 40, 2);
	expect_taken(ALL, 40, 3);
	signal_rig_stop();
}

static void no_memory(void)
{
	signal_rig_start();
	fail_alloc_set(&always);
	EXPECT_EQ(send(40, SI_QUEUE, 1), -EAGAIN);
	EXPECT_EQ(send(40, SI_USER, 1), 0);
	EXPECT_EQ(send(SIGUSR1, SI_USER, 1), 0);
	fail_alloc_set(NULL);
	EXPECT_EQ(rig_child.group.queued, 0);
	expect_taken(ALL, SIGUSR1, 0);
	expect_taken(ALL, 40, 0);
	signal_rig_stop();
}

/* SIGKILL; those that an exception could have caused; the lowest number; the task's own first. */
static void order(void)
{
	static const int wanted[] = { SIGSEGV, SIGSYS, SIGHUP, SIGALRM, 32, 33, 64 };

	signal_rig_start();
	for (u32 i = 0; i < ARRAY_SIZE(wanted); i++)
		EXPECT_EQ(send(wanted[ARRAY_SIZE(wanted) - 1 - i], SI_USER, 1), 0);
	for (u32 i = 0; i < ARRAY_SIZE(wanted); i++)
		expect_taken(ALL, wanted[i], 1);
	EXPECT_EQ(send(64, SI_QUEUE, 1), 0);
	EXPECT_EQ(send_process(SIGHUP, 2), 0);
	EXPECT_EQ(send_process(50, 3), 0);
	expect_taken(ALL, 64, 1);
	expect_taken(ALL, SIGHUP, 2);
	EXPECT_EQ(send(SIGSEGV, SI_USER, 4), 0);
	EXPECT_EQ(send_process(SIGKILL, 5), 0);
	expect_taken(ALL, SIGKILL, 5);
	expect_taken(ALL, SIGSEGV, 4);
	expect_taken(ALL & ~SIGMASK(50), 0, 0);
	expect_taken(ALL, 50, 3);
	signal_rig_stop();
}

/* Only the set's signals go, in each of the places. */
static void flush(void)
{
	signal_rig_start();
	rig_action(SIGTSTP, HANDLER, 0, 0);
	for (int i = 0; i < RIG_THREADS; i++) {
		struct siginfo info = with_value(40, SI_QUEUE, 1),
			       other = with_value(41, SI_QUEUE, 2);

		EXPECT_EQ(signal_send_info(&rig_child.thread[i], &info), 0);
		EXPECT_EQ(signal_send_info(&rig_child.thread[i], &other), 0);
		EXPECT_EQ(signal_send_info(&rig_child.thread[i], &info), 0);
	}
	EXPECT_EQ(send_process(40, 3), 0);
	EXPECT_EQ(send_process(41, 4), 0);
	EXPECT_EQ(rig_child.group.queued, 11);
	signal_flush(&rig_child.group, &rig_child.thread[1].pending, SIGMASK(40));
	EXPECT_EQ(rig_child.group.queued, 9);
	EXPECT_EQ(rig_child.thread[1].pending.signals, SIGMASK(41));
	EXPECT_EQ(rig_child.thread[2].pending.signals, SIGMASK(40) | SIGMASK(41));
	signal_flush_all(&rig_child.group, SIGMASK(40));
	EXPECT_EQ(rig_child.group.queued, 4);
	for (int i = 0; i < RIG_THREADS; i++)
		EXPECT_EQ(rig_child.thread[i].pending.signals, SIGMASK(41));
	EXPECT_EQ(rig_child.group.pending.signals, SIGMASK(41));
	expect_taken(ALL, 41, 2);
	expect_taken(ALL, 41, 4);
	signal_rig_stop();
}

/* The entry of a timer: counted, queued once, not freed when taken but when the timer goes. */
static void timer_entries(void)
{
	struct posix_timer *timer = (struct posix_timer *)&rig; /* only compared with NULL */
	const struct siginfo info = with_value(SIGALRM, SI_TIMER, 7);
	struct sigqueue *entry, *other;

	signal_rig_start();
	rig_child.group.rlim[RLIMIT_SIGPENDING].cur = 2;
	entry = sigqueue_alloc(&rig_child.group, timer);
	other = sigqueue_alloc(&rig_child.group, timer);
	EXPECT(!sigqueue_alloc(&rig_child.group, timer));
	EXPECT_EQ(rig_child.group.queued, 2);
	rig_action(SIGALRM, SIG_IGN, 0, 0);
	EXPECT(!sigqueue_send(entry, &rig_child.group, NULL, &info));
	EXPECT(!sigqueue_busy(entry));
	rig_action(SIGALRM, HANDLER, 0, 0);
	rig_child.thread[0].state = TASK_SLEEPING;
	current = &rig_child.thread[1];
	EXPECT(sigqueue_send(entry, &rig_child.group, NULL, &info));
	EXPECT(sigqueue_busy(entry) && !sigqueue_busy(other));
	EXPECT_EQ(rig_child.group.pending.signals, SIGMASK(SIGALRM));
	EXPECT(rig.woken == &rig_child.thread[0]);
	EXPECT_EQ(rig.signalfd_wakes, 1);
	EXPECT(sigqueue_send(other, &rig_child.group, &rig_child.thread[2], &info));
	EXPECT_EQ(rig_child.thread[2].pending.signals, SIGMASK(SIGALRM));
	expect_taken(ALL, SIGALRM, 8);
	EXPECT_EQ(rig.timers_taken, 1);
	EXPECT(!sigqueue_busy(entry));
	EXPECT_EQ(rig_child.group.queued, 2);
	sigqueue_disown(&rig_child.group, entry); /* not queued: freed at once */
	EXPECT_EQ(rig_child.group.queued, 1);
	sigqueue_disown(&rig_child.group, other); /* queued: freed when taken */
	EXPECT_EQ(rig_child.group.queued, 1);
	current = &rig_child.thread[2];
	expect_taken(ALL, SIGALRM, 7);
	EXPECT_EQ(rig.timers_taken, 1);
	EXPECT_EQ(rig_child.group.queued, 0);
	signal_rig_stop();
}

/* A stop signal removes SIGCONT everywhere, SIGCONT the stop signals, and the threads continue. */
static void stop_and_continue(void)
{
	static const int stops[] = { SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU };

	signal_rig_start();
	for (u32 i = 0; i < ARRAY_SIZE(stops); i++) {
		rig_action(SIGCONT, HANDLER, 0, 0);
		signal_send(&rig_child.thread[1], SIGCONT);
		signal_send(&rig_child.thread[2], stops[i]);
		EXPECT_EQ(rig_child.thread[1].pending.signals, 0);
		EXPECT_EQ(rig_child.thread[2].pending.signals, SIGMASK(stops[i]));
		for (int j = 1; j < RIG_THREADS; j++)
			rig_child.thread[j].state = TASK_STOPPED;
		rig_clear();
		rig_action(SIGCONT, SIG_IGN, 0, 0);
		signal_send(&rig_child.thread[0], SIGCONT);
		EXPECT_EQ(rig.wakes, 2);
		EXPECT_EQ(rig_child.thread[2].pending.signals | rig_child.thread[0].pending.signals,
			  0);
	}
	signal_send(&rig_child.thread[0], SIGTERM);
	signal_send(&rig_child.thread[0], SIGUSR1);
	EXPECT_EQ(rig_child.thread[0].pending.signals, SIGMASK(SIGTERM) | SIGMASK(SIGUSR1));
	signal_rig_stop();
}

/* Ignored signals are lost, but not while they are blocked or awaited. */
static void discarded(void)
{
	signal_rig_start();
	EXPECT_EQ(send(SIGCHLD, SI_USER, 1), 0); /* ignored by default */
	rig_action(SIGUSR1, SIG_IGN, 0, 0);
	EXPECT_EQ(send(SIGUSR1, SI_USER, 1), 0);
	EXPECT_EQ(current->pending.signals, 0);
	EXPECT_EQ(rig_child.group.queued, 0);
	current->blocked = SIGMASK(SIGUSR1);
	EXPECT_EQ(send(SIGUSR1, SI_USER, 2), 0);
	current->blocked = 0;
	current->awaited = SIGMASK(SIGCHLD);
	EXPECT_EQ(send(SIGCHLD, SI_USER, 3), 0);
	current->awaited = 0;
	expect_taken(ALL, SIGUSR1, 2);
	expect_taken(ALL, SIGCHLD, 3);
	rig_action(SIGCHLD, HANDLER, 0, 0);
	EXPECT_EQ(send(SIGCHLD, SI_USER, 4), 0);
	expect_taken(ALL, SIGCHLD, 4);
	signal_rig_stop();
}

/* Zombies and kernel tasks take none; SIGKILL for a thread is one for its process. */
static void to_those_that_end(void)
{
	struct sighand *sighand;

	signal_rig_start();
	rig_child.thread[0].state = TASK_ZOMBIE;
	EXPECT_EQ(send(SIGTERM, SI_USER, 1), 0);
	EXPECT_EQ(rig_child.thread[0].pending.signals, 0);
	rig_child.thread[0].state = TASK_RUNNING;
	sighand = rig_child.thread[0].sighand;
	rig_child.thread[0].sighand = NULL;
	EXPECT_EQ(send(SIGTERM, SI_USER, 1), 0);
	EXPECT_EQ(send_process(SIGTERM, 1), 0);
	EXPECT_EQ(rig_child.thread[0].pending.signals | rig_child.group.pending.signals, 0);
	rig_child.thread[0].sighand = sighand;
	rig_child.thread[1].ends = true;
	signal_send(&rig_child.thread[1], SIGKILL);
	EXPECT(!rig_child.group.killed);
	signal_send(&rig_child.thread[2], SIGTERM);
	EXPECT(!rig_child.group.killed);
	signal_send(&rig_child.thread[2], SIGKILL);
	EXPECT(rig_child.group.killed);
	for (int i = 0; i < RIG_THREADS; i++)
		rig_child.thread[i].state = TASK_ZOMBIE;
	EXPECT_EQ(send_process(SIGTERM, 1), 0);
	EXPECT_EQ(rig_child.group.pending.signals, 0);
	signal_rig_stop();
}

static const struct task *taker(int signal)
{
	return signal_taker(&rig_child.group, signal);
}

static void which_thread(void)
{
	struct task *t = rig_child.thread;

	signal_rig_start();
	EXPECT(taker(SIGUSR1) == &t[0] && taker(0) == &t[0]);
	t[0].blocked = SIGMASK(SIGUSR1);
	EXPECT(taker(SIGUSR1) == &t[1] && taker(SIGUSR2) == &t[0] && taker(0) == &t[0]);
	t[1].blocked = SIGMASK(SIGUSR1);
	EXPECT(taker(SIGUSR1) == &t[2]);
	t[2].ends = true;
	EXPECT(taker(SIGUSR1) == &t[0]); /* all block it: the first that goes on */
	t[0].ends = true;
	EXPECT(taker(SIGUSR1) == &t[1] && taker(0) == &t[1]);
	t[1].ends = true;
	EXPECT(taker(0) != NULL);
	t[0].state = TASK_ZOMBIE;
	t[1].ends = false;
	EXPECT(taker(0) == &t[1] && taker(SIGUSR1) == &t[1]);
	t[1].state = t[2].state = TASK_ZOMBIE;
	EXPECT(!taker(SIGUSR1));
	signal_rig_stop();
}

struct wake {
	enum task_state state;
	int signal;
	u64 blocked;
	u32 wakes;
};

static const struct wake wakes[] = {
	{ TASK_RUNNING, SIGUSR1, 0, 0 },
	{ TASK_WAITING, SIGUSR1, 0, 1 },
	{ TASK_WAITING, SIGUSR1, SIGMASK(SIGUSR1), 0 },
	{ TASK_SLEEPING, SIGUSR1, 0, 1 },
	{ TASK_SLEEPING, SIGUSR1, SIGMASK(SIGUSR1), 0 },
	{ TASK_BLOCKED, SIGUSR1, 0, 0 },
	{ TASK_BLOCKED, SIGKILL, 0, 1 },
	{ TASK_STOPPED, SIGUSR1, 0, 0 },
	{ TASK_STOPPED, SIGKILL, 0, 1 },
	{ TASK_SLEEPING, SIGKILL, 0, 1 },
};

static void waking(void)
{
	struct task *task = &rig_child.thread[1];

	signal_rig_start();
	for (u32 i = 0; i < ARRAY_SIZE(wakes); i++) {
		task->state = wakes[i].state;
		task->blocked = wakes[i].blocked;
		rig_clear();
		signal_send(task, wakes[i].signal);
		tap_check(rig.wakes == wakes[i].wakes && (!rig.wakes || rig.woken == task),
			  __FILE__, __LINE__, "row %u: %u wakes", i, rig.wakes);
		EXPECT_EQ(rig.signalfd_wakes, 1);
		signal_flush_all(&rig_child.group, ALL);
	}
	task->state = TASK_RUNNING;
	/* The current task is not woken, but has work. */
	return_work = 0;
	rig_clear();
	EXPECT_EQ(send(SIGUSR1, SI_USER, 0), 0);
	EXPECT_EQ(rig.wakes, 0);
	EXPECT_EQ(return_work, WORK_SIGNAL);
	signal_rig_stop();
}

/* A signal of the process that this thread will not take: the others are woken for it. */
static void retarget(void)
{
	signal_rig_start();
	rig_child.thread[1].state = rig_child.thread[2].state = TASK_SLEEPING;
	rig_child.thread[2].blocked = SIGMASK(SIGUSR1);
	EXPECT_EQ(send_process(SIGUSR1, 1), 0);
	EXPECT_EQ(rig.wakes, 0);
	signal_retarget(SIGMASK(SIGUSR2));
	EXPECT_EQ(rig.wakes, 0);
	signal_set_blocked(SIGMASK(SIGUSR1) | SIGMASK(SIGKILL) | SIGMASK(SIGSTOP));
	EXPECT_EQ(current->blocked, SIGMASK(SIGUSR1));
	EXPECT_EQ(rig.wakes, 1);
	EXPECT(rig.woken == &rig_child.thread[1]);
	EXPECT_EQ(return_work, 0);
	rig_child.thread[1].state = TASK_SLEEPING;
	signal_set_blocked(SIGMASK(SIGUSR1)); /* as before */
	EXPECT_EQ(rig.wakes, 1);
	signal_set_blocked(0);
	EXPECT_EQ(return_work, WORK_SIGNAL);
	signal_rig_stop();
}

/* All processes receive SIGKILL: kernel tasks and those that end already do not count. */
static void end_all(void)
{
	struct mm_struct *mm = (struct mm_struct *)&rig; /* only compared with NULL */

	signal_rig_start();
	EXPECT_EQ(end_processes(), 0);
	rig_child.thread[0].mm = rig_child.thread[1].mm = mm;
	rig_child.thread[1].ends = true;
	EXPECT_EQ(end_processes(), 1);
	EXPECT_EQ(rig_child.thread[0].pending.signals, SIGMASK(SIGKILL));
	EXPECT_EQ(rig_child.thread[1].pending.signals, 0);
	EXPECT_EQ(rig_parent.thread[0].pending.signals, 0);
	EXPECT_EQ(end_processes(), 0);
	signal_rig_stop();
}

/* Does this signal, sent to a thread in this state, end the process at once? */
static void expect_exit(int signal, struct task *task, bool ends)
{
	rig_clear();
	signal_send(task, signal);
	tap_check(rig.exit_begun == (ends ? signal : 0), __FILE__, __LINE__, "signal=%d exit=%d",
		  signal, rig.exit_begun);
	signal_flush_all(&rig_child.group, ALL);
}

/* Signals that end the process without a core file do so before they are taken. */
static void ends_at_once(void)
{
	static const int others[] = {
		SIGKILL, SIGQUIT, SIGSEGV, SIGCHLD, SIGCONT, SIGSTOP, SIGTTIN
	};
	struct task *task = &rig_child.thread[1];

	signal_rig_start();
	for (u32 i = 0; i < ARRAY_SIZE(others); i++)
		expect_exit(others[i], task, false);
	rig_child.group.killed = false;
	task->state = TASK_BLOCKED;
	expect_exit(SIGTERM, task, true);
	expect_exit(SIGTERM, current, true);
	expect_exit(64, task, true);
	task->blocked = SIGMASK(SIGTERM);
	expect_exit(SIGTERM, task, false);
	task->blocked = 0;
	task->awaited = SIGMASK(SIGTERM);
	expect_exit(SIGTERM, task, false);
	task->awaited = 0;
	task->ends = true;
	expect_exit(SIGTERM, task, false);
	task->ends = false;
	task->state = TASK_STOPPED;
	expect_exit(SIGTERM, task, false);
	task->state = TASK_BLOCKED;
	task->pending.signals = SIGMASK(SIGUSR1); /* it has one to take first */
	expect_exit(SIGTERM, task, false);
	rig_action(SIGTERM, HANDLER, 0, 0);
	expect_exit(SIGTERM, task, false);
	signal_rig_stop();
}

TAP_MAIN({ "standard signals", standard }, { "of the kernel", of_the_kernel },
	 { "real-time signals", real_time }, { "limits", limits }, { "no memory", no_memory },
	 { "order", order }, { "flush", flush }, { "entries of timers", timer_entries },
	 { "stop and continue", stop_and_continue }, { "discarded", discarded },
	 { "to those that end", to_those_that_end }, { "which thread", which_thread },
	 { "waking", waking }, { "retarget", retarget }, { "end of all processes", end_all },
	 { "ends at once", ends_at_once })
