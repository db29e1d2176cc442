/* SPDX-License-Identifier: MIT */
/*
 * Signals and waiting: sigsuspend, pause, waits that are interrupted, and what parents hear of
 * their children.
 */
#include "tests/ring3/runtime/handler.h"
#include "tests/ring3/runtime/process.h"

#define BAD_PLACE 16u

static void send(int signal)
{
	EXPECT_EQ(sys_kill(sys_getpid(), signal), 0);
}

static void die_by(void *argument)
{
	send((int)argument);
	for (;;)
		sys_pause();
}

/*
 * The handler of SIGUSR1 in a child that suspends itself: its mask is as before when it returns.
 */
static void suspend_child(void *argument)
{
	u64 none = 0, usr1 = SIGNAL_BIT(SIGUSR1);

	(void)argument;
	handled_clear();
	handler_note(SIGUSR1, SA_SIGINFO | SA_RESTART);
	mask_set(usr1 | SIGNAL_BIT(SIGHUP));
	send(SIGUSR1);
	EXPECT_EQ(sys_rt_sigsuspend(&none), -EINTR);
	EXPECT_EQ(handled.count, 1);
	EXPECT_EQ(handled.blocked, usr1);
	EXPECT_EQ(handled.context.mask, usr1 | SIGNAL_BIT(SIGHUP));
	EXPECT(mask_get() == (usr1 | SIGNAL_BIT(SIGHUP)));
	send(SIGUSR1);
	EXPECT_EQ(sys_sigsuspend(0), -EINTR);
	EXPECT_EQ(handled.count, 2);
	EXPECT(mask_get() == (usr1 | SIGNAL_BIT(SIGHUP)));
	EXPECT_EQ(sys_rt_sigsuspend((u64 *)BAD_PLACE), -EFAULT);
	EXPECT_EQ(system_call(NR_rt_sigsuspend, (long)&none, 4, 0, 0, 0, 0), -EINVAL);
}

static void suspend(void)
{
	EXPECT_CHILD(suspend_child, NULL, EXITED(0));
}

/* Sends to its parent until it is killed. */
static void send_to_parent(void *argument)
{
	int parent = sys_getppid();

	while (sys_getppid() == parent) {
		sys_kill(parent, (int)argument);
		sys_sched_yield();
	}
}

static void pausing(void)
{
	int child;

	handled_clear();
	handler_note(SIGUSR1, SA_RESTART);
	child = process_start(send_to_parent, (void *)SIGUSR1);
	EXPECT_EQ(sys_pause(), -EINTR);
	EXPECT(handled.count);
	EXPECT_EQ(sys_pause(), -EINTR);
	EXPECT_EQ(sys_kill(child, SIGKILL), 0);
	handler_set(SIGUSR1, (void *)SIG_IGN, 0, 0);
	EXPECT_EQ(process_wait(child), KILLED(SIGKILL));
	handler_set(SIGUSR1, SIG_DFL, 0, 0);
}

/*
 * Waits until the parent sleeps, as far as that can be made likely; sends once; ends a bit later.
 */
static void signal_and_exit(void *argument)
{
	for (int i = 0; i < 200; i++)
		sys_sched_yield();
	sys_kill(sys_getppid(), (int)argument);
	for (int i = 0; i < 200; i++)
		sys_sched_yield();
	sys_exit_group(9);
}

/* Waits for its own signal only, so that it can't have ended before the signal was there. */
static void signal_and_pause(void *argument)
{
	for (int i = 0; i < 200; i++)
		sys_sched_yield();
	sys_kill(sys_getppid(), (int)argument);
	for (;;)
		sys_pause();
}

static void interrupted_wait(void)
{
	int status = 0, child;

	handled_clear();
	handler_note(SIGUSR1, 0);
	child = process_start(signal_and_pause, (void *)SIGUSR1);
	EXPECT_EQ(sys_waitpid(child, &status, 0), -EINTR);
	EXPECT_EQ(handled.count, 1);
	EXPECT_EQ(sys_kill(child, SIGKILL), 0);
	EXPECT_EQ(process_wait(child), KILLED(SIGKILL));

	handled_clear();
	handler_note(SIGUSR1, SA_RESTART);
	child = process_start(signal_and_exit, (void *)SIGUSR1);
	EXPECT_EQ(sys_waitpid(child, &status, 0), child);
	EXPECT_EQ(handled.count, 1);
	EXPECT_EQ(status, EXITED(9));
	handler_set(SIGUSR1, SIG_DFL, 0, 0);
}

static void exit_with_three(void *argument)
{
	(void)argument;
	sys_exit_group(3);
}

static void sigchld(void)
{
	int child;

	handled_clear();
	handler_note(SIGCHLD, SA_SIGINFO);
	child = process_start(exit_with_three, NULL);
	EXPECT_EQ(process_wait(child), EXITED(3));
	EXPECT_EQ(handled.count, 1);
	EXPECT_EQ(handled.info.signo, SIGCHLD);
	EXPECT_EQ(handled.info.code, CLD_EXITED);
	EXPECT_EQ(handled.info.pid, child);
	EXPECT_EQ(handled.info.value, 3);
	child = process_start(die_by, (void *)SIGTERM);
	EXPECT_EQ(process_wait(child), KILLED(SIGTERM));
	EXPECT_EQ(handled.count, 2);
	EXPECT_EQ(handled.info.code, CLD_KILLED);
	EXPECT_EQ(handled.info.pid, child);
	EXPECT_EQ(handled.info.value, SIGTERM);
	handler_set(SIGCHLD, SIG_DFL, 0, 0);
}

static void stops_and_goes_on(u32 flags, u32 expected_calls)
{
	int child, status = 0;

	handled_clear();
	handler_note(SIGCHLD, SA_SIGINFO | SA_RESTART | flags);
	child = process_start(die_by, (void *)SIGSTOP);
	EXPECT_EQ(sys_waitpid(child, &status, WUNTRACED), child);
	EXPECT_EQ(status, SIGSTOP << 8 | 0x7f);
	if (expected_calls) {
		EXPECT_EQ(handled.info.code, CLD_STOPPED);
		EXPECT_EQ(handled.info.value, SIGSTOP);
	}
	EXPECT_EQ(sys_kill(child, SIGCONT), 0);
	EXPECT_EQ(sys_waitpid(child, &status, WCONTINUED), child);
	EXPECT_EQ(status, 0xffff);
	/* On Linux the wait may end before the child has run to tell. */
	for (int i = 0; i < 100000 && handled.count < expected_calls; i++)
		sys_sched_yield();
	if (expected_calls) {
		EXPECT_EQ(handled.info.code, CLD_CONTINUED);
		EXPECT_EQ(handled.info.value, SIGCONT);
	}
	EXPECT_EQ(sys_waitpid(child, &status, WNOHANG | WCONTINUED | WUNTRACED), 0);
	EXPECT_EQ(handled.count, expected_calls);
	EXPECT_EQ(sys_kill(child, SIGKILL), 0);
	EXPECT_EQ(process_wait(child), KILLED(SIGKILL));
	EXPECT_EQ(handled.count, expected_calls + 1);
	handler_set(SIGCHLD, SIG_DFL, 0, 0);
}

static void stopped_children(void)
{
	stops_and_goes_on(0, 2);
	stops_and_goes_on(SA_NOCLDSTOP, 0);
}

/* With SIGCHLD ignored or SA_NOCLDWAIT there are no zombies: wait ends with the last child. */
static void no_zombies(void)
{
	handled_clear();
	handler_set(SIGCHLD, (void *)SIG_IGN, 0, 0);
	EXPECT_EQ(process_wait(process_start(exit_with_three, NULL)), -ECHILD);
	handler_note(SIGCHLD, SA_NOCLDWAIT | SA_RESTART);
	EXPECT_EQ(process_wait(process_start(exit_with_three, NULL)), -ECHILD);
	EXPECT_EQ(handled.count, 1);
	handler_set(SIGCHLD, SIG_DFL, 0, 0);
	EXPECT_EQ(process_wait(process_start(exit_with_three, NULL)), EXITED(3));
}

/* SIGCONT lets a process go on that blocks it, ignores it, or handles it. */
static void continue_child(void *argument)
{
	if (argument == NULL)
		mask_set(SIGNAL_BIT(SIGCONT));
	else
		handler_set(SIGCONT, argument, 0, 0);
	handled_clear();
	send(SIGSTOP);
	sys_exit_group((int)handled.count);
}

static void continuing(void)
{
	static const struct {
		const void *handler;
		int status;
	} ways[] = { { NULL, EXITED(0) },
		     { (void *)SIG_IGN, EXITED(0) },
		     { note_signal, EXITED(1) } };
	int status;

	for (u32 i = 0; i < ARRAY_SIZE(ways); i++) {
		int child = process_start(continue_child, (void *)ways[i].handler);

		EXPECT_EQ(sys_waitpid(child, &status, WUNTRACED), child);
		EXPECT_EQ(status, SIGSTOP << 8 | 0x7f);
		EXPECT_EQ(sys_kill(child, SIGCONT), 0);
		EXPECT_EQ(process_wait(child), ways[i].status);
	}
}

static const struct tap_case cases[] = {
	{ "sigsuspend", suspend },
	{ "pause", pausing },
	{ "a wait that is interrupted, SA_RESTART", interrupted_wait },
	{ "SIGCHLD", sigchld },
	{ "stopped children, SA_NOCLDSTOP", stopped_children },
	{ "no zombies: SIG_IGN, SA_NOCLDWAIT", no_zombies },
	{ "SIGCONT continues", continuing },
};

int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
