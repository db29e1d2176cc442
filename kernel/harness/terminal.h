/* SPDX-License-Identifier: MIT */
/* The console as the terminal of the programs: their descriptors 0, 1 and 2. */
#ifndef KERNEL_HARNESS_TERMINAL_H
#define KERNEL_HARNESS_TERMINAL_H

#include "kernel/task/task.h"

/*
 * Sets up the terminal and the task that takes its input: on the screen, or on its line, if there
 * is one, with this size. Called by the idle task. 0 or -ENOMEM.
 */
int terminal_init(bool screen, u16 columns, u16 rows);

/*
 * Gives a task without files descriptors 0, 1 and 2, and a process group of its own; if the
 * terminal has input, a session too, with it as the controlling terminal. 0 or -ENOMEM.
 */
int console_files(struct task *task);

/*
 * Copies all output of programs to *tap; NULL: to none (kernel/harness/program_tap.h). `quiet`:
 * the log does not get it.
 */
struct program_tap;
void console_output_to(struct program_tap *tap, bool quiet);

#endif
