/* SPDX-License-Identifier: MIT */
/*
 * The 8254 interval timer: channel 0 as a tick (interrupt 0 of the 8259s), channel 2 as a
 * stop-watch.
 */
#ifndef KERNEL_PIT_H
#define KERNEL_PIT_H

#include "lib/types.h"

#define PIT_HZ 1193182u

/* Starts channel 0: interrupt 0, hz times a second. 19 <= hz. */
void pit_periodic(u32 hz);

/* Starts channel 2: it counts down from count and goes on below zero. */
void pit_start(u16 count);

/*
 * Waits until the count of pit_start() has gone by; a bounded number of polls. Returns the steps
 * since the start (right if less than 65536 went by), or 0: there is no timer, or it does not
 * count.
 */
u32 pit_wait(void);

#endif
