/* SPDX-License-Identifier: MIT */
/* The console as the terminal of the programs: their descriptors 0, 1 and 2. */
#ifndef KERNEL_HARNESS_TERMINAL_H
#define KERNEL_HARNESS_TERMINAL_H

#include "kernel/process/task.h"

/* Gives a task without files descriptors 0, 1 and 2; reading is at the end. 0 or -ENOMEM. */
int console_files(struct task *task);

/* Copies all output of programs to *tap; NULL: to none (kernel/harness/program_tap.h). */
struct program_tap;
void console_output_to(struct program_tap *tap);

#endif
