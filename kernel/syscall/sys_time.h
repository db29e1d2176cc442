/* SPDX-License-Identifier: MIT */
/*
 * Times of ring 3, for the system calls that take or tell one. In the kernel a time is a u64 of nanoseconds; in ring 3 a struct timespec of
 * 32-bit numbers or, where the call is `wide`, of 64-bit ones.
 */
#ifndef KERNEL_SYSCALL_SYS_TIME_H
#define KERNEL_SYSCALL_SYS_TIME_H

#include "lib/clock.h"

/* No time is longer: seconds that do not fit into nanoseconds are so many (Linux's KTIME_MAX). */
#define TIME_FOREVER ((u64)INT64_MAX)

/* Write and read a struct timespec. 0, -EFAULT, or -EINVAL for what is no time. */
int put_time(vaddr_t place, bool wide, u64 nanoseconds);
int get_time(vaddr_t place, bool wide, u64 *nanoseconds);

struct timeval {
	s32 seconds;
	u32 microseconds;
};

struct timeval to_timeval(u64 nanoseconds);

/* Reads a struct timespec of ring 3, a length from now on, as a time of clock_monotonic(). 0, -EFAULT, -EINVAL. */
int read_timeout(vaddr_t place, bool wide, u64 *deadline);

/* The same for a time of a clock. */
int read_deadline(vaddr_t place, bool wide, bool realtime, u64 *deadline);

#endif
