/* SPDX-License-Identifier: MIT */
/* The console as an open file: descriptors 0, 1 and 2 of a program. */
#ifndef KERNEL_HARNESS_CONSOLE_FILE_H
#define KERNEL_HARNESS_CONSOLE_FILE_H

#include "kernel/process/task.h"

/* Gives a task that has none its descriptors 0, 1 and 2. Reading gives the end of the file at once. 0 or -ENOMEM. */
int console_files(struct task *task);

/* A copy of all that programs write goes to *tap, or with NULL to none (kernel/harness/program_tap.h). */
struct program_tap;
void console_output_to(struct program_tap *tap);

#endif
