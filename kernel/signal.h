/* SPDX-License-Identifier: MIT */
/*
 * Signals, with Linux's numbers and default actions. There are no handlers: a signal ends, stops or continues a process, or is ignored.
 */
#ifndef KERNEL_SIGNAL_H
#define KERNEL_SIGNAL_H

#include "kernel/task.h"

enum signal_number {
	SIGILL = 4,
	SIGTRAP = 5,
	SIGBUS = 7,
	SIGFPE = 8,
	SIGKILL = 9,
	SIGSEGV = 11,
	SIGCHLD = 17,
	SIGCONT = 18,
	SIGSTOP = 19,
	SIGTSTP = 20,
	SIGTTIN = 21,
	SIGTTOU = 22,
	SIGURG = 23,
	SIGWINCH = 28,
	NR_SIGNALS = 32,
};

/* Makes a signal pending, 1 .. NR_SIGNALS; wakes the task so that it takes notice. A zombie takes none. */
void signal_send(struct task *task, int signal);

/* On the way to ring 3: acts on what is pending for the current task. May not return, may sleep. */
void deliver_signals(struct pt_regs *regs);

#endif
