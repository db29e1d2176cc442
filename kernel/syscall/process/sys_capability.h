/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_SYSCALL_PROCESS_SYS_CAPABILITY_H
#define KERNEL_SYSCALL_PROCESS_SYS_CAPABILITY_H

#include "kernel/cpu/trap.h"

/* prctl(2), if its command is about capabilities; else returns false. */
bool prctl_capability(const struct pt_regs *regs, s32 *result);

#endif
