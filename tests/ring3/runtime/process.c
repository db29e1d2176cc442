/* SPDX-License-Identifier: MIT */
/*
 * Children and gates. A gate's process ends by itself when its parent is gone, so that a program
 * that dies in the middle leaves no process that runs for ever.
 */
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/syscall.h"

#define CORE_DUMPED 0x80

int process_start(process_body *body, void *argument)
{
	long pid = sys_fork();

	if (pid < 0)
		tap_bail_out("fork failed");
	if (pid == 0) {
		tap_reset();
		body(argument);
		sys_exit_group(tap_failures() ? 1 : 0);
	}
	return (int)pid;
}

int process_wait(int pid)
{
	int status = 0;
	long result = sys_waitpid(pid, &status, 0);

	return result < 0 ? (int)result : status & ~CORE_DUMPED;
}

int process_run(process_body *body, void *argument)
{
	return process_wait(process_start(body, argument));
}

static void yield_while_parent_lives(void *argument)
{
	int parent = *(int *)argument;

	while (sys_getppid() == parent)
		sys_sched_yield();
}

void gate_create(struct gate *gate)
{
	int self = sys_getpid();

	gate->pid = process_start(yield_while_parent_lives, &self);
}

void gate_wait(const struct gate *gate)
{
	while (sys_kill(gate->pid, 0) == 0)
		sys_sched_yield();
}

void gate_open(const struct gate *gate)
{
	gate_open_by_child(gate);
	gate_join(gate);
}

void gate_open_by_child(const struct gate *gate)
{
	EXPECT_EQ(sys_kill(gate->pid, SIGKILL), 0);
}

void gate_join(const struct gate *gate)
{
	EXPECT_EQ(process_wait(gate->pid), KILLED(SIGKILL));
}
