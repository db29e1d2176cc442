/* SPDX-License-Identifier: MIT */
/* The work on the way back to ring 3 (kernel/cpu/trap.h). */
#include "kernel/process/exit.h"
#include "kernel/time/process_timers.h"
#include "kernel/task/sched.h"
#include "kernel/signal/signal.h"

void do_return_work(struct pt_regs *regs)
{
	u32 work = return_work;

	if (work & WORK_RESCHEDULE)
		schedule();
	if (unlikely(work & WORK_CPU_TIMERS))
		cpu_timers_run();
	if (current->ends)
		do_exit(current->group->exit_status);
	/* Also if another task took the signal: the interrupted call must be completed. */
	if (work & WORK_SIGNAL || signal_pending(current))
		deliver_signals(regs);
	else
		update_return_work();
}
