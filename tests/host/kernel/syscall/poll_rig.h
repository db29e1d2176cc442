/* SPDX-License-Identifier: MIT */
/* Open files that are ready as a case says, for the calls of kernel/syscall/file/sys_poll.c. */
#ifndef TESTS_HOST_KERNEL_SYSCALL_POLL_RIG_H
#define TESTS_HOST_KERNEL_SYSCALL_POLL_RIG_H

#include "fs/poll.h"
#include "kernel/task/task.h"
#include "tests/host/kernel/user_bytes.h"

#define FILES	8u /* descriptors 0 to 6, and FAR */
#define NOWHERE 0x1000u
#define CLOSED	5  /* a descriptor without a file */
#define PLACE	6  /* O_PATH */
#define FAR	70 /* above those of a small table */
#define TIME	(USER_BYTES + 4096)
#define MASK	(USER_BYTES + 5000)
#define MS	1000000ull
#define S	1000000000ull

/* The current task, and its descriptors. */
extern struct task own;
extern struct files_struct table;
extern struct file files[FILES], *open_files[FAR + 1];

extern u32 ready[FILES];	/* what each file tells */
extern struct wait_queue queue; /* of all files */
extern u32 mask_count;		/* calls of signal_set_blocked() */

/* A machine at 100 s. At the end of the case no file may have another reference. */
void start(void);
void check_references(void);

/* The nth allocation from here on fails; 0: none does. */
void fail(u32 nth);

/* A signal is pending, or none. */
void interrupted(bool yes);

/* For host_others: descriptor 3 becomes ready during a sleep, after 3 ms. */
void third_ready(void);

/* Copies to and from the program's memory. */
void put(vaddr_t place, const void *from, u32 bytes);
void get(void *to, vaddr_t place, u32 bytes);

/* The struct timespec at TIME. */
void set_time(s64 seconds, u32 nanoseconds);
bool time_is(s32 seconds, u32 nanoseconds);

#endif
