/* SPDX-License-Identifier: MIT */
/*
 * Clocks and times. Negative clock numbers as in posix-timers_types.h.
 *
 * Source: Linux include/uapi/linux/time.h, time_types.h.
 */
#ifndef ABI_LINUX_TIME_H
#define ABI_LINUX_TIME_H

#include "abi/types.h"

enum {
	CLOCK_REALTIME = 0,
	CLOCK_MONOTONIC = 1,
	CLOCK_PROCESS_CPUTIME_ID = 2,
	CLOCK_THREAD_CPUTIME_ID = 3,
	CLOCK_MONOTONIC_RAW = 4,
	CLOCK_REALTIME_COARSE = 5,
	CLOCK_MONOTONIC_COARSE = 6,
	CLOCK_BOOTTIME = 7,
	CLOCK_REALTIME_ALARM = 8,
	CLOCK_BOOTTIME_ALARM = 9,
	CLOCK_TAI = 11,
};

#define TIMER_ABSTIME 1u

struct timeval {
	s32 seconds;
	u32 microseconds;
};

struct timespec {
	s32 seconds;
	u32 nanoseconds;
};

/* For the calls with "64" in their names. Padding: the upper half of a 64-bit field, ignored. */
struct timespec64 {
	s64 seconds;
	u32 nanoseconds;
	u32 padding;
};

#endif
