/* SPDX-License-Identifier: MIT */
/* The console as an open file: descriptors 0, 1 and 2 of a program. */
#ifndef KERNEL_CONSOLE_FILE_H
#define KERNEL_CONSOLE_FILE_H

#include "kernel/task.h"

/* Gives a task that has none its descriptors 0, 1 and 2. Reading gives the end of the file at once. 0 or -ENOMEM. */
int console_files(struct task *task);

#endif
