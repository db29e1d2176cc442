/* SPDX-License-Identifier: MIT */
/*
 * The 8254 interval timer: channel 0 as a tick (interrupt 0 of the 8259s), channel 2 as a
 * stop-watch.
 */
#ifndef KERNEL_DEVICES_PIT_H
#define KERNEL_DEVICES_PIT_H

#include "lib/types.h"

#define PIT_HZ 1193182u

/* Starts channel 0: interrupt 0, hz times a second. 19 <= hz. */
void pit_periodic(u32 hz);

/* Starts channel 2 as a free-running counter. */
void pit_free_run(void);

/*
 * Steps of channel 2, modulo 65536. Stands still, or reads all ones, if there is no timer or its
 * clock is gated off.
 */
u32 pit_read(void);

#endif
