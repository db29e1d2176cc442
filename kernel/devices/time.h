/* SPDX-License-Identifier: MIT */
/*
 * Time: the tick, and short waits.
 */
#ifndef KERNEL_DEVICES_TIME_H
#define KERNEL_DEVICES_TIME_H

#include "kernel/cpu/trap.h"
#include "lib/clock.h"

#define HZ 100u

/* Ticks since time_init(). Wraps after 497 days. */
extern volatile u32 jiffies;

/*
 * Finds out how fast the time-stamp counter and the local APIC's timer run, and starts the tick: about 1 ms of waiting. Prints
 * one line `timer: ...`. `only` is the value of timer=: the one reference to try, "none" for no tick, "" for all references.
 * Once, interrupts off, after irq_init() and acpi_init().
 */
void time_init(const char *only);

/*
 * Does the tick come? Waits for the first one for 100 ms at most; if there is none, says so once. Interrupts on.
 */
bool tick_comes(void);

/* What makes the tick, in a few words for a person; "none". After time_init(). */
const char *timer_source(void);

/* Has one come yet? Any context. */
bool tick_seen(void);

/* Has a function called after each tick, interrupts off: the screen, which lies above. One function. */
void time_call_after_tick(void (*function)(void));

/* Counts of the time-stamp counter or, where that has no known frequency, ticks. Never goes back. */
u64 clock_counts(void);
u64 counts_to_ns(u64 counts);

/* How far the time-stamp counter goes in a millisecond; 0: not known. */
u32 tsc_per_ms(void);

/* Nanoseconds since the first call of this or of clock_realtime() (lib/clock.h); by the time-stamp counter, or by ticks where that has no known frequency. Never goes back. */
u64 clock_monotonic(void);

/*
 * Waits for at least about this many microseconds, busily. Any context; ends whether or not a clock
 * runs.
 */
void delay_us(u32 microseconds);

/* Ticks that take at least as long: for schedule_timeout(). */
u32 to_ticks(u64 nanoseconds);

#endif
