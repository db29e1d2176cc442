/* SPDX-License-Identifier: MIT */
/*
 * The work on the way back to ring 3: what is done for which bits, in which order, and that
 * signals are looked at anew.
 *
 * sources: kernel/process/return.c
 */
#include "kernel/process/exit.h"
#include "kernel/signal/signal.h"
#include "kernel/task/sched.h"
#include "kernel/time/process_timers.h"
#include "tests/host/record.h"
#include "tests/host/tap.h"

static struct thread_group group = { .exit_status = 9 };
static struct task own = { .group = &group };
struct task *current = &own;
volatile u32 return_work;
static struct pt_regs frame;
static void (*while_away)(void);

void schedule(void)
{
	note("schedule ");
	if (while_away)
		while_away();
}

void cpu_timers_run(void)
{
	note("timers ");
}

void do_exit(int status)
{
	note("exit(%d) ", status);
	EXPECT_TEXT(did, "schedule timers exit(9) ");
	panic("the task has ended");
}

void deliver_signals(struct pt_regs *regs)
{
	EXPECT(regs == &frame);
	note("signals ");
}

void update_return_work(void)
{
	note("update ");
}

static const char *work(u32 bits)
{
	did[0] = '\0';
	return_work = bits;
	do_return_work(&frame);
	return did;
}

static void each(void)
{
	EXPECT_TEXT(work(0), "update ");
	EXPECT_TEXT(work(WORK_RESCHEDULE), "schedule update ");
	EXPECT_TEXT(work(WORK_CPU_TIMERS), "timers update ");
	EXPECT_TEXT(work(WORK_SIGNAL), "signals "); /* also if another task took it */
	EXPECT_TEXT(work(WORK_RESCHEDULE | WORK_CPU_TIMERS | WORK_SIGNAL),
		    "schedule timers signals ");
}

static void signal_comes(void)
{
	own.pending.signals = SIGMASK(SIGTERM);
}

/* It is not in the bits that were read before. */
static void meanwhile(void)
{
	while_away = signal_comes;
	EXPECT_TEXT(work(WORK_RESCHEDULE), "schedule signals ");
	own.blocked = SIGMASK(SIGTERM);
	EXPECT_TEXT(work(WORK_RESCHEDULE), "schedule update ");
}

static void is_ended(void)
{
	own.ends = true;
}

static void ends(void)
{
	while_away = is_ended;
	EXPECT_PANIC("the task has ended", work(WORK_RESCHEDULE | WORK_CPU_TIMERS | WORK_SIGNAL));
}

TAP_MAIN({ "each kind of work", each }, { "a signal comes meanwhile", meanwhile },
	 { "a task that ends", ends })
