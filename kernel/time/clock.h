/* SPDX-License-Identifier: MIT */
/*
 * The clocks of clock_gettime(2), by number:
 *
 *     CLOCK_REALTIME, _COARSE, _TAI ........... the date (leap seconds are unknown: TAI is equal
 *                                               until a program sets clock_tai)
 *     CLOCK_MONOTONIC, _RAW, _COARSE, _BOOTTIME since the start
 *     CLOCK_PROCESS_CPUTIME_ID,
 *     CLOCK_THREAD_CPUTIME_ID, negative numbers processor time (kernel/task/usage.h); the bits
 *                                               are pid and kind, as in clock_getcpuclockid(3)
 *
 * No clock runs faster than the monotonic one, processor time on one CPU included. So it is enough
 * to wait for the rest of a time by that one, and to look again.
 */
#ifndef KERNEL_TIME_CLOCK_H
#define KERNEL_TIME_CLOCK_H

#include "abi/linux/time.h"
#include "lib/clock.h"

/* Negative clock numbers: ~pid << 3 | kind; pid 0 is the caller. */
#define CPUCLOCK_PER_THREAD 4
#define CPUCLOCK_KIND(id)   ((id)&3)
#define CPUCLOCK_PID(id)    ((int)(~(u32)(id) >> 3))
enum { CPUCLOCK_PROF = 0, CPUCLOCK_VIRT = 1, CPUCLOCK_SCHED = 2, CLOCKFD = 3 };
#define CPUCLOCK_OWN_PROCESS (-8 | CPUCLOCK_SCHED) /* ~0 << 3 */
#define CPUCLOCK_OWN_THREAD  (CPUCLOCK_OWN_PROCESS | CPUCLOCK_PER_THREAD)

/* CLOCK_PROCESS_CPUTIME_ID and CLOCK_THREAD_CPUTIME_ID by their negative numbers. */
int clock_canonical(int clock);

/* The same clock, with the caller's pid where it names the caller's processor time. */
int clock_explicit(int clock);

/* Reads a clock, ns. 0, or -EINVAL: it is unknown, or that of a process that has ended. */
int clock_read(int clock, u64 *now);

/* Seconds from CLOCK_REALTIME to CLOCK_TAI: adjtimex(2). */
extern s32 clock_tai;

/*
 * Sets the date. Sleeps and timers until a date end by the new one; those of a length keep it. 0,
 * or -EINVAL: the monotonic clock would have begun before 1970.
 */
int clock_set_date(u64 nanoseconds);

/* Is this the clock of the current thread's processor time? */
bool clock_is_own_thread(int clock);

#endif
