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

/* Lets channel 2 run, without an end. */
void pit_free_run(void);

/* Its steps since some moment, modulo 65536. Stands still, or is all ones, where there is no timer or its clock is gated off. */
u32 pit_read(void);

#endif
