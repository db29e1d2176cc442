/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_SYSCALL_PROCESS_SYS_PRIORITY_H
#define KERNEL_SYSCALL_PROCESS_SYS_PRIORITY_H

#include "kernel/task/task.h"

/* May the nice value become this one? Without privilege it rises, or falls to RLIMIT_NICE. */
bool may_nice(const struct task *task, s32 nice);

/* Does RLIMIT_NICE alone allow it? */
bool nice_is_in_limit(const struct task *task, s32 nice);

#endif
