/* SPDX-License-Identifier: MIT */
/*
 * Times in user memory, for system calls. In the kernel a time is a u64 of nanoseconds. In ring 3
 * it is a struct timespec of 32-bit numbers or, in a `wide` call, of 64-bit ones.
 */
#ifndef KERNEL_SYSCALL_TIME_SYS_TIME_H
#define KERNEL_SYSCALL_TIME_SYS_TIME_H

#include "abi/linux/time.h"
#include "abi/linux/unistd.h"
#include "kernel/cpu/trap.h"
#include "lib/clock.h"

/* The longest time; larger ones are cut to it (Linux's KTIME_MAX). */
#define TIME_FOREVER ((u64)INT64_MAX)

/* The calls with 64-bit times came together, in Linux 5.1. */
static inline bool has_wide_times(const struct pt_regs *regs)
{
	return regs->orig_eax >= NR_clock_gettime64;
}

/* Write and read a struct timespec. 0, -EFAULT, or -EINVAL if it is malformed. */
int put_time(vaddr_t place, bool wide, u64 nanoseconds);
int get_time(vaddr_t place, bool wide, u64 *nanoseconds);

struct timeval to_timeval(u64 nanoseconds);

/*
 * Reads a relative timespec and converts it to a time of clock_monotonic(). 0, -EFAULT, or -EINVAL
 * if it is malformed.
 */
int read_timeout(vaddr_t place, bool wide, u64 *deadline);

/* The same for an absolute time of a clock. */
int read_deadline(vaddr_t place, bool wide, bool realtime, u64 *deadline);

#endif
