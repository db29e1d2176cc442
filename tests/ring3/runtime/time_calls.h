/* SPDX-License-Identifier: MIT */
/*
 * The system calls about time, and those of random numbers and of terminals, which are asked in
 * passing; in the way of syscall.h.
 */
#ifndef RING3_TIME_CALLS_H
#define RING3_TIME_CALLS_H

#include "abi/linux/termios.h"
#include "abi/linux/time.h"
#include "tests/ring3/runtime/syscall.h"

static inline long sys_time(s32 *place)
{
	return system_call(NR_time, (long)place, 0, 0, 0, 0, 0);
}

static inline long sys_gettimeofday(void *time, void *zone)
{
	return system_call(NR_gettimeofday, (long)time, (long)zone, 0, 0, 0, 0);
}

static inline long sys_clock_gettime(int clock, struct timespec *time)
{
	return system_call(NR_clock_gettime, clock, (long)time, 0, 0, 0, 0);
}

static inline long sys_nanosleep(const struct timespec *time, struct timespec *rest)
{
	return system_call(NR_nanosleep, (long)time, (long)rest, 0, 0, 0, 0);
}

static inline long sys_clock_gettime64(int clock, struct timespec64 *time)
{
	return system_call(NR_clock_gettime64, clock, (long)time, 0, 0, 0, 0);
}

static inline long sys_clock_getres(int clock, struct timespec *time)
{
	return system_call(NR_clock_getres, clock, (long)time, 0, 0, 0, 0);
}

static inline long sys_clock_getres64(int clock, struct timespec64 *time)
{
	return system_call(NR_clock_getres_time64, clock, (long)time, 0, 0, 0, 0);
}

static inline long sys_clock_nanosleep(int clock, int flags, const struct timespec *time,
				       struct timespec *rest)
{
	return system_call(NR_clock_nanosleep, clock, flags, (long)time, (long)rest, 0, 0);
}

static inline long sys_clock_nanosleep64(int clock, int flags, const struct timespec64 *time,
					 struct timespec64 *rest)
{
	return system_call(NR_clock_nanosleep_time64, clock, flags, (long)time, (long)rest, 0, 0);
}

static inline long sys_futex64(volatile int *word, int operation, int value,
			       const struct timespec64 *time, u32 value3)
{
	return system_call(NR_futex_time64, (long)word, operation, value, (long)time, 0,
			   (long)value3);
}

static inline long sys_getrandom(void *buffer, u32 bytes, u32 flags)
{
	return system_call(NR_getrandom, (long)buffer, (long)bytes, (long)flags, 0, 0, 0);
}

static inline long sys_ioctl(int fd, u32 command, void *argument)
{
	return system_call(NR_ioctl, fd, (long)command, (long)argument, 0, 0, 0);
}

#endif
