/* SPDX-License-Identifier: MIT */
/* Signals after fork and after execve: actions, masks, pending signals, the alternate stack. */
#include "tests/ring3/runtime/handler.h"
#include "tests/ring3/runtime/memory.h"
#include "tests/ring3/runtime/process.h"

static void send(int signal)
{
	EXPECT_EQ(sys_kill(sys_getpid(), signal), 0);
}

static void inheriting_child(void *argument)
{
	struct sigaction now;

	EXPECT_EQ(sys_rt_sigaction(SIGUSR1, NULL, &now), 0);
	EXPECT_EQ(now.handler, (u32)note_signal);
	EXPECT(mask_get() == *(u64 *)argument);
	EXPECT_EQ(pending_get(), 0);
	handler_set(SIGUSR1, SIG_DFL, 0, 0);
	mask_set(0);
}

/* A child has its parent's actions and mask, as copies, and nothing pending. */
static void fork_inherits(void)
{
	u64 mask = SIGNAL_BIT(SIGUSR2) | SIGNAL_BIT(60);

	handled_clear();
	handler_note(SIGUSR1, 0);
	mask_set(mask);
	send(SIGUSR2);
	EXPECT_CHILD(inheriting_child, &mask, EXITED(0));
	EXPECT(pending_get() == SIGNAL_BIT(SIGUSR2));
	handler_set(SIGUSR2, (void *)SIG_IGN, 0, 0);
	mask_set(0);
	send(SIGUSR1);
	EXPECT_EQ(handled.count, 1);
	handler_set(SIGUSR1, SIG_DFL, 0, 0);
	handler_set(SIGUSR2, SIG_DFL, 0, 0);
}

static char *program_path;

/* The state after execve: run by the second program. Returns its exit status. */
static int after_exec(void)
{
	struct sigaction now;
	struct altstack stack;

	EXPECT_EQ(sys_rt_sigaction(SIGUSR1, NULL, &now), 0);
	EXPECT(now.handler == SIG_DFL && !now.flags && !now.mask);
	EXPECT_EQ(sys_rt_sigaction(SIGUSR2, NULL, &now), 0);
	EXPECT(now.handler == SIG_IGN && !now.flags && !now.mask);
	EXPECT(mask_get() == (SIGNAL_BIT(SIGHUP) | SIGNAL_BIT(50)));
	EXPECT(pending_get() == SIGNAL_BIT(SIGHUP));
	EXPECT_EQ(sys_sigaltstack(NULL, &stack), 0);
	EXPECT(stack.start == 0 && stack.size == 0 && stack.flags == SS_DISABLE);
	return tap_failures() ? 1 : 0;
}

static void exec_child(void *argument)
{
	const char *const arguments[] = { program_path, "after-exec", NULL }, *const none[] = {
		NULL
	};
	struct altstack stack = { (u32)argument, 0, 2 * PAGE_SIZE };

	EXPECT_EQ(sys_sigaltstack(&stack, NULL), 0);
	handler_set(SIGUSR1, note_signal, SA_RESTART, SIGNAL_BIT(SIGUSR2));
	handler_set(SIGUSR2, (void *)SIG_IGN, SA_RESTART, SIGNAL_BIT(SIGUSR1));
	mask_set(SIGNAL_BIT(SIGHUP) | SIGNAL_BIT(50));
	send(SIGHUP);
	/* A call that fails changes nothing. */
	EXPECT_EQ(sys_execve("/nothing/there", arguments, none), -ENOENT);
	EXPECT_EQ(sys_sigaltstack(NULL, &stack), 0);
	EXPECT_EQ(stack.size, 2 * PAGE_SIZE);
	EXPECT_EQ(sys_execve(program_path, arguments, none), 0);
}

static void exec_resets(void)
{
	u8 *stack = memory_map(2, PROT_READ | PROT_WRITE);

	EXPECT_CHILD(exec_child, stack, EXITED(0));
	memory_unmap(stack, 2);
}

static const struct tap_case cases[] = {
	{ "fork inherits", fork_inherits },
	{ "execve resets", exec_resets },
};

int main(int argc, char **argv);
int main(int argc, char **argv)
{
	program_path = argv[0];
	if (argc > 1)
		return after_exec();
	return tap_run(cases, ARRAY_SIZE(cases));
}
