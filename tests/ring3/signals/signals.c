/* SPDX-License-Identifier: MIT */
/*
 * Signals with handlers: actions, masks, what is pending, and the errors of the
 * calls. signal_inherit.c has what fork and execve
 * leave of them, signal_waits.c waiting and children, signal_faults.c a program's own faults,
 * signal_frames.c and signal_stacks.c what lies on the stack.
 */
#include "tests/ring3/runtime/handler.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"

#define BAD_PLACE 16u
#define ALL_FLAGS (SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_ONSTACK | SA_RESTART | SA_NODEFER)

static void send(int signal)
{
	EXPECT_EQ(sys_kill(sys_getpid(), signal), 0);
}

static void handler_runs(void)
{
	handled_clear();
	handler_note(SIGUSR1, 0);
	send(SIGUSR1);
	EXPECT_EQ(handled.count, 1);
	EXPECT_EQ(handled.signal, SIGUSR1);
	EXPECT_EQ(handled.blocked, SIGNAL_BIT(SIGUSR1));
	EXPECT_EQ(mask_get(), 0);
	send(SIGUSR1);
	EXPECT_EQ(handled.count, 2);
	/* Signal 0 asks only. */
	EXPECT_EQ(sys_kill(sys_getpid(), 0), 0);
	EXPECT_EQ(handled.count, 2);
	handler_set(SIGUSR1, SIG_DFL, 0, 0);
}

static void sender_is_told(void)
{
	handled_clear();
	handler_note(SIGUSR1, SA_SIGINFO);
	send(SIGUSR1);
	EXPECT_EQ(handled.info.signo, SIGUSR1);
	EXPECT_EQ(handled.info.error, 0);
	EXPECT_EQ(handled.info.code, SI_USER);
	EXPECT_EQ(handled.info.pid, sys_getpid());
	EXPECT_EQ(sys_tkill(sys_getpid(), SIGUSR1), 0);
	EXPECT_EQ(handled.info.code, SI_TKILL);
	EXPECT_EQ(handled.info.pid, sys_getpid());
	EXPECT_EQ(sys_tgkill(sys_getpid(), sys_getpid(), SIGUSR1), 0);
	EXPECT_EQ(handled.count, 3);
	EXPECT_EQ(handled.info.code, SI_TKILL);
	handler_set(SIGUSR1, SIG_DFL, 0, 0);
}

static void masks(void)
{
	u64 set = SIGNAL_BIT(SIGUSR1) | SIGNAL_BIT(SIGRTMIN + 8), old = 1;

	mask_set(0);
	EXPECT_EQ(sys_rt_sigprocmask(SIG_BLOCK, &set, &old), 0);
	EXPECT_EQ(old, 0);
	EXPECT(mask_get() == set);
	set = SIGNAL_BIT(SIGUSR2);
	EXPECT_EQ(sys_rt_sigprocmask(SIG_BLOCK, &set, &old), 0);
	EXPECT(old == (SIGNAL_BIT(SIGUSR1) | SIGNAL_BIT(SIGRTMIN + 8)));
	set = SIGNAL_BIT(SIGUSR1);
	EXPECT_EQ(sys_rt_sigprocmask(SIG_UNBLOCK, &set, NULL), 0);
	EXPECT(mask_get() == (SIGNAL_BIT(SIGUSR2) | SIGNAL_BIT(SIGRTMIN + 8)));
	/* Two signals cannot be blocked; the call does not report it. */
	mask_set(~0ull);
	EXPECT(mask_get() == ~(SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP)));
	mask_set(0);
}

static void mask_errors(void)
{
	u64 set = 0;

	EXPECT_EQ(sys_rt_sigprocmask(3, &set, NULL), -EINVAL);
	EXPECT_EQ(sys_rt_sigprocmask(-1, &set, NULL), -EINVAL);
	EXPECT_EQ(sys_rt_sigprocmask(77, NULL, &set), 0);
	EXPECT_EQ(sys_rt_sigprocmask(SIG_BLOCK, (u64 *)BAD_PLACE, NULL), -EFAULT);
	EXPECT_EQ(sys_rt_sigprocmask(SIG_BLOCK, NULL, (u64 *)BAD_PLACE), -EFAULT);
	/* The new mask counts although the old one could not be told. */
	set = SIGNAL_BIT(SIGUSR1);
	EXPECT_EQ(sys_rt_sigprocmask(SIG_BLOCK, &set, (u64 *)BAD_PLACE), -EFAULT);
	EXPECT(mask_get() == set);
	mask_set(0);
	EXPECT_EQ(system_call(NR_rt_sigprocmask, SIG_BLOCK, (long)&set, 0, 4, 0, 0), -EINVAL);
	EXPECT_EQ(system_call(NR_rt_sigprocmask, SIG_BLOCK, (long)&set, 0, 16, 0, 0), -EINVAL);
	EXPECT_EQ(mask_get(), 0);
}

/* The older call sees 32 signals and leaves the others alone. */
static void old_masks(void)
{
	u32 set = 1u << (SIGUSR1 - 1), old = 1;

	mask_set(SIGNAL_BIT(40) | SIGNAL_BIT(SIGHUP));
	EXPECT_EQ(sys_sigprocmask(SIG_SETMASK, &set, &old), 0);
	EXPECT_EQ(old, SIGNAL_BIT(SIGHUP));
	EXPECT(mask_get() == (SIGNAL_BIT(40) | SIGNAL_BIT(SIGUSR1)));
	set = 1u << (SIGKILL - 1) | 1;
	EXPECT_EQ(sys_sigprocmask(SIG_BLOCK, &set, NULL), 0);
	EXPECT(mask_get() == (SIGNAL_BIT(40) | SIGNAL_BIT(SIGUSR1) | SIGNAL_BIT(SIGHUP)));
	set = 1u << (SIGUSR1 - 1);
	EXPECT_EQ(sys_sigprocmask(SIG_UNBLOCK, &set, &old), 0);
	EXPECT(mask_get() == (SIGNAL_BIT(40) | SIGNAL_BIT(SIGHUP)));
	EXPECT_EQ(sys_sigprocmask(3, &set, NULL), -EINVAL);
	EXPECT_EQ(sys_sigprocmask(SIG_BLOCK, (u32 *)BAD_PLACE, NULL), -EFAULT);
	EXPECT_EQ(sys_sigprocmask(SIG_BLOCK, NULL, (u32 *)BAD_PLACE), -EFAULT);
	mask_set(0);
}

static void pending(void)
{
	u64 usr1 = SIGNAL_BIT(SIGUSR1);
	u32 low = 0;

	handled_clear();
	handler_note(SIGUSR1, 0);
	mask_set(usr1);
	send(SIGUSR1);
	send(SIGUSR1);
	EXPECT_EQ(handled.count, 0);
	EXPECT(pending_get() == usr1);
	EXPECT_EQ(sys_sigpending(&low), 0);
	EXPECT_EQ(low, usr1);
	EXPECT_EQ(sys_rt_sigpending((u64 *)BAD_PLACE, 8), -EFAULT);
	EXPECT_EQ(sys_rt_sigpending(&usr1, 9), -EINVAL);
	EXPECT_EQ(sys_sigpending((u32 *)BAD_PLACE), -EFAULT);
	/* Once, although it was sent twice. */
	mask_set(0);
	EXPECT_EQ(handled.count, 1);
	EXPECT_EQ(pending_get(), 0);
	handler_set(SIGUSR1, SIG_DFL, 0, 0);
}

/* A signal that becomes ignored stops pending; a blocked one waits even if ignored. */
static void ignored(void)
{
	handled_clear();
	mask_set(SIGNAL_BIT(SIGUSR1) | SIGNAL_BIT(SIGURG));
	send(SIGUSR1);
	handler_set(SIGUSR1, (void *)SIG_IGN, 0, 0);
	EXPECT_EQ(pending_get(), 0);
	send(SIGUSR1);
	send(SIGURG);
	EXPECT(pending_get() == (SIGNAL_BIT(SIGUSR1) | SIGNAL_BIT(SIGURG)));
	handler_note(SIGUSR1, 0);
	handler_set(SIGURG, SIG_DFL, 0, 0);
	EXPECT(pending_get() == SIGNAL_BIT(SIGUSR1));
	mask_set(0);
	EXPECT_EQ(handled.count, 1);
	handler_set(SIGUSR1, (void *)SIG_IGN, 0, 0);
	send(SIGUSR1);
	send(SIGWINCH);
	handler_set(SIGUSR1, SIG_DFL, 0, 0);
	EXPECT_EQ(handled.count, 1);
}

/* Frames are laid in this order, so that the handlers run in the opposite one. */
static void order(void)
{
	const u64 all = SIGNAL_BIT(SIGUSR1) | SIGNAL_BIT(SIGSEGV) | SIGNAL_BIT(SIGHUP) |
			SIGNAL_BIT(40) | SIGNAL_BIT(50);
	static const int expected[] = { 50, 40, SIGUSR1, SIGHUP, SIGSEGV };

	handled_clear();
	for (int signal = 1; signal <= 64; signal++)
		if (all & SIGNAL_BIT(signal))
			handler_note(signal, SA_NODEFER);
	mask_set(all);
	send(50);
	send(40);
	send(SIGSEGV);
	send(SIGUSR1);
	send(SIGHUP);
	mask_set(0);
	EXPECT_EQ(handled.count, 5);
	for (u32 i = 0; i < ARRAY_SIZE(expected); i++)
		EXPECT_EQ(handled.order[i], expected[i]);
	for (int signal = 1; signal <= 64; signal++)
		if (all & SIGNAL_BIT(signal))
			handler_set(signal, SIG_DFL, 0, 0);
}

static void mask_of_the_action(void)
{
	handled_clear();
	handler_set(SIGUSR1, note_signal, 0,
		    SIGNAL_BIT(SIGUSR2) | SIGNAL_BIT(45) | SIGNAL_BIT(SIGKILL));
	send(SIGUSR1);
	EXPECT(handled.blocked == (SIGNAL_BIT(SIGUSR1) | SIGNAL_BIT(SIGUSR2) | SIGNAL_BIT(45)));
	EXPECT_EQ(mask_get(), 0);
	handler_note(SIGUSR1, SA_NODEFER);
	send(SIGUSR1);
	EXPECT_EQ(handled.blocked, 0);
	mask_set(SIGNAL_BIT(SIGHUP));
	send(SIGUSR1);
	EXPECT_EQ(handled.blocked, SIGNAL_BIT(SIGHUP));
	EXPECT_EQ(mask_get(), SIGNAL_BIT(SIGHUP));
	mask_set(0);
	handler_set(SIGUSR1, SIG_DFL, 0, 0);
}

static void reset_hand(void)
{
	struct sigaction now;

	handled_clear();
	handler_note(SIGUSR1, SA_RESETHAND | SA_RESTART);
	send(SIGUSR1);
	EXPECT_EQ(handled.count, 1);
	EXPECT_EQ(handled.blocked, SIGNAL_BIT(SIGUSR1));
	EXPECT_EQ(sys_rt_sigaction(SIGUSR1, NULL, &now), 0);
	EXPECT_EQ(now.handler, SIG_DFL);
	EXPECT_EQ(now.flags, SA_RESETHAND | SA_RESTART);
	handler_set(SIGUSR1, SIG_DFL, 0, 0);
}

static void signal_call(void)
{
	struct sigaction now;

	handled_clear();
	EXPECT_EQ(sys_signal(SIGUSR1, (u32)note_signal), SIG_DFL);
	EXPECT_EQ(sys_rt_sigaction(SIGUSR1, NULL, &now), 0);
	EXPECT_EQ(now.flags, SA_RESETHAND | SA_NODEFER);
	EXPECT_EQ(now.mask, 0);
	send(SIGUSR1);
	EXPECT_EQ(handled.count, 1);
	EXPECT_EQ(handled.blocked, 0);
	EXPECT_EQ(sys_signal(SIGUSR1, SIG_IGN), SIG_DFL);
	EXPECT_EQ(sys_signal(SIGUSR1, SIG_DFL), SIG_IGN);
	EXPECT_EQ(sys_signal(SIGKILL, SIG_IGN), -EINVAL);
	EXPECT_EQ(sys_signal(SIGSTOP, SIG_DFL), -EINVAL);
	EXPECT_EQ(sys_signal(0, SIG_DFL), -EINVAL);
	EXPECT_EQ(sys_signal(65, SIG_DFL), -EINVAL);
}

static void action_reads_back(void)
{
	struct sigaction set = { 0x12345678, ALL_FLAGS, 0x87654321, ~0ull };
	struct sigaction now;
	struct old_sigaction old_set = { 0x1234, 0x80000001, SA_NODEFER, 0x5678 }, old;

	EXPECT_EQ(sys_rt_sigaction(40, &set, NULL), 0);
	EXPECT_EQ(sys_rt_sigaction(40, NULL, &now), 0);
	EXPECT_EQ(now.handler, set.handler);
	EXPECT_EQ(now.flags, set.flags);
	EXPECT_EQ(now.restorer, set.restorer);
	EXPECT_EQ(now.mask, ~(SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP)));
	/* Flags that the kernel does not know are not kept. */
	set.flags = 0x03fff000 | SA_RESTART;
	EXPECT_EQ(sys_rt_sigaction(40, &set, NULL), 0);
	EXPECT_EQ(sys_rt_sigaction(40, NULL, &now), 0);
	EXPECT_EQ(now.flags, SA_RESTART);
	EXPECT_EQ(sys_sigaction(SIGUSR2, &old_set, NULL), 0);
	EXPECT_EQ(sys_rt_sigaction(SIGUSR2, NULL, &now), 0);
	EXPECT(now.handler == 0x1234 && now.mask == 0x80000001);
	EXPECT(now.flags == SA_NODEFER && now.restorer == 0x5678);
	EXPECT_EQ(sys_sigaction(SIGUSR2, NULL, &old), 0);
	EXPECT_EQ(memcmp(&old, &old_set, sizeof(old)), 0);
	handler_set(40, SIG_DFL, 0, 0);
	handler_set(SIGUSR2, SIG_DFL, 0, 0);
}

static void action_errors(void)
{
	struct sigaction action = { 0 };
	struct old_sigaction old = { 0 };

	EXPECT_EQ(sys_rt_sigaction(SIGKILL, &action, NULL), -EINVAL);
	EXPECT_EQ(sys_rt_sigaction(SIGSTOP, &action, NULL), -EINVAL);
	EXPECT_EQ(sys_rt_sigaction(SIGKILL, NULL, &action), 0);
	EXPECT_EQ(sys_rt_sigaction(0, NULL, &action), -EINVAL);
	EXPECT_EQ(sys_rt_sigaction(65, NULL, &action), -EINVAL);
	EXPECT_EQ(sys_rt_sigaction(-1, NULL, &action), -EINVAL);
	EXPECT_EQ(sys_rt_sigaction(64, NULL, &action), 0);
	EXPECT_EQ(system_call(NR_rt_sigaction, SIGUSR1, 0, 0, 4, 0, 0), -EINVAL);
	EXPECT_EQ(system_call(NR_rt_sigaction, SIGUSR1, 0, 0, 128, 0, 0), -EINVAL);
	EXPECT_EQ(system_call(NR_rt_sigaction, SIGUSR1, BAD_PLACE, 0, 4, 0, 0), -EINVAL);
	EXPECT_EQ(sys_rt_sigaction(SIGUSR1, (void *)BAD_PLACE, NULL), -EFAULT);
	EXPECT_EQ(sys_rt_sigaction(SIGKILL, (void *)BAD_PLACE, NULL), -EFAULT);
	EXPECT_EQ(sys_rt_sigaction(SIGUSR1, NULL, (void *)BAD_PLACE), -EFAULT);
	EXPECT_EQ(sys_sigaction(SIGKILL, &old, NULL), -EINVAL);
	EXPECT_EQ(sys_sigaction(0, NULL, NULL), -EINVAL);
	EXPECT_EQ(sys_sigaction(65, NULL, NULL), -EINVAL);
	EXPECT_EQ(sys_sigaction(SIGUSR1, (void *)BAD_PLACE, NULL), -EFAULT);
	EXPECT_EQ(sys_sigaction(SIGUSR1, NULL, (void *)BAD_PLACE), -EFAULT);
}

static void sending_errors(void)
{
	struct siginfo info[SI_MAX_SIZE / sizeof(struct siginfo)] = { 0 };
	int self = sys_getpid();

	EXPECT_EQ(sys_kill(self, 65), -EINVAL);
	EXPECT_EQ(sys_kill(self, -1), -EINVAL);
	EXPECT_EQ(sys_kill(0x3fffffff, SIGUSR1), -ESRCH);
	EXPECT_EQ(sys_kill(0x3fffffff, 65), -ESRCH);
	EXPECT_EQ(sys_tkill(self, 65), -EINVAL);
	EXPECT_EQ(sys_tkill(0, SIGUSR1), -EINVAL);
	EXPECT_EQ(sys_tkill(-1, SIGUSR1), -EINVAL);
	EXPECT_EQ(sys_tkill(0x3fffffff, 0), -ESRCH);
	EXPECT_EQ(sys_tkill(self, 0), 0);
	EXPECT_EQ(sys_tgkill(self, self, 65), -EINVAL);
	EXPECT_EQ(sys_tgkill(0, self, 0), -EINVAL);
	EXPECT_EQ(sys_tgkill(self, 0, 0), -EINVAL);
	EXPECT_EQ(sys_tgkill(0x3fffffff, self, 0), -ESRCH);
	EXPECT_EQ(sys_tgkill(self, self, 0), 0);
	EXPECT_EQ(sys_rt_sigqueueinfo(self, SIGUSR1, (void *)BAD_PLACE), -EFAULT);
	EXPECT_EQ(sys_rt_sigqueueinfo(0x3fffffff, SIGUSR1, info), -EPERM);
	info->code = SI_TKILL;
	EXPECT_EQ(sys_rt_sigqueueinfo(sys_getppid(), SIGUSR1, info), -EPERM);
	info->code = SI_QUEUE;
	EXPECT_EQ(sys_rt_sigqueueinfo(0x3fffffff, SIGUSR1, info), -ESRCH);
	EXPECT_EQ(sys_rt_sigqueueinfo(self, 65, info), -EINVAL);
}

static int queued_values[8];

static void note_value(int signal, struct siginfo *info, struct ucontext *context)
{
	if (handled.count < ARRAY_SIZE(queued_values))
		queued_values[handled.count] = info->value;
	note_siginfo(signal, info, context);
}

/* Real-time signals arrive as often as they were sent, in order; standard ones once. */
static void queued(void)
{
	struct siginfo info[SI_MAX_SIZE / sizeof(struct siginfo)] = {
		{ .signo = 3, .code = SI_QUEUE, .pid = 77 }
	};
	int self = sys_getpid();

	handled_clear();
	handler_set(41, note_value, SA_SIGINFO, 0);
	handler_set(SIGUSR1, note_value, SA_SIGINFO, 0);
	mask_set(SIGNAL_BIT(41) | SIGNAL_BIT(SIGUSR1));
	for (info->value = 100; info->value < 103; info->value++) {
		EXPECT_EQ(sys_rt_sigqueueinfo(self, 41, info), 0);
		EXPECT_EQ(sys_rt_sigqueueinfo(self, SIGUSR1, info), 0);
	}
	mask_set(SIGNAL_BIT(SIGUSR1));
	EXPECT_EQ(handled.count, 3);
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(queued_values[i], 100 + i);
	EXPECT(handled.info.signo == 41 && handled.info.code == SI_QUEUE && handled.info.pid == 77);
	mask_set(0);
	EXPECT_EQ(handled.count, 4);
	EXPECT(handled.info.signo == SIGUSR1 && queued_values[3] == 100);
	handler_set(41, SIG_DFL, 0, 0);
	handler_set(SIGUSR1, SIG_DFL, 0, 0);
}

/* The parent may ignore signals, and execve keeps that; a C library's threads use 32 and 33. */
static void die_by(void *argument)
{
	if ((int)argument != SIGKILL)
		handler_set((int)argument, SIG_DFL, 0, 0);
	send((int)argument);
	for (;;)
		sys_pause();
}

static void live_on_after(void *argument)
{
	send((int)argument);
}

static void default_actions(void)
{
	static const int deadly[] = { SIGHUP,  SIGILL,	SIGTRAP, SIGBUS, SIGFPE,  SIGKILL, SIGUSR1,
				      SIGSEGV, SIGUSR2, SIGPIPE, 14,	 SIGTERM, 16,	   24,
				      29,      31,	32,	 33,	 63,	  64 };
	static const int harmless[] = { SIGCHLD, SIGCONT, SIGURG, SIGWINCH };

	for (u32 i = 0; i < ARRAY_SIZE(deadly); i++)
		EXPECT_CHILD(die_by, (void *)deadly[i], KILLED(deadly[i]));
	for (u32 i = 0; i < ARRAY_SIZE(harmless); i++)
		EXPECT_CHILD(live_on_after, (void *)harmless[i], EXITED(0));
}

/* SIGCONT takes pending stops away, and a stop takes a pending SIGCONT. */
static void stop_and_continue_cancel(void)
{
	const u64 both = SIGNAL_BIT(SIGCONT) | SIGNAL_BIT(SIGTSTP);

	mask_set(both);
	send(SIGTSTP);
	EXPECT(pending_get() == SIGNAL_BIT(SIGTSTP));
	send(SIGCONT);
	EXPECT(pending_get() == SIGNAL_BIT(SIGCONT));
	send(SIGTSTP);
	EXPECT(pending_get() == SIGNAL_BIT(SIGTSTP));
	send(SIGCONT);
	mask_set(0);
	EXPECT_EQ(pending_get(), 0);
}

static const struct tap_case cases[] = {
	{ "a handler runs", handler_runs },
	{ "siginfo has the sender", sender_is_told },
	{ "masks", masks },
	{ "mask errors", mask_errors },
	{ "masks of the older call", old_masks },
	{ "pending signals", pending },
	{ "ignored signals", ignored },
	{ "the order of signals", order },
	{ "the mask of an action, SA_NODEFER", mask_of_the_action },
	{ "SA_RESETHAND", reset_hand },
	{ "signal()", signal_call },
	{ "an action reads back", action_reads_back },
	{ "action errors", action_errors },
	{ "errors of kill, tkill, tgkill, rt_sigqueueinfo", sending_errors },
	{ "queued signals", queued },
	{ "default actions", default_actions },
	{ "stops and SIGCONT cancel each other", stop_and_continue_cancel },
};

int main(void);
int main(void)
{
	return tap_run(cases, ARRAY_SIZE(cases));
}
