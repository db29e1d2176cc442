/* SPDX-License-Identifier: MIT */
/*
 * Process groups and sessions: who may enter which, signals to a group, waiting for one, and what
 * becomes of a group without a process that could continue it.
 *
 * Each case runs in a session of its own, so that it does not matter how the program was started.
 */
#include "tests/ring3/runtime/handler.h"
#include "tests/ring3/runtime/job_calls.h"
#include "tests/ring3/runtime/poll_calls.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"

static void sleep_ms(u32 ms)
{
	const struct timespec time = { 0, (s32)(ms * 1000000) };

	sys_nanosleep(&time, NULL);
}

/* Waits for a signal that ends it. */
static void waits(void *argument)
{
	(void)argument;
	for (;;)
		sleep_ms(500);
}

static int start_in_group(process_body *body, int group)
{
	int pid = process_start(body, NULL);

	EXPECT_EQ(sys_setpgid(pid, group ? group : pid), 0);
	return pid;
}

static void numbers(void *argument)
{
	int own = sys_getpid(), parent = sys_getppid(), child;

	(void)argument;
	EXPECT_EQ(sys_getpgid(parent), sys_getpgrp());
	EXPECT_EQ(sys_setpgid(0, -1), -EINVAL);
	EXPECT_EQ(sys_setpgid(parent, 0), -ESRCH);
	EXPECT_EQ(sys_setpgid(0x3fffffff, 0), -ESRCH);
	EXPECT_EQ(sys_setpgid(0, 0x3fffffff), -EPERM);
	EXPECT_EQ(sys_getpgid(0x3fffffff), -ESRCH);
	EXPECT_EQ(sys_getsid(0x3fffffff), -ESRCH);
	EXPECT_EQ(sys_setsid(), own);
	EXPECT_EQ(sys_getpgrp(), own);
	EXPECT_EQ(sys_getsid(0), own);
	EXPECT_EQ(sys_setsid(), -EPERM);
	EXPECT_EQ(sys_setpgid(0, 0), -EPERM); /* the leader of a session */
	child = process_start(waits, NULL);
	EXPECT_EQ(sys_getpgid(child), own);
	EXPECT_EQ(sys_getsid(child), own);
	EXPECT_EQ(sys_setpgid(child, parent), -EPERM); /* a group of another session */
	EXPECT_EQ(sys_setpgid(child, 0), 0);
	EXPECT_EQ(sys_getpgid(child), child);
	EXPECT_EQ(sys_setpgid(child, own), 0);
	EXPECT_EQ(sys_getpgid(child), own);
	EXPECT_EQ(sys_kill(child, SIGKILL), 0);
	EXPECT_EQ(process_wait(child), KILLED(SIGKILL));
}

static const char *program_path;

static void executes(void *argument)
{
	const char *const argv[] = { program_path, "wait", NULL };
	static const char *const empty[] = { NULL };

	(void)argument;
	sys_execve(program_path, argv, empty);
	sys_exit(1);
}

static void after_execve(void *argument)
{
	int fds[2], child;
	u8 byte;

	(void)argument;
	EXPECT_EQ(sys_setsid(), sys_getpid());
	EXPECT_EQ(sys_pipe2(fds, O_CLOEXEC), 0);
	child = process_start(executes, NULL);
	EXPECT_EQ(sys_close(fds[1]), 0);
	EXPECT_EQ(sys_read(fds[0], &byte, 1), 0); /* execve has closed the other end */
	EXPECT_EQ(sys_setpgid(child, child), -EACCES);
	EXPECT_EQ(sys_kill(child, SIGKILL), 0);
	EXPECT_EQ(process_wait(child), KILLED(SIGKILL));
}

static void signals_to_a_group(void *argument)
{
	int first, second, other;

	(void)argument;
	EXPECT_EQ(sys_setsid(), sys_getpid());
	first = start_in_group(waits, 0);
	second = start_in_group(waits, first);
	other = start_in_group(waits, 0);
	EXPECT_EQ(sys_kill(-first, 0), 0);
	EXPECT_EQ(sys_kill(-second, SIGTERM), -ESRCH);
	EXPECT_EQ(sys_kill(-first, SIGTERM), 0);
	EXPECT_EQ(process_wait(first), KILLED(SIGTERM));
	EXPECT_EQ(process_wait(second), KILLED(SIGTERM));
	EXPECT_EQ(sys_kill(-first, 0), -ESRCH);
	EXPECT_EQ(sys_kill(other, 0), 0);
	/* Its own group, which is this process alone. */
	handled_clear();
	handler_note(SIGUSR1, 0);
	EXPECT_EQ(sys_kill(0, SIGUSR1), 0);
	EXPECT_EQ(handled.count, 1);
	EXPECT_EQ(sys_kill(other, SIGKILL), 0);
	EXPECT_EQ(process_wait(other), KILLED(SIGKILL));
}

static void waiting_for_a_group(void *argument)
{
	int first, second, other, status;

	(void)argument;
	EXPECT_EQ(sys_setsid(), sys_getpid());
	first = start_in_group(waits, 0);
	second = start_in_group(waits, first);
	other = process_start(waits, NULL);
	EXPECT_EQ(sys_waitpid(-first, &status, WNOHANG), 0);
	EXPECT_EQ(sys_waitpid(-second, &status, WNOHANG), -ECHILD);
	EXPECT_EQ(sys_waitpid(0, &status, WNOHANG), 0);
	EXPECT_EQ(sys_kill(second, SIGKILL), 0);
	EXPECT_EQ(sys_waitpid(-first, &status, 0), second);
	EXPECT_EQ(sys_waitpid(0, &status, WNOHANG), 0);
	EXPECT_EQ(sys_kill(other, SIGKILL), 0);
	EXPECT_EQ(sys_waitpid(0, &status, 0), other);
	EXPECT_EQ(sys_waitpid(0, &status, 0), -ECHILD);
	EXPECT_EQ(sys_kill(first, SIGKILL), 0);
	EXPECT_EQ(sys_waitpid(-1, &status, 0), first);
}

static void stops_and_continues(void *argument)
{
	int child, status;

	(void)argument;
	EXPECT_EQ(sys_setsid(), sys_getpid());
	child = start_in_group(waits, 0);
	/* The group is not orphaned: this process could continue it. */
	EXPECT_EQ(sys_kill(-child, SIGTSTP), 0);
	EXPECT_EQ(sys_waitpid(child, &status, WUNTRACED), child);
	EXPECT_EQ(status, SIGTSTP << 8 | 0x7f);
	EXPECT_EQ(sys_waitpid(child, &status, WUNTRACED | WNOHANG), 0);
	EXPECT_EQ(sys_kill(-child, SIGCONT), 0);
	EXPECT_EQ(sys_waitpid(child, &status, WCONTINUED), child);
	EXPECT_EQ(status, 0xffff);
	EXPECT_EQ(sys_kill(child, SIGTTIN), 0);
	EXPECT_EQ(sys_waitpid(child, &status, WUNTRACED), child);
	EXPECT_EQ(status, SIGTTIN << 8 | 0x7f);
	EXPECT_EQ(sys_kill(child, SIGKILL), 0);
	EXPECT_EQ(process_wait(child), KILLED(SIGKILL));
}

/* The leader of a session has its parent in another one: its group is orphaned. */
static void orphaned(void *argument)
{
	(void)argument;
	EXPECT_EQ(sys_setsid(), sys_getpid());
	EXPECT_EQ(sys_kill(sys_getpid(), SIGTSTP), 0);
	EXPECT_EQ(sys_kill(sys_getpid(), SIGTTOU), 0);
	/* Both had no effect; SIGSTOP has. */
	sys_kill(sys_getpid(), SIGSTOP);
}

static void not_stopped(void *argument)
{
	int child = process_start(orphaned, argument), status;

	EXPECT_EQ(sys_waitpid(child, &status, WUNTRACED), child);
	EXPECT_EQ(status, SIGSTOP << 8 | 0x7f);
	EXPECT_EQ(sys_kill(child, SIGCONT), 0);
	EXPECT_EQ(process_wait(child), EXITED(0));
}

static int report[2];

static void writes_signal(int signal)
{
	u8 number = (u8)signal;

	sys_write(report[1], &number, 1);
}

/* In the group of its parent, which ends: stopped meanwhile. */
static void member(void *argument)
{
	(void)argument;
	handler_set(SIGHUP, (void *)writes_signal, 0, 0);
	handler_set(SIGCONT, (void *)writes_signal, 0, 0);
	writes_signal(0);
	sys_kill(sys_getpid(), SIGSTOP);
}

static void leads_a_job(void *argument)
{
	u8 byte;
	int child, status;

	(void)argument;
	EXPECT_EQ(sys_setpgid(0, 0), 0);
	child = process_start(member, NULL);
	EXPECT_EQ(sys_waitpid(child, &status, WUNTRACED), child);
	EXPECT_EQ(sys_read(report[0], &byte, 1), 1);
}

static void losing_the_last_parent(void *argument)
{
	int leader;
	u8 bytes[2] = { 0 };

	(void)argument;
	EXPECT_EQ(sys_setsid(), sys_getpid());
	EXPECT_EQ(sys_pipe(report), 0);
	leader = process_start(leads_a_job, NULL);
	EXPECT_EQ(process_wait(leader), EXITED(0));
	EXPECT_EQ(sys_read(report[0], bytes, 1), 1);
	EXPECT_EQ(sys_read(report[0], bytes + 1, 1), 1);
	EXPECT_EQ(bytes[0] + bytes[1], SIGHUP + SIGCONT);
}

#define CASE(name)                                   \
	static void name##_case(void)                \
	{                                            \
		EXPECT_CHILD(name, NULL, EXITED(0)); \
	}

CASE(numbers)
CASE(after_execve)
CASE(signals_to_a_group)
CASE(waiting_for_a_group)
CASE(stops_and_continues)
CASE(not_stopped)
CASE(losing_the_last_parent)

int main(int argc, char **argv)
{
	static const struct tap_case cases[] = {
		{ "numbers of groups and sessions", numbers_case },
		{ "a child that has called execve", after_execve_case },
		{ "signals to a group", signals_to_a_group_case },
		{ "waiting for a group", waiting_for_a_group_case },
		{ "stopping and continuing", stops_and_continues_case },
		{ "an orphaned group is not stopped", not_stopped_case },
		{ "a stopped group that becomes orphaned", losing_the_last_parent_case },
	};

	program_path = argv[0];
	if (argc > 1)
		waits(NULL);
	return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
