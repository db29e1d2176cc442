/* SPDX-License-Identifier: MIT */
/* The 8254 timer (Intel's data sheet): channel 0 as a tick, channel 2 as a stop-watch. */
#ifndef KERNEL_DEVICES_PIT_H
#define KERNEL_DEVICES_PIT_H

#include "lib/types.h"

#define PIT_HZ 1193182u /* 105/88 MHz, a third of NTSC's colour carrier */

/* Starts channel 0: interrupt 0, hz times a second. 19 <= hz. */
void pit_periodic(u32 hz);

/* Starts channel 2 as a free-running counter. */
void pit_free_run(void);

/* Steps of channel 2, modulo 65536. Stands still or reads all ones: no timer, or no clock. */
u32 pit_read(void);

#endif
