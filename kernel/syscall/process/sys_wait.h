/* SPDX-License-Identifier: MIT */
#ifndef KERNEL_SYSCALL_PROCESS_SYS_WAIT_H
#define KERNEL_SYSCALL_PROCESS_SYS_WAIT_H

#include "kernel/task/usage.h"

/* Writes a struct rusage. 0 or -EFAULT. kernel/syscall/process/sys_usage.c. */
int put_usage(vaddr_t place, const struct usage *usage);

#endif
