/* SPDX-License-Identifier: MIT */
/* Time: the tick, and short waits. */
#ifndef KERNEL_DEVICES_TIME_H
#define KERNEL_DEVICES_TIME_H

#include "kernel/cpu/trap.h"
#include "lib/clock.h"

/*
 * Ticks per second: the resolution of sleeps. USER_HZ is the unit of times(2) and of /proc, which
 * programs take for constant.
 */
#define HZ	1000u
#define USER_HZ 100u

/* Ticks since time_init(). Wraps after 49 days. */
extern volatile u32 jiffies;

/*
 * Measures the frequency of the time-stamp counter and of the local APIC's timer, and starts the
 * tick. Takes about 1 ms. Prints one line `timer: ...`. `only` is the value of timer=: the one
 * reference to try, "none" for no tick, "" for all references. Once, interrupts off, after
 * irq_init() and acpi_init().
 */
void time_init(const char *only);

/* Do ticks come? Waits up to 100 ms for the first; logs once if there is none. Interrupts on. */
bool tick_comes(void);

/* The source of the tick in a few words, for people; "none". After time_init(). */
const char *timer_source(void);

/* Has a tick come yet? Any context. */
bool tick_seen(void);

/* Sets the one function to call after each tick, interrupts off: the screen, a room above. */
void time_call_after_tick(void (*function)(void));

/* Counts of the time-stamp counter, or ticks if its frequency is unknown. Never goes back. */
u64 clock_counts(void);
u64 counts_to_ns(u64 counts);

/* Counts of the time-stamp counter per millisecond; 0: unknown. */
u32 tsc_per_ms(void);

/*
 * The battery-backed clock (rtc.c): seconds since 1970-01-01 00:00:00; it is taken to show UTC. 0:
 * there is none, or it shows no valid date. Waits up to 10 ms for an update to end.
 */
u32 rtc_read(void);

/*
 * Nanoseconds since the first call of this or of clock_realtime() (lib/clock.h); by the time-stamp
 * counter, or by ticks if its frequency is unknown. Never goes back.
 */
u64 clock_monotonic(void);

/* The same clock when clock_counts() was `counts`; 0 for a moment before its start. */
u64 clock_monotonic_at(u64 counts);

/* Sets clock_realtime(), which then is at least clock_monotonic(). */
void clock_set_realtime(u64 nanoseconds);

/* Busy-waits for at least about this many microseconds. Any context; ends without a clock too. */
void delay_us(u32 microseconds);

/* Ticks that take at least this long, for schedule_timeout(). */
u32 to_ticks(u64 nanoseconds);

#endif
