/* SPDX-License-Identifier: MIT */
/* Signals and their default actions (signal(7)). */
#include "kernel/signal.h"

#define BIT(signal) (1u << ((signal)-1))

#define SIGNALS_STOP	(BIT(SIGSTOP) | BIT(SIGTSTP) | BIT(SIGTTIN) | BIT(SIGTTOU))
#define SIGNALS_IGNORED (BIT(SIGCHLD) | BIT(SIGCONT) | BIT(SIGURG) | BIT(SIGWINCH))

void signal_send(struct task *task, int signal)
{
	if (task->state == TASK_ZOMBIE)
		return;
	if (signal == SIGCONT)
		task->pending &= ~SIGNALS_STOP;
	if (!(SIGNALS_IGNORED & BIT(signal)))
		task->pending |= BIT(signal);
	if (task->state == TASK_STOPPED && signal != SIGCONT && signal != SIGKILL)
		return;
	if (task == current)
		update_return_work();
	else if (task->pending || task->state == TASK_STOPPED)
		task_wake(task);
}

static void stop(int signal)
{
	current->state = TASK_STOPPED;
	current->stop_signal = signal;
	if (current->parent->state == TASK_WAITING)
		task_wake(current->parent);
	schedule();
	current->stop_signal = 0;
}

void deliver_signals(struct pt_regs *regs)
{
	(void)regs;
	while (current->pending) {
		/* SIGKILL comes before all others. */
		int signal = current->pending & BIT(SIGKILL) ? SIGKILL
							     : __builtin_ctz(current->pending) + 1;

		current->pending &= ~BIT(signal);
		if (BIT(signal) & SIGNALS_STOP)
			stop(signal);
		else
			do_exit(signal);
	}
}
