/* SPDX-License-Identifier: MIT */
/* Sending of signals with the checks of kill(2). */
#ifndef KERNEL_SYSCALL_PROCESS_SYS_KILL_H
#define KERNEL_SYSCALL_PROCESS_SYS_KILL_H

#include "lib/types.h"

struct siginfo;
struct task;

/* The current process is the sender. */
void sign_info(struct siginfo *info);

/*
 * Sends to the task alone (`scope` 1), to its process (2) or to its process group (4). Signal 0
 * only checks. 0, -EPERM, -ESRCH, -EINVAL.
 */
s32 signal_by_scope(struct task *task, const struct siginfo *info, u32 scope);

#endif
