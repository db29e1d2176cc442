/* SPDX-License-Identifier: MIT */
/* A process without rights, for tests of System V IPC below its calls. */
#ifndef TESTS_HOST_KERNEL_IPC_IPC_RIG_H
#define TESTS_HOST_KERNEL_IPC_IPC_RIG_H

#include "kernel/task/task.h"
#include "tests/host/kernel/user_bytes.h"

#define SECOND	1000000000ull
#define OUTSIDE 0x1000u /* no memory of the process */
#define END	(USER_BYTES + (u32)sizeof(user_bytes))

/* The process. */
extern struct thread_group own_group;

/* Boots; process 20 of user 1000 and group 100, at second 1000, is the current one. */
void start(void);

/* The nth allocation from here on fails; 0: none does. */
void fail(u32 nth);

#endif
