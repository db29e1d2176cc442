/* SPDX-License-Identifier: MIT */
/*
 * The system calls about time, and those of random numbers and of terminals, which are asked in
 * passing; in the way of syscall.h.
 */
#ifndef RING3_TIME_CALLS_H
#define RING3_TIME_CALLS_H

#include "tests/ring3/runtime/syscall.h"

#define NR_TIME		     13
#define NR_IOCTL	     54
#define NR_NANOSLEEP	     162
#define NR_GETTIMEOFDAY	     78
#define NR_CLOCK_GETTIME     265
#define NR_CLOCK_GETRES	     266
#define NR_CLOCK_NANOSLEEP   267
#define NR_GETRANDOM	     355
#define NR_CLOCK_GETTIME64   403
#define NR_CLOCK_GETRES64    406
#define NR_CLOCK_NANOSLEEP64 407
#define NR_FUTEX64	     422

#define CLOCK_REALTIME		 0
#define CLOCK_MONOTONIC		 1
#define CLOCK_PROCESS_CPUTIME_ID 2
#define CLOCK_THREAD_CPUTIME_ID	 3
#define CLOCK_BOOTTIME		 7

#define TIOCGWINSZ 0x5413

struct timespec {
	s32 seconds;
	s32 nanoseconds;
};

/*
 * Of the calls with "64". The padding belongs to nanoseconds where they have 64 bits, and is
 * ignored for programs of 32 bits.
 */
struct timespec64 {
	s64 seconds;
	s32 nanoseconds;
	s32 padding;
};

static inline long sys_time(s32 *place)
{
	return system_call(NR_TIME, (long)place, 0, 0, 0, 0, 0);
}

static inline long sys_gettimeofday(void *time, void *zone)
{
	return system_call(NR_GETTIMEOFDAY, (long)time, (long)zone, 0, 0, 0, 0);
}

static inline long sys_clock_gettime(int clock, struct timespec *time)
{
	return system_call(NR_CLOCK_GETTIME, clock, (long)time, 0, 0, 0, 0);
}

static inline long sys_nanosleep(const struct timespec *time, struct timespec *rest)
{
	return system_call(NR_NANOSLEEP, (long)time, (long)rest, 0, 0, 0, 0);
}

static inline long sys_clock_gettime64(int clock, struct timespec64 *time)
{
	return system_call(NR_CLOCK_GETTIME64, clock, (long)time, 0, 0, 0, 0);
}

static inline long sys_clock_getres(int clock, struct timespec *time)
{
	return system_call(NR_CLOCK_GETRES, clock, (long)time, 0, 0, 0, 0);
}

static inline long sys_clock_getres64(int clock, struct timespec64 *time)
{
	return system_call(NR_CLOCK_GETRES64, clock, (long)time, 0, 0, 0, 0);
}

static inline long sys_clock_nanosleep(int clock, int flags, const struct timespec *time,
				       struct timespec *rest)
{
	return system_call(NR_CLOCK_NANOSLEEP, clock, flags, (long)time, (long)rest, 0, 0);
}

static inline long sys_clock_nanosleep64(int clock, int flags, const struct timespec64 *time,
					 struct timespec64 *rest)
{
	return system_call(NR_CLOCK_NANOSLEEP64, clock, flags, (long)time, (long)rest, 0, 0);
}

static inline long sys_futex64(volatile int *word, int operation, int value,
			       const struct timespec64 *time, u32 value3)
{
	return system_call(NR_FUTEX64, (long)word, operation, value, (long)time, 0, (long)value3);
}

static inline long sys_getrandom(void *buffer, u32 bytes, u32 flags)
{
	return system_call(NR_GETRANDOM, (long)buffer, (long)bytes, (long)flags, 0, 0, 0);
}

static inline long sys_ioctl(int fd, u32 command, void *argument)
{
	return system_call(NR_IOCTL, fd, (long)command, (long)argument, 0, 0, 0);
}

#endif
