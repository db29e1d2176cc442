/* SPDX-License-Identifier: MIT */
/* A child in a long call, and a parent that looks at the clock. See the header. */
#include "tests/ring3/runtime/heartbeat.h"
#include "tests/ring3/runtime/mapping.h"
#include "tests/ring3/runtime/process.h"
#include "tests/ring3/runtime/string.h"
#include "tests/ring3/runtime/tap.h"
#include "tests/ring3/runtime/task_calls.h"
#include "tests/ring3/runtime/time_calls.h"

#define ORDERS	  "/long-calls"
#define GAP_USEC  10000
#define KILL_USEC 200000

static const struct long_call *calls;
static u32 number;
static bool strict;
static volatile u32 *started; /* shared by parent and child */

bool heartbeat_strict(void)
{
	return strict;
}

static void child(void *argument)
{
	const struct long_call *call = argument;

	if (call->setup)
		call->setup();
	*started = 1;
	sys_sched_yield();
	EXPECT_EQ(call->make(), 0);
}

static u32 now_usec(void)
{
	struct timespec time;

	sys_clock_gettime(CLOCK_MONOTONIC, &time);
	return (u32)time.seconds * 1000000 + (u32)time.nanoseconds / 1000;
}

static int start(const struct long_call *call)
{
	int pid;

	*started = 0;
	pid = process_start(child, (void *)call);
	while (!*started && sys_kill(pid, 0) == 0)
		sys_sched_yield();
	return pid;
}

/* The longest time between two beats until the child has ended. */
static u32 longest_gap(int pid)
{
	u32 last = now_usec(), gap = 0;
	int status;

	while (sys_waitpid(pid, &status, WNOHANG) == 0) {
		u32 now;

		sys_sched_yield();
		now = now_usec();
		gap = max(gap, now - last);
		last = now;
	}
	EXPECT_EQ(status, 0);
	return gap;
}

static void tell(const char *name, const char *what, u32 usec)
{
	struct text line;

	text_clear(&line);
	text_add(&line, "# ");
	text_add(&line, name);
	text_add(&line, what);
	text_add_decimal(&line, (long)usec);
	text_add(&line, " us");
	tap_line(line.data);
}

static void others_run(void)
{
	for (u32 i = 0; i < number; i++) {
		u32 gap = longest_gap(start(&calls[i]));

		if (!strict)
			continue;
		tell(calls[i].name, ": longest gap ", gap);
		EXPECT(gap <= GAP_USEC);
	}
}

static void killed_in_the_middle(void)
{
	for (u32 i = 0; i < number; i++) {
		int pid = start(&calls[i]), status;
		u32 begin;

		sys_sched_yield();
		begin = now_usec();
		sys_kill(pid, SIGKILL);
		status = process_wait(pid);
		EXPECT(status == KILLED(SIGKILL) || status == EXITED(0));
		if (!strict)
			continue;
		tell(calls[i].name, ": ended after ", now_usec() - begin);
		EXPECT(now_usec() - begin <= KILL_USEC);
	}
}

int heartbeat_run(const struct long_call *table, u32 count)
{
	static const struct tap_case cases[] = {
		{ "others run meanwhile", others_run },
		{ "killed in the middle", killed_in_the_middle },
	};
	int orders = (int)sys_open(ORDERS, O_RDONLY);
	u32 page =
		sys_mmap2(0, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	calls = table;
	number = count;
	strict = orders >= 0;
	if (strict)
		sys_close(orders);
	if (is_error(page))
		tap_bail_out("no memory");
	started = (volatile u32 *)page;
	return tap_run(cases, ARRAY_SIZE(cases));
}
